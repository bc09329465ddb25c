"""The stacks of MelNet (Vasquez and Lewis, 2019, arXiv:1906.01083), one layer of each, with residual and projection.

Pictures are hidden here as float32 (batch, frames, mels, dims). A GRU along time sees each band as a sequence of its
own, a GRU along the bands each frame. All GRUs are of the kind that cuDNN computes (`reset_after`).

Besides whole pictures the stacks take single frames or bands, with the states of their GRUs: that is how pictures are
drawn, see `fstmuse.networks.melnet_sampling`.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from fstmuse.networks.gru import TrainedGRU


def along_time(recurrent: layers.Layer, x: Any, training: bool | None = None) -> Any:
    """Runs a recurrent layer over the frames of each band: (batch, frames, mels, dims) to (..., its units)."""
    frames, mels, dims = ops.shape(x)[1:]
    rows = ops.reshape(ops.transpose(x, (0, 2, 1, 3)), (-1, frames, dims))
    y = recurrent(rows, training=training)
    return ops.transpose(ops.reshape(y, (-1, mels, frames, y.shape[-1])), (0, 2, 1, 3))


def along_bands(recurrent: layers.Layer, x: Any, training: bool | None = None) -> Any:
    """Runs a recurrent layer over the bands of each frame: (batch, frames, mels, dims) to (..., its units)."""
    frames, mels, dims = ops.shape(x)[1:]
    y = recurrent(ops.reshape(x, (-1, mels, dims)), training=training)
    return ops.reshape(y, (-1, frames, mels, y.shape[-1]))


@keras.saving.register_keras_serializable(package="fstmuse")
class BothWays(layers.Layer):
    """Two GRUs, one forward and one backward, side by side.

    As Keras' `Bidirectional`, which imports TensorFlow on every backend.
    Input shape: float32 (batch, steps, channels). Output shape: float32 (batch, steps, 2 * dims).

    Args:
        dims: units of each GRU.
        **options: of every Keras layer.
    """

    def __init__(self, dims: int, **options: Any) -> None:
        super().__init__(**options)
        self.dims = dims
        self.forward, self.backward = (
            TrainedGRU(dims, return_sequences=True, go_backwards=back, name=name, dtype=self.dtype_policy)
            for name, back in (("forward", False), ("backward", True))
        )

    def build(self, input_shape: Any) -> None:
        """Makes the GRUs."""
        for recurrent in (self.forward, self.backward):
            recurrent.build(input_shape)

    def call(self, x: Any, training: bool | None = None) -> Any:
        """Turns what the backward one gives, last step first, round."""
        back = ops.flip(self.backward(x, training=training), axis=1)
        return ops.concatenate([self.forward(x, training=training), back], axis=-1)

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """Both units."""
        return (*input_shape[:-1], 2 * self.dims)

    def get_config(self) -> dict[str, Any]:
        """The argument."""
        return super().get_config() | {"dims": self.dims}


@keras.saving.register_keras_serializable(package="fstmuse")
class Delayed(layers.Layer):
    """A picture one step later along an axis: each place holds what came before it, the first one 0.

    Input shape: float32 (batch, frames, mels). Output shape: float32 (batch, frames, mels, 1).

    Args:
        axis: 1 for time, 2 for frequency.
        **options: of every Keras layer.
    """

    def __init__(self, axis: int, **options: Any) -> None:
        super().__init__(**options)
        self.axis = axis

    def call(self, picture: Any) -> Any:
        """Shifts by concatenation, which cannot take the wrong axis or sign unseen."""
        before = picture[:, :-1] if self.axis == 1 else picture[:, :, :-1]
        first = picture[:, :1] if self.axis == 1 else picture[:, :, :1]
        return ops.expand_dims(ops.concatenate([ops.zeros_like(first), before], axis=self.axis), -1)

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """One channel."""
        return (*input_shape, 1)

    def get_config(self) -> dict[str, Any]:
        """The argument."""
        return super().get_config() | {"axis": self.axis}


class _Stack(layers.Layer):
    """A layer that adds to its first input what its GRUs make of its inputs.

    Args:
        dims: channels, of inputs, GRUs and output.
        remat: does not keep what happens within for the gradients, but computes it again: less memory, more time.
        **options: of every Keras layer.
    """

    def __init__(self, dims: int, remat: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.dims, self.remat = dims, remat
        self.project = layers.Dense(dims, name="project", dtype=self.dtype_policy)

    def call(self, x: Any, training: bool | None = None) -> Any:
        """The input and what is added to it."""
        return self._run(x, training=training)

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """That of the input."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return super().get_config() | {"dims": self.dims, "remat": self.remat}

    def start(self, rows: int) -> Any:
        """The state of the GRU that is stepped, before the first step: (rows, dims)."""
        return ops.zeros((rows, self.dims), self.compute_dtype)

    def _run(self, *inputs: Any, training: bool | None) -> Any:
        # Told, as Keras does not know of training any more when this is computed again.
        def whole(*inputs: Any) -> Any:
            return self.whole(*inputs, training=training)

        return keras.remat(whole)(*inputs) if self.remat else whole(*inputs)

    def _gru(self, name: str) -> TrainedGRU:
        return TrainedGRU(self.dims, return_sequences=True, name=name, dtype=self.dtype_policy)

    def _both_ways(self, name: str) -> BothWays:
        return BothWays(self.dims, name=name, dtype=self.dtype_policy)


