"""The figure of `report_gans.py`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from fstmuse.spec import MelSpec
from fstmuse.tasks.drawing import BLUE, GREY, INK, ORANGE, SHOWN_DB, mel_ticks, new_figure, save, style

TITLES = {
    "toygan": "toyGAN: magnitudes",
    "toygan-log": "toyGAN on log-mels",
    "cmelgan": "cMelGAN: power",
    "cmelgan-log": "cMelGAN on log-mels",
}
BOUND = "cut off at 1"
"""Real pictures as far as toyGAN's sigmoid reaches."""

_LOWEST = 1e-6
"""Smallest number that is shown on a scale of powers of ten."""

Pictures = Mapping[str, tuple[MelSpec, Mapping[str, np.ndarray]]]


def draw(
    figures: dict[str, dict], values: Mapping[str, np.ndarray], pictures: Pictures, heard: Pictures, path: Path
) -> Path:
    """A column for each network: its units, a real picture and drawn ones; below, what real ones sound like."""
    figure = new_figure(14.0, 11.5)
    grid = figure.subplots(5, 4, height_ratios=(1.2, 1, 1, 1, 1))
    for column, (name, title) in enumerate(TITLES.items()):
        _histogram(grid[0, column], values[name], figures["units"][name], name)
        grid[0, column].set_title(title, fontsize=12, loc="left", color=INK)
        spec, found = pictures[name]
        row = figures["drawn"][name]
        top = float(found["real"].max())
        _picture(grid[1, column], found["real"][0], spec, top, "real")
        _picture(grid[2, column], found["drawn"][0], spec, top, f"drawn after {row['steps']:,} steps")
        if BOUND in found:
            _picture(grid[3, column], found[BOUND][0], spec, top, "the real one, cut off at 1")
            grid[3, column].set_title(f"FD {row[BOUND]:,.0f}", fontsize=9, loc="right", color=GREY)
        else:
            _picture(grid[3, column], found["drawn"][1], spec, top, "another one drawn")
        distance = f"FD {row['drawn']:,.0f}, real {row['training clips']:,.0f}"
        grid[2, column].set_title(distance, fontsize=9, loc="right", color=GREY)
    for column, name in ((0, "toygan"), (2, "cmelgan")):
        spec, found = heard[name]
        top = float(found["real"].max())
        for more, way in enumerate(("report", "rightly")):
            axes = grid[4, column + more]
            _picture(axes, found[way], spec, top, "real, inverted " + ("rightly" if more else "as in the report"))
            axes.set_title(f"off by {figures['sound'][name][way]:.1f} dB", fontsize=9, loc="right", color=GREY)
    for axes in grid[1:, 0]:
        axes.set_ylabel("Hz", fontsize=8)
    for axes in grid[-1]:
        axes.set_xlabel("s", fontsize=8)
    return save(figure, path)


def _histogram(axes: Axes, values: np.ndarray, facts: Mapping[str, float], name: str) -> None:
    """How often numbers occur, and which part of the variance they make up."""
    linear = not name.endswith("-log")
    squares = np.square(values - values.mean(dtype=np.float64))
    if linear:
        edges = np.logspace(np.log10(_LOWEST), np.log10(values.max()), 61)
        axes.set_xscale("log")
    else:
        edges = np.linspace(min(0.0, values.min()), 1.0, 61)
    shown = np.clip(values, edges[0], edges[-1])
    for weights, colour, told in ((None, BLUE, "share of values"), (squares, ORANGE, "share of variance")):
        heights, _ = np.histogram(shown, edges, weights=weights)
        axes.stairs(heights / heights.sum(), edges, fill=True, alpha=0.55, color=colour, label=told)
    style(axes)
    if name == "toygan":
        axes.axvline(1.0, color=INK, linewidth=1)
        beyond = f"{facts['beyond 1']:.0%} of values\nbeyond a sigmoid"
        axes.text(0.05, 0.5, beyond, transform=axes.transAxes, fontsize=8, color=INK)
    share = facts["variance in the loudest 1 %"]
    axes.text(0.03, 0.97, f"loudest 1 %: {share:.0%} of variance", transform=axes.transAxes, fontsize=8, va="top")
    axes.set_xlabel("the network's units", fontsize=8)
    axes.tick_params(labelsize=7)
    if name == "toygan":
        axes.legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(0.0, 0.92))


def _picture(axes: Axes, picture: np.ndarray, spec: MelSpec, top: float, title: str) -> None:
    """A picture in dB, in the colours of the real one."""
    seconds = len(picture) * spec.hop_length / spec.sample_rate
    look = {"cmap": "magma", "vmin": top - SHOWN_DB, "vmax": top, "extent": (0, seconds, -0.5, spec.n_mels - 0.5)}
    axes.imshow(picture.T, origin="lower", aspect="auto", interpolation="nearest", **look)
    ticks, hertz = mel_ticks(spec)
    axes.set_yticks(ticks[::2], hertz[::2], fontsize=7)
    axes.tick_params(axis="x", labelsize=7)
    axes.spines[:].set_visible(False)
    axes.set_title(title, fontsize=9, loc="left", color=INK)
