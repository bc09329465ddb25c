"""How far sounds are apart, by their spectra. Free of TensorFlow."""

from __future__ import annotations

import numpy as np

from fstmuse.errors import DataError

FLOOR_DB = -80.0
"""Relative to the loudest value of the reference: what lies below is not heard beside it."""


def log_spectral_distance(reference: np.ndarray, received: np.ndarray, floor_db: float = FLOOR_DB) -> float:
    """LSD: the mean over frames of the square root of the mean over bands of squared differences.

    Args:
        reference: float (frames, bands) in dB; its loudest value is 0 for both.
        received: of the same shape.
        floor_db: values of either that are lower count as this, in dB.

    Returns:
        In dB.

    Raises:
        DataError: the pictures are not of one shape (frames, bands), or empty.
    """
    reference, received = _pair(reference, received)
    loudest = reference.max()
    difference = np.maximum(reference - loudest, floor_db) - np.maximum(received - loudest, floor_db)
    return float(np.sqrt(np.square(difference).mean(axis=1)).mean())


def spectral_convergence(reference: np.ndarray, received: np.ndarray) -> float:
    """The energy of what magnitudes are off by, relative to theirs (Griffin and Lim's own measure).

    Args:
        reference: float (frames, bins), magnitudes.
        received: of the same shape.

    Returns:
        In dB; lower is better, minus infinity for equal ones.

    Raises:
        DataError: the magnitudes are not of one shape (frames, bins), empty, or the reference is silent.
    """
    reference, received = _pair(reference, received)
    norm = np.linalg.norm(reference)
    if not norm:
        raise DataError("The reference is silent throughout; expected sound. Nothing is relative to it.")
    with np.errstate(divide="ignore"):
        return float(20 * np.log10(np.linalg.norm(received - reference) / norm))


def _pair(reference: np.ndarray, received: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    reference, received = np.asarray(reference, np.float64), np.asarray(received, np.float64)
    if reference.shape != received.shape or reference.ndim != 2 or not reference.size:
        raise DataError(
            f"Received spectra of shapes {reference.shape} and {received.shape}; expected two of one shape (frames, "
            "bands), not empty. Cut the longer one."
        )
    return reference, received
