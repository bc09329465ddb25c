"""A trained network as what goes on where a picture ends. Free of TensorFlow at import."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from fstmuse.errors import ConfigError
from fstmuse.features.picture import MelPicture
from fstmuse.spec import MelSpec, require_same

if TYPE_CHECKING:
    import keras

HEARD = 411
"""Frames before the end that a network is given at most: 10 s at hop 512 and 22,050 Hz. The level and the mean that
it falls back to are theirs, not those of a whole symphony."""


class Continuer:
    """A network that draws the next frames, asked again and again.

    Args:
        network: as `fstmuse.networks.build.as_continuer` makes it.
        spec: of its pictures.
    """

    def __init__(self, network: keras.Model, spec: MelSpec) -> None:
        import tensorflow as tf

        # How many frames a network was taught says nothing of how they are made.
        self.spec = dataclasses.replace(spec, max_frames=0)
        self.latent = int(network.input["code"].shape[-1])
        signature = [tf.TensorSpec((None, None, spec.n_mels)), tf.TensorSpec((None, self.latent))]
        self._next = tf.function(
            lambda picture, code: network({"picture": picture, "code": code}, training=False),
            input_signature=signature,
        )

    def warm_up(self) -> None:
        """Goes on from silence, so that the first clip is continued as quickly as the second."""
        self(MelPicture(np.full((HEARD, self.spec.n_mels), self.spec.floor_db, np.float32), self.spec), 1, seed=0)

    def __call__(self, context: MelPicture, frames: int, seed: int, spread: float = 1.0) -> np.ndarray:
        """The frames after a picture.

        Args:
            context: what was heard, in dB; its last 411 frames are looked at.
            frames: how many to draw.
            seed: of the codes: each 20 frames or so have one of their own.
            spread: scales the codes. 1: as they are drawn in evaluations; 0: its best guess, which falls to a mean;
                it is the same for every seed.

        Returns:
            float32 (frames, mels) in dB, no louder than the context's loudest value.

        Raises:
            SpecError: the context is of another spec than the network's pictures.
            ConfigError: `frames` is below 1, or `spread` no finite number from 0 on.
        """
        require_same(self.spec, dataclasses.replace(context.spec, max_frames=0), "the picture to go on from")
        if frames < 1:
            raise ConfigError(f"Received frames={frames}; expected 1 or more.")
        if not 0 <= spread < np.inf:
            raise ConfigError(f"Received spread={spread}; expected 0 (the best guess) or more, usually at most 1.")
        rng = np.random.default_rng(seed)
        heard = context.values[-HEARD:]
        # What is drawn is what the next frames follow from: nothing may grow from one drawing to the next.
        loudest = max(float(heard.max()), self.spec.floor_db)
        drawn: list[np.ndarray] = []
        while sum(map(len, drawn)) < frames:
            code = spread * rng.standard_normal((1, self.latent), np.float32)
            answer = np.asarray(self._next(heard[None], code))[0].clip(self.spec.floor_db, loudest)
            drawn.append(answer)
            heard = np.concatenate([heard, answer])[-HEARD:]
        return np.concatenate(drawn)[:frames]
