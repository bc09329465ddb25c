"""How near drawn pictures come to real ones as a crowd, by fixed statistics of log-mels, and how much they vary."""

from __future__ import annotations

import numpy as np

from fstmuse.spec import MelSpec

GROUPS = 16
"""Of neighbouring bands, whose statistics are told together."""

LAGS = (1, 8)
"""Frames between which changes are looked at: attacks, and notes."""

_TINY = 1e-10


def decibels(pictures: np.ndarray, mel: MelSpec) -> np.ndarray:
    """Pictures of any spec in dB, not below the spec's floor.

    Args:
        pictures: float (batch, frames, mels), as `mel` makes them.
        mel: of the pictures.
    """
    if mel.log == "db":
        return np.maximum(pictures, mel.floor_db)
    levels = 20 / mel.power * np.log10(np.maximum(pictures / mel.full_scale**mel.power, _TINY))
    return np.maximum(levels, mel.floor_db)


def statistics(pictures: np.ndarray) -> np.ndarray:
    """What log-mels are like, in 80 numbers each, all in dB.

    By group of bands: the mean level; its standard deviation along time; the mean change of a band within 1 frame, and
    within 8; the mean difference between neighbouring bands.

    Args:
        pictures: float (batch, frames, mels) in dB, more than 8 frames.

    Returns:
        float64 (batch, 5 * GROUPS).
    """
    pictures = np.asarray(pictures, np.float64)
    changes = [np.abs(pictures[:, lag:] - pictures[:, :-lag]).mean(axis=1) for lag in LAGS]
    beside = np.abs(np.diff(pictures, axis=2, append=pictures[:, :, -2:-1])).mean(axis=1)
    by_band = [pictures.mean(axis=1), pictures.std(axis=1), *changes, beside]
    return np.concatenate([_grouped(one) for one in by_band], axis=1)


def _grouped(by_band: np.ndarray) -> np.ndarray:
    return np.stack([part.mean(axis=1) for part in np.array_split(by_band, GROUPS, axis=1)], axis=1)


def frechet_distance(one: np.ndarray, other: np.ndarray) -> float:
    """Squared Fréchet distance of the normal distributions that two sets of points have mean and covariance of.

    It is not 0 for two sets of one kind, and the more so the fewer they are: compare like numbers alone.

    Args:
        one: float (points, dimensions), two points at least.
        other: likewise.
    """
    apart = float(((one.mean(axis=0) - other.mean(axis=0)) ** 2).sum())
    covariances = [np.cov(points, rowvar=False) for points in (one, other)]
    # The trace of the root of a product of covariances is the sum of the singular values of the product of their roots.
    roots = [_root(covariance) for covariance in covariances]
    shared = np.linalg.svd(roots[0] @ roots[1], compute_uv=False).sum()
    return max(0.0, apart + float(sum(map(np.trace, covariances)) - 2 * shared))


def _root(covariance: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T


def mutual_distance(pictures: np.ndarray) -> float:
    """How far pictures are apart: root mean squared difference of two of them, mean over all pairs, in dB.

    Args:
        pictures: float (batch, frames, mels) in dB, two at least.
    """
    flat = np.asarray(pictures, np.float64).reshape(len(pictures), -1)
    lengths = (flat**2).sum(axis=1)
    squares = np.maximum(lengths[:, None] + lengths[None] - 2 * flat @ flat.T, 0) / flat.shape[1]
    return float(np.sqrt(squares)[np.triu_indices(len(flat), 1)].mean())
