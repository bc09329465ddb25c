"""cMelGAN as in the report and its source: a generator by transposed convolutions, a discriminator by grouped ones.

Kept for comparison, with what held it back: no function bounds what the generator draws, half of its channels are
dropped at random, and the discriminator's second convolution pads its picture with 393 zeros on each side, so that
93 % of what it gives is of zeros alone. The transposed convolutions over frames that the report names are plain ones in
its source, where they are made and never called; `over_frames` calls them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
from keras import layers, ops

from fstmuse.errors import ConfigError
from fstmuse.networks.gan import Gan
from fstmuse.networks.scaling import Scaling, unscaled
from fstmuse.networks.weight_norm import WeightNorm

STYLE = 128
_FIRST = 256
_SLOPE, _DROPOUT = 0.2, 0.5
_DILATIONS = (1, 3, 9)

OVER_FRAMES = ((4, 2), (8, 2), (24, 2), (24, 2), (30, 2))
"""Sizes and strides of the convolutions over frames that the report's source makes and never calls."""


@dataclass(frozen=True)
class Grown:
    """A block of the generator: a transposed convolution by which frames and bands become `times` as many."""

    channels: int
    size: int
    times: int


@dataclass(frozen=True)
class Judged:
    """A convolution of the discriminator, after which there are 1 / `fewer` of the frames and bands."""

    channels: int
    size: int
    stride: int
    groups: int
    fewer: int


GROWN = (Grown(512, 4, 4), Grown(128, 4, 4), Grown(32, 8, 2), Grown(1, 8, 2))
JUDGED = (
    Judged(16, 21, 1, 1, 1),
    Judged(32, 22, 4, 4, 1),
    Judged(64, 22, 4, 16, 4),
    Judged(128, 22, 4, 16, 4),
    Judged(256, 22, 4, 32, 4),
    Judged(832, 6, 2, 64, 4),
)


@keras.saving.register_keras_serializable(package="fstmuse")
class Mirrored(layers.Layer):
    """Continues all axes but the first and last by their mirror image at both ends.

    Args:
        width: by how much.
        **options: of every Keras layer.

    Input shape: float32 (batch, ..., channels). Output shape: axes longer by 2 * width.
    """

    def __init__(self, width: int, **options: Any) -> None:
        super().__init__(**options)
        self.width = width

    def call(self, x: Any) -> Any:
        """Pads."""
        inner = len(x.shape) - 2
        return ops.pad(x, ((0, 0), *[(self.width, self.width)] * inner, (0, 0)), mode="reflect")

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """Longer axes."""
        batch, *inner, channels = input_shape
        return (batch, *(None if size is None else size + 2 * self.width for size in inner), channels)

    def get_config(self) -> dict[str, Any]:
        """The argument."""
        return super().get_config() | {"width": self.width}


