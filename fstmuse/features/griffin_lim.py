"""Phases for magnitudes: the algorithm of Griffin and Lim, plain and fast, also around frames that are known.

Free of TensorFlow.
"""

from __future__ import annotations

import numpy as np
import scipy.fft

from fstmuse.errors import Cancelled, ConfigError, DataError, SpecError, nearest
from fstmuse.features.phase_slopes import SlopePhases
from fstmuse.features.stft import OverlapAdd, blocks, framed, hann, require_bins, require_overlap
from fstmuse.interrupt import Cancel, Progress

PLAIN, FAST = 0.0, 0.99
"""Momentum of the plain algorithm (Griffin and Lim, 1984) and of the fast one."""

ITERATIONS = 32

SLOPES, RANDOM = "slopes", "random"
PHASES = (SLOPES, RANDOM)
"""The names of phases to begin with."""

_TINY = np.float32(1e-20)

Known = tuple[np.ndarray, np.ndarray]
"""Which frames are known, bool (frames,), and spectra, complex (frames, bins), of which those of known frames count."""


def griffin_lim(
    magnitude: np.ndarray,
    n_fft: int,
    hop_length: int,
    *,
    iterations: int = ITERATIONS,
    momentum: float = FAST,
    seed: int = 0,
    phases: np.ndarray | str = RANDOM,
    known: Known | None = None,
    samples: int | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> np.ndarray:
    """A waveform whose frames have these magnitudes, as nearly as there is one.

    In turns the waveform nearest to the spectra is taken, and of its spectra the phases alone. With momentum each turn
    is carried on beyond its end (Perraudin, Balazs and Søndergaard, 2013: A fast Griffin-Lim algorithm): 32 iterations
    then come nearer than 100 plain ones. Known frames keep their spectra as they are, so that the others' phases join
    theirs (Krémé et al., 2018: Phase reconstruction for time-frequency inpainting).

    The frames before the first, which see the sound's beginning, too, have no magnitudes and are free: whatever they
    are is right. What only they see well, the first fifth of a window, begins some 6 dB softer than it was; it never
    clicks. Deterministic for a seed. Memory: 12 bytes for each magnitude.

    Args:
        magnitude: float (frames, n_fft // 2 + 1), not negative; of `stft`, not scaled.
        n_fft: length of window and FFT, in samples.
        hop_length: samples between the starts of two frames, at most half of `n_fft`.
        iterations: turns; 0 takes the phases to begin with.
        momentum: 0 is plain, 0.99 fast; less than 1.
        seed: of random phases.
        phases: to begin with: `random`, or `slopes` for what the magnitudes tell of them (`SlopePhases`), or float
            (frames, n_fft // 2 + 1) in radians.
        known: frames to keep.
        samples: length of the waveform; None: `hop_length` for each frame.
        progress: called with the share that is done, 0 to 1, rising.
        cancel: looked at before each iteration.

    Returns:
        float32 (samples,).

    Raises:
        SpecError: shapes do not agree, windows overlap by less than a half, more samples than the frames cover, or a
            setting is impossible.
        ConfigError: there are no phases of that name.
        DataError: a magnitude is negative, or something is not finite.
        Cancelled: `cancel` was set.
    """
    magnitude = np.asarray(magnitude)
    _require_magnitude(magnitude, n_fft)
    require_overlap(n_fft, hop_length)
    _require_settings(iterations, momentum)
    samples = len(magnitude) * hop_length if samples is None else samples
    covered = (len(magnitude) - 1) * hop_length + n_fft
    if not 0 < samples <= covered:
        raise SpecError(f"Received samples={samples}; expected 1 to {covered}, which {len(magnitude)} frames cover.")
    if known is not None:
        known = _checked_known(known, magnitude.shape)
    _require_phases(phases, magnitude.shape)
    search = _Search(magnitude.astype(np.float32, copy=False), n_fft, hop_length, known)
    wave = search.begin(seed, phases)
    for number in range(iterations):
        if cancel is not None and cancel.is_set():
            raise Cancelled("Cancelled before the sound was made.")
        wave = search.improve(wave, np.float32(momentum))
        if progress:
            progress((number + 1) / iterations)
    lead = search.lead * hop_length
    return wave[lead : lead + samples].copy()


class _Search:
    """The state between two iterations: the spectra of the waveform before the last one, for the momentum.

    Works block by block: the spectra of 10 minutes do not lie in memory three times over, and a block stays in cache.
    """

    def __init__(self, magnitude: np.ndarray, n_fft: int, hop_length: int, known: Known | None) -> None:
        self._magnitude, self._known = magnitude, known
        self._n_fft, self._hop = n_fft, hop_length
        self.lead = -(-n_fft // hop_length) - 1
        """Free frames before the first."""
        self._previous = np.zeros(magnitude.shape, np.complex64)
        self._adder = OverlapAdd(self.lead + len(magnitude), n_fft, hop_length)

    def begin(self, seed: int, phases: np.ndarray | str) -> np.ndarray:
        """The waveform of the magnitudes with the phases to begin with; free frames begin like the first one."""
        by_name = isinstance(phases, str)
        named = SlopePhases(self._n_fft, self._hop) if by_name and phases == SLOPES else _RandomPhases(seed)
        first = np.repeat(self._magnitude[:1], self.lead, axis=0)
        self._adder.add(slice(0, self.lead), _turned(first, named(first)))
        for block in blocks(len(self._magnitude), self._n_fft):
            magnitude = self._magnitude[block]
            self._lay(block, _turned(magnitude, named(magnitude) if by_name else phases[block]))
        return self._adder.waveform()

    def improve(self, wave: np.ndarray, momentum: np.float32) -> np.ndarray:
        """The waveform nearest to the spectra of `wave`, carried on by the momentum, with the right magnitudes."""
        window = hann(self._n_fft)
        frames = framed(wave, self._n_fft, self._hop, self.lead + len(self._magnitude))
        self._adder.add(slice(0, self.lead), scipy.fft.rfft(frames[: self.lead] * window, axis=1, workers=1))
        frames = frames[self.lead :]
        for block in blocks(len(self._magnitude), self._n_fft):
            spectra = scipy.fft.rfft(frames[block] * window, axis=1, workers=1)
            if momentum:
                before = self._previous[block]
                ahead = spectra - before
                ahead *= momentum
                before[:] = spectra
                spectra += ahead
            scale = np.square(spectra.real)
            scale += np.square(spectra.imag)
            np.sqrt(scale, out=scale)
            np.maximum(scale, _TINY, out=scale)
            np.divide(self._magnitude[block], scale, out=scale)
            spectra *= scale
            self._lay(block, spectra)
        return self._adder.waveform()

    def _lay(self, block: slice, spectra: np.ndarray) -> None:
        if self._known is not None:
            mask, kept = self._known
            spectra[mask[block]] = kept[block][mask[block]]
        self._adder.add(slice(self.lead + block.start, self.lead + block.stop), spectra)


class _RandomPhases:
    """Phases by chance, for block after block as `SlopePhases`."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)

    def __call__(self, magnitude: np.ndarray) -> np.ndarray:
        return np.float32(2 * np.pi) * self._random.random(magnitude.shape, dtype=np.float32)


def _turned(magnitude: np.ndarray, phases: np.ndarray) -> np.ndarray:
    """The spectra with these magnitudes and phases, complex64."""
    return magnitude * np.exp(1j * np.asarray(phases, np.float32))


def _require_magnitude(magnitude: np.ndarray, n_fft: int) -> None:
    require_bins(magnitude, n_fft)
    if magnitude.dtype.kind not in "fiu":
        raise SpecError(f"Received magnitudes of type {magnitude.dtype}; expected real numbers. Take their np.abs.")
    if not np.isfinite(magnitude).all():
        raise DataError("The magnitudes hold NaN or infinite numbers; expected 0 or more. Find out where they came in.")
    if magnitude.min() < 0:
        raise DataError(f"A magnitude is {magnitude.min():.3g}; expected 0 or more. Are these decibels or logarithms?")


def _require_phases(phases: np.ndarray | str, shape: tuple[int, int]) -> None:
    if isinstance(phases, str):
        if phases not in PHASES:
            raise ConfigError(f"Unknown phases '{phases}'. {nearest(phases, PHASES)}")
    elif np.shape(phases) != shape:
        raise SpecError(f"Received phases of shape {np.shape(phases)}; expected those of {shape}.")


def _require_settings(iterations: int, momentum: float) -> None:
    if iterations < 0:
        raise SpecError(f"Received iterations={iterations}; expected 0 or more.")
    if not 0 <= momentum < 1:
        raise SpecError(f"Received momentum={momentum}; expected 0 (plain) or more, less than 1; 0.99 is fast.")


def _checked_known(known: Known, shape: tuple[int, int]) -> Known:
    mask, spectra = np.asarray(known[0]), np.asarray(known[1])
    if mask.dtype != bool or mask.shape != shape[:1] or spectra.shape != shape:
        raise SpecError(
            f"Received known frames {mask.dtype} {mask.shape} with spectra {spectra.shape}; expected bool "
            f"{shape[:1]} and {shape}."
        )
    if not np.isfinite(spectra[mask]).all():
        raise DataError("The spectra of known frames hold NaN or infinite numbers. Find out where they came in.")
    return mask, spectra.astype(np.complex64, copy=False)
