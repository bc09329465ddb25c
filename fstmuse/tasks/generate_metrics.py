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
    one, other = np.asarray(one, np.float64), np.asarray(other, np.float64)
    apart = float(((one.mean(axis=0) - other.mean(axis=0)) ** 2).sum())
    # The trace of the root of a product of covariances is the sum of the singular values of the product of their roots.
    roots = [_root(points) for points in (one, other)]
    shared = np.linalg.svd(roots[0] @ roots[1].T, compute_uv=False).sum()
    return max(0.0, apart + float(sum((root**2).sum() for root in roots) - 2 * shared))


def _root(points: np.ndarray) -> np.ndarray:
    """A matrix of few rows whose own product, transposed first, is the points' covariance."""
    spread = (points - points.mean(axis=0)) / np.sqrt(len(points) - 1)
    return spread if len(points) <= points.shape[1] else np.linalg.qr(spread, mode="r")


def share_of_way(drawn: float, real: float, shuffled: float) -> float | None:
    """Where a distance to real music lies between that of other real music, 0, and that of music without sense, 1.

    Args:
        drawn: the distance in question.
        real: of other real pictures.
        shuffled: of `with_shuffled_bands` of those.

    Returns:
        The share; below 0 where `drawn` is nearer than other real music. None where the two ends do not differ.
    """
    return (drawn - real) / (shuffled - real) if shuffled > real else None


def with_shuffled_bands(pictures: np.ndarray, seed: int) -> np.ndarray:
    """Pictures with their bands in another order, the same for all: each band is as it was, and nothing fits together.

    Args:
        pictures: float (batch, frames, mels).
        seed: of the order.
    """
    return pictures[:, :, np.random.default_rng(seed).permutation(pictures.shape[2])]


def band_noise(pictures: np.ndarray, mel: MelSpec, seed: int) -> np.ndarray:
    """Independent normal values with the mean and the standard deviation of each band of pictures, cut off at silence.

    Args:
        pictures: float32 (batch, frames, mels), as `mel` makes them.
        mel: of the pictures.
        seed: of the noise.

    Returns:
        float32, of the same shape.
    """
    mean, deviation = pictures.mean(axis=(0, 1)), pictures.std(axis=(0, 1))
    noise = np.random.default_rng(seed).standard_normal(pictures.shape, np.float32)
    return np.maximum(mean + deviation * noise, mel.floor_db if mel.log == "db" else 0.0)


def mutual_distance(pictures: np.ndarray) -> float:
    """How far pictures are apart: root mean squared difference of two of them, mean over all pairs, in dB.

    Args:
        pictures: float (batch, frames, mels) in dB, two at least.
    """
    flat = np.asarray(pictures, np.float64).reshape(len(pictures), -1)
    lengths = (flat**2).sum(axis=1)
    squares = np.maximum(lengths[:, None] + lengths[None] - 2 * flat @ flat.T, 0) / flat.shape[1]
    return float(np.sqrt(squares)[np.triu_indices(len(flat), 1)].mean())
