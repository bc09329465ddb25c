"""GapNet: fills a run of missing frames of a log-mel by correcting the straight line between its neighbours.

The report on infilling (see `fstmuse.networks.convae`) decodes whole pictures, most of which were given to it. In
the gap such a decoder loses to linear interpolation between the two frames at its edges, a strong baseline. GapNet
starts there: its last layers are zero at first, so that the untrained network is that baseline, and all it learns is
what to add to it. Known frames pass through untouched.

The body sees 12 frames (0.28 s at hop 512 and 22,050 Hz) on either side of the gap as channels, and convolves along
the mel bands. What an onset or a decay does is much the same in every band, and so each clip holds as many examples
as bands; with bands as channels and dilated convolutions along time, as many steps on the same music learnt less than
half as much. As the sides are all that is looked at, pictures of any width cost the same. Where the gap is and how
wide it is, which is what the mask tells, says which frames are looked at, and one of the inputs.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

CONTEXT = 12
"""Frames on either side of the gap that are looked at."""

WIDEST = 40
"""Frames of the widest gap that is corrected; wider ones are filled by straight lines."""

DILATIONS = (1, 2, 4, 8, 1, 2)

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
    Output shape: the pictures, filled.
    """

    def call(self, picture: Any, missing: Any) -> Any:
        """Pictures and missing frames to filled pictures."""
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
        from_left = ops.take_along_axis(picture, ops.cast(left, "int32")[..., None], axis=1)
        from_right = ops.take_along_axis(picture, ops.cast(right, "int32")[..., None], axis=1)
        line = from_left + (from_right - from_left) * ops.cast(share, picture.dtype)[..., None]
        return ops.where(ops.expand_dims(missing, -1) > 0.5, line, picture)

    def compute_output_shape(self, picture_shape: Any, missing_shape: Any) -> tuple[Any, ...]:
        """Shape of the pictures."""
        return tuple(picture_shape)


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
class Sides(layers.Layer):
    """What lies on either side of the first run of missing frames, and how wide that run is.

    Input shape: filled pictures float32 (batch, frames, mels) in dB and missing float32 (batch, frames).
    Output shape: float32 (batch, mels, 2 * context + 1), in units of 20 dB: the frames before the run and those behind
    it, as `LinearBridge` left them, first and last frames held where the picture ends, relative to the mean of the two
    nearest; and this mean relative to the loudest value of all these frames. And float32 (batch, 2): the run's
    first frame and its width.

    Args:
        context: frames on either side.
        **options: of every Keras layer.
    """

    def __init__(self, context: int = CONTEXT, **options: Any) -> None:
        super().__init__(**options)
        self.context = context

    def call(self, filled: Any, missing: Any) -> tuple[Any, Any]:
        """Filled pictures and missing frames to sides and runs."""
        frames = ops.shape(filled)[1]
        index = ops.arange(frames, dtype="float32")[None]
        far = ops.cast(frames, "float32")
        first = ops.min(ops.where(missing > 0.5, index, far), axis=1, keepdims=True)
        behind = ops.min(ops.where(ops.logical_and(missing < 0.5, index > first), index, far), axis=1, keepdims=True)
        steps = ops.arange(self.context, dtype="float32")[None]
        looked = ops.clip(ops.concatenate([first - self.context + steps, behind + steps], axis=1), 0.0, far - 1.0)
        # (batch, mels, 2 * context)
        sides = ops.transpose(ops.take_along_axis(filled, ops.cast(looked, "int32")[..., None], axis=1), (0, 2, 1))
        sides = ops.maximum(sides - ops.max(sides, axis=(1, 2), keepdims=True), -_RANGE_DB) / _DB
        nearest = ops.mean(sides[..., self.context - 1 : self.context + 1], axis=-1, keepdims=True)
        run = ops.concatenate([first, behind - first], axis=1)
        return ops.concatenate([sides - nearest, nearest], axis=-1), run

    def compute_output_shape(self, filled_shape: Any, missing_shape: Any) -> tuple[Any, Any]:
        """Shapes of sides and runs."""
        return (filled_shape[0], filled_shape[2], 2 * self.context + 1), (filled_shape[0], 2)

    def get_config(self) -> dict[str, Any]:
        """The argument."""
        return super().get_config() | {"context": self.context}


@keras.saving.register_keras_serializable(package="fstmuse")
class WithWidth(layers.Layer):
    """Sides with the width of the gap as further channels, all zero but one.

    Input shape: float32 (batch, mels, channels), and runs as `Sides` gives them.
    Output shape: float32 (batch, mels, channels + widest).

    Args:
        widest: gap in frames.
        **options: of every Keras layer.
    """

    def __init__(self, widest: int = WIDEST, **options: Any) -> None:
        super().__init__(**options)
        self.widest = widest

    def call(self, sides: Any, run: Any) -> Any:
        """Sides and runs to what the body sees."""
        widths = ops.arange(1, self.widest + 1, dtype="float32")[None, None]
        hot = ops.cast(ops.abs(widths - run[:, 1:, None]) < 0.5, sides.dtype)
        return ops.concatenate([sides, ops.repeat(hot, ops.shape(sides)[1], axis=1)], axis=-1)

    def compute_output_shape(self, sides_shape: Any, run_shape: Any) -> tuple[Any, ...]:
        """Shape of what the body sees."""
        return (*sides_shape[:2], sides_shape[2] + self.widest)

    def get_config(self) -> dict[str, Any]:
        """The argument."""
        return super().get_config() | {"widest": self.widest}


