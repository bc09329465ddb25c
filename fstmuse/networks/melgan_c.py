"""MelGAN-C: draws log-mels of any length, with or without labels; what the report's cMelGAN wished to be.

The sound's style is one row of numbers, and what happens in it a row of cells in time, one for each 16 frames (0.37 s
at hop 512 and 22,050 Hz), all drawn from N(0, 1). Each frame depends on the style and on the few cells around it,
alone: what lies beyond the edges is drawn, too, and trimmed off, nothing is padded in time, and no layer takes
statistics over time. So there are no seams, however long the sound is, and its first seconds do not depend on its
length. Musika (Pasini and Schlueter, 2022, arXiv:2208.08706) gets there by coordinates that are interpolated.

Style and label scale and shift the channels of every layer. Bands are not alike: each has vectors of its own, which
tell the convolutions how high they are. Time grows by nearest neighbours, which leave no checkerboard.

The discriminator adds to how much a picture sounds like music how much it sounds like its label (Miyato and Koyama,
2018, arXiv:1802.05637), and sees how much the pictures of a batch differ (Karras et al., 2018, arXiv:1710.10196). It
also names the label itself (Odena et al., 2017, arXiv:1610.09585), since the first alone hardly heeds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
from keras import layers, ops

from fstmuse.networks.gan import Gan
from fstmuse.networks.gapnet import OfBands
from fstmuse.networks.grown import GrownConv2D, Trimmed
from fstmuse.networks.scaling import standardised

STYLE, CELL = 64, 32
"""Numbers of a sound's style and of each cell."""

FRAMES = 16
"""In a cell."""

_MIXED = 3
"""Convolutions over cells: a cell's frames know of so many cells on either side."""

_SLOTS, _LOWEST = 4, 8
"""Slots of time in a cell, and bands, with which the picture begins."""

_EARLY, _LATE = 6, 4
"""Trimmed at each end: pairs of frames before full resolution, then frames. One cell together, and more than what the
convolutions' padding reaches: 3 pairs of frames by the first two, then 3 frames by the last three."""

_SLOPE = 0.2
_HE = "he_normal"
_TINY = 1e-8


@keras.saving.register_keras_serializable(package="fstmuse")
class Styled(layers.Layer):
    """Brings each place's channels to mean square 1, then scales and shifts them as the style says.

    Places are normalised each by itself, not by the mean over time: that would change with the sound's length.
    Input shape: float32 (batch, ..., channels) and style float32 (batch, numbers). Output shape: that of the first.
    """

    def build(self, x_shape: Any, style_shape: Any) -> None:
        """Makes the map from style to scales and shifts."""
        channels = x_shape[-1]
        self.says = layers.Dense(2 * channels, kernel_initializer="glorot_normal", name="says", dtype=self.dtype_policy)
        self.says.build(style_shape)

    def call(self, x: Any, style: Any) -> Any:
        """Normalises, scales and shifts."""
        size = ops.mean(ops.square(x), axis=-1, keepdims=True)
        says = self.says(style)
        says = ops.reshape(says, (-1, *(1,) * (len(x.shape) - 2), says.shape[-1]))
        scale, shift = ops.split(says, 2, axis=-1)
        return x * ops.rsqrt(size + _TINY) * (1.0 + scale) + shift

    def compute_output_shape(self, x_shape: Any, style_shape: Any) -> tuple[Any, ...]:
        """That of the first input."""
        return tuple(x_shape)


@keras.saving.register_keras_serializable(package="fstmuse")
class Spread(layers.Layer):
    """Adds a channel that tells how much the pictures of the batch differ: of a collapsed generator's, hardly.

    Input shape: float32 (batch, frames, bands, channels). Output shape: float32 (batch, frames, bands, channels + 1).
    """

    def call(self, x: Any) -> Any:
        """Mean over all else of the deviation over the batch."""
        deviation = ops.sqrt(ops.mean(ops.square(x - ops.mean(x, axis=0, keepdims=True)), axis=0) + _TINY)
        return ops.concatenate([x, ops.ones_like(x[..., :1]) * ops.mean(deviation)], axis=-1)

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """One channel more."""
        return (*input_shape[:-1], input_shape[-1] + 1)


@keras.saving.register_keras_serializable(package="fstmuse")
class ProjectedLabel(layers.Layer):
    """How much features sound like their label: the product with the label's vector.

    Input shape: float32 (batch, features) and int32 (batch,). Output shape: float32 (batch, 1).

    Args:
        labels: how many there are.
        **options: of every Keras layer.
    """

    def __init__(self, labels: int, **options: Any) -> None:
        super().__init__(**options)
        self.labels = labels

    def build(self, features_shape: Any, label_shape: Any) -> None:
        """Makes the vectors."""
        self.vectors = self.add_weight(
            shape=(self.labels, features_shape[-1]), initializer=keras.initializers.RandomNormal(0.05), name="embedding"
        )

    def call(self, features: Any, label: Any) -> Any:
        """The product."""
        return ops.sum(features * ops.take(self.vectors, label, axis=0), axis=-1, keepdims=True)

    def compute_output_shape(self, features_shape: Any, label_shape: Any) -> tuple[Any, ...]:
        """One number each."""
        return features_shape[0], 1

    def get_config(self) -> dict[str, Any]:
        """The argument."""
        return super().get_config() | {"labels": self.labels}


@dataclass(frozen=True)
class Size:
    """How large the two networks are.

    Args:
        drawn: the generator's channels, at 4, 2 and 1 frames and 8, 16 and 32 bands, then at twice the bands.
        judged: the discriminator's channels; each halves frames and bands.
        features: of style and verdict; cells have twice as many.
    """

    drawn: tuple[int, int, int, int]
    judged: tuple[int, ...]
    features: int


