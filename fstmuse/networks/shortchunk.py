"""Short-chunk CNN with residuals: the best of the from-scratch taggers compared by Won et al. (2020).

Structure after "Evaluation of CNN-based automatic music tagging models", arXiv:2006.00751:
seven residual blocks of stride 2 over a 128-band log-mel of 3.69 s at 16 kHz, maximum
over time, one hidden layer. The paper's framework pads strided convolutions by one on
both sides, Keras' "same" at the end first; sizes and counts are equal.
"""

from __future__ import annotations

import keras
from keras import layers

from fstmuse.networks.tagging import tagged

FILTERS = (128, 128, 256, 256, 256, 256, 512)


def shortchunk(
    input_shape: tuple[int, int], outputs: int, dropout: float = 0.5, *, tagging: bool = False
) -> keras.Model:
    """The network, as a classifier or as a tagger, which it is in the paper.

    Args:
        input_shape: frames and mel bands; any number of frames goes in.
        outputs: number of labels.
        dropout: share of the features that is left out in training before the last layer.
        tagging: whether each label has a probability by itself instead of a share of 1.

    Returns:
        A model from float32 (batch, frames, mels) in dB to float32 (batch, outputs) in [0, 1].
    """
    # === Functional model ===
    picture = keras.Input((None, input_shape[1]), name="picture")
    x = layers.Reshape((-1, input_shape[1], 1), name="channel")(picture)  # (batch, frames, mels, 1)
    x = _norm("input_norm")(x)
    for number, filters in enumerate(FILTERS, start=1):
        x = _residual_block(x, filters, f"block{number}")  # halves frames and mels
    x = layers.GlobalMaxPooling2D(name="maximum")(x)  # (batch, 512)
    x = layers.Dense(512, name="dense")(x)
    x = _norm("dense_norm")(x)
    x = layers.ReLU(name="dense_relu")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    if tagging:
        return keras.Model(picture, tagged(x, outputs), name="shortchunk-tag")
    probabilities = layers.Dense(outputs, activation="softmax", dtype="float32", name="probabilities")(x)
    return keras.Model(picture, probabilities, name="shortchunk")


def _residual_block(x: keras.KerasTensor, filters: int, name: str) -> keras.KerasTensor:
    shortcut = layers.Conv2D(filters, 3, strides=2, padding="same", name=f"{name}_shortcut")(x)
    shortcut = _norm(f"{name}_shortcut_norm")(shortcut)
    x = layers.Conv2D(filters, 3, strides=2, padding="same", name=f"{name}_conv1")(x)
    x = _norm(f"{name}_norm1")(x)
    x = layers.ReLU(name=f"{name}_relu1")(x)
    x = layers.Conv2D(filters, 3, padding="same", name=f"{name}_conv2")(x)
    x = _norm(f"{name}_norm2")(x)
    x = layers.Add(name=f"{name}_add")([shortcut, x])
    return layers.ReLU(name=f"{name}_relu2")(x)


def _norm(name: str) -> layers.Layer:
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name)
