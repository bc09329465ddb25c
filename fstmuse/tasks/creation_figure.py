"""A picture that a network drew of music."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fstmuse.features.picture import MelPicture
from fstmuse.tasks.classification_figure import legible
from fstmuse.tasks.drawing import GREY, SHOWN_DB, mel_ticks, new_figure, save, short

_LONGEST_TITLE = 100
_WIDTH, _HEIGHT = 11.0, 3.2  # inches
_TINY = 1e-12


def creation_figure(picture: MelPicture, path: Path, *, title: str = "", model: str = "", prime_s: float = 0) -> Path:
    """Draws a picture from its loudest value down by 80 dB.

    Args:
        picture: of any spec; one without logarithm is shown in dB relative to its loudest value.
        path: the PNG to write.
        title: of the music.
        model: that drew it.
        prime_s: of the given music that it begins with, in s; a line stands at its end.

    Returns:
        `path`.
    """
    spec, values, unit = picture.spec, picture.values, "dB relative to full scale"
    if spec.log == "none":
        loudest = max(float(values.max()), _TINY)
        values, unit = 20 / spec.power * np.log10(np.maximum(values / loudest, _TINY)), "dB relative to the loudest"
    high = float(values.max())
    # A frame covers the samples after its start: drawn there it would stand left of what it shows.
    lag_s = (spec.n_fft - spec.hop_length) / 2 / spec.sample_rate
    end_s = picture.samples / spec.sample_rate
    figure = new_figure(_WIDTH, _HEIGHT)
    axes = figure.add_subplot()
    loudness = axes.imshow(
        values.T,
        origin="lower",
        aspect="auto",
        interpolation="nearest" if len(values) < 400 else "antialiased",
        cmap="magma",
        vmin=high - SHOWN_DB,
        vmax=high,
        extent=(lag_s, end_s + lag_s, -0.5, spec.n_mels - 0.5),
    )
    if prime_s:
        axes.axvline(prime_s, color="white", linewidth=1.2, linestyle=(0, (4, 3)))
        axes.annotate(
            "drawn from here on",
            (prime_s, 1),
            (-4 if prime_s > end_s / 2 else 4, -4),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            color="white",
            fontsize=8,
            va="top",
            ha="right" if prime_s > end_s / 2 else "left",
        )
    ticks, hertz = mel_ticks(spec)
    axes.set_xlim(0, end_s)
    axes.set_yticks(ticks, hertz, fontsize=8)
    axes.set_ylabel("Hz", fontsize=9)
    axes.set_xlabel("s", fontsize=9)
    axes.spines[:].set_visible(False)
    axes.set_title(short(legible(title), _LONGEST_TITLE), fontsize=11, loc="left", parse_math=False)
    told = f"made by {model}" if model else ""
    axes.set_title(short(legible(told), _LONGEST_TITLE), fontsize=9, loc="right", color=GREY, parse_math=False)
    bar = figure.colorbar(loudness, ax=axes, pad=0.01)
    bar.set_label(unit, fontsize=9)
    bar.outline.set_visible(False)
    return save(figure, path)