@keras.saving.register_keras_serializable(package="fstmuse")
class TimeDelayedStack(_Stack):
    """Knows all of the frames before: a GRU forward in time, two both ways in frequency.

    Its input has to be a delayed picture. Input and output shape: float32 (batch, frames, mels, dims). Arguments: see
    `_Stack`.
    """

    def __init__(self, dims: int, remat: bool = False, **options: Any) -> None:
        super().__init__(dims, remat, **options)
        self.over_time, self.over_bands = self._gru("over_time"), self._both_ways("over_bands")

    def build(self, input_shape: Any) -> None:
        """Makes GRUs and projection."""
        for recurrent in (self.over_time, self.over_bands):
            recurrent.build((None, None, self.dims))
        self.project.build((None, 3 * self.dims))

    def whole(self, x: Any, training: bool | None = None) -> Any:
        """All frames at once."""
        axes = (along_time(self.over_time, x, training), along_bands(self.over_bands, x, training))
        return x + self.project(ops.concatenate(axes, axis=-1))

    def step(self, x: Any, state: Any) -> tuple[Any, Any]:
        """One frame (batch, mels, dims), with the state (batch * mels, dims) after the frames before.

        Returns:
            The frame that `whole` gives, and the new state.
        """
        later, _ = self.over_time.cell(ops.reshape(x, (-1, self.dims)), state)
        forward = ops.reshape(later, ops.shape(x))
        return x + self.project(ops.concatenate([forward, self.over_bands(x)], axis=-1)), later


@keras.saving.register_keras_serializable(package="fstmuse")
class FrequencyDelayedStack(_Stack):
    """Knows the bands below, by a GRU upwards in frequency, and of its second input what stands at its place.

    Its first input has to be a picture delayed in frequency. Input shape: twice float32 (batch, frames, mels, dims),
    the second from the time-delayed stack. Output shape: that of the first. Arguments: see `_Stack`.
    """

    def __init__(self, dims: int, remat: bool = False, **options: Any) -> None:
        super().__init__(dims, remat, **options)
        self.over_bands = self._gru("over_bands")

    def build(self, x_shape: Any, beside_shape: Any) -> None:
        """Makes GRU and projection."""
        self.over_bands.build((None, None, self.dims))
        self.project.build((None, self.dims))

    def call(self, x: Any, beside: Any, training: bool | None = None) -> Any:
        """The first input and what is added to it."""
        return self._run(x, beside, training=training)

    def compute_output_shape(self, x_shape: Any, beside_shape: Any) -> tuple[Any, ...]:
        """That of the first input."""
        return tuple(x_shape)

    def whole(self, x: Any, beside: Any, training: bool | None = None) -> Any:
        """All bands at once."""
        return x + self.project(along_bands(self.over_bands, x + beside, training))

    def step(self, x: Any, beside: Any, state: Any) -> tuple[Any, Any]:
        """One band of one frame (batch, dims), with the state (batch, dims) after the bands below.

        Returns:
            The band that `whole` gives, and the new state.
        """
        later, _ = self.over_bands.cell(x + beside, state)
        return x + self.project(later), later


@keras.saving.register_keras_serializable(package="fstmuse")
class CentralizedStack(_Stack):
    """Knows the frames before as wholes: a GRU forward in time over frames.

    Its input has to come of a delayed picture. Input and output shape: float32 (batch, frames, dims). Arguments: see
    `_Stack`.
    """

    def __init__(self, dims: int, remat: bool = False, **options: Any) -> None:
        super().__init__(dims, remat, **options)
        self.over_time = self._gru("over_time")

    def build(self, input_shape: Any) -> None:
        """Makes GRU and projection."""
        self.over_time.build((None, None, self.dims))
        self.project.build((None, self.dims))

    def whole(self, x: Any, training: bool | None = None) -> Any:
        """All frames at once."""
        return x + self.project(self.over_time(x, training=training))

    def step(self, x: Any, state: Any) -> tuple[Any, Any]:
        """One frame (batch, dims), with the state (batch, dims) after the frames before.

        Returns:
            The frame that `whole` gives, and the new state.
        """
        later, _ = self.over_time.cell(x, state)
        return x + self.project(later), later


@keras.saving.register_keras_serializable(package="fstmuse")
class FeatureExtraction(_Stack):
    """What is known of a whole picture at each of its places: GRUs both ways in time and both ways in frequency.

    Nothing is delayed: later frames and higher bands are seen. Input and output shape: float32 (batch, frames, mels,
    dims). Arguments: see `_Stack`.
    """

    def __init__(self, dims: int, remat: bool = False, **options: Any) -> None:
        super().__init__(dims, remat, **options)
        self.over_time, self.over_bands = self._both_ways("over_time"), self._both_ways("over_bands")

    def build(self, input_shape: Any) -> None:
        """Makes GRUs and projection."""
        for recurrent in (self.over_time, self.over_bands):
            recurrent.build((None, None, self.dims))
        self.project.build((None, 4 * self.dims))

    def whole(self, x: Any, training: bool | None = None) -> Any:
        """All at once."""
        axes = (along_time(self.over_time, x, training), along_bands(self.over_bands, x, training))
        return x + self.project(ops.concatenate(axes, axis=-1))
