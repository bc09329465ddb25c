"""The report's replica of Dieleman and Schrauwen's tagger, and the deeper one with which it improved on it.

After the report on raw-audio tagging, "End-to-end learning for music audio" (R. Roy, University of Bristol), sections
IV, V and IX. A clip of 29 s at 12 kHz is ten sub-clips of 34,950 samples. The replica's first layer is a single
filter: an error, as the original has a bank of them (see `fstmuse.networks.dieleman`); it stands here as reported. The
report names the reduction of time "global max pooling" and describes it as an average; an average it is.

The report states no counts. By its layers, for 50 tags: the replica has 16,862 weights and those of its one filter
(17,119 at 256 samples, 17,375 at 512, 17,887 at 1024), the deeper one 2,845,470 at 256 samples, and 2,560 moving
statistics.

The report averages what the last layer says of the sub-clips before the sigmoid. That layer is affine, so the average
is taken before it, which says the same and leaves one embedding for each clip.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from fstmuse.errors import ConfigError
from fstmuse.networks.tagging import normed_relu, require_counts, strided_frames, tagged, waveform

SAMPLES, SUB_CLIPS = 34_950, 10
"""Of one sub-clip, at 12 kHz; and how many make a clip."""

TABLE_1 = ((1024, 1024), (1024, 512), (512, 512), (512, 256), (256, 256))
"""Lengths and strides of the first filter that the report compares, in samples."""

_TAPS, _POOL = 8, 4
_SHORTER = _TAPS - 1 + _POOL - 1  # frames that a convolution and its pooling, of stride 1 both, take away


@keras.saving.register_keras_serializable(package="fstmuse")
class SubClips(layers.Layer):
    """Cuts each clip into sub-clips that lie one after the other, and makes them clips of their own.

    Input shape: (batch, count * samples). Output shape: (batch * count, samples).

    Args:
        count: sub-clips of a clip.
        **options: of every Keras layer.
    """

    def __init__(self, count: int, **options: Any) -> None:
        super().__init__(**options)
        self.count = count

    def call(self, clips: Any) -> Any:
        """Clips to sub-clips."""
        return ops.reshape(clips, (-1, clips.shape[1] // self.count))

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """Shape of the sub-clips."""
        batch = input_shape[0]
        return None if batch is None else batch * self.count, input_shape[1] // self.count

    def get_config(self) -> dict[str, Any]:
        """The argument."""
        return super().get_config() | {"count": self.count}


@keras.saving.register_keras_serializable(package="fstmuse")
class MeanOfSubClips(layers.Layer):
    """The mean over the sub-clips of each clip, as `SubClips` cuts them.

    Input shape: (batch * count, features). Output shape: (batch, features).

    Args:
        count: sub-clips of a clip.
        **options: of every Keras layer.
    """

    def __init__(self, count: int, **options: Any) -> None:
        super().__init__(**options)
        self.count = count

    def call(self, x: Any) -> Any:
        """What is known of sub-clips to what is known of clips."""
        return ops.mean(ops.reshape(x, (-1, self.count, x.shape[-1])), axis=1)

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """Shape of the means."""
        rows = input_shape[0]
        return None if rows is None else rows // self.count, input_shape[1]

    def get_config(self) -> dict[str, Any]:
        """The argument."""
        return super().get_config() | {"count": self.count}


def dieleman_report(
    samples: int, outputs: int, length: int = 256, stride: int = 256, *, sub_clips: int = SUB_CLIPS
) -> keras.Model:
    """The report's replica: one strided filter, two convolutions of 32 filters, the mean over time, two Dense layers.

    Args:
        samples: of one sub-clip.
        outputs: number of tags.
        length: of the first filter, in samples; those of the report are in `TABLE_1`.
        stride: of the first filter, in samples.
        sub_clips: that one clip is cut into; 1 takes sub-clips for clips.

    Returns:
        A model from float32 (batch, sub_clips * samples) in [-1, 1] to float32 (batch, outputs) in [0, 1].

    Raises:
        ConfigError: a size is below 1, the stride exceeds the length, or the sub-clips are too short.
    """
    _require("dieleman-report", samples, outputs, length, stride, sub_clips, pairs=2)

    # === Functional model ===
    clip, x = _sub_clips(samples, sub_clips)
    x = layers.Conv1D(1, length, strides=stride, activation="relu", name="filter")(x)
    for number in (1, 2):
        x = layers.Conv1D(32, _TAPS, activation="relu", name=f"conv{number}")(x)
        x = layers.MaxPooling1D(_POOL, strides=1, name=f"pool{number}")(x)
    return keras.Model(clip, _head(x, outputs, sub_clips), name="dieleman-report")


def dieleman_report_deep(
    samples: int,
    outputs: int,
    length: int = 256,
    stride: int = 256,
    *,
    sub_clips: int = SUB_CLIPS,
    filters: tuple[int, ...] = (128, 128, 512, 512),
    dropout: float = 0.5,
) -> keras.Model:
    """The report's improved network: more filters, a third convolution, batch normalisation and dropout.

    Args:
        samples: of one sub-clip.
        outputs: number of tags.
        length: of the first filters, in samples.
        stride: of the first filters, in samples.
        sub_clips: that one clip is cut into; 1 takes sub-clips for clips.
        filters: of the strided convolution and of those behind it.
        dropout: share of what the last convolution says that is left out in training.

    Returns:
        A model from float32 (batch, sub_clips * samples) in [-1, 1] to float32 (batch, outputs) in [0, 1].

    Raises:
        ConfigError: a size is below 1, the stride exceeds the length, or the sub-clips are too short.
    """
    if not filters:
        raise ConfigError("dieleman-report-deep: received no filters; expected those of the first layer at least.")
    require_counts("dieleman-report-deep", filters=min(filters))
    _require("dieleman-report-deep", samples, outputs, length, stride, sub_clips, pairs=len(filters) - 1)

    # === Functional model ===
    clip, x = _sub_clips(samples, sub_clips)
    x = layers.Conv1D(filters[0], length, strides=stride, name="filters")(x)
    # Momentum and epsilon are those of the report's framework.
    x = normed_relu(x, "filters_", momentum=0.9, epsilon=1e-5)
    for number, count in enumerate(filters[1:], start=1):
        x = layers.Conv1D(count, _TAPS, name=f"conv{number}")(x)
        x = normed_relu(x, f"conv{number}_", momentum=0.9, epsilon=1e-5)
        if number == len(filters) - 1:
            x = layers.Dropout(dropout, name="dropout")(x)
        x = layers.MaxPooling1D(_POOL, strides=1, name=f"pool{number}")(x)
    return keras.Model(clip, _head(x, outputs, sub_clips), name="dieleman-report-deep")


def _sub_clips(samples: int, count: int) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    if count == 1:
        return waveform(samples)
    clip = keras.Input((count * samples,), name="waveform")
    x = SubClips(count, name="sub_clips")(clip)
    return clip, layers.Reshape((samples, 1), name="channel")(x)


def _head(x: keras.KerasTensor, outputs: int, sub_clips: int) -> keras.KerasTensor:
    x = layers.GlobalAveragePooling1D(name="average")(x)
    x = layers.Dense(100, activation="relu", name="dense")(x)
    if sub_clips > 1:
        x = MeanOfSubClips(sub_clips, name="mean")(x)
    return tagged(x, outputs)


def _require(network: str, samples: int, outputs: int, length: int, stride: int, sub_clips: int, pairs: int) -> None:
    frames, fewest = strided_frames(network, samples, length, stride), pairs * _SHORTER + 1
    require_counts(network, outputs=outputs, sub_clips=sub_clips)
    if frames < fewest:
        raise ConfigError(
            f"{network}: received sub-clips of {samples} samples, {frames} frames of {length} samples every {stride}; "
            f"expected at least {fewest} frames. Take longer sub-clips or a shorter stride."
        )
