"""What a network of mel pictures knows of a gap, for sound of any rate. Free of TensorFlow itself."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import soxr

from fstmuse.features.gap_spectrum import centres_of
from fstmuse.features.mel import LogMel
from fstmuse.features.picture import MelPicture
from fstmuse.spec import MelSpec

CONTEXT_S = 4.0
"""Of sound on either side of a gap that a network sees."""

_FADE_OCTAVES = 0.5
"""Above a network's highest frequency its last band's correction fades out over so much."""


class Filler(Protocol):
    """A network that fills pictures.

    Attributes:
        spec: of the pictures.
    """

    spec: MelSpec

    def __call__(self, picture: MelPicture, missing: np.ndarray) -> MelPicture:
        """The picture with its missing frames, bool (frames,), filled; what they held counts for nothing."""


def correction(
    filler: Filler, sound: np.ndarray, rate: int, gap: tuple[int, int], times_s: np.ndarray, centres: np.ndarray
) -> np.ndarray:
    """By how much a network differs from linear interpolation.

    Args:
        filler: the network.
        sound: float (samples,), mono: the gap, bridged by whatever (so that resampling does not ring), and what lies
            around it.
        rate: of the sound, in Hz.
        gap: in samples of `sound`.
        times_s: at which it is asked for, in s of `sound`: float (times,), rising.
        centres: frequencies at which it is asked for, in Hz: float (bands,), rising.

    Returns:
        float64 (times, bands) in dB; zeros where the sound is too short to have a known frame.
    """
    spec = filler.spec
    resampled = sound if rate == spec.sample_rate else soxr.resample(sound, rate, spec.sample_rate, quality="HQ")
    values = LogMel(spec)(resampled.astype(np.float32))
    # Frames that reach over the end see silence that is none; but some must be left.
    whole = max(1, (len(resampled) - spec.n_fft) // spec.hop_length + 1)
    values = values[:whole]
    starts = np.arange(len(values)) * spec.hop_length
    first, last = (edge / rate * spec.sample_rate for edge in gap)
    missing = (starts < last) & (starts + spec.n_fft > first)
    if missing.all() or not missing.any():
        return np.zeros((len(times_s), len(centres)))
    picture = MelPicture(values, spec)
    difference = filler(picture, missing).values - interpolated(picture, missing).values
    difference[~missing] = 0
    middles_s = (starts + spec.n_fft / 2) / spec.sample_rate
    by_time = np.stack([np.interp(times_s, middles_s, band) for band in difference.T], axis=1)
    return np.stack([np.interp(centres, centres_of(spec), row) for row in by_time]) * fading_above(spec, centres)


def fading_above(spec: MelSpec, centres: np.ndarray) -> np.ndarray:
    """How much of its last band's correction a network's picture gives to bands: 1, above its highest frequency less.

    Args:
        spec: of the network's pictures.
        centres: of the bands, in Hz: float (bands,).

    Returns:
        float64 (bands,), 0 to 1.
    """
    return np.clip(1 - np.log2(np.maximum(centres, 1.0) / spec.fmax) / _FADE_OCTAVES, 0, 1)


def interpolated(picture: MelPicture, missing: np.ndarray) -> MelPicture:
    """The picture with missing frames on straight lines, in dB, between their known neighbours.

    Args:
        picture: of log `db`.
        missing: bool (frames,), not all of them. At the beginning and end the one neighbour there is is held.
    """
    known = np.flatnonzero(~missing)
    lost = np.flatnonzero(missing)
    values = picture.values.copy()
    values[lost] = np.stack([np.interp(lost, known, band[known]) for band in picture.values.T], axis=1)
    return MelPicture(values, picture.spec)
