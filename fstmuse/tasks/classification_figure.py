"""The picture of one answer: spectrogram, probabilities along time below it, probabilities over all beside them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fstmuse.errors import DataError
from fstmuse.features.overview import COLUMNS, Overview
from fstmuse.tasks.drawing import BLUE, GREY, INK, ORANGE, SHOWN_DB, mel_ticks, new_figure, save, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.figure import Figure

_STEPS_S = (
    0.01,
    0.02,
    0.05,
    0.1,
    0.2,
    0.5,
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    14400,
    43200,
)
_MOST_TICKS = 9
_LONGEST_TITLE, _LONGEST_MODEL = 70, 38
_SPECTRUM_HEIGHT = 2.7  # inches
_BARS_WIDTH = 1.36  # of a full bar and the number behind it


def classification_figure(
    sound: Overview,
    labels: Sequence[str],
    probabilities: np.ndarray,
    times_s: np.ndarray,
    along_time: np.ndarray,
    path: Path,
    *,
    title: str = "",
    model: str = "",
) -> Path:
    """Draws what a network made of a clip; the likeliest label stands at the top.

    Args:
        sound: the clip.
        labels: names of the network's outputs; 50 stay legible.
        probabilities: float (labels,) in [0, 1], over the whole clip.
        times_s: float (windows, 2) start and end of each window in s, on the time axis of `sound`, rising.
        along_time: float (windows, labels) in [0, 1].
        path: the PNG to write.
        title: of the clip.
        model: that answered.

    Returns:
        `path`.

    Raises:
        DataError: shapes do not agree.
    """
    probabilities, times_s, along_time = map(np.asarray, (probabilities, times_s, along_time))
    n = len(labels)
    if (
        not n
        or probabilities.shape != (n,)
        or along_time.shape != (len(times_s), n)
        or times_s.shape != (len(times_s), 2)
        or not len(times_s)
    ):
        raise DataError(
            f"Received {n} labels, probabilities of shape {probabilities.shape}, times of {times_s.shape} and "
            f"probabilities along time of {along_time.shape}; expected (labels,), (windows, 2) and (windows, labels)."
        )
    order = np.argsort(-probabilities, kind="stable")
    names = [short(legible(labels[i])) for i in order]
    row = float(np.clip(6.5 / n, 0.165, 0.42))  # inches
    font = float(np.clip(row * 36, 6.5, 10))

    figure = new_figure(11.0, _SPECTRUM_HEIGHT + n * row + 1.1)
    grid = figure.add_gridspec(2, 2, height_ratios=[_SPECTRUM_HEIGHT, n * row], width_ratios=[4.4, 1])
    spectrum, scales = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[0, 1])
    heat = figure.add_subplot(grid[1, 0], sharex=spectrum)
    bars = figure.add_subplot(grid[1, 1], sharey=heat)

    high = float(sound.picture.max())
    extent = (sound.start_s, sound.end_s)
    loudness = spectrum.imshow(
        sound.picture.T,
        origin="lower",
        aspect="auto",
        interpolation="nearest" if len(sound.picture) < 400 else "antialiased",
        cmap="magma",
        vmin=max(high - SHOWN_DB, min(float(sound.picture.min()), high - 1)),
        vmax=high,
        extent=(*extent, -0.5, sound.mel.n_mels - 0.5),
    )
    ticks, hertz = mel_ticks(sound.mel)
    spectrum.set_yticks(ticks, hertz, fontsize=8)
    spectrum.set_ylabel("Hz", fontsize=9)
    spectrum.tick_params(axis="x", labelbottom=False)
    spectrum.set_title(short(legible(title), _LONGEST_TITLE), fontsize=13, loc="left", parse_math=False)

    shares = heat.imshow(
        _spread(times_s, along_time, *extent)[order],
        aspect="auto",
        interpolation="nearest",
        cmap="viridis",
        vmin=0,
        vmax=1,
        extent=(*extent, n - 0.5, -0.5),
    )
    heat.set_yticks(range(n), names, fontsize=font, parse_math=False)
    heat.tick_params(axis="y", length=0)
    heat.hlines(np.arange(n - 1) + 0.5, *extent, color="white", linewidth=0.8)
    for axes in (spectrum, heat):
        axes.spines[:].set_visible(False)
        axes.set_xlim(extent)
    _time_axis(heat, *extent)

    _bars(bars, probabilities[order], font)
    _scales(figure, scales, loudness, shares)
    scales.set_title(short(legible(model), _LONGEST_MODEL), fontsize=9, loc="right", color=GREY, parse_math=False)
    return save(figure, path)


def legible(text: str) -> str:
    """Text without the characters that the font cannot draw; a square stands for each."""
    return "".join(sign if ord(sign) in _drawable() else "\N{WHITE SQUARE}" for sign in text)


@lru_cache(maxsize=1)
def _drawable() -> frozenset[int]:
    from matplotlib.font_manager import findfont
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(findfont("DejaVu Sans")).get_charmap())


def _bars(axes: Axes, probabilities: np.ndarray, font: float) -> None:
    """A bar with its number per label, in the rows of the heat map; the first one is the answer."""
    n = len(probabilities)
    axes.barh(range(n), probabilities, height=0.7, color=[ORANGE] + [BLUE] * (n - 1))
    for place, share in enumerate(probabilities):
        axes.text(
            share + 0.02,
            place,
            f"{100 * share:.1f} %",
            va="center",
            fontsize=font,
            color=INK,
            fontweight="bold" if place == 0 else "normal",
        )
    axes.set_xlim(0, _BARS_WIDTH)
    axes.set_xticks([0, 0.5, 1], ["0 %", "50 %", "100 %"], fontsize=8)
    axes.tick_params(axis="y", labelleft=False, length=0)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.spines["left"].set_color("#9CA3AF")
    axes.set_xlabel("over all", fontsize=9, x=0.5 / _BARS_WIDTH)


def _scales(figure: Figure, axes: Axes, loudness: ScalarMappable, shares: ScalarMappable) -> None:
    """The colours of spectrogram and heat map, in the corner that both leave free."""
    axes.set_axis_off()
    for place, image, words in ((0.0, loudness, "dB relative to full scale"), (0.55, shares, "probability")):
        bar = figure.colorbar(image, cax=axes.inset_axes((place, 0.02, 0.07, 0.96)))
        bar.set_label(words, fontsize=9)
        bar.ax.tick_params(labelsize=8)
        bar.outline.set_visible(False)
        if image is shares:
            bar.set_ticks([0, 0.25, 0.5, 0.75, 1], labels=["0 %", "25 %", "50 %", "75 %", "100 %"])


def _spread(times_s: np.ndarray, along_time: np.ndarray, start_s: float, end_s: float) -> np.ndarray:
    """Means over evenly spread columns of time, float (labels, COLUMNS); windows meet in the middle of an overlap."""
    borders = np.r_[times_s[0, 0], (times_s[:-1, 1] + times_s[1:, 0]) / 2, times_s[-1, 1]]
    # Means by differences of the integral: exact for any number of windows in a column, or of columns in a window.
    sums = np.vstack([np.zeros(along_time.shape[1]), np.cumsum(along_time * np.diff(borders)[:, None], axis=0)])
    edges = np.linspace(start_s, end_s, COLUMNS + 1)
    inside = np.clip(edges, borders[0], borders[-1])
    widths = np.diff(inside)
    rows = np.stack([np.diff(np.interp(inside, borders, column)) for column in sums.T])
    return np.divide(rows, widths, out=np.full_like(rows, np.nan), where=widths > 0)


def _time_axis(axes: Axes, start_s: float, end_s: float) -> None:
    """Round times: seconds, with minutes and hours where there are any."""
    length = end_s - start_s
    step = next((step for step in _STEPS_S if length / step <= _MOST_TICKS), _STEPS_S[-1])
    first, last = int(np.ceil(start_s / step - 1e-6)), int(np.floor(end_s / step + 1e-6))
    ticks = [place * step for place in range(first, last + 1)]
    axes.set_xticks(ticks, [_clock(tick, step, end_s) for tick in ticks], fontsize=8)
    axes.set_xlabel("s" if end_s < 60 else "min:s" if end_s < 3600 else "h:min:s", fontsize=9)


def _clock(seconds: float, step: float, end_s: float) -> str:
    """A time as fine as `step`, in the form of the latest one."""
    digits = 0 if step >= 1 else 1 if step >= 0.1 else 2
    if end_s < 60:
        return f"{seconds:.{digits}f}"
    minutes, rest = divmod(round(seconds, digits), 60)
    hours, minutes = divmod(int(minutes), 60)
    text = f"{rest:0{digits + 3 if digits else 2}.{digits}f}"
    return f"{minutes}:{text}" if end_s < 3600 else f"{hours}:{minutes:02d}:{text}"
