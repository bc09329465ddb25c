"""A clip before and after parts of it were made, below each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fstmuse.errors import DataError
from fstmuse.features.picture import MelPicture
from fstmuse.tasks.classification_figure import legible
from fstmuse.tasks.drawing import BLUE, GREY, INK, SHOWN_DB, mel_ticks, new_figure, save, short

_LONGEST_TITLE = 100
_WIDTH, _HEIGHT = 11.0, 5.2  # inches
_MOST_MARKS = 200


def infill_figure(
    before: MelPicture,
    after: MelPicture,
    gaps_s: Sequence[tuple[float, float]],
    path: Path,
    start_s: float = 0.0,
    *,
    title: str = "",
    words: str = "",
    model: str = "",
) -> Path:
    """Draws two pictures in the same colours; bars above each say what was made.

    Args:
        before: in dB.
        after: of the same shape and spec.
        gaps_s: start and end of what was made, in s of the clip.
        path: the PNG to write.
        start_s: where in the clip the pictures begin, in s.
        title: of the clip.
        words: what was made, such as `2 gaps filled`.
        model: that made it.

    Returns:
        `path`.

    Raises:
        DataError: the pictures differ in shape or spec, or are not in dB.
    """
    spec = before.spec
    if after.spec != spec or after.values.shape != before.values.shape or spec.log != "db":
        raise DataError(
            f"Received pictures of shapes {before.values.shape} and {after.values.shape}; expected two of one shape "
            "and spec, in dB."
        )
    high = float(max(before.values.max(), after.values.max()))
    end_s = start_s + len(before.values) * spec.hop_length / spec.sample_rate
    # A frame covers the samples after its start: drawn there it would stand left of what it shows.
    lag_s = (spec.n_fft - spec.hop_length) / 2 / spec.sample_rate
    ticks, hertz = mel_ticks(spec)
    figure = new_figure(_WIDTH, _HEIGHT)
    grid = figure.subplots(2, 1, sharex=True)
    for axes, picture, name in zip(grid, (before, after), ("before", "after"), strict=True):
        loudness = axes.imshow(
            picture.values.T,
            origin="lower",
            aspect="auto",
            interpolation="nearest" if len(picture.values) < 400 else "antialiased",
            cmap="magma",
            vmin=high - SHOWN_DB,
            vmax=high,
            extent=(start_s + lag_s, end_s + lag_s, -0.5, spec.n_mels - 0.5),
        )
        for gap_start, gap_end in gaps_s[:_MOST_MARKS]:
            # Above the picture, which is to be seen whole; at least as wide as can be seen.
            wide = max(gap_end - gap_start, 0.003 * (end_s - start_s))
            middle = (gap_start + gap_end) / 2
            axes.plot(
                [middle - wide / 2, middle + wide / 2],
                [1.02, 1.02],
                transform=axes.get_xaxis_transform(),
                color=BLUE,
                linewidth=4,
                solid_capstyle="butt",
                clip_on=False,
            )
        axes.set_xlim(start_s, end_s)
        axes.set_yticks(ticks, hertz, fontsize=8)
        axes.set_ylabel("Hz", fontsize=9)
        axes.spines[:].set_visible(False)
        axes.set_title(name, fontsize=11, loc="left", color=INK)
    told = f"{words} by {model}" if model else words
    grid[1].set_title(short(legible(told), _LONGEST_TITLE), fontsize=9, loc="right", color=GREY, parse_math=False)
    grid[1].set_xlabel("s", fontsize=9)
    bar = figure.colorbar(loudness, ax=list(grid), pad=0.01, aspect=40)
    bar.set_label("dB relative to full scale", fontsize=9)
    bar.outline.set_visible(False)
    if title:
        figure.suptitle(short(legible(title), _LONGEST_TITLE), fontsize=13, x=0.01, ha="left", parse_math=False)
    return save(figure, path)
