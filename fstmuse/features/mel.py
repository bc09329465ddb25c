"""Log-mel spectrograms in NumPy, for the loader's worker processes and for checking the Keras front end.

Free of TensorFlow at import. One picture of 30 s (22,050 Hz, n_fft 2048, hop 512, 128
mels) takes about 10 ms on one core.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import scipy.fft

from fstmuse.errors import SpecError
from fstmuse.features.stft import blocks, framed, hann
from fstmuse.spec import MelSpec

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@lru_cache(maxsize=16)
def mel_matrix(spec: MelSpec) -> np.ndarray:
    """The weights by which frequency bins add up to mel bands.

    Args:
        spec: its `scale` says how the triangles are drawn.

    Returns:
        float32 (n_bins, n_mels), read-only.
    """
    if spec.scale == "tfio":
        matrix = _tfio_matrix(spec)
    else:
        # librosa takes most of a second to import; a worker is handed the finished matrix instead.
        import librosa.filters

        htk = spec.scale == "htk"
        matrix = librosa.filters.mel(
            sr=spec.sample_rate,
            n_fft=spec.n_fft,
            n_mels=spec.n_mels,
            fmin=spec.fmin,
            fmax=spec.fmax,
            htk=htk,
            norm=None if htk else "slaney",
        ).T
    matrix = np.ascontiguousarray(matrix, np.float32)
    matrix.flags.writeable = False
    return matrix


@lru_cache(maxsize=4)
def sparse_mel(spec: MelSpec) -> tuple[csr_array, csr_array]:
    """`mel_matrix` as sparse arrays, (n_mels, n_bins) and (n_bins, n_mels): two bands hear a bin, not all 128."""
    from scipy.sparse import csr_array  # workers need none of it

    matrix = mel_matrix(spec)
    return csr_array(matrix.T), csr_array(matrix)


class LogMel:
    """Turns a waveform into its mel spectrogram, as `spec` says.

    Frame k covers the samples from `k * hop_length` on; the last frames are filled up with
    silence. Can be pickled, and carries its mel matrix along.

    Args:
        spec: settings of the picture.
    """

    def __init__(self, spec: MelSpec) -> None:
        self.spec = spec
        self._window = hann(spec.n_fft)
        matrix = mel_matrix(spec)
        # Bins that no band hears (above fmax, below fmin) are neither squared nor multiplied.
        heard = np.flatnonzero(matrix.any(axis=1))
        self._low, self._high = (int(heard[0]), int(heard[-1]) + 1) if len(heard) else (0, 1)
        matrix = matrix[self._low : self._high]
        if spec.log == "db":
            matrix = matrix / np.float32(spec.full_scale**spec.power)
        self._matrix = np.ascontiguousarray(matrix)

    def __call__(self, waveform: np.ndarray) -> np.ndarray:
        """The picture of one waveform.

        Args:
            waveform: float32 (samples,), mono at `spec.sample_rate` Hz, in [-1, 1].

        Returns:
            float32 (spec.frames(samples), n_mels): for log `db` in dB relative to a
            full-scale sine and not below `spec.floor_db`, else magnitude or power.

        Raises:
            SpecError: `waveform` is not of rank 1.
        """
        spec = self.spec
        waveform = np.asarray(waveform, np.float32)
        if waveform.ndim != 1:
            raise SpecError(f"Received a waveform of shape {waveform.shape}; expected (samples,). Mix it down to mono.")
        count = spec.frames(len(waveform))
        mel = np.empty((count, spec.n_mels), np.float32)
        if not count:
            return mel
        frames = framed(waveform, spec.n_fft, spec.hop_length, count)
        windowed = None
        for block in blocks(count, spec.n_fft):
            part = frames[block]
            windowed = np.empty(part.shape, np.float32) if windowed is None else windowed
            into = np.multiply(part, self._window, out=windowed[: len(part)])
            # scipy transforms several rows at a time in single precision: six times as fast as numpy.fft.
            bins = scipy.fft.rfft(into, axis=1, workers=1)[:, self._low : self._high]
            power = np.square(bins.real)
            power += np.square(bins.imag)
            if spec.power == 1:
                np.sqrt(power, out=power)
            np.matmul(power, self._matrix, out=mel[block])
        return self._decibels(mel) if spec.log == "db" else mel

    def _decibels(self, mel: np.ndarray) -> np.ndarray:
        np.maximum(mel, np.finfo(np.float32).tiny, out=mel)
        np.log10(mel, out=mel)
        mel *= 10 if self.spec.power == 2 else 20
        return np.maximum(mel, self.spec.floor_db, out=mel)


def _tfio_matrix(spec: MelSpec) -> np.ndarray:
    """What `tfio.audio.melscale` multiplies by, without importing TensorFlow."""
    bins = _mel(np.linspace(0, spec.sample_rate / 2, spec.n_bins))[:, np.newaxis]
    edges = np.linspace(_mel(spec.fmin), _mel(spec.fmax), spec.n_mels + 2)
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    matrix = np.maximum(0, np.minimum((bins - low) / (centre - low), (high - bins) / (high - centre)))
    matrix[0] = 0  # the mean of the sound belongs to no band
    return matrix


def _mel(hertz: np.ndarray | float) -> np.ndarray:
    """Frequency in Hz as mel, by HTK's formula."""
    return 1127.0 * np.log1p(np.asarray(hertz, np.float64) / 700.0)
