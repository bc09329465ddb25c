"""The picture of errors over the width of the gap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from fstmuse.spec import MelSpec
from fstmuse.tasks.drawing import BLUE, GREEN, GREY, INK, ORANGE, new_figure, save, style
from fstmuse.tasks.gap_metrics import LINEAR, MEASURES

_NAMES = {"rmse": "RMSE, dB", "mae": "MAE, dB", "lsd": "LSD, dB"}
_COLOURS = {LINEAR: BLUE, "hold": GREEN, "clip mean": GREY, "repeat": INK}


def widths_figure(
    widths: Sequence[int],
    ours: Sequence[Mapping[str, float]],
    others: Mapping[str, Sequence[Mapping[str, float]]],
    mel: MelSpec,
    path: Path,
    title: str,
) -> Path:
    """Draws RMSE, MAE and LSD over the gap's width.

    Args:
        widths: of the gaps, in frames, rising.
        ours: the network's figures for each width, by measure.
        others: those of other ways, by name.
        mel: for the width of a frame.
        path: the PNG to write.
        title: a line above.

    Returns:
        `path`.
    """
    figure = new_figure(11.0, 3.9)
    hop_ms = 1000 * mel.hop_length / mel.sample_rate
    for number, (axes, measure) in enumerate(zip(figure.subplots(1, 3), MEASURES, strict=True)):
        style(axes)
        for name, rows in others.items():
            values = [row[measure] for row in rows]
            axes.plot(
                widths, values, color=_COLOURS.get(name, GREY), label=name, linewidth=1.4, linestyle=(0, (5, 1.5))
            )
        axes.plot(widths, [row[measure] for row in ours], color=ORANGE, label="network", linewidth=2.4, marker="o")
        axes.set_xlabel(f"width of the gap, frames of {hop_ms:.3g} ms", fontsize=9)
        axes.set_title(_NAMES[measure], fontsize=11, loc="left")
        axes.set_ylim(bottom=0)
        if number == 0:
            axes.legend(frameon=False, fontsize=8, loc="lower right")
    figure.suptitle(title, fontsize=13, x=0.01, ha="left", parse_math=False)
    return save(figure, path)
