"""A trained generator as what draws pictures from noise. Free of TensorFlow at import."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from fstmuse.errors import ArtifactError, Cancelled
from fstmuse.features.picture import MelPicture
from fstmuse.interrupt import Cancel, Progress
from fstmuse.spec import MelSpec

if TYPE_CHECKING:
    import keras

_CELLS = 64
"""Drawn in one step: memory stays the same however long the picture is."""

_PARALLEL, _TINY = 1e-6, 1e-12


class Creator:
    """A network that draws pictures from noise.

    Args:
        network: as `fstmuse.networks.creators.creator` makes it.
        spec: of its pictures.

    Attributes:
        spec: of its pictures, of any length.
        most_frames: that it draws; None: any number.
    """

    def __init__(self, network: keras.Model, spec: MelSpec) -> None:
        import tensorflow as tf

        from fstmuse.networks.gan import row_of_cells

        # How many frames a network was taught says nothing of how they are made.
        self.spec = dataclasses.replace(spec, max_frames=0)
        shapes = {name: tuple(tensor.shape[1:]) for name, tensor in network.input.items()}
        self._style, self._cell = shapes["style"][-1], shapes["cells"][-1] if "cells" in shapes else 0
        self._heeds_labels = "label" in shapes
        self.most_frames: int | None = None if self._cell else network.output_shape[1]
        self._beyond, self._each = row_of_cells(network) if self._cell else (0, 0)
        signature = {name: tf.TensorSpec((1, *shape), network.input[name].dtype) for name, shape in shapes.items()}
        # One trace for every length.
        self._draw = tf.function(lambda noise: network(noise, training=False), input_signature=[signature])

    def warm_up(self) -> None:
        """Draws a little, so that the first music is made as quickly as the second."""
        self(1, seed=0)

    def __call__(
        self,
        frames: int,
        seed: int,
        label: int = 0,
        truncation: float = 1.0,
        *,
        towards: int | None = None,
        share: float = 0.0,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> MelPicture:
        """A picture.

        Args:
            frames: 1 or more, at most `most_frames`.
            seed: of the noise. The first frames are the same, whatever their number.
            label: number of the label, for networks that heed one.
            truncation: by how much the noise is multiplied.
            towards: seed of other noise, which may stand in place of the first in part.
            share: of the way from the one noise to the other, see `between`: 0 is that of `seed` alone, 1 that of
                `towards`.
            progress: called with the share that is done, 0 to 1, rising.
            cancel: looked at between steps.

        Returns:
            Of `frames` frames, not below what the spec calls silence.

        Raises:
            ArtifactError: the network draws NaN or infinity.
            Cancelled: `cancel` was set.
        """
        noise = self._noise(frames, seed)
        if towards is not None:
            other = self._noise(frames, towards)
            noise = {name: between(values, other[name], share) for name, values in noise.items()}
        noise = {name: np.float32(truncation) * values for name, values in noise.items()}
        if self._heeds_labels:
            noise["label"] = np.array([label], np.int32)
        parts: list[np.ndarray] = []
        for start in range(0, noise["cells"].shape[1] - self._beyond if self._cell else 1, _CELLS):
            if cancel is not None and cancel.is_set():
                raise Cancelled("Cancelled before the picture was drawn.")
            seen = {"cells": noise["cells"][:, start : start + _CELLS + self._beyond]} if self._cell else {}
            parts.append(np.asarray(self._draw(noise | seen))[0])
            if progress:
                progress(min(1.0, sum(map(len, parts)) / frames))
        values = np.concatenate(parts)[:frames]
        if not np.isfinite(values).all():
            raise ArtifactError("The network draws NaN or infinity: its training went astray. Train it again.")
        from fstmuse.networks.creators import not_below_silence

        return MelPicture(np.asarray(not_below_silence(values, self.spec)), self.spec)

    def _noise(self, frames: int, seed: int) -> dict[str, np.ndarray]:
        rng = np.random.default_rng(seed)
        noise = {"style": rng.standard_normal((1, self._style), np.float32)}
        if self._cell:  # in the order of time: the first ones are the same, however many there are
            count = self._beyond + -(-frames // self._each)
            noise["cells"] = rng.standard_normal((1, count, self._cell), np.float32)
        return noise


def between(one: np.ndarray, other: np.ndarray, share: float) -> np.ndarray:
    """Noise on the way from one to another: each vector turns, and its length goes from the one's to the other's.

    A mean of two draws of N(0, 1) would be shorter than either, and so more usual: what lies between two pieces would
    vary less than both (spherical interpolation, Shoemake 1985; for noise of generators White, 2016,
    arXiv:1609.04468).

    Args:
        one: float32 (..., numbers), vectors along the last axis.
        other: likewise.
        share: of the way, 0 to 1.

    Returns:
        float32, of the same shape: exactly `one` for 0 and `other` for 1.
    """
    if share in (0.0, 1.0):
        return other if share else one
    lengths = [np.linalg.norm(values.astype(np.float64), axis=-1, keepdims=True) for values in (one, other)]
    first, second = (values / np.maximum(length, _TINY) for values, length in zip((one, other), lengths, strict=True))
    angle = np.arccos(np.clip((first * second).sum(axis=-1, keepdims=True), -1, 1))
    sine = np.maximum(np.sin(angle), _TINY)
    # Vectors that point the same way have no arc between them.
    turned = np.where(
        angle < _PARALLEL, first, (np.sin((1 - share) * angle) * first + np.sin(share * angle) * second) / sine
    )
    return (((1 - share) * lengths[0] + share * lengths[1]) * turned).astype(np.float32)
