"""Makes a trained generator, which draws in its own units, a network that draws pictures of its spec."""

from __future__ import annotations

import keras
from keras import layers


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
