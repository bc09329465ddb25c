"""Drawn windows above the real ones nearest to them, and how both kinds compare as crowds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fstmuse.spec import MelSpec
from fstmuse.tasks.classification_figure import legible
from fstmuse.tasks.drawing import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    SHOWN_DB,
    mel_ticks,
    new_figure,
    save,
    short,
    style,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLOURS = (ORANGE, BLUE, PURPLE, GREY)
_LONGEST = 34


@dataclass(frozen=True, eq=False)
class Shown:
    """A window and what stands above it.

    Args:
        levels: float (frames, mels) in dB.
        title: a few words.
    """

    levels: np.ndarray
    title: str


@dataclass(frozen=True)
class Bars:
    """A bar for each kind of windows.

    Args:
        title: what they tell.
        values: by kind, drawn ones first, then real ones.
        goal: what drawn ones should reach, with a word for it; None: nothing said.
        logarithmic: whether the axis is.
    """

    title: str
    values: Mapping[str, float]
    goal: tuple[float, str] | None = None
    logarithmic: bool = False


def beside_figure(
    pairs: Sequence[tuple[Shown, Shown]],
    bars: Sequence[Bars],
    relative: Mapping[str, np.ndarray],
    mel: MelSpec,
    path: Path,
    title: str,
) -> Path:
    """Draws windows, each above the training window nearest to it, then bars, then how near single windows come.

    Args:
        pairs: drawn windows and those nearest to them; one at least.
        bars: one at least.
        relative: float (windows,) of drawn windows and of real ones: `Nearest.relative` of
            `fstmuse.tasks.generate_copies`.
        mel: of the windows.
        path: the PNG to write.
        title: a line above.

    Returns:
        `path`.
    """
    figure = new_figure(12.5, 7.6)
    above, below = figure.subfigures(2, 1, height_ratios=(1.55, 1))
    _windows(above, pairs, mel)
    axes = below.subplots(1, len(bars) + 1, squeeze=False)[0]
    for place, one in zip(axes, bars, strict=False):
        _bars(place, one)
    _nearness(axes[-1], relative)
    figure.suptitle(short(legible(title), 110), fontsize=13, x=0.01, ha="left", parse_math=False)
    return save(figure, path)


def _windows(figure: Figure, pairs: Sequence[tuple[Shown, Shown]], mel: MelSpec) -> None:
    levels = [shown.levels for pair in pairs for shown in pair]
    high = max(float(one.max()) for one in levels)
    ticks, names = mel_ticks(mel)
    grid = figure.subplots(2, len(pairs), squeeze=False, sharex=True)
    for column, pair in enumerate(pairs):
        for row, shown in enumerate(pair):
            axes = grid[row, column]
            seconds = len(shown.levels) * mel.hop_length / mel.sample_rate
            image = axes.imshow(
                shown.levels.T,
                origin="lower",
                aspect="auto",
                interpolation="nearest" if len(shown.levels) < 400 else "antialiased",
                cmap="magma",
                vmin=high - SHOWN_DB,
                vmax=high,
                extent=(0, seconds, -0.5, mel.n_mels - 0.5),
            )
            axes.set_title(short(legible(shown.title), _LONGEST), fontsize=9, loc="left", parse_math=False)
            axes.set_yticks(ticks, names if column == 0 else [""] * len(ticks), fontsize=8)
            axes.tick_params(axis="x", labelsize=8)
            axes.spines[:].set_visible(False)
        grid[1, column].set_xlabel("s", fontsize=9)
    grid[0, 0].set_ylabel("drawn, Hz", fontsize=9)
    grid[1, 0].set_ylabel("nearest in training, Hz", fontsize=9)
    bar = figure.colorbar(image, ax=grid, fraction=0.02, pad=0.01, aspect=40)
    bar.set_label("dB relative to full scale", fontsize=9)
    bar.ax.tick_params(labelsize=8)
    bar.outline.set_visible(False)


def _bars(axes: Axes, bars: Bars) -> None:
    style(axes)
    axes.grid(visible=False, axis="x")
    places = range(len(bars.values))
    axes.bar(places, list(bars.values.values()), color=_COLOURS, width=0.7)
    for place, value in zip(places, bars.values.values(), strict=True):
        axes.annotate(
            f"{value:,.0f}" if value >= 100 or value == round(value) else f"{value:.3g}",
            (place, value),
            xytext=(0, 2),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=8,
            color=INK,
        )
    if bars.goal:
        axes.axhline(bars.goal[0], color=INK, linewidth=1, linestyle=(0, (4, 2)))
        axes.annotate(
            bars.goal[1],
            (len(bars.values) - 0.55, bars.goal[0]),
            xytext=(0, 2),
            textcoords="offset points",
            ha="right",
            fontsize=7,
            color=INK,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.5},
        )
    if bars.logarithmic:
        axes.set_yscale("log")
        axes.set_ylim(bottom=min(bars.values.values()) / 2)
    else:
        axes.set_ylim(bottom=0)
    axes.set_xticks(list(places), [name.replace(" ", "\n") for name in bars.values], fontsize=8)
    axes.tick_params(axis="y", labelsize=8)
    axes.set_title(bars.title, fontsize=9, loc="left", parse_math=False)


def _nearness(axes: Axes, relative: Mapping[str, np.ndarray]) -> None:
    """The share of windows whose relative distance is not above what stands below."""
    style(axes)
    for colour, (name, values) in zip(_COLOURS, relative.items(), strict=False):
        steps = np.sort(values)
        shares = np.arange(1, len(steps) + 1) / len(steps)
        axes.plot(steps, shares, color=colour, linewidth=2, label=name, drawstyle="steps-post")
    axes.set_yscale("log")
    axes.set_xlim(0, 1.02 * max(1.0, *(float(values.max()) for values in relative.values())))
    axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:g} %")
    axes.tick_params(labelsize=8)
    axes.legend(frameon=False, fontsize=8, loc="upper left")
    axes.set_title(
        "windows nearer than this to one piece,\nrelative to all others (copies: far left)", fontsize=9, loc="left"
    )
