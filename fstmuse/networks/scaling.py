"""From pictures of sound to the numbers that a GAN draws, and back.

Decibels of music lie between -100 and 0, and low bands are 40 dB above high ones. A network that ends in tanh draws
numbers of -1 to 1: each band is standardised by the training set's mean and deviation, what lies beyond three
deviations is cut off, and the rest divided by three (as SpecGAN does; Donahue, McAuley and Puckette, 2019,
arXiv:1802.04208).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from fstmuse.errors import ConfigError

WIDEST = 3.0
"""Deviations from the mean that are 1."""

_LEAST = 0.1
"""In dB: the deviation of a band that is silent throughout, such as those above the cut of an MP3."""


class _Bands(layers.Layer):
    """Keeps each band's mean and deviation, which are no weights that training changes."""

    def __init__(self, **options: Any) -> None:
        # float32 whatever the policy: half precision has steps of 0.06 dB at -80 dB.
        super().__init__(**({"trainable": False, "dtype": "float32"} | options))

    def build(self, input_shape: Any) -> None:
        """Makes them: mean 0, deviation 1."""
        bands = (input_shape[-1],)
        self.mean = self.add_weight(shape=bands, initializer="zeros", trainable=False, name="mean")
        self.deviation = self.add_weight(shape=bands, initializer="ones", trainable=False, name="deviation")

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """That of the picture."""
        return tuple(input_shape)


@keras.saving.register_keras_serializable(package="fstmuse")
class Standardise(_Bands):
    """Pictures in dB as -1 to 1. Input and output shape: float32 (batch, frames, mels)."""

    def call(self, picture: Any) -> Any:
        """Decibels to units."""
        return ops.clip((picture - self.mean) / (WIDEST * self.deviation), -1.0, 1.0)


@keras.saving.register_keras_serializable(package="fstmuse")
class Unstandardise(_Bands):
    """The way back from `Standardise`. Input and output shape: float32 (batch, frames, mels)."""

    def call(self, units: Any) -> Any:
        """Units to decibels."""
        return units * (WIDEST * self.deviation) + self.mean


@dataclass(frozen=True)
class Scaling:
    """The way from pictures to a network's units, and back.

    Args:
        forth: a built layer from pictures float32 (batch, frames, mels) to units.
        back: the layer that undoes it.
    """

    forth: layers.Layer
    back: layers.Layer

    @property
    def learns(self) -> bool:
        """Whether it has to be fitted to a training set."""
        return isinstance(self.forth, Standardise)

    def fit(self, pictures: Iterable[np.ndarray]) -> None:
        """Takes over the bands' means and deviations of pictures, in one pass; does nothing where it does not learn.

        Args:
            pictures: float32 (..., frames, mels) each, some hundreds of windows of the training set.

        Raises:
            ConfigError: there are none.
        """
        if not self.learns:
            return
        count, total, squares = 0, 0.0, 0.0
        for picture in pictures:
            rows = np.asarray(picture, np.float64).reshape(-1, np.shape(picture)[-1])
            count, total, squares = count + len(rows), total + rows.sum(axis=0), squares + np.square(rows).sum(axis=0)
        if not count:
            raise ConfigError("Received no pictures to scale by; expected at least one window of the training set.")
        mean = total / count
        deviation = np.maximum(np.sqrt(np.maximum(squares / count - mean**2, 0)), _LEAST)
        self._assign(mean.astype(np.float32), deviation.astype(np.float32))

    def take(self, other: layers.Layer) -> None:
        """Takes over means and deviations of another scaling's layer."""
        self._assign(other.mean, other.deviation)

    def _assign(self, mean: Any, deviation: Any) -> None:
        for layer in (self.forth, self.back):
            layer.mean.assign(mean)
            layer.deviation.assign(deviation)


def standardised(mels: int) -> Scaling:
    """Decibels to -1..1 by each band's mean and deviation; to be fitted."""
    return _built(Standardise(name="standardise"), Unstandardise(name="unstandardise"), mels)


def from_floor(floor_db: float, mels: int) -> Scaling:
    """Decibels to 0..1: the spec's floor and full scale."""
    forth = layers.Rescaling(-1 / floor_db, offset=1.0, dtype="float32", name="to_unit")
    return _built(forth, layers.Rescaling(-floor_db, offset=floor_db, dtype="float32", name="from_unit"), mels)


def unscaled(mels: int) -> Scaling:
    """Pictures as they are."""
    forth, back = (layers.Identity(dtype="float32", name=name) for name in ("as_it_is", "as_drawn"))
    return _built(forth, back, mels)


def _built(forth: layers.Layer, back: layers.Layer, mels: int) -> Scaling:
    for layer in (forth, back):
        layer.build((None, None, mels))
    return Scaling(forth, back)
