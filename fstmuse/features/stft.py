"""This house's short-time Fourier transform and its inverse, in NumPy and single precision. Free of TensorFlow.

Frame k covers the samples from `k * hop_length` on, under a periodic Hann window; nothing is centred, the last frames
are filled up with silence. `LogMel` and `tfio.audio.spectrogram` see the same frames.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import scipy.fft

from fstmuse.errors import SpecError

_BLOCK_SAMPLES = 1 << 17
"""Samples of one block of windowed frames: with its spectra 1 MB, what the second-level cache of a core holds."""

_LEAST_WEIGHT = 1e-3
"""Of the windows' summed squares in the middle: samples that lie under less are not divided by less. Rounding errors
would be heard at the very start, where only one window's flank lies: it fades in over the first 6 % of a window."""


@lru_cache(maxsize=16)
def hann(n_fft: int) -> np.ndarray:
    """The periodic Hann window: of n_fft + 1 points the last one is left out, as in tf.signal and librosa.

    Returns:
        float32 (n_fft,), read-only.
    """
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)).astype(np.float32)
    window.flags.writeable = False
    return window


def framed(waveform: np.ndarray, n_fft: int, hop_length: int, count: int) -> np.ndarray:
    """The first `count` frames of a waveform.

    Args:
        waveform: float32 (samples,).
        n_fft: length of a frame in samples.
        hop_length: samples between the starts of two frames.
        count: frames, at least 1; those beyond the end are silence.

    Returns:
        float32 (count, n_fft): a read-only view of overlapping frames, of the waveform itself or of a copy with
        silence after it.
    """
    needed = (count - 1) * hop_length + n_fft
    if len(waveform) < needed:
        waveform = np.concatenate([waveform, np.zeros(needed - len(waveform), np.float32)])
    return np.lib.stride_tricks.sliding_window_view(waveform, n_fft)[::hop_length][:count]


