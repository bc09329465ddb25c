"""Makes a network of pictures in 0..1, such as the report's autoencoders, one that fills gaps of pictures in dB.

What the reports call a picture lies in 0..1: 80 dB below the loudest value and that value, missing frames 0. The
scaling is inside the network, so that all fillers take and give the same.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from fstmuse.networks.gapnet import Loudest

RANGE_DB = 80.0
"""From 0 to 1."""


@keras.saving.register_keras_serializable(package="fstmuse")
class ToUnit(layers.Layer):
    """Pictures in dB as 0..1 below a level, missing frames as 0.

    Input shape: pictures float32 (batch, frames, mels) and level float32 (batch, 1, 1), both in dB; missing float32
    (batch, frames), 1 where a frame is.
    Output shape: float32 (batch, frames, mels).
    """

    def call(self, picture: Any, level: Any, missing: Any) -> Any:
        """Decibels to 0..1."""
        unit = ops.clip((picture - level) / RANGE_DB + 1.0, 0.0, 1.0)
        return ops.where(ops.expand_dims(missing, -1) > 0.5, 0.0, unit)

    def compute_output_shape(self, picture_shape: Any, level_shape: Any, missing_shape: Any) -> tuple[Any, ...]:
        """Shape of the pictures."""
        return tuple(picture_shape)


@keras.saving.register_keras_serializable(package="fstmuse")
class FromUnit(layers.Layer):
    """The way back from `ToUnit`.

    Input shape: float32 (batch, frames, mels) in 0..1 and level float32 (batch, 1, 1) in dB.
    Output shape: float32 (batch, frames, mels) in dB.
    """

    def call(self, unit: Any, level: Any) -> Any:
        """0..1 to decibels."""
        return level + RANGE_DB * (unit - 1.0)

    def compute_output_shape(self, unit_shape: Any, level_shape: Any) -> tuple[Any, ...]:
        """Shape of the pictures."""
        return tuple(unit_shape)


def filler(core: keras.Model) -> keras.Model:
    """A network of pictures in 0..1 with the scaling around it.

    Args:
        core: float32 (batch, frames, mels) in 0..1 to the same shape and range.

    Returns:
        A model from {"picture": float32 (batch, frames, mels) in dB, "missing": float32 (batch, frames), 1 where a
        frame is missing} to float32 (batch, frames, mels) in dB: the whole picture as the core draws it.
    """
    frames, mels = core.input_shape[1:]

    # === Functional model ===
    picture = keras.Input((frames, mels), name="picture")
    missing = keras.Input((frames,), name="missing")
    # float32 whatever the policy: half precision has steps of 0.06 dB at -80 dB.
    level = Loudest(name="level", dtype="float32")(picture, missing)
    unit = ToUnit(name="unit", dtype="float32")(picture, level, missing)
    drawn = FromUnit(name="decibels", dtype="float32")(core(unit), level)
    return keras.Model({"picture": picture, "missing": missing}, drawn, name=core.name)
