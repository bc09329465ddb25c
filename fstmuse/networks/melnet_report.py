"""MelNet as the report on MelNet and cMelGAN has it, with what made it draw noise.

Source: github.com/JacksonKaunismaa/neural-music, model.py. It differs from the paper and from
`fstmuse.networks.melnet`; the first two differences make its loss worthless as a measure and the network useless for
drawing:

- The time-delayed stack sees one frame later, not earlier: the very frame that is to be foretold.
- The frequency-delayed stack sees the same place in the next clip of the batch, not the band below.
- Deviations lie within 0.90 and 1.11, whatever the weights.
- All tiers but the last have no likelihood: each passes on a sample, all of whose elements share one random number, and
  the loss of the last, which foretells the whole picture again, trains them all at once.
- The backward half of the features runs from the last frame to the first and is not turned round.
- Of the first tier's two projections of conditions nothing is used.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from fstmuse.errors import ConfigError
from fstmuse.networks.gru import TrainedGRU
from fstmuse.networks.melnet_layers import FrequencyDelayedStack, TimeDelayedStack
from fstmuse.networks.melnet_tiers import FREQUENCY, TIME, halves, interleave

SMALL, BIG = 64, 256
"""Channels."""

DEPTHS = (12, 6, 5, 4)
DIRECTIONS = (FREQUENCY, TIME)
"""The axes along which the second and the third tier interleave with what is known; the last has the full size."""

COMPONENTS = 10
_TINY = 1e-12
_ADDED = 1e-5


@keras.saving.register_keras_serializable(package="fstmuse")
class ReportTier(layers.Layer):
    """A tier of the report's network.

    Input shape: its picture float32 (batch, frames, mels), and conditions: features of what is known, of the same
    shape, or a label's vector (batch, dims). Output shape: means, deviations and weights, float32 (batch, frames, mels,
    3 * components).

    Args:
        dims: channels.
        depth: layers.
        components: of each mixture.
        remat: computes what happens within layers again for the gradients instead of keeping it.
        **options: of every Keras layer.
    """

    def __init__(
        self, dims: int, depth: int, components: int = COMPONENTS, remat: bool = False, **options: Any
    ) -> None:
        super().__init__(**({"dtype": "float32"} | options))
        self.dims, self.depth, self.components, self.remat = dims, depth, components, remat
        names = ("time_input", "frequency_input", "time_condition", "frequency_condition")
        self.projections = {name: layers.Dense(dims, name=name) for name in names}
        numbers = range(1, depth + 1)
        self.time = [TimeDelayedStack(dims, remat, name=f"time{number}") for number in numbers]
        self.frequency = [FrequencyDelayedStack(dims, remat, name=f"frequency{number}") for number in numbers]
        self.out = layers.Dense(3 * components, name="out")

    def build(self, picture_shape: Any, conditions_shape: Any) -> None:
        """Makes all layers, used or not."""
        hidden = (*picture_shape, self.dims)
        for projection in self.projections.values():
            projection.build((*picture_shape, 1))
        for time, frequency in zip(self.time, self.frequency, strict=True):
            time.build(hidden)
            frequency.build(hidden, hidden)
        self.out.build((*picture_shape, 2 * self.dims))

    def call(self, picture: Any, conditions: Any, training: bool | None = None) -> Any:
        """Mixtures."""
        later = ops.concatenate([picture[:, 1:], ops.zeros_like(picture[:, :1])], axis=1)
        other = ops.concatenate([picture[1:], ops.zeros_like(picture[:1])], axis=0)
        time = self.projections["time_input"](ops.expand_dims(later, -1))
        frequency = self.projections["frequency_input"](ops.expand_dims(other, -1))
        if len(conditions.shape) == 2:
            vector = conditions[:, None, None]
            time, frequency = time + vector, frequency + vector
        else:
            conditions = ops.expand_dims(conditions, -1)
            time = time + self.projections["time_condition"](conditions)
            frequency = frequency + self.projections["frequency_condition"](conditions)
        for over_time, over_frequency in zip(self.time, self.frequency, strict=True):
            time = over_time(time, training=training)
            frequency = over_frequency(frequency, time, training=training)
        means, scales, logits = ops.split(self.out(ops.concatenate([time, frequency], axis=-1)), 3, axis=-1)
        length = ops.sqrt(ops.sum(ops.square(scales), axis=-1, keepdims=True) + _TINY)
        deviations = ops.exp(scales / (self.components * length))
        return ops.concatenate([means, deviations, ops.softmax(logits, axis=-1)], axis=-1)

    def compute_output_shape(self, picture_shape: Any, conditions_shape: Any) -> tuple[Any, ...]:
        """Mixtures."""
        return (*picture_shape, 3 * self.components)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        arguments = {name: getattr(self, name) for name in ("dims", "depth", "components", "remat")}
        return super().get_config() | arguments


@keras.saving.register_keras_serializable(package="fstmuse")
class ReportFeatures(layers.Layer):
    """The report's features of what is known. Input and output shape: float32 (batch, frames, mels)."""

    def build(self, input_shape: Any) -> None:
        """Makes the GRUs, which have as many units as there are bands, and the weights of the two."""
        mels = input_shape[-1]
        self.forward, self.backward = (
            TrainedGRU(mels, return_sequences=True, name=name) for name in ("forward", "backward")
        )
        self.weigh = layers.Dense(1, name="weigh")
        for recurrent in (self.forward, self.backward):
            recurrent.build((None, None, mels))
        self.weigh.build((*input_shape, 2))

    def call(self, known: Any) -> Any:
        """Features."""
        both = [self.forward(known), self.backward(ops.flip(known, axis=1))]
        return self.weigh(ops.stack(both, axis=-1))[..., 0]

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """That of the input."""
        return tuple(input_shape)


