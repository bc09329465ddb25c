"""Phases to begin a search with, from magnitudes alone: partials turn on by the frequency that slopes tell.

Single-pass spectrogram inversion (Beauregard, Harish and Wyse, 2015): in each frame the peaks of the spectrum are
taken for partials. From the frame before, a peak turns on by its frequency, and the bins around it take its phase.
Where between two bins a partial lies is told by the slope of the log-magnitudes (Průša, Balazs and Søndergaard, 2017: A
noniterative method for reconstruction of phase from STFT magnitude). Free of TensorFlow.
"""

from __future__ import annotations

import numpy as np

GAUSSIAN = 0.25645
"""The Gaussian window most like the Hann window of n_fft samples is exp(-pi t^2 / (0.25645 n_fft^2))."""

_TINY = np.float32(1e-20)
FURTHEST = 0.5
"""Of a partial from the bin of its peak; one further off would have its peak in another bin."""


class SlopePhases:
    """The phases of a sound's frames in turn, block after block; draws nothing by chance.

    Args:
        n_fft: length of window and FFT, in samples.
        hop_length: samples between the starts of two frames.
    """

    def __init__(self, n_fft: int, hop_length: int) -> None:
        self._bins = np.arange(n_fft // 2 + 1)
        self._per_bin = 2 * np.pi * hop_length / n_fft
        # Of whole turns nothing is left: double precision is enough for hours.
        self._middle = (self._bins * hop_length) % n_fft * (2 * np.pi / n_fft)
        # A pulse in the middle of the window has signs in turns: bins around a partial, too.
        self._signs = np.pi * (self._bins % 2)
        self._last = np.zeros(len(self._bins))

    def __call__(self, magnitude: np.ndarray) -> np.ndarray:
        """The phases of the frames that follow those of the last call.

        Args:
            magnitude: float (frames, n_fft // 2 + 1), not negative.

        Returns:
            float32 (frames, n_fft // 2 + 1), 0 to 2 pi, in radians.
        """
        near = self._nearest_peaks(magnitude)
        phases = self._middle + self._per_bin * _beside(magnitude)
        for frame, peaks in zip(phases, near, strict=True):
            frame += self._last
            self._last = frame[:] = frame[peaks]
        return ((phases + self._signs) % (2 * np.pi)).astype(np.float32)

    def _nearest_peaks(self, magnitude: np.ndarray) -> np.ndarray:
        """For each bin the number of the bin of the nearest peak, (frames, bins); silence has one, at 0."""
        edge = np.full((len(magnitude), 1), -1, magnitude.dtype)
        is_peak = magnitude > np.concatenate([edge, magnitude[:, :-1]], axis=1)
        is_peak &= magnitude >= np.concatenate([magnitude[:, 1:], edge], axis=1)
        far = 2 * len(self._bins)
        below = np.maximum.accumulate(np.where(is_peak, self._bins, -far), axis=1)
        above = np.minimum.accumulate(np.where(is_peak, self._bins, far)[:, ::-1], axis=1)[:, ::-1]
        return np.where(self._bins - below < above - self._bins, below, above)


def _beside(magnitude: np.ndarray) -> np.ndarray:
    """By how many bins partials lie above their peaks' bins, (frames, bins); counts at peaks alone."""
    logs = np.log(np.maximum(magnitude, _TINY))
    beside = np.zeros(magnitude.shape)
    beside[:, 1:-1] = (logs[:, 2:] - logs[:, :-2]) / (4 * np.pi * GAUSSIAN)
    return np.clip(beside, -FURTHEST, FURTHEST, out=beside)
