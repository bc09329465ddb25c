"""What a search of settings tried, and how each trial fared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fstmuse.tasks.drawing import BLUE, GREEN, GREY, INK, ORANGE, new_figure, save, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LOOKS = {"done": ("o", BLUE), "pruned": ("v", ORANGE), "failed": ("x", GREY)}
_COLUMNS = 2
_HIGH_TIMES = 10
"""Of the best figure: what is higher would press the rest flat and is drawn at the top."""


def search_figure(
    trials: Sequence[tuple[str, float | None, Mapping[str, float]]],
    dimensions: Mapping[str, tuple[str, Sequence[float]]],
    name: str,
    path: Path,
    *,
    repeat: float | None = None,
) -> Path:
    """Draws the figure by trial, and by each dimension of the search.

    Args:
        trials: of each, in order: `done`, `pruned` or `failed`; its figure, the less the better, or None; its value in
            each dimension. One at least.
        dimensions: of each its kind, `log`, `linear` or `choice`; and least and most, or all values of a choice.
        name: of the figure, such as `validation loss`.
        path: the PNG to write.
        repeat: figure of the best trial with another seed.

    Returns:
        `path`.
    """
    rows = -(-len(dimensions) // _COLUMNS)
    figure = new_figure(8.2, 2.6 * (rows + 1))
    grid = figure.add_gridspec(rows + 1, _COLUMNS)
    known = [figure for figure in (repeat, *(one[1] for one in trials)) if figure is not None]
    ceiling = _ceiling(known)

    top = figure.add_subplot(grid[0, :])
    _draw(top, trials, list(range(1, len(trials) + 1)), ceiling)
    _mark_best(top, trials, repeat)
    top.set_xlabel("trial (1: the preset's settings)")
    top.set_ylabel(name)
    top.set_xlim(0.5, len(trials) + 0.5)
    top.xaxis.get_major_locator().set_params(integer=True)
    top.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=5, frameon=False, borderpad=0, fontsize=9)

    for number, (axis, (how, values)) in enumerate(dimensions.items()):
        panel = figure.add_subplot(grid[1 + number // _COLUMNS, number % _COLUMNS], sharey=top)
        _draw(panel, trials, [point[axis] for _, _, point in trials], ceiling)
        panel.set_xlabel(axis.replace("/", " / "))
        if number % _COLUMNS == 0:
            panel.set_ylabel(name)
        _scale(panel, how, values)
    if known:
        low = min(known)
        top.set_ylim(low - 0.15 * (ceiling - low), ceiling + 0.1 * (ceiling - low))
    return save(figure, path)


def _ceiling(known: Sequence[float]) -> float:
    """The height at which failures are drawn, and what is higher."""
    if not known:
        return 1.0
    low = min(known)
    within = max(figure for figure in known if figure <= low + _HIGH_TIMES * max(abs(low), 1e-12))
    return within + (0.1 * (within - low) or 0.1 * abs(low) or 1.0)


def _draw(axes: Axes, trials: Sequence[tuple], places: Sequence[float], ceiling: float) -> None:
    style(axes)
    for state, (marker, colour) in _LOOKS.items():
        chosen = [(place, one[1]) for place, one in zip(places, trials, strict=True) if one[0] == state]
        if chosen:
            heights = [ceiling if figure is None else min(figure, ceiling) for _, figure in chosen]
            edge = {} if marker == "x" else {"edgecolors": "white", "linewidths": 0.8}
            where = [place for place, _ in chosen]
            axes.scatter(where, heights, marker=marker, color=colour, s=46, label=state, zorder=3, **edge)


def _mark_best(axes: Axes, trials: Sequence[tuple], repeat: float | None) -> None:
    """Draws the least figure so far, and where the best one lies with another seed."""
    heights = np.array([one[1] if one[0] == "done" else np.nan for one in trials], float)
    if np.isnan(heights).all():
        return
    best = int(np.nanargmin(heights))
    so_far = np.fmin.accumulate(heights)
    axes.step(range(1, len(trials) + 1), so_far, where="post", color=INK, linewidth=1.2, label="best so far", zorder=2)
    if repeat is not None:
        looks = {"marker": "D", "color": GREEN, "s": 40, "zorder": 4, "edgecolors": "white", "linewidths": 0.8}
        axes.scatter([best + 1], [repeat], label="best, another seed", **looks)


def _scale(axes: Axes, how: str, values: Sequence[float]) -> None:
    """Shows all of the range that is searched, tried or not."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

    low, high = min(values), max(values)
    if how == "linear":
        axes.set_xlim(low - 0.05 * (high - low), high + 0.05 * (high - low))
        return
    axes.set_xscale("log")
    edge = (high / low) ** 0.05 if high > low else 2.0
    axes.set_xlim(low / edge, high * edge)
    if how == "choice":
        axes.set_xticks(sorted(values))
        axes.xaxis.set_minor_locator(NullLocator())
    else:
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 3), numticks=12))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
