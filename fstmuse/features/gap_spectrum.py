"""The spectra of a gap: from what prediction leaves and what its neighbours are, to a sound. Free of TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft

from fstmuse.errors import Cancelled, ConfigError
from fstmuse.features.griffin_lim import FAST
from fstmuse.features.mel import mel_matrix
from fstmuse.features.stft import hann
from fstmuse.interrupt import Cancel, Progress
from fstmuse.spec import MelSpec

WINDOW_S = 0.093
"""Longest window: 2,048 samples at 22,050 Hz, 4,096 at 44,100 Hz. Windows twice as long were tried on piano: 0.1 dB of
LSD and up to 1.5 dB of SNR worse."""

N_MELS = 128
NEIGHBOURS = 2
"""Known frames on either side whose mean power a bin is interpolated from: one alone tells little of noise."""

_FLOOR = 1e-7  # magnitude; silence of 24 bits under the window
_MOST_DB = 30.0
_UNSURE = 0.1
"""Where prediction has died away to this share of a magnitude, its phase is no longer believed: it has fallen into step
all over the middle of a wide gap. Above, phases are turned the less the surer they are."""


@dataclass(frozen=True)
class Frames:
    """The frames of a clip that touch a gap.

    Args:
        first: number of the first of them; frame k begins at sample k times `hop`.
        stop: number behind the last.
        n_fft: length of a frame, in samples.
        start: first sample of the gap.
        end: first sample behind it.
    """

    first: int
    stop: int
    n_fft: int
    start: int
    end: int

    @property
    def hop(self) -> int:
        """Samples between the starts of two frames."""
        return self.n_fft // 4

    def __len__(self) -> int:
        return self.stop - self.first

    def spectra(self, sound: np.ndarray, first: int | None = None, stop: int | None = None) -> np.ndarray:
        """Spectra of these frames, or of frames `first` to `stop`, complex (frames, bins)."""
        starts = np.arange(self.first if first is None else first, self.stop if stop is None else stop) * self.hop
        parts = sound[starts[:, None] + np.arange(self.n_fft)]
        return scipy.fft.rfft(parts * hann(self.n_fft), axis=1, workers=1)

    def known(self) -> np.ndarray:
        """How much of each frame's window lies on known sound, by power, float64 (frames, 1)."""
        weights = np.concatenate([[0.0], np.cumsum(np.square(hann(self.n_fft), dtype=np.float64))])
        starts = np.arange(self.first, self.stop) * self.hop
        low, high = (np.clip(edge - starts, 0, self.n_fft) for edge in (self.start, self.end))
        return (1 - (weights[high] - weights[low]) / weights[-1])[:, None]


def require_seed(seed: int) -> None:
    """Refuses what phases cannot be drawn by.

    Raises:
        ConfigError: the seed is negative.
    """
    if seed < 0:
        raise ConfigError(f"Received seed={seed}; expected 0 or more. Any whole number from 0 on gives another try.")


def window_of(rate: int) -> int:
    """The longest power of two within `WINDOW_S` at a rate in Hz, at least 64."""
    return max(64, 2 ** int(np.log2(WINDOW_S * rate + 1e-9)))


