"""The front end inside TensorFlow graphs: waveforms in, log-mel pictures out.

The same picture as `fstmuse.features.mel.LogMel` makes in worker processes; the tests
hold the two equal. This one travels inside exported SavedModels.
"""

from __future__ import annotations

import math
from typing import Any

import keras

from fstmuse.errors import SpecError
from fstmuse.features.mel import mel_matrix
from fstmuse.quiet import load_tensorflow_io
from fstmuse.spec import MelSpec, as_dict, from_dict

load_tensorflow_io()

import tensorflow as tf  # noqa: E402
import tensorflow_io as tfio  # noqa: E402

# 1e-20 is above float32's smallest normal number and 200 dB below a full-scale sine.
_TINY = 1e-20


@keras.saving.register_keras_serializable(package="fstmuse")
class LogMelFrontEnd(keras.layers.Layer):
    """Log-mel spectrograms of a batch of waveforms, on `tfio.audio.spectrogram`.

    The mel matrix is computed once, when the layer is made: `tfio.audio.melscale` would
    rebuild it in every call. Decibels are relative to a full-scale sine and not to a
    batch's loudest clip, as `tfio.audio.dbscale` has it, so that a clip's picture does
    not depend on its company.

    Args:
        spec: transform settings.

    Input shape: float32 (batch, samples), mono at `spec.sample_rate` Hz, in [-1, 1].
    Output shape: float32 (batch, spec.frames(samples), spec.n_mels).

    Raises:
        SpecError: the waveforms are not of rank 2.
    """

    def __init__(self, spec: MelSpec | dict[str, Any], **kwargs: Any) -> None:
        super().__init__(**({"trainable": False, "dtype": "float32"} | kwargs))
        self.spec = spec if isinstance(spec, MelSpec) else from_dict(MelSpec, spec)
        self._matrix = mel_matrix(self.spec)

    def call(self, waveforms: tf.Tensor) -> tf.Tensor:
        """Waveforms (batch, samples) to pictures (batch, frames, mels)."""
        if len(waveforms.shape) != 2:
            raise SpecError(f"Received waveforms of shape {tuple(waveforms.shape)}; expected (batch, samples), mono.")
        spec = self.spec
        magnitudes = tfio.audio.spectrogram(waveforms, nfft=spec.n_fft, window=spec.n_fft, stride=spec.hop_length)
        if spec.max_frames:
            magnitudes = magnitudes[:, : spec.max_frames]
        energies = tf.square(magnitudes) if spec.power == 2.0 else magnitudes  # (batch, frames, bins)
        mels = tf.tensordot(energies, tf.constant(self._matrix), 1)  # (batch, frames, mels)
        if spec.log == "none":
            return mels
        relative = tf.maximum(mels / spec.full_scale**spec.power, _TINY)
        decibels = (20.0 / spec.power / math.log(10.0)) * tf.math.log(relative)
        return tf.maximum(decibels, spec.floor_db)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """(batch, samples) to (batch, frames, mels)."""
        samples = input_shape[1]
        return input_shape[0], None if samples is None else self.spec.frames(samples), self.spec.n_mels

    def get_config(self) -> dict[str, Any]:
        """What `from_config` needs to make the same layer."""
        return super().get_config() | {"spec": as_dict(self.spec)}
