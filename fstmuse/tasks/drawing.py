"""The drawing board of `fstmuse.tasks.figures`: palette, blank figure, saving.

Figures are drawn straight on matplotlib's `Figure`, never through pyplot: no global
state, no window, and safe in threads. Colours are those of Okabe and Ito, told apart by
colour-blind readers too.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 130
BLUE, ORANGE, GREEN, GREY, INK = "#0072B2", "#D55E00", "#009E73", "#6B7280", "#1F2937"
LONGEST_LABEL = 26


def style(axes: Axes) -> None:
    """A light grid and two thin spines."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color("#9CA3AF")
    axes.grid(color="#E5E7EB", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.margins(x=0.03, y=0.12)


def new_figure(width: float, height: float) -> Figure:
    """A blank figure of `width` by `height` inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=DPI, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def save(figure: Figure, path: Path) -> Path:
    """Writes a PNG, cut to what is drawn; folders that lack are made, a kill leaves no half-written file."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        figure.savefig(part, format="png", bbox_inches="tight", pad_inches=0.15)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def short(text: str, longest: int = LONGEST_LABEL) -> str:
    """Text cut to `longest` characters."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def count(value: float) -> str:
    """A whole number with thousands separators."""
    return f"{int(value):,}"
