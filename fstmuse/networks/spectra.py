"""Short-time Fourier transforms by `keras.ops`, on any backend and with gradients: frames, spectra, sound, log-mels.

The frames are those of `fstmuse.features.stft`: frame k covers the samples from `k * hop` on under a periodic Hann
window, nothing is centred. Windows must be whole multiples of hops here, so that frames are rows of hops side by side:
slices and sums, which every backend does well, and no gathering.
"""

from __future__ import annotations

import math
from typing import Any

from keras import ops

from fstmuse.errors import SpecError
from fstmuse.features.stft import hann

_LEAST_WEIGHT = 1e-3
"""As in `fstmuse.features.stft`: of the windows' summed squares in the middle."""

_TINY = 1e-20

Spectra = tuple[Any, Any]
"""Real and imaginary parts, float32 (batch, frames, bins) each."""


def overlap(n_fft: int, hop: int) -> int:
    """Hops in a window.

    Raises:
        SpecError: there is not a whole number of them, or less than two.
    """
    if n_fft % hop or n_fft < 2 * hop:
        raise SpecError(f"Received n_fft={n_fft}, hop_length={hop}; expected windows of 2, 3, 4, ... whole hops.")
    return n_fft // hop


def framed(waves: Any, n_fft: int, hop: int) -> Any:
    """The whole frames of waveforms.

    Args:
        waves: float32 (batch, samples); samples beyond the last whole hop are left out.
        n_fft: length of a frame in samples.
        hop: samples between the starts of two frames.

    Returns:
        float32 (batch, frames, n_fft), frames = samples // hop - n_fft // hop + 1.
    """
    count = overlap(n_fft, hop)
    whole = ops.shape(waves)[1] // hop * hop
    rows = ops.reshape(waves[:, :whole], (-1, whole // hop, hop))
    last = ops.shape(rows)[1] - count + 1
    return ops.concatenate([rows[:, first : first + last] for first in range(count)], axis=-1)


def stft(waves: Any, n_fft: int, hop: int) -> Spectra:
    """The spectra of the whole frames of waveforms float32 (batch, samples)."""
    return ops.rfft(framed(waves, n_fft, hop) * hann(n_fft))


def magnitudes(spectra: Spectra) -> Any:
    """Float32 (batch, frames, bins), with gradients that are finite where there is silence."""
    return ops.sqrt(ops.square(spectra[0]) + ops.square(spectra[1]) + _TINY)


def istft(spectra: Spectra, n_fft: int, hop: int) -> Any:
    """The waveforms whose spectra are nearest to these in squares (Griffin and Lim, 1984).

    Returns:
        float32 (batch, (frames - 1) * hop + n_fft): all that the frames cover, as `fstmuse.features.stft.istft`.
    """
    window = hann(n_fft)
    sound = _added(ops.irfft(spectra, fft_length=n_fft) * window, n_fft, hop)
    square = window * window
    ones = ops.ones_like(spectra[0][:1, :, :1])
    weights = _added(ones * square, n_fft, hop)
    return sound / ops.maximum(weights, _LEAST_WEIGHT * float(square.sum()) / hop)


def decibels(energies: Any, floor_db: float) -> Any:
    """Energies as decibels of at least `floor_db`."""
    return ops.maximum(10.0 / math.log(10.0) * ops.log(ops.maximum(energies, _TINY)), floor_db)


def _added(parts: Any, n_fft: int, hop: int) -> Any:
    """Frames (batch, frames, n_fft) laid over each other and summed, (batch, (frames - 1) * hop + n_fft)."""
    count = overlap(n_fft, hop)
    frames = ops.shape(parts)[1]
    total = 0.0
    for number in range(count):
        piece = parts[:, :, number * hop : (number + 1) * hop]
        total = total + ops.pad(piece, ((0, 0), (number, count - 1 - number), (0, 0)))
    return ops.reshape(total, (-1, (frames + count - 1) * hop))