TINY = Size((64, 48, 32, 16), (16, 32, 64, 96), 128)
BASE = Size((224, 168, 112, 56), (56, 112, 224, 320), 256)


def melgan_c(input_shape: tuple[int, int], labels: int, size: Size = TINY) -> Gan:
    """The generator and the discriminator.

    Args:
        input_shape: frames, which do not matter, and mel bands, a multiple of 64.
        labels: how many there are; with less than 2 the networks take none.
        size: of the networks.

    Returns:
        A GAN whose generator takes "style" (batch, 64), "cells" (batch, cells, 32) and gives 16 frames for each cell
        but the first 4 and the last 4, in -1..1. Its discriminator takes pictures of any number of frames and gives
        logits: of being real and, with labels, of each of them.
    """
    mels = input_shape[1]
    return Gan(_generator(mels, labels, size), _discriminator(mels, labels, size), standardised(mels))


def _generator(mels: int, labels: int, size: Size) -> keras.Model:
    # === Functional model ===
    inputs = {"style": keras.Input((STYLE,), name="style"), "cells": keras.Input((None, CELL), name="cells")}
    style = inputs["style"]
    if labels > 1:
        inputs["label"] = keras.Input((), dtype="int32", name="label")
        named = layers.Embedding(labels, STYLE, keras.initializers.RandomNormal(stddev=1.0), name="label_style")
        style = layers.Concatenate(name="style_and_label")([style, named(inputs["label"])])
    for number in (1, 2):
        style = layers.Dense(size.features, kernel_initializer=_HE, name=f"style{number}")(style)
        style = _leaky(style, f"style{number}")

    x = inputs["cells"]
    for number in range(1, _MIXED + 1):
        x = layers.Conv1D(2 * size.features, 3, kernel_initializer=_HE, name=f"mix{number}")(x)
        x = _leaky(Styled(name=f"mix{number}_styled")(x, style), f"mix{number}")
    x = layers.Dense(_SLOTS * _LOWEST * size.drawn[0], kernel_initializer=_HE, name="slots")(x)
    x = layers.Reshape((-1, _LOWEST, size.drawn[0]), name="picture")(x)  # (batch, slots, bands, channels)
    x = _level(x, style, size.drawn[0], "level1")
    x = _level(x, style, size.drawn[1], "level2", (2, 2))
    x = Trimmed(_EARLY, name="trimmed_early")(x)
    x = _level(x, style, size.drawn[2], "level3", (2, 2))
    x = _level(x, style, size.drawn[3], "level4", (1, 2))
    # Neighbouring bands are said side by side: twice the bands at the price of none.
    quiet = keras.initializers.VarianceScaling(0.1)  # tanh has slopes at first
    x = layers.Conv2D(mels // x.shape[2], 3, padding="same", kernel_initializer=quiet, name="drawn")(x)
    x = Trimmed(_LATE, name="trimmed")(x)
    x = layers.Reshape((-1, mels), name="joined")(x)
    drawn = layers.Activation("tanh", dtype="float32", name="units")(x)
    return keras.Model(inputs, drawn, name="generator")


def _level(
    x: keras.KerasTensor, style: keras.KerasTensor, channels: int, name: str, times: tuple[int, int] = (1, 1)
) -> keras.KerasTensor:
    x = GrownConv2D(channels, times, kernel_initializer=_HE, name=f"{name}_conv")(x)
    x = OfBands(name=f"{name}_bands")(x)
    return _leaky(Styled(name=f"{name}_styled")(x, style), name)


def _discriminator(mels: int, labels: int, size: Size) -> keras.Model:
    # === Functional model ===
    inputs = {"picture": keras.Input((None, mels), name="picture")}
    x = layers.Reshape((-1, mels, 1), name="channel")(inputs["picture"])
    for number, channels in enumerate(size.judged, start=1):
        name = f"conv{number}"
        x = layers.Conv2D(channels, 4, 2, padding="same", use_bias=False, kernel_initializer=_HE, name=name)(x)
        x = _leaky(OfBands(name=f"bands{number}")(x), name)
    x = Spread(name="spread")(x)
    x = layers.Conv2D(size.judged[-1], 3, padding="same", kernel_initializer=_HE, name="conv_last")(x)
    x = _leaky(x, "conv_last")
    x = layers.Reshape((-1, x.shape[2] * x.shape[3]), name="bands")(x)  # (batch, frames / 16, bands * channels)
    x = _leaky(layers.Dense(size.features, kernel_initializer=_HE, name="features")(x), "features")
    x = layers.GlobalAveragePooling1D(name="over_time")(x)
    verdict = layers.Dense(1, name="verdict")(x)
    if labels > 1:
        inputs["label"] = keras.Input((), dtype="int32", name="label")
        verdict = layers.Add(name="of_both")([verdict, ProjectedLabel(labels, name="of_label")(x, inputs["label"])])
    # float32 whatever the policy: losses are taken of it.
    answers = {"music": layers.Activation("linear", dtype="float32", name="music")(verdict)}
    if labels > 1:
        named = layers.Dense(labels, kernel_initializer=_HE, name="labels")(x)
        answers["label"] = layers.Activation("linear", dtype="float32", name="label_logits")(named)
    return keras.Model(inputs, answers, name="discriminator")


def _leaky(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    return layers.LeakyReLU(_SLOPE, name=f"{name}_relu")(x)
