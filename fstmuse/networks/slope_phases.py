"""Phases from log-magnitudes by `keras.ops`: those of `fstmuse.features.phase_slopes`, on any backend and batched."""

from __future__ import annotations

import math
from typing import Any

from keras import ops

from fstmuse.features.phase_slopes import FURTHEST, GAUSSIAN


def slope_phases(level: Any, overlap: int) -> Any:
    """Phases to begin a search with: peaks turn on by what slopes tell of their frequencies, bins around follow.

    Args:
        level: float32 (batch, frames, bins), logarithms of magnitudes in nepers; no gradient is meant to pass.
        overlap: hops in a window.

    Returns:
        float32 (batch, frames, bins), in radians.
    """
    bins = ops.arange(level.shape[-1], dtype="int32")
    middle = ops.cast(bins % overlap, "float32") / overlap
    turns = middle + _beside(level) / overlap
    # As one array: Keras 3.15 scans several of them in TensorFlow only where the number of frames is known.
    both = ops.stack([turns, ops.cast(_nearest_peaks(level, bins), "float32")])

    def step(last: Any, frame: Any) -> tuple[Any, Any]:
        now = ops.take_along_axis(last + frame[0], ops.cast(frame[1], "int32"), axis=-1)
        # Whole turns would cost precision: half a minute has a thousand frames.
        now = now - ops.floor(now)
        return now, now

    _, phases = ops.scan(step, ops.zeros_like(level[:, 0]), ops.transpose(both, (2, 0, 1, 3)))
    # A pulse in the middle of the window has signs in turns: bins around a partial, too.
    return 2 * math.pi * ops.transpose(phases, (1, 0, 2)) + math.pi * ops.cast(bins % 2, "float32")


def _beside(level: Any) -> Any:
    """By how many bins partials lie above their peaks' bins; counts at peaks alone."""
    slope = (level[:, :, 2:] - level[:, :, :-2]) / (4 * math.pi * GAUSSIAN)
    return ops.pad(ops.clip(slope, -FURTHEST, FURTHEST), ((0, 0), (0, 0), (1, 1)))


def _nearest_peaks(level: Any, bins: Any) -> Any:
    """For each bin the number of the bin of the nearest peak, int32 (batch, frames, bins)."""
    count = level.shape[-1]
    beyond = ops.full_like(level[:, :, :1], -math.inf)
    rises = level > ops.concatenate([beyond, level[:, :, :-1]], axis=-1)
    is_peak = ops.logical_and(rises, level >= ops.concatenate([level[:, :, 1:], beyond], axis=-1))
    far = 2 * count
    below, above = ops.where(is_peak, bins, -far), ops.where(is_peak, bins, far)
    # Running maxima and minima by doubling: XLA cannot compile ops.associative_scan of Keras 3.15.
    for power in range((count - 1).bit_length()):
        step = 2**power
        behind = ops.pad(below[..., :-step], ((0, 0), (0, 0), (step, 0)), constant_values=-far)
        ahead = ops.pad(above[..., step:], ((0, 0), (0, 0), (0, step)), constant_values=far)
        below, above = ops.maximum(below, behind), ops.minimum(above, ahead)
    return ops.where(bins - below < above - bins, below, above)
