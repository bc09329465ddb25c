"""Sound from mel spectrograms by gradients: L-BFGS on the samples, until their mel bands are the wanted ones.

As Decorsière, Søndergaard, MacDonald and Dau (2015: Inversion of auditory spectrograms, traditional spectrograms, and
other envelope representations) do it, and as MelNet was heard (Vasquez and Lewis, 2019). What is met are the mel bands
themselves, not magnitudes guessed from them. Free of TensorFlow.
"""

from __future__ import annotations

import numpy as np
import scipy.fft

from fstmuse.errors import Cancelled, SpecError
from fstmuse.features.mel import mel_matrix, sparse_mel
from fstmuse.features.stft import OverlapAdd, blocks, framed, hann, require_overlap
from fstmuse.interrupt import Cancel, Progress, part_of
from fstmuse.spec import MelSpec

_BLOCK_FRAMES = 512
"""Searched at once: 12 s at 22,050 Hz and hop 512. Bounds the memory."""
_CORRECTIONS = 5
"""Steps that L-BFGS remembers; with 10 or 20 it comes no nearer and takes half as long again."""
_TINY = 1e-12
"""Of the loudest energy, added to each: the root of nothing has no slope."""
_SCALE = 1e3
"""Of the distance: L-BFGS takes its first step by it."""


