"""The same recording under two names, found in log-mels: whatever its format, level and, by some seconds, its start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.fft
import scipy.ndimage

CELLS_PER_S, BANDS = 10.0, 16
"""How fine fingerprints are, about."""

MOST_LAG_S = 5.0
"""So far apart the two may begin."""

LEAST_S = 3.0
"""What is shorter is not compared: a few notes are soon alike."""

STEADY_S, MOST_DB = 2.0, 12.0
"""What changes more slowly is left out (level, filters, silence before the music), what changes more counts as much."""

ALIKE = 0.78
"""Correlation from which on two clips are one recording: copies of FMA clips, softer, as MP3, with noise, begun 4.5 s
later or without their basses, have 0.81 to 1; different pieces of one piano have 0.69 at most, different clips of FMA
0.41, those of the demo set, which share rhythms and sounds, 0.74."""

NEIGHBOURS = 8
"""Clips with which each one is compared closely."""

_AT_ONCE, _PAIRS_AT_ONCE = 512, 256
_TINY = 1e-6

_HEARD = 0.5
"""Of the mean square of a fingerprint: what moves less in `LEAST_S` says nothing."""


@dataclass(frozen=True)
class Twin:
    """Two clips of one recording.

    Args:
        one: its number, the lower one.
        other: its number.
        correlation: of their fingerprints at the best lag, at most 1.
    """

    one: int
    other: int
    correlation: float


def fingerprint(bands: np.ndarray, cells_per_s: float) -> np.ndarray:
    """What stays the same when a clip is played louder, filtered a little, or encoded anew: how its bands move.

    Args:
        bands: float (cells, bands) in dB.
        cells_per_s: along time.

    Returns:
        float32 (cells, bands): by how much each band differs from its own mean of that time, of mean square 1.
    """
    around = scipy.ndimage.uniform_filter1d(bands, round(STEADY_S * cells_per_s), axis=0, mode="nearest")
    moved = np.clip(bands - around, -MOST_DB, MOST_DB)
    return np.asarray(moved / max(float(np.sqrt((moved**2).mean())), _TINY), np.float32)


def find_twins(fingerprints: Sequence[np.ndarray], sources: Sequence[str], cells_per_s: float) -> list[Twin]:
    """Pairs of clips that are one recording.

    First those are chosen of which the spectra along time are alike, whatever the lag; these are then correlated at
    each lag, over the time that both have sound.

    Args:
        fingerprints: of `fingerprint`, of one number of bands.
        sources: the file of each; what is alike within one file is music that repeats itself.
        cells_per_s: along time.

    Returns:
        The pairs, in order.
    """
    least, lag = round(LEAST_S * cells_per_s), round(MOST_LAG_S * cells_per_s)
    numbers = np.array([number for number, one in enumerate(fingerprints) if len(one) >= least], int)
    if len(numbers) < 2:
        return []
    longest = max(len(fingerprints[number]) for number in numbers)
    size = 1 << (longest + lag - 1).bit_length()
    padded = np.zeros((len(numbers), size, fingerprints[0].shape[1]), np.float32)
    lengths = np.array([len(fingerprints[number]) for number in numbers])
    for place, number in enumerate(numbers):
        padded[place, : lengths[place]] = fingerprints[number]
    pairs = _candidates(padded)
    found = []
    for first in range(0, len(pairs), _PAIRS_AT_ONCE):
        part = pairs[first : first + _PAIRS_AT_ONCE]
        correlations = _correlations(padded, lengths, part, lag, least)
        found += [
            Twin(int(numbers[one]), int(numbers[other]), float(value))
            for (one, other), value in zip(part, correlations, strict=True)
            if value >= ALIKE and sources[numbers[one]] != sources[numbers[other]]
        ]
    return sorted(found, key=lambda twin: (twin.one, twin.other))


def _candidates(padded: np.ndarray) -> np.ndarray:
    """The pairs worth a close look, int (pairs, 2), each once with the lower number first."""
    parts = np.array_split(padded, -(-len(padded) // _AT_ONCE))
    spectra = np.concatenate([np.abs(scipy.fft.rfft(part, axis=1)) for part in parts]).reshape(len(padded), -1)
    spectra -= spectra.mean(axis=0)
    spectra /= np.maximum(np.linalg.norm(spectra, axis=1, keepdims=True), _TINY)
    count, pairs = min(NEIGHBOURS, len(padded) - 1), []
    for first in range(0, len(padded), _AT_ONCE):
        alike = spectra[first : first + _AT_ONCE] @ spectra.T
        rows = np.arange(len(alike))
        alike[rows, first + rows] = -np.inf
        nearest = np.argpartition(alike, -count, axis=1)[:, -count:]
        pairs.append(np.stack([np.repeat(first + rows, count), nearest.ravel()], axis=1))
    return np.unique(np.sort(np.concatenate(pairs), axis=1), axis=0)


def _correlations(padded: np.ndarray, lengths: np.ndarray, pairs: np.ndarray, lag: int, least: int) -> np.ndarray:
    """Of each pair the highest correlation within `lag` cells, float (pairs,)."""
    size = padded.shape[1]
    one, other = (scipy.fft.rfft(padded[pairs[:, side]], axis=1) for side in range(2))
    lags = np.arange(-lag, lag + 1)
    # Of [lag]: the sum over t of one[t + lag] * other[t].
    products = scipy.fft.irfft((one * other.conj()).sum(axis=2), size, axis=1)[:, lags]
    energy = np.cumsum((padded**2).sum(axis=2, dtype=np.float64), axis=1)
    energy = np.concatenate([np.zeros((len(padded), 1)), energy], axis=1)
    begins = np.maximum(lags, 0), np.maximum(-lags, 0)
    shared = np.minimum(lengths[pairs[:, :1]] - begins[0], lengths[pairs[:, 1:]] - begins[1])  # (pairs, lags)
    energies = [
        np.take_along_axis(energy[pairs[:, side]], np.maximum(begins[side] + shared, 0), axis=1)
        - energy[pairs[:, side]][:, begins[side]]
        for side in range(2)
    ]
    correlations = products / np.maximum(np.sqrt(np.maximum(energies[0] * energies[1], 0)), _TINY)
    # Where one of them is silent, nothing is alike but rounding.
    heard = np.minimum(*energies) >= _HEARD * least * padded.shape[2]
    return np.where((shared >= least) & heard, correlations, -1.0).max(axis=1)
