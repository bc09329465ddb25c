"""The pictures of errors over the width of a gap, and over the frames after an end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fstmuse.spec import MelSpec
from fstmuse.tasks.drawing import BLUE, GREEN, GREY, INK, ORANGE, PURPLE, new_figure, save, style
from fstmuse.tasks.gap_metrics import LINEAR, LPC, MEASURES, OURS
from fstmuse.tasks.going_on_metrics import DECAYED, DRAWN

_NAMES = {"rmse": "RMSE, dB", "mae": "MAE, dB", "lsd": "LSD, dB"}
_COLOURS = {
    **{OURS: ORANGE, DRAWN: PURPLE},
    **{LINEAR: BLUE, DECAYED: BLUE, "hold": GREEN, "clip mean": GREY, "repeat": INK, LPC: PURPLE},
}


def widths_figure(curve: Sequence[Mapping[str, Any]], mel: MelSpec, path: Path, title: str) -> Path:
    """Draws RMSE, MAE and LSD over the gap's width.

    Args:
        curve: a row for each width and way, by rising width: `width` in frames, `way`, and the measures. Ways may be
            there at some widths alone.
        mel: for the width of a frame.
        path: the PNG to write.
        title: a line above.

    Returns:
        `path`.
    """
    return _by_way(curve, "width", f"width of the gap, {_frames(mel)}", path, title)


def lags_figure(curve: Sequence[Mapping[str, Any]], mel: MelSpec, path: Path, title: str) -> Path:
    """Draws RMSE, MAE and LSD over the frames after the end; arguments as in `widths_figure`, `lag` for `width`."""
    return _by_way(curve, "lag", f"after the end, {_frames(mel)}", path, title)


def _frames(mel: MelSpec) -> str:
    return f"frames of {1000 * mel.hop_length / mel.sample_rate:.3g} ms"


def _by_way(curve: Sequence[Mapping[str, Any]], along: str, label: str, path: Path, title: str) -> Path:
    figure = new_figure(11.0, 4.1)
    ways = sorted({row["way"]: None for row in curve}, key=lambda way: way != OURS)
    for number, (axes, measure) in enumerate(zip(figure.subplots(1, 3), MEASURES, strict=True)):
        style(axes)
        # The network last, above the others.
        for way in reversed(ways):
            rows = [row for row in curve if row["way"] == way]
            axes.plot(
                [row[along] for row in rows],
                [row[measure] for row in rows],
                color=_COLOURS.get(way, GREY),
                label=way,
                linewidth=2.4 if way == OURS else 1.4,
                linestyle="-" if way == OURS else (0, (5, 1.5)),
                # Where there are few, one is to see which.
                marker="o" if len(rows) < 12 else "",
                markersize=3.5,
            )
        axes.set_xlabel(label, fontsize=9)
        axes.set_title(_NAMES[measure], fontsize=11, loc="left")
        axes.set_ylim(bottom=0)
        if number == 0:
            handles, labels = axes.get_legend_handles_labels()
            figure.legend(
                handles[::-1], labels[::-1], frameon=False, fontsize=8, loc="outside lower center", ncols=len(ways)
            )
    figure.suptitle(title, fontsize=13, x=0.01, ha="left", parse_math=False)
    return save(figure, path)