@keras.saving.register_keras_serializable(package="fstmuse")
class OneSample(layers.Layer):
    """The mean of a mixture, and its deviation times a number that a whole clip shares.

    Input shape: mixtures float32 (batch, frames, mels, 3 * components). Output shape: float32 (batch, frames, mels).

    Args:
        seed: of the numbers.
        **options: of every Keras layer.
    """

    def __init__(self, seed: int | None = None, **options: Any) -> None:
        super().__init__(**({"dtype": "float32"} | options))
        self.seed = seed
        self.seeds = keras.random.SeedGenerator(seed)

    def call(self, mixtures: Any) -> Any:
        """Draws."""
        means, deviations, weights = ops.split(mixtures, 3, axis=-1)
        noise = keras.random.normal((ops.shape(mixtures)[0], 1, 1), seed=self.seeds)
        return ops.sum(means * weights, axis=-1) + ops.sum(deviations * weights, axis=-1) * noise

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """A number for each mixture."""
        return tuple(input_shape[:-1])

    def get_config(self) -> dict[str, Any]:
        """The argument."""
        return super().get_config() | {"seed": self.seed}


@keras.saving.register_keras_serializable(package="fstmuse")
class Halves(layers.Layer):
    """Even and odd rows of float32 (batch, frames, mels) along an axis.

    Args:
        axis: 1 for time, 2 for frequency.
        **options: of every Keras layer.
    """

    def __init__(self, axis: int, **options: Any) -> None:
        super().__init__(**options)
        self.axis = axis

    def call(self, picture: Any) -> tuple[Any, Any]:
        """Splits."""
        return halves(picture, self.axis)

    def get_config(self) -> dict[str, Any]:
        """The argument."""
        return super().get_config() | {"axis": self.axis}