def lbfgs(
    energies: np.ndarray,
    spec: MelSpec,
    begin: np.ndarray,
    *,
    iterations: int,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> np.ndarray:
    """The waveform near `begin` whose mel bands are nearest to these.

    Nearest in squares of amplitudes: the square roots of what a power mel spectrogram holds. The search leads downhill
    from where it begins and not far, so begin with phases that belong together, such as those of `griffin_lim`. Long
    sound is searched block after block: frames that reach over a join count on both sides of it, and what lies before
    it stays. Samples that the flank of a single window sees, at the very start, hardly change. Deterministic.

    Args:
        energies: float32 (frames, spec.n_mels), not negative: mel bands before the logarithm.
        spec: of the bands; windows overlap by a half or more.
        begin: float32 (samples,), all that the frames cover: (frames - 1) * hop_length + n_fft.
        iterations: of L-BFGS, in each block; 0 leaves `begin` as it is.
        progress: called with the share that is done, 0 to 1, rising.
        cancel: looked at before each gradient.

    Returns:
        float32 (samples,).

    Raises:
        SpecError: shapes do not agree, windows overlap by less than a half, or `iterations` is negative.
        Cancelled: `cancel` was set.
    """
    require_overlap(spec.n_fft, spec.hop_length)
    if iterations < 0:
        raise SpecError(f"Received iterations={iterations}; expected 0 or more.")
    _require_shapes(energies, begin, spec)
    wave, count = begin.astype(np.float32), len(energies)
    for start in range(0, count, _BLOCK_FRAMES):
        stop = min(start + _BLOCK_FRAMES, count)
        # Frames that begin before the block and reach into it count, too; what they see of before stays.
        first = max(0, start - (spec.n_fft - 1) // spec.hop_length)
        part = wave[first * spec.hop_length : (stop - 1) * spec.hop_length + spec.n_fft]
        kept = (start - first) * spec.hop_length
        own = part_of(progress, start / count, stop / count)
        part[kept:] = _searched(part, kept, energies[first:stop], spec, iterations, own, cancel)
    if progress:
        progress(1.0)
    return wave


class MelDistance:
    """How far a waveform's mel bands are from the wanted ones, relative to these, and by which samples.

    Args:
        energies: float32 (frames, spec.n_mels), not negative, not all 0: the wanted bands.
        spec: of the bands.
    """

    def __init__(self, energies: np.ndarray, spec: MelSpec) -> None:
        self._spec, self._window = spec, hann(spec.n_fft)
        self._tiny = np.float32(_TINY * float(energies.max()))
        # Magnitudes add up to far more in bands of many bins; then these would be all that counts.
        norms = np.linalg.norm(mel_matrix(spec), axis=0)
        self._weights = np.divide(1, norms, out=np.zeros_like(norms), where=norms > 0)
        self._wanted = np.sqrt(energies + self._tiny) if spec.power == 2 else energies * self._weights
        self._scale = _SCALE / float(np.square(self._wanted, dtype=np.float64).sum())
        self._adder = OverlapAdd(len(energies), spec.n_fft, spec.hop_length)
        self._to_bands, self._to_bins = sparse_mel(spec)
        # Makes the inverse transform the adjoint: to that all bins count twice but the first and, if even, the last.
        self._both = np.full(spec.n_bins, spec.n_fft, np.float32)
        self._both[0] *= 2
        if spec.n_fft % 2 == 0:
            self._both[-1] *= 2

    def __call__(self, wave: np.ndarray) -> tuple[float, np.ndarray]:
        """The distance and its gradient.

        Args:
            wave: float32 (samples,), all that the frames cover.

        Returns:
            The distance, and float32 (samples,).
        """
        distance, n_fft = 0.0, self._spec.n_fft
        frames = framed(wave, n_fft, self._spec.hop_length, len(self._wanted))
        for block in blocks(len(frames), n_fft):
            spectra = scipy.fft.rfft(frames[block] * self._window, axis=1, workers=1)
            power = np.square(spectra.real)
            power += np.square(spectra.imag)
            off, slopes = self._of_power(power, self._wanted[block])
            distance += off
            slopes *= self._both
            spectra *= slopes
            self._adder.add(block, spectra)
        return distance * self._scale, self._adder.total() * np.float32(self._scale)

    def _of_power(self, power: np.ndarray, wanted: np.ndarray) -> tuple[float, np.ndarray]:
        """Squared distance of bands of a power spectrogram (frames, bins), and its derivative by each bin's power."""
        if self._spec.power == 2:
            amplitudes = np.sqrt((self._to_bands @ power.T).T + self._tiny)
            off = amplitudes - wanted
            slopes = (self._to_bins @ (off / amplitudes).T).T
        else:
            magnitude = np.sqrt(power + self._tiny**2)
            off = (self._to_bands @ magnitude.T).T * self._weights - wanted
            slopes = (self._to_bins @ (off * self._weights).T).T / magnitude
        return float(np.square(off, dtype=np.float64).sum()), slopes


def _searched(
    part: np.ndarray,
    kept: int,
    energies: np.ndarray,
    spec: MelSpec,
    iterations: int,
    progress: Progress | None,
    cancel: Cancel | None,
) -> np.ndarray:
    """The samples of a waveform behind the first `kept` ones, float32, after a search."""
    loudest = float(energies.max())
    if not iterations or not loudest:
        return part[kept:]
    # Takes an eighth of a second to import.
    from scipy.optimize import minimize

    # Single precision and the first step want numbers about 1: the amplitude of a sine as loud as the loudest band.
    unit = 4 / spec.n_fft * loudest ** (1 / spec.power)
    distance = MelDistance(energies / np.float32(unit**spec.power), spec)
    wave, turns = part / np.float32(unit), 0

    def at(samples: np.ndarray) -> tuple[float, np.ndarray]:
        if cancel is not None and cancel.is_set():
            raise Cancelled("Cancelled before the sound was made.")
        wave[kept:] = samples
        value, slopes = distance(wave)
        return value, slopes[kept:].astype(np.float64)

    def after(_: np.ndarray) -> None:
        nonlocal turns
        turns += 1
        if progress:
            progress(min(1.0, turns / iterations))

    options = {"maxcor": _CORRECTIONS, "maxiter": iterations, "maxfun": 2 * iterations + 10, "ftol": 0.0, "gtol": 0.0}
    begin = wave[kept:].astype(np.float64)
    found = minimize(at, begin, jac=True, method="L-BFGS-B", callback=after, options=options)
    return (found.x * unit).astype(np.float32)


def _require_shapes(energies: np.ndarray, begin: np.ndarray, spec: MelSpec) -> None:
    covered = (len(energies) - 1) * spec.hop_length + spec.n_fft
    if energies.ndim != 2 or energies.shape[1] != spec.n_mels or not len(energies) or begin.shape != (covered,):
        raise SpecError(
            f"Received mel bands of shape {energies.shape} and a waveform of shape {begin.shape}; expected (frames, "
            f"{spec.n_mels}) and the ({covered},) samples that these frames cover."
        )