@keras.saving.register_keras_serializable(package="fstmuse")
class OfBands(layers.Layer):
    """Adds a vector of its own to the channels of each band: which one it is.

    Input and output shape: float32 (batch, ..., mels, channels).
    """

    def build(self, input_shape: Any) -> None:
        """Makes the vectors."""
        # "embedding" in its name keeps Muon, which is for matrices that multiply, away from it.
        self.vectors = self.add_weight(shape=input_shape[-2:], initializer="zeros", name="embedding")

    def call(self, x: Any) -> Any:
        """Adds them."""
        return x + self.vectors

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """That of the input."""
        return tuple(input_shape)


@keras.saving.register_keras_serializable(package="fstmuse")
class WithNeighbours(layers.Layer):
    """Channels of each band beside those of the bands `dilation` below and above it; zeros beyond the ends.

    A Dense layer behind it is a convolution of three taps whose kernel is one matrix, as Muon wants it.
    Input shape: float32 (batch, mels, channels). Output shape: float32 (batch, mels, 3 * channels).

    Args:
        dilation: in bands.
        **options: of every Keras layer.
    """

    def __init__(self, dilation: int, **options: Any) -> None:
        super().__init__(**options)
        self.dilation = dilation

    def call(self, x: Any) -> Any:
        """Puts them side by side."""
        bands, far = ops.shape(x)[1], self.dilation
        padded = ops.pad(x, ((0, 0), (far, far), (0, 0)))
        return ops.concatenate([padded[:, :bands], x, padded[:, 2 * far :]], axis=-1)

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """Three times the channels."""
        return (*input_shape[:2], 3 * input_shape[2])

    def get_config(self) -> dict[str, Any]:
        """The argument."""
        return super().get_config() | {"dilation": self.dilation}


@keras.saving.register_keras_serializable(package="fstmuse")
class Correct(layers.Layer):
    """The filled picture plus corrections, in the first run of missing frames alone.

    Input shape: the filled pictures float32 (batch, frames, mels) in dB; corrections in units of 20 dB, both float32
    (batch, mels, widest): number n of the one is for frame n of the run counted from its first frame on, of the other
    from its last frame back, and they add up; runs as `Sides` gives them.
    Output shape: float32 (batch, frames, mels) in dB.
    """

    def call(self, filled: Any, onwards: Any, back: Any, run: Any) -> Any:
        """Straight lines and corrections to pictures."""
        widest = onwards.shape[2]
        index = ops.arange(ops.shape(filled)[1], dtype="float32")[None]
        first, width = run[:, :1], run[:, 1:]
        place = index - first
        inside = ops.logical_and(ops.logical_and(place >= 0, place < width), width <= widest)

        def at(corrections: Any, places: Any) -> Any:
            wanted = ops.cast(ops.clip(places, 0.0, widest - 1.0), "int32")[..., None]
            return ops.take_along_axis(ops.transpose(corrections, (0, 2, 1)), wanted, axis=1)

        correction = at(onwards, place) + at(back, width - 1.0 - place)
        return ops.where(ops.expand_dims(inside, -1), filled + _DB * correction, filled)

    def compute_output_shape(
        self, filled_shape: Any, onwards_shape: Any, back_shape: Any, run_shape: Any
    ) -> tuple[Any, ...]:
        """Shape of the pictures."""
        return tuple(filled_shape)


def gapnet(
    input_shape: tuple[int | None, int],
    width: int = 128,
    dilations: tuple[int, ...] = DILATIONS,
    context: int = CONTEXT,
    widest: int = WIDEST,
) -> keras.Model:
    """Pictures with a gap to pictures without.

    Args:
        input_shape: frames and mel bands; frames do not matter, any number goes in.
        width: channels of the body.
        dilations: of its convolutions, in bands, one for each block.
        context: frames on either side of the gap that are looked at.
        widest: gap in frames that is corrected.

    Returns:
        A model from {"picture": float32 (batch, frames, mels) in dB, "missing": float32 (batch, frames), 1 where a
        frame is missing} to float32 (batch, frames, mels) in dB. What stands in missing frames does not matter, as
        long as one is known. Of several runs of missing frames the first is corrected, the others are filled by
        straight lines.
    """
    mels = input_shape[1]

    # === Functional model ===
    picture = keras.Input((None, mels), name="picture")
    missing = keras.Input((None,), name="missing")
    # float32 whatever the policy: known frames pass through, and half precision counts frames to 256 alone.
    line = LinearBridge(name="line", dtype="float32")(picture, missing)
    sides, run = Sides(context, name="sides", dtype="float32")(line, missing)
    x = WithWidth(widest, name="with_width", dtype="float32")(sides, run)
    x = layers.Dense(width, name="stem")(x)
    x = OfBands(name="of_bands")(x)
    for number, dilation in enumerate(dilations, start=1):
        x = _block(x, width, dilation, f"block{number}")
    x = layers.LayerNormalization(epsilon=1e-5, name="norm")(x)
    onwards, back = (
        layers.Dense(widest, kernel_initializer="zeros", dtype="float32", name=f"correction_{way}")(x)
        for way in ("onwards", "back")
    )
    filled = Correct(dtype="float32", name="filled")(line, onwards, back, run)
    return keras.Model({"picture": picture, "missing": missing}, filled, name="gapnet")


def _block(x: keras.KerasTensor, width: int, dilation: int, name: str) -> keras.KerasTensor:
    y = layers.LayerNormalization(epsilon=1e-5, name=f"{name}_norm")(x)
    y = WithNeighbours(dilation, name=f"{name}_neighbours")(y)
    y = layers.Dense(width, activation="gelu", name=f"{name}_conv")(y)
    y = layers.Dense(width, name=f"{name}_dense")(y)
    return layers.Add(name=f"{name}_add")([x, y])
