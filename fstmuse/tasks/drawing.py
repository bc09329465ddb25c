"""The drawing board of the figures: palette, blank figure, axes, saving.

Figures are drawn straight on matplotlib's `Figure`, never through pyplot: no global
state, no window, and safe in threads. Colours are those of Okabe and Ito, told apart by
colour-blind readers too.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fstmuse.spec import MelSpec

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 130
BLUE, ORANGE, GREEN, GREY, INK = "#0072B2", "#D55E00", "#009E73", "#6B7280", "#1F2937"
PURPLE = "#CC79A7"
LONGEST_LABEL = 26
HERTZ = (50, 100, 200, 500, 1000, 2000, 4000, 8000, 16000, 32000)
SHOWN_DB = 80.0
"""Of a spectrogram, below its loudest value."""


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


def mel_ticks(spec: MelSpec) -> tuple[list[float], list[str]]:
    """Round frequencies and the (fractional) mel bands whose centres they are."""
    import librosa

    def mel(hertz: float) -> float:
        return float(librosa.hz_to_mel(hertz, htk=spec.scale != "slaney"))

    # Band i peaks at the (i + 1)-th of n_mels + 2 points spread evenly in mel from fmin to fmax.
    step = (mel(spec.fmax) - mel(spec.fmin)) / (spec.n_mels + 1)
    ticks: list[float] = []
    names: list[str] = []
    for hertz in reversed(HERTZ):  # room is scarce at the low end, so the higher of two neighbours stays
        band = (mel(hertz) - mel(spec.fmin)) / step - 1
        apart = not ticks or ticks[-1] - band >= 0.07 * spec.n_mels
        if -0.5 <= band <= spec.n_mels - 0.5 and apart:
            ticks.append(band)
            names.append(f"{hertz // 1000}k" if hertz >= 1000 else str(hertz))
    return ticks, names
