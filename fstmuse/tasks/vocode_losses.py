"""What a vocoder is trained for: sound whose spectra are like the original's, through long windows and short ones.

By `keras.ops`, on any backend. Phases do not count: neither does an ear hear them, nor do pictures tell them.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from fstmuse.features.mel import mel_matrix
from fstmuse.networks.spectra import decibels, magnitudes, stft
from fstmuse.spec import MelSpec, as_dict, from_dict
from fstmuse.tasks.spectral import FLOOR_DB

WINDOWS = (512, 1024, 2048)
"""Of the spectra that are compared, in samples; their hops are a quarter."""

MEL_WEIGHT = 0.3
"""Of a decibel of the pictures' distance beside a neper of the bins'."""

_TINY = 1e-8


@keras.saving.register_keras_serializable(package="fstmuse")
class SoundLoss(keras.losses.Loss):
    """Distance of log-mels (Vocos's) plus spectral convergence and distance of log-magnitudes through three windows.

    The latter two as in Yamamoto, Song and Kim (2020: Parallel WaveGAN, arXiv:1910.11480). What lies 80 dB below the
    loudest value of the original counts as silence.

    Args:
        spec: of the pictures, in dB of power.
        **options: of every Keras loss.
    """

    def __init__(self, spec: MelSpec | dict[str, Any], name: str = "sound", **options: Any) -> None:
        super().__init__(name=name, **options)
        self.spec = spec if isinstance(spec, MelSpec) else from_dict(MelSpec, spec)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Float32 (batch,) from waveforms (batch, samples)."""
        loss = MEL_WEIGHT * ops.mean(ops.abs(_difference(self.spec, y_true, y_pred)), axis=(1, 2))
        for window in WINDOWS:
            true, made = (magnitudes(stft(wave, window, window // 4)) for wave in (y_true, y_pred))
            loss = loss + (_convergence(true, made) + _log_distance(true, made)) / len(WINDOWS)
        return loss

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return super().get_config() | {"spec": as_dict(self.spec)}


def distance(spec: MelSpec) -> keras.metrics.Metric:
    """The log-spectral distance of pictures, in dB; as `fstmuse.tasks.spectral`, the loudest value being a window's."""

    def lsd(y_true: Any, y_pred: Any) -> Any:
        return ops.mean(ops.sqrt(ops.mean(ops.square(_difference(spec, y_true, y_pred)), axis=-1)), axis=-1)

    return keras.metrics.MeanMetricWrapper(lsd, name="lsd")


def _difference(spec: MelSpec, true: Any, made: Any) -> Any:
    """Of pictures in dB, float32 (batch, frames, mels)."""
    matrix = mel_matrix(spec) / spec.full_scale**2
    pictures = []
    for wave in (true, made):
        real, imaginary = stft(wave, spec.n_fft, spec.hop_length)
        pictures.append(decibels(ops.matmul(ops.square(real) + ops.square(imaginary), matrix), spec.floor_db))
    floor = ops.max(pictures[0], axis=(1, 2), keepdims=True) + FLOOR_DB
    return ops.maximum(pictures[1], floor) - ops.maximum(pictures[0], floor)


def _convergence(true: Any, made: Any) -> Any:
    off = ops.sqrt(ops.sum(ops.square(made - true), axis=(1, 2)) + _TINY)
    return off / ops.sqrt(ops.sum(ops.square(true), axis=(1, 2)) + _TINY)


def _log_distance(true: Any, made: Any) -> Any:
    floor = ops.max(true, axis=(1, 2), keepdims=True) * 10 ** (FLOOR_DB / 20) + _TINY
    nepers = ops.log(ops.maximum(made, floor)) - ops.log(ops.maximum(true, floor))
    return ops.mean(ops.abs(nepers), axis=(1, 2))