def cmelgan(
    input_shape: tuple[int, int],
    labels: int,
    *,
    grown: Sequence[Grown] = GROWN,
    judged: Sequence[Judged] = JUDGED,
    first: int = _FIRST,
    over_frames: Sequence[tuple[int, int]] = (),
    scaling: Scaling | None = None,
) -> Gan:
    """The generator and the discriminator.

    Args:
        input_shape: frames and mel bands, in the report 256 each.
        labels: how many there are; with less than 2 the networks take none.
        grown: the generator's blocks; the last has one channel.
        judged: the discriminator's convolutions; together they leave one place.
        first: channels with which the generator begins.
        over_frames: sizes and strides of convolutions over frames that follow, as `OVER_FRAMES`.
        scaling: between pictures and the networks' units; None: pictures as they are, as in the report.

    Returns:
        A GAN whose generator takes "style" (batch, 128), and "label" where there are labels, and whose discriminator
        gives probabilities of being real.

    Raises:
        ConfigError: frames or bands do not go into the blocks.
    """
    frames, mels = input_shape
    times = 1
    for block in grown:
        times *= block.times
    if frames % times or mels % times:
        raise ConfigError(f"Received pictures of {frames} x {mels}; cMelGAN draws multiples of {times} x {times}.")
    start = (frames // times, mels // times, first)
    return Gan(
        _generator(start, labels, grown, over_frames),
        _discriminator(input_shape, labels, judged),
        scaling or unscaled(mels),
    )


def _generator(
    start: tuple[int, int, int], labels: int, grown: Sequence[Grown], over_frames: Sequence[tuple[int, int]]
) -> keras.Model:
    # === Functional model ===
    inputs = {"style": keras.Input((STYLE,), name="style")}
    x = inputs["style"]
    if labels > 1:
        inputs["label"] = keras.Input((), dtype="int32", name="label")
        x = layers.Multiply(name="of_label")([x, layers.Embedding(labels, STYLE, name="label_style")(inputs["label"])])
    x = layers.Dense(start[0] * start[1] * start[2], name="start")(x)
    x = layers.LeakyReLU(_SLOPE, name="start_relu")(layers.Reshape(start, name="picture")(x))
    for number, block in enumerate(grown, start=1):
        # The report's paddings, 0 with size 4 and stride 4, 3 with size 8 and stride 2, are both "same".
        grow = layers.Conv2DTranspose(
            block.channels, block.size, strides=block.times, padding="same", name=f"grown{number}"
        )
        x = _resolved(WeightNorm(grow)(x), layers.Conv2D, block.channels, f"block{number}")
    x = layers.Reshape(x.shape[1:3], name="joined")(x)
    for number, (size, stride) in enumerate(over_frames, start=1):
        x = _same_places(x, layers.Conv1D, x.shape[-1], size, stride, 1, f"frames{number}")
        x = _resolved(x, layers.Conv1D, x.shape[-1], f"frames_block{number}")
    drawn = layers.Activation("linear", dtype="float32", name="units")(x)
    return keras.Model(inputs, drawn, name="generator")


def _resolved(x: keras.KerasTensor, conv: type[layers.Layer], channels: int, name: str) -> keras.KerasTensor:
    """LeakyReLU, Dropout and a residual block of growing dilation whose shortcuts are convolutions, too."""
    x = layers.LeakyReLU(_SLOPE, name=f"{name}_relu")(x)
    x = layers.Dropout(_DROPOUT, name=f"{name}_dropout")(x)
    for dilation in _DILATIONS:
        part = f"{name}_dilated{dilation}"
        y = layers.LeakyReLU(_SLOPE, name=f"{part}_relu1")(x)
        y = Mirrored(dilation, name=f"{part}_mirrored")(y)
        y = WeightNorm(conv(channels, 3, dilation_rate=dilation, name=f"{part}_conv"))(y)
        y = layers.LeakyReLU(_SLOPE, name=f"{part}_relu2")(y)
        y = WeightNorm(conv(channels, 1, name=f"{part}_point"))(y)
        x = layers.Add(name=f"{part}_add")([WeightNorm(conv(channels, 1, name=f"{part}_shortcut"))(x), y])
    return x


def _discriminator(input_shape: tuple[int, int], labels: int, judged: Sequence[Judged]) -> keras.Model:
    # === Functional model ===
    inputs = {"picture": keras.Input(input_shape, name="picture")}
    x = layers.Reshape((*input_shape, 1), name="channel")(inputs["picture"])
    if labels > 1:
        inputs["label"] = keras.Input((), dtype="int32", name="label")
        plane = layers.Embedding(labels, input_shape[0] * input_shape[1], name="label_picture")(inputs["label"])
        plane = layers.Reshape((*input_shape, 1), name="label_channel")(plane)
        x = layers.Concatenate(name="picture_and_label")([x, plane])
    for number, block in enumerate(judged, start=1):
        name = f"conv{number}"
        x = _same_places(x, layers.Conv2D, block.channels, block.size, block.stride, block.fewer, name, block.groups)
        x = layers.LeakyReLU(_SLOPE, name=f"{name}_relu")(x)
    x = layers.Flatten(name="flatten")(x)
    real = layers.Dense(1, activation="sigmoid", dtype="float32", name="real")(x)
    return keras.Model(inputs, {"music": real}, name="discriminator")


def _same_places(
    x: keras.KerasTensor,
    conv: type[layers.Layer],
    channels: int,
    size: int,
    stride: int,
    fewer: int,
    name: str,
    groups: int = 1,
) -> keras.KerasTensor:
    """A convolution so padded that 1 / `fewer` of the places are left, whatever its stride."""
    inner = x.shape[1:-1]
    padding = tuple((max(places // fewer, 1) - 1) * stride + size - places for places in inner)
    padding = tuple(width // 2 for width in padding)
    if len(inner) == 1:
        x = layers.ZeroPadding1D(padding[0], name=f"{name}_padded")(x)
    else:
        x = layers.ZeroPadding2D(padding, name=f"{name}_padded")(x)
    return WeightNorm(conv(channels, size, strides=stride, groups=groups, name=name))(x)
