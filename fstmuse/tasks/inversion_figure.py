"""Pictures of what mel spectrograms lose when they are made into sound and looked at again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from fstmuse.errors import DataError
from fstmuse.features.picture import MelPicture
from fstmuse.tasks.classification_figure import legible
from fstmuse.tasks.drawing import GREY, INK, SHOWN_DB, mel_ticks, new_figure, save, short
from fstmuse.tasks.spectral import log_spectral_distance

_LONGEST_TITLE = 100
_WIDTH, _HEIGHT = 11.0, 2.1  # inches, of one picture


def inversion_figure(reference: MelPicture, inverted: Mapping[str, np.ndarray], path: Path, *, title: str = "") -> Path:
    """Draws a picture and those of the sounds that it was made into, below each other, in the same colours.

    Args:
        reference: what was inverted; a spec with log `db`.
        inverted: pictures float (frames, n_mels) in dB of the sounds, by the same spec, by what was done.
        path: the PNG to write.
        title: of the clip.

    Returns:
        `path`.

    Raises:
        DataError: nothing was inverted, shapes differ, or the picture is not in dB.
    """
    spec, values = reference.spec, reference.values
    if spec.log != "db" or not inverted:
        raise DataError(
            f"Received {len(inverted)} inverted pictures and a spec with log '{spec.log}'; expected one or more, in dB."
        )
    rows = {"picture": values, **inverted}
    distances = {name: log_spectral_distance(values, picture) for name, picture in inverted.items()}
    high = float(values.max())
    seconds = len(values) * spec.hop_length / spec.sample_rate
    ticks, hertz = mel_ticks(spec)
    figure = new_figure(_WIDTH, _HEIGHT * len(rows) + 0.7)
    grid = figure.subplots(len(rows), 1, sharex=True, squeeze=False)[:, 0]
    for axes, (name, picture) in zip(grid, rows.items(), strict=True):
        loudness = axes.imshow(
            np.asarray(picture).T,
            origin="lower",
            aspect="auto",
            interpolation="nearest" if len(values) < 400 else "antialiased",
            cmap="magma",
            vmin=high - SHOWN_DB,
            vmax=high,
            extent=(0, seconds, -0.5, spec.n_mels - 0.5),
        )
        axes.set_yticks(ticks, hertz, fontsize=8)
        axes.set_ylabel("Hz", fontsize=9)
        axes.spines[:].set_visible(False)
        axes.set_title(short(legible(name), _LONGEST_TITLE), fontsize=11, loc="left", color=INK, parse_math=False)
        if name in distances:
            axes.set_title(f"off by {distances[name]:.1f} dB", fontsize=10, loc="right", color=GREY)
    grid[-1].set_xlabel("s", fontsize=9)
    bar = figure.colorbar(loudness, ax=list(grid), pad=0.01, aspect=40)
    bar.set_label("dB relative to full scale", fontsize=9)
    bar.outline.set_visible(False)
    if title:
        figure.suptitle(short(legible(title), _LONGEST_TITLE), fontsize=13, x=0.01, ha="left", parse_math=False)
    return save(figure, path)
