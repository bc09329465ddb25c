"""ToyModel and FstMuse: the genre CNNs of the first report, faithful and pooled.

The faithful ones flatten a whole 30 s picture into one Dense layer. That layer holds
nearly all of their weights and ties each of them to one moment of the clip, which is
why they overfit. The pooled ones keep the convolutions, normalise the picture, and take
mean and maximum over time instead, so that any length of sound is welcome. Coarse bands
of frequency stay apart (docs/decisions/004-pooling.md).
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers


def toymodel(input_shape: tuple[int, int], outputs: int) -> keras.Model:
    """ToyModel as in the report: (frames, mels) magnitudes to (outputs,) probabilities."""
    # === Layers ===
    stack = [_conv(32, 9, "conv1"), _conv(64, 3, "conv2"), _pool(2, "pool1"), _conv(128, 2, "conv3")]
    # === Functional model ===
    return _flattened(input_shape, outputs, stack, "toymodel")


def fstmuse(input_shape: tuple[int, int], outputs: int) -> keras.Model:
    """FstMuse as in the report: (frames, mels) magnitudes to (outputs,) probabilities."""
    # === Layers ===
    stack = [
        _conv(32, 9, "conv1"),
        _conv(64, 3, "conv2"),
        _pool(2, "pool1"),
        _conv(64, 9, "conv3"),
        _conv(128, 3, "conv4"),
        _pool(4, "pool2"),
        _conv(128, 2, "conv5"),
    ]
    # === Functional model ===
    return _flattened(input_shape, outputs, stack, "fstmuse")


def toymodel_pooled(input_shape: tuple[int, int], outputs: int, dropout: float = 0.3) -> keras.Model:
    """ToyModel's convolutions on log-mels in dB, pooled: (frames, mels) to (outputs,) probabilities."""
    # === Layers ===
    stack = [*_normed_conv(32, 9, 1), *_normed_conv(64, 3, 2), _pool(2, "pool1"), *_normed_conv(128, 2, 3)]
    # === Functional model ===
    return _pooled(input_shape, outputs, stack, 4, dropout, "toymodel-pooled")


def fstmuse_pooled(input_shape: tuple[int, int], outputs: int, dropout: float = 0.3) -> keras.Model:
    """FstMuse's convolutions on log-mels in dB, pooled: (frames, mels) to (outputs,) probabilities."""
    # === Layers ===
    stack = [
        *_normed_conv(32, 9, 1),
        *_normed_conv(64, 3, 2),
        _pool(2, "pool1"),
        *_normed_conv(64, 9, 3),
        *_normed_conv(128, 3, 4),
        _pool(4, "pool2"),
        *_normed_conv(128, 2, 5),
    ]
    # === Functional model ===
    return _pooled(input_shape, outputs, stack, 1, dropout, "fstmuse-pooled")


def _flattened(input_shape: tuple[int, int], outputs: int, stack: Sequence[layers.Layer], name: str) -> keras.Model:
    picture = keras.Input(input_shape, name="picture")
    x = layers.Reshape((*input_shape, 1), name="channel")(picture)  # (batch, frames, mels, 1)
    for layer in stack:
        x = layer(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(32, activation="relu", name="dense")(x)
    return keras.Model(picture, _probabilities(x, outputs), name=name)


def _pooled(
    input_shape: tuple[int, int], outputs: int, stack: Sequence[layers.Layer], bands: int, dropout: float, name: str
) -> keras.Model:
    picture = keras.Input((None, input_shape[1]), name="picture")
    # Each picture to mean 0 and deviation 1: how loud a clip was mastered says nothing of its genre.
    x = layers.LayerNormalization(axis=(1, 2), center=False, scale=False, name="level")(picture)
    x = layers.BatchNormalization(axis=-1, momentum=0.9, name="equalise")(x)
    x = layers.Reshape((-1, input_shape[1], 1), name="channel")(x)  # (batch, frames, mels, 1)
    for layer in stack:
        x = layer(x)
    x = layers.AveragePooling2D((1, bands), name="bands")(x)
    x = layers.Reshape((-1, x.shape[2] * x.shape[3]), name="features")(x)  # (batch, frames, bands * filters)
    pooled = [layers.GlobalAveragePooling1D(name="average")(x), layers.GlobalMaxPooling1D(name="maximum")(x)]
    x = layers.Concatenate(name="pooled")(pooled)
    x = layers.Dropout(dropout, name="dropout")(x)
    x = layers.Dense(32, activation="relu", name="dense")(x)
    return keras.Model(picture, _probabilities(x, outputs), name=name)


def _probabilities(x: keras.KerasTensor, outputs: int) -> keras.KerasTensor:
    # float32 whatever the policy: softmax in half precision loses small probabilities.
    return layers.Dense(outputs, activation="softmax", dtype="float32", name="probabilities")(x)


def _conv(filters: int, size: int, name: str) -> layers.Layer:
    return layers.Conv2D(filters, size, activation="relu", name=name)


def _normed_conv(filters: int, size: int, number: int) -> list[layers.Layer]:
    return [
        layers.Conv2D(filters, size, use_bias=False, name=f"conv{number}"),  # the norm brings its own
        layers.BatchNormalization(momentum=0.9, name=f"norm{number}"),
        layers.ReLU(name=f"relu{number}"),
    ]


def _pool(size: int, name: str) -> layers.Layer:
    return layers.MaxPooling2D(size, name=name)