def blocks(count: int, n_fft: int) -> Iterator[slice]:
    """`count` frames in parts that fit into a core's cache."""
    size = max(1, _BLOCK_SAMPLES // n_fft)
    return (slice(start, min(start + size, count)) for start in range(0, count, size))


def stft(waveform: np.ndarray, n_fft: int, hop_length: int, frames: int | None = None) -> np.ndarray:
    """The complex spectra of a waveform.

    Args:
        waveform: float (samples,).
        n_fft: length of window and FFT, in samples.
        hop_length: samples between the starts of two frames.
        frames: how many; None: one for each hop begun, as `MelSpec.frames`.

    Returns:
        complex64 (frames, n_fft // 2 + 1).

    Raises:
        SpecError: the waveform is not of rank 1, or `hop_length` is not within 1 to `n_fft`.
    """
    waveform = np.asarray(waveform, np.float32)
    if waveform.ndim != 1:
        raise SpecError(f"Received a waveform of shape {waveform.shape}; expected (samples,). Give one channel a time.")
    if not 0 < hop_length <= n_fft:
        raise SpecError(f"Received hop_length={hop_length}; expected 1 to n_fft={n_fft} samples.")
    count = -(-len(waveform) // hop_length) if frames is None else frames
    spectra = np.empty((count, n_fft // 2 + 1), np.complex64)
    if count:
        parts, window = framed(waveform, n_fft, hop_length, count), hann(n_fft)
        for block in blocks(count, n_fft):
            # scipy transforms several rows at a time in single precision: six times as fast as numpy.fft.
            spectra[block] = scipy.fft.rfft(parts[block] * window, axis=1, workers=1)
    return spectra


def istft(spectra: np.ndarray, n_fft: int, hop_length: int, samples: int | None = None) -> np.ndarray:
    """The waveform whose spectra are nearest to `spectra` in squares (Griffin and Lim, 1984).

    Of spectra that `stft` made it is the waveform itself, but for a fade-in over the first 6 % of a window: there, lay
    silence before the sound where it matters.

    Args:
        spectra: complex (frames, n_fft // 2 + 1).
        n_fft: as in `stft`.
        hop_length: as in `stft`, at most half of `n_fft`.
        samples: length of the waveform; None: all that the frames cover.

    Returns:
        float32 (samples,).

    Raises:
        SpecError: shapes do not agree, windows overlap by less than a half, or `samples` are more than the frames
            cover.
    """
    spectra = np.asarray(spectra)
    require_bins(spectra, n_fft)
    covered = (len(spectra) - 1) * hop_length + n_fft
    require_overlap(n_fft, hop_length)
    if samples is not None and not 0 < samples <= covered:
        raise SpecError(f"Received samples={samples}; expected 1 to {covered}, which {len(spectra)} frames cover.")
    adder = OverlapAdd(len(spectra), n_fft, hop_length)
    for block in blocks(len(spectra), n_fft):
        adder.add(block, spectra[block])
    return adder.waveform()[:samples]


class OverlapAdd:
    """Adds spectra up to a waveform, block by block.

    Args:
        frames: of the whole.
        n_fft: length of window and FFT, in samples.
        hop_length: samples between the starts of two frames, at most half of `n_fft`.
    """

    def __init__(self, frames: int, n_fft: int, hop_length: int) -> None:
        self._n_fft, self._hop = n_fft, hop_length
        self._samples = (frames - 1) * hop_length + n_fft
        self._overlap = -(-n_fft // hop_length)
        # A row for each hop, so that what one frame adds to its k-th hop is added for all frames at once.
        self._rows = np.zeros((frames + self._overlap - 1, hop_length), np.float32)
        weights = np.zeros_like(self._rows)
        self._lay(weights, 0, np.broadcast_to(np.square(hann(n_fft)), (frames, n_fft)))
        middle = float(np.square(hann(n_fft)).sum()) / hop_length
        self._weights = np.maximum(weights.reshape(-1)[: self._samples], _LEAST_WEIGHT * middle)

    def add(self, block: slice, spectra: np.ndarray) -> None:
        """Adds the frames `block` with their spectra complex64 (frames of the block, n_fft // 2 + 1)."""
        parts = scipy.fft.irfft(spectra, self._n_fft, axis=1, overwrite_x=False, workers=1)
        parts *= hann(self._n_fft)
        self._lay(self._rows, block.start, parts)

    def waveform(self) -> np.ndarray:
        """The sum over the windows' summed squares, float32 (samples,); the next one begins at nothing."""
        sound = self._rows.reshape(-1)[: self._samples] / self._weights
        self._rows[:] = 0
        return sound

    def total(self) -> np.ndarray:
        """The sum itself, float32 (samples,), which is the adjoint of framing; the next one begins at nothing."""
        total = self._rows.reshape(-1)[: self._samples].copy()
        self._rows[:] = 0
        return total

    def _lay(self, rows: np.ndarray, first: int, parts: np.ndarray) -> None:
        for number in range(self._overlap):
            piece = parts[:, number * self._hop : (number + 1) * self._hop]
            rows[first + number : first + number + len(parts), : piece.shape[1]] += piece


def require_bins(spectra: np.ndarray, n_fft: int) -> None:
    """Refuses what is not (frames, bins).

    Raises:
        SpecError: `spectra` is empty or of another shape.
    """
    bins = n_fft // 2 + 1
    if spectra.ndim == 2 and spectra.shape[1] == bins and len(spectra):
        return
    turned = " It looks transposed: hand in its .T." if spectra.ndim == 2 and spectra.shape[0] == bins else ""
    raise SpecError(f"Received spectra of shape {spectra.shape}; expected (frames, {bins}) for n_fft={n_fft}.{turned}")


def require_overlap(n_fft: int, hop_length: int) -> None:
    """Refuses frames from which a waveform cannot be made again.

    Raises:
        SpecError: windows overlap by less than a half, so that samples between them are hardly seen.
    """
    if not 0 < hop_length <= n_fft // 2:
        raise SpecError(
            f"Received hop_length={hop_length}; expected 1 to {n_fft // 2}, half of n_fft={n_fft}: frames further "
            "apart do not see all of the sound, and cannot be turned back into it."
        )