def frames_of(start: int, end: int, n_fft: int) -> Frames:
    """The frames that touch the samples `start` to `end`, of a sound that goes on for `n_fft` before and behind."""
    hop = n_fft // 4
    return Frames(-(-(start - n_fft + 1) // hop), (end - 1) // hop + 1, n_fft, start, end)


def envelope_spec(rate: int, n_fft: int) -> MelSpec:
    """The bands in which a gap's loudness is set right: over the whole spectrum at the clip's own rate."""
    return MelSpec(rate, n_fft, n_fft // 4, N_MELS, 0.0, rate / 2, scale="tfio")


def target(
    frames: Frames, sound: np.ndarray, sides: tuple[bool, bool], rate: int, correction: np.ndarray
) -> np.ndarray:
    """The magnitudes that the frames of a gap shall have.

    A frame is mixed, in dB, of what prediction made of it and of each bin's interpolation between the known frames on
    both sides: the more known sound lies under its window, the more prediction is right. Then bands are set to the
    interpolation of the neighbours' bands, plus `correction`: what a network knows better.

    Args:
        frames: of the gap.
        sound: float64 (samples,), the gap bridged by prediction.
        sides: whether there are known frames before the gap, and behind it; without, the other side's are held.
        rate: in Hz.
        correction: float (frames, N_MELS), in dB, of the bands of `envelope_spec`.

    Returns:
        float64 (frames, bins).
    """
    matrix = mel_matrix(envelope_spec(rate, frames.n_fft))
    predicted = np.abs(frames.spectra(sound))
    edges = [
        frames.spectra(sound, *span)
        for side, span in zip(
            sides, ((frames.first - NEIGHBOURS, frames.first), (frames.stop, frames.stop + NEIGHBOURS)), strict=True
        )
        if side
    ]
    powers = [np.square(np.abs(edge)) for edge in edges]
    bins = _between([np.sqrt(power.mean(axis=0)) for power in powers], len(frames), _FLOOR)
    nearest = [power[-1 if index == 0 and sides[0] else 0] for index, power in enumerate(powers)]
    bands = 20 * np.log10(_between([np.sqrt(power @ matrix) for power in nearest], len(frames), _FLOOR))
    return set_right(frames, predicted, bins, bands + correction, rate)


def set_right(frames: Frames, predicted: np.ndarray, bins: np.ndarray, bands: np.ndarray, rate: int) -> np.ndarray:
    """Magnitudes between what prediction made of frames and what they are expected to be.

    Args:
        frames: that are partly or wholly unknown.
        predicted: float64 (frames, bins), the magnitudes of the predicted sound.
        bins: float64 (frames, bins), the magnitudes expected: they say what a spectrum is like within its bands.
        bands: float64 (frames, N_MELS), how loud each band of `envelope_spec` shall be, in dB of power.
        rate: in Hz.

    Returns:
        float64 (frames, bins).
    """
    known = frames.known()
    mixed = np.exp(known * np.log(np.maximum(predicted, _FLOOR)) + (1 - known) * np.log(np.maximum(bins, _FLOOR)))
    there = bands_of(np.square(mixed), rate, frames.n_fft)
    gain = np.clip((1 - known) * (bands - there), -_MOST_DB, _MOST_DB)
    return mixed * np.power(10.0, _spread(gain, rate, frames.n_fft) / 20)


def bands_of(power: np.ndarray, rate: int, n_fft: int) -> np.ndarray:
    """Power of spectra (frames, bins) in the bands of `envelope_spec`, in dB: float64 (frames, N_MELS)."""
    return 10 * np.log10(np.maximum(power @ mel_matrix(envelope_spec(rate, n_fft)), _FLOOR**2))


def resynthesised(
    frames: Frames,
    sound: np.ndarray,
    magnitude: np.ndarray,
    turns: np.ndarray,
    iterations: int,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> np.ndarray:
    """A gap whose frames have these magnitudes, as nearly as the known sound around it lets them.

    Fast Griffin-Lim on the frames that touch the gap alone. After each iteration all known samples are put back, and
    with them the spectra of known frames: what is found joins them (Krémé et al., 2018: Phase reconstruction for
    time-frequency inpainting). Phases begin as those of the predicted sound.

    Args:
        frames: of the gap.
        sound: float64 (samples,), the gap bridged by prediction.
        magnitude: float64 (frames, bins).
        turns: float64 (frames, bins), random, -pi to pi, for what prediction leaves open. The same for all channels,
            so that phases between them stay.
        iterations: 0 takes the phases to begin with.
        progress: called with the share that is done.
        cancel: looked at before each iteration.

    Returns:
        float64, the samples of the gap.

    Raises:
        Cancelled: `cancel` was set.
    """
    whole = sound.copy()
    spectra = frames.spectra(whole)
    loudness = np.abs(spectra)
    unsure = np.clip(_UNSURE * magnitude / np.maximum(loudness, 1e-12), 0, 1)
    spectra = np.where(loudness > 0, spectra, 1.0) * np.exp(1j * unsure * turns)
    previous = None
    for number in range(iterations + 1):
        if cancel is not None and cancel.is_set():
            raise Cancelled("Cancelled before the gap was filled.")
        if number:
            spectra = frames.spectra(whole)
            ahead = spectra if previous is None else spectra + FAST * (spectra - previous)
            previous, spectra = spectra, ahead
        scale = magnitude / np.maximum(np.abs(spectra), 1e-12)
        whole[frames.start : frames.end] = laid(frames, spectra * scale)
        if progress:
            progress((number + 1) / (iterations + 1))
    return whole[frames.start : frames.end]


def laid(frames: Frames, spectra: np.ndarray) -> np.ndarray:
    """The samples of the gap that the spectra are nearest to; all frames that see one are there."""
    window = hann(frames.n_fft).astype(np.float64)
    parts = scipy.fft.irfft(spectra, frames.n_fft, axis=1, workers=1) * window
    sound, weights = (np.zeros((len(frames) - 1) * frames.hop + frames.n_fft) for _ in range(2))
    for number, part in enumerate(parts):
        place = slice(number * frames.hop, number * frames.hop + frames.n_fft)
        sound[place] += part
        weights[place] += np.square(window)
    gap = slice(frames.start - frames.first * frames.hop, frames.end - frames.first * frames.hop)
    return sound[gap] / weights[gap]


def _between(edges: list[np.ndarray], count: int, floor: float) -> np.ndarray:
    """From the first edge to the last in `count` steps, straight in dB; (count, values)."""
    logs = [np.log(np.maximum(edge, floor)) for edge in edges]
    share = (np.arange(1, count + 1) / (count + 1))[:, None]
    return np.exp(logs[0] + (logs[-1] - logs[0]) * share)


def _spread(bands: np.ndarray, rate: int, n_fft: int) -> np.ndarray:
    """Bands over the bins between their centres; (frames, bins)."""
    bins = np.arange(n_fft // 2 + 1) * rate / n_fft
    centres = centres_of(envelope_spec(rate, n_fft))
    return np.stack([np.interp(bins, centres, row) for row in bands])


def centres_of(spec: MelSpec) -> np.ndarray:
    """Centre frequencies of the bands in Hz, float64 (n_mels,)."""
    import librosa

    htk = spec.scale != "slaney"
    return librosa.mel_frequencies(spec.n_mels + 2, fmin=spec.fmin, fmax=spec.fmax, htk=htk)[1:-1]