@keras.saving.register_keras_serializable(package="fstmuse")
class Interleaved(layers.Layer):
    """The way back from `Halves`: two of float32 (batch, frames, mels), the first for even rows.

    Args:
        axis: 1 for time, 2 for frequency.
        **options: of every Keras layer.
    """

    def __init__(self, axis: int, **options: Any) -> None:
        super().__init__(**options)
        self.axis = axis

    def call(self, even: Any, odd: Any) -> Any:
        """Interleaves."""
        return interleave(even, odd, self.axis)

    def compute_output_shape(self, even_shape: Any, odd_shape: Any) -> tuple[Any, ...]:
        """Twice the rows."""
        return tuple(
            2 * size if size is not None and axis == self.axis else size for axis, size in enumerate(even_shape)
        )

    def get_config(self) -> dict[str, Any]:
        """The argument."""
        return super().get_config() | {"axis": self.axis}


@keras.saving.register_keras_serializable(package="fstmuse")
class ReportNll(keras.losses.Loss):
    """The report's loss: likelihoods to which small numbers are added, deviations taken for variances.

    The target is the picture one frame later than the network's input.

    Args:
        name: of the loss.
        **options: of every Keras loss.
    """

    def __init__(self, name: str = "nll", **options: Any) -> None:
        super().__init__(name=name, **options)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Of each element, in nats."""
        means, variances, weights = ops.split(y_pred, 3, axis=-1)
        away = ops.square(ops.expand_dims(y_true, -1) - means)
        densities = ops.exp(-0.5 * away / variances) * ops.rsqrt(2.0 * math.pi * variances)
        return -ops.log(ops.sum((weights + _ADDED) * (densities + _ADDED), axis=-1))


def melnet_report(
    input_shape: tuple[int | None, int],
    labels: int = 3,
    dims: int = SMALL,
    *,
    depths: Sequence[int] = DEPTHS,
    components: int = COMPONENTS,
    remat: bool = True,
) -> keras.Model:
    """The report's network, all tiers in one.

    Args:
        input_shape: frames and mel bands, both even; in the report 180 bands.
        labels: how many there are; the report's network takes one always.
        dims: channels, `SMALL` or `BIG`.
        depths: layers of the four tiers, the coarsest first.
        components: of each mixture.
        remat: computes what happens within layers again for the gradients, as the report did.

    Returns:
        A model from {"picture": float32 (batch, frames, mels), power without logarithm, "label": int32 (batch,)} to
        means, deviations and weights of the picture one frame later, float32 (batch, frames, mels, 3 * components).

    Raises:
        ConfigError: frames or bands are odd, there are not four depths, or no labels.
    """
    frames, mels = input_shape
    if mels % 2 or (frames or 0) % 2:
        raise ConfigError(
            f"The report's MelNet: received pictures of {frames} x {mels}; frames and bands must be even."
        )
    if len(depths) != len(DIRECTIONS) + 2:
        raise ConfigError(f"The report's MelNet: received depths of {len(depths)} tiers; expected 4.")
    if labels < 1:
        raise ConfigError("The report's MelNet: received no labels; expected at least 1.")
    # === Functional model ===
    inputs = {
        "picture": keras.Input((frames, mels), name="picture"),
        "label": keras.Input((), dtype="int32", name="label"),
    }
    own, known = [], inputs["picture"]
    for number, axis in zip((3, 2), reversed(DIRECTIONS), strict=True):
        even, known = Halves(axis, name=f"halves{number}")(known)
        own.append(even)
    conditions = layers.Embedding(labels, dims, "normal", name="label_vector")(inputs["label"])
    pictures = [known, *reversed(own), inputs["picture"]]
    for number, (picture, depth) in enumerate(zip(pictures, depths, strict=True), start=1):
        if number > 1:
            conditions = ReportFeatures(name=f"features{number}")(known)
        tier = ReportTier(dims, depth, components, remat, name=f"tier{number}")
        mixtures = tier(picture, conditions)
        if number < len(depths):
            drawn = OneSample(name=f"sample{number}")(mixtures)
            axis = DIRECTIONS[number - 2]
            known = drawn if number == 1 else Interleaved(axis, name=f"interleaved{number}")(drawn, known)
    return keras.Model(inputs, mixtures, name="melnet_report")
