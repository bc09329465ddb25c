"""Makes a trained generator, which draws in its own units, a network that draws pictures of its spec."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from fstmuse.spec import MelSpec


def creator(generator: keras.Model, back: layers.Layer) -> keras.Model:
    """What users need of a trained GAN, with the scaling behind it.

    Args:
        generator: of `fstmuse.networks.gan.Gan`, or the average of its weights over training.
        back: of the GAN's scaling.

    Returns:
        A model from the generator's inputs to float32 (batch, frames, mels) in the units of the entry's spec: dB, or
        what a report took for them. It shares its weights with `generator` and `back`.
    """
    # === Functional model ===
    inputs = {
        name: keras.Input(tensor.shape[1:], dtype=tensor.dtype, name=name) for name, tensor in generator.input.items()
    }
    return keras.Model(inputs, back(generator(inputs)), name="creator")


def not_below_silence(pictures: Any, spec: MelSpec) -> Any:
    """What a creator draws as pictures of sound: what is softer than silence is silence.

    No layer of the creator, since artifacts are used that were saved without one.

    Args:
        pictures: float (..., frames, mels), as `creator` draws them.
        spec: of the pictures.

    Returns:
        A tensor of the same shape, not below the spec's floor in dB, or 0 where it has no logarithm.
    """
    return ops.maximum(pictures, spec.floor_db if spec.log == "db" else 0.0)
