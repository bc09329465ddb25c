"""GapNet: fills missing frames of a log-mel by correcting the straight line between their neighbours.

The report on infilling (see `fstmuse.networks.convae`) decodes whole pictures, most of which were given to it. In
the gap such a decoder loses to linear interpolation between the two frames at its edges, a strong baseline. GapNet
starts there: its last layer is zero at first, so that the untrained network is that baseline, and all it learns is
what to add to it. Known frames pass through untouched.

The body is a stack of dilated one-dimensional convolutions over time with the mel bands as channels. On a CPU these
cost a fraction of two-dimensional ones, any width of picture goes in, and 22 frames (0.5 s at hop 512 and 22,050 Hz)
on either side of a frame are heard: no more than the windows it is trained on show of them.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

DILATIONS = (1, 2, 4, 8, 1, 2, 4)

# Decibels in one unit of what the body sees and says.
_DB = 20.0
# What lies further below the loudest known value is as good as silence.
_RANGE_DB = 80.0
# Stands for "no known frame on this side" where distances in frames are compared.
_FAR = 1e6


@keras.saving.register_keras_serializable(package="fstmuse")
class LinearBridge(layers.Layer):
    """Missing frames by linear interpolation between the nearest known ones; held where only one side is known.

    Input shape: pictures float32 (batch, frames, mels) and missing float32 (batch, frames), 1 where a frame is.
    Output shape: the pictures, filled, and float32 (batch, frames, 4): whether a frame is missing, how near the known
    frames before and after it are (1 beside them, falling to 0), and where between the two it lies (0 to 1). The
    last three are 0 in known frames.
    """

    def call(self, picture: Any, missing: Any) -> tuple[Any, Any]:
        """Pictures and missing frames to filled pictures and places."""
        index = ops.arange(ops.shape(picture)[1], dtype="float32")
        known = ops.expand_dims(missing < 0.5, 1)  # (batch, 1, frames)
        here, there = index[None, :, None], index[None, None, :]
        before = ops.max(ops.where(ops.logical_and(known, there <= here), there, -_FAR), axis=-1)
        after = ops.min(ops.where(ops.logical_and(known, there >= here), there, _FAR), axis=-1)
        # With one side alone both neighbours are that one; with none, the first frame stands for both.
        left = ops.where(before >= 0, before, ops.where(after < _FAR, after, 0.0))
        right = ops.where(after < _FAR, after, left)
        share = (index[None] - left) / ops.maximum(right - left, 1.0)
        share = ops.where(right > left, share, 0.0)
        gap = ops.expand_dims(missing, -1)
        from_left = ops.take_along_axis(picture, ops.cast(left, "int32")[..., None], axis=1)
        from_right = ops.take_along_axis(picture, ops.cast(right, "int32")[..., None], axis=1)
        line = from_left + (from_right - from_left) * ops.cast(share, picture.dtype)[..., None]
        filled = ops.where(gap > 0.5, line, picture)
        near = [ops.exp((before - index[None]) / 8.0), ops.exp((index[None] - after) / 8.0)]
        places = ops.stack([missing, *(missing * place for place in (*near, share))], axis=-1)
        return filled, ops.cast(places, picture.dtype)

    def compute_output_shape(self, picture_shape: Any, missing_shape: Any) -> tuple[Any, Any]:
        """Shapes of the filled pictures and the places."""
        return tuple(picture_shape), (*picture_shape[:2], 4)


@keras.saving.register_keras_serializable(package="fstmuse")
class Loudest(layers.Layer):
    """The loudest known value of each picture.

    Input shape: pictures float32 (batch, frames, mels) in dB and missing float32 (batch, frames).
    Output shape: float32 (batch, 1, 1) in dB; 0 where nothing is known.
    """

    def call(self, picture: Any, missing: Any) -> Any:
        """Pictures and missing frames to levels."""
        known = ops.where(ops.expand_dims(missing, -1) < 0.5, picture, -_FAR)
        loudest = ops.max(known, axis=(1, 2), keepdims=True)
        return ops.where(loudest > -_FAR, loudest, 0.0)

    def compute_output_shape(self, picture_shape: Any, missing_shape: Any) -> tuple[Any, ...]:
        """Shape of the levels."""
        return picture_shape[0], 1, 1


@keras.saving.register_keras_serializable(package="fstmuse")
class Relative(layers.Layer):
    """Pictures in dB as numbers of about -4 to 0, relative to a level.

    Input shape: pictures float32 (batch, frames, mels) and level float32 (batch, 1, 1), both in dB.
    Output shape: float32 (batch, frames, mels).
    """

    def call(self, picture: Any, level: Any) -> Any:
        """Pictures and levels to what the body sees."""
        return ops.clip(picture - level, -_RANGE_DB, _DB) / _DB

    def compute_output_shape(self, picture_shape: Any, level_shape: Any) -> tuple[Any, ...]:
        """Shape of the pictures."""
        return tuple(picture_shape)


@keras.saving.register_keras_serializable(package="fstmuse")
class Correct(layers.Layer):
    """The filled picture plus a correction, in missing frames alone.

    Input shape: the filled pictures in dB, the correction in units of 20 dB, both float32 (batch, frames, mels), and
    missing float32 (batch, frames).
    Output shape: float32 (batch, frames, mels) in dB.
    """

    def call(self, filled: Any, correction: Any, missing: Any) -> Any:
        """Straight lines and corrections to pictures."""
        return ops.where(ops.expand_dims(missing, -1) > 0.5, filled + _DB * correction, filled)

    def compute_output_shape(self, filled_shape: Any, correction_shape: Any, missing_shape: Any) -> tuple[Any, ...]:
        """Shape of the pictures."""
        return tuple(filled_shape)


def gapnet(
    input_shape: tuple[int | None, int], width: int = 160, dilations: tuple[int, ...] = DILATIONS
) -> keras.Model:
    """Pictures with a gap to pictures without.

    Args:
        input_shape: frames and mel bands; frames do not matter, any number goes in.
        width: channels of the body.
        dilations: of its convolutions, in frames, one for each block.

    Returns:
        A model from {"picture": float32 (batch, frames, mels) in dB, "missing": float32 (batch, frames), 1 where a
        frame is missing} to float32 (batch, frames, mels) in dB. What stands in missing frames does not matter.
    """
    mels = input_shape[1]

    # === Functional model ===
    picture = keras.Input((None, mels), name="picture")
    missing = keras.Input((None,), name="missing")
    # float32 whatever the policy: known frames pass through, and half precision counts frames to 256 alone.
    line, places = LinearBridge(name="line", dtype="float32")(picture, missing)
    level = Loudest(name="level", dtype="float32")(picture, missing)
    x = Relative(name="relative", dtype="float32")(line, level)
    x = layers.Concatenate(name="with_places")([x, places])
    x = layers.Dense(width, name="stem")(x)
    for number, dilation in enumerate(dilations, start=1):
        x = _block(x, width, dilation, f"block{number}")
    x = layers.LayerNormalization(epsilon=1e-5, name="norm")(x)
    correction = layers.Dense(mels, kernel_initializer="zeros", dtype="float32", name="correction")(x)
    filled = Correct(dtype="float32", name="filled")(line, correction, missing)
    return keras.Model({"picture": picture, "missing": missing}, filled, name="gapnet")


def _block(x: keras.KerasTensor, width: int, dilation: int, name: str) -> keras.KerasTensor:
    y = layers.LayerNormalization(epsilon=1e-5, name=f"{name}_norm")(x)
    y = layers.Conv1D(width, 3, padding="same", dilation_rate=dilation, activation="gelu", name=f"{name}_conv")(y)
    y = layers.Dense(width, name=f"{name}_dense")(y)
    return layers.Add(name=f"{name}_add")([x, y])
