"""Finds the places of a clip where sound is missing: lost buffers, stuck converters, samples that are no numbers.

Free of TensorFlow. Music holds runs of equal samples, too: between notes, where it fades out, where it is clipped. What
tells a dropout from those is that sound breaks off into it and breaks out of it: the last milliseconds before it and
the first after it are as loud as music, not on their way to silence. What a lossy codec has made of silence is found by
its level (`fstmuse.audio.holes`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fstmuse.audio.holes import BLOCK_S, NEAR_BLOCKS, breaks_off, find_holes
from fstmuse.errors import AudioError

LEAST_S = 0.005
"""Shortest run of equal samples that is taken for a dropout: half a period of 100 Hz. Clipped peaks and slow waves of
16 bits stay below."""

LEAST_CLIPPED_S = 0.025
"""The same where a channel stands at its highest or lowest value: half a period of 20 Hz, the lowest tone that music
clips; distorted bass stands still for 10 ms."""

EDGE_S = 0.005
"""What is looked at on either side of a run."""

AUDIBLE = 1e-3
"""Least deviation (root mean square about the mean, re full scale) of the edges: -60 dB. A sound that fades to digital
silence passes its last 5 ms below."""

STEPS = 2
"""The edges must also move by so many of the clip's own steps: of 8-bit sound, one step is -42 dB."""

COARSE_STEPS, COARSE_RUNS, COARSE_S = 8, 3, 0.1
"""Where the edges move by fewer steps than the first, a run must be so many times as long as any other within the last,
in s: quiet sound of few bits stands still time and again."""

NEAR_S = 0.005
"""Finds nearer to each other are one: what lies between is too short to be joined on both sides."""

SILENT, STUCK, CLIPPED, BROKEN = "silent", "stuck", "clipped", "not a number"


@dataclass(frozen=True)
class Dropout:
    """A stretch without sound.

    Args:
        start: its first sample.
        end: the first sample after it.
        reason: `silent` (zeros, or what a codec made of them), `clipped` (the highest or lowest value held), `stuck`
            (any other one held) or `not a number` (NaN or infinity); of several that were merged, joined by ` and `.
        channels: the damaged ones, counted from 0; empty: all.
    """

    start: int
    end: int
    reason: str
    channels: tuple[int, ...] = ()


def find_dropouts(samples: np.ndarray, rate: int) -> list[Dropout]:
    """The dropouts of a clip.

    Silent and held runs are found where all channels, or one of several, stand still for `LEAST_S` or longer (clipped
    ones for `LEAST_CLIPPED_S`) and the sound breaks off at both ends, faded at neither end of silence; and where the
    level falls and rises as it does in encoded silence. At the very start and end of a clip they are never found: music
    begins and ends in digital silence, and there is no second neighbour to tell. Samples that are no numbers are found
    everywhere, each of them.

    Args:
        samples: float (n,) or (n, channels).
        rate: in Hz.

    Returns:
        In order of time, neither overlapping nor touching; of those not merged, `start` is the first sample that does
        not move any more and `end` the first that moves again, so that a dropout into which the sound ran by chance
        through its value is found as exactly as can be told.

    Raises:
        AudioError: `samples` is empty or not of these shapes, or `rate` is not above 0.
    """
    samples = np.asarray(samples)
    if samples.ndim == 1:
        samples = samples[:, None]
    if samples.ndim != 2 or not samples.size or samples.dtype.kind != "f" or rate < 1:
        raise AudioError(
            f"Received {samples.dtype} samples of shape {samples.shape} at {rate} Hz; expected floats of shape (n,) or "
            "(n, channels), not empty, at more than 0 Hz."
        )
    near = max(1, round(NEAR_S * rate))
    found = _found(samples, rate)
    if samples.shape[1] > 1:
        found += [
            replace(dropout, channels=(channel,))
            for channel in range(samples.shape[1])
            for dropout in _found(samples[:, channel : channel + 1], rate)
        ]
    return _merged(found, near, samples.shape[1])


def _found(samples: np.ndarray, rate: int) -> list[Dropout]:
    """The dropouts of all channels at once."""
    finite = np.isfinite(samples)
    broken = ~finite.all(axis=1)
    found = [Dropout(start, end, BROKEN) for start, end in _runs(~finite.any(axis=1))]
    found += _standing(samples, broken, rate)
    sound = np.where(finite, samples, 0) if broken.any() else samples
    holes = find_holes(sound, rate, COARSE_STEPS * _step(sound))
    found += [Dropout(start, end, SILENT) for start, end in holes if not broken[start:end].any()]
    return found


def _standing(samples: np.ndarray, broken: np.ndarray, rate: int) -> list[Dropout]:
    """Runs in which no channel moves."""
    still = ~broken  # still[i]: sample i is as the one before, and both are numbers
    still[0] = False
    for channel in samples.T:
        still[1:] &= channel[1:] == channel[:-1]
    least, least_clipped = (max(2, round(seconds * rate)) for seconds in (LEAST_S, LEAST_CLIPPED_S))
    # The first of a run is the sample that the others repeat.
    runs = [(first - 1, end) for first, end in _runs(still)]
    runs = [(start, end) for start, end in runs if end - start >= least and start > 0 and end < len(samples)]
    if not runs:
        return []
    known = samples[~broken]
    low, high = known.min(axis=0), known.max(axis=0)
    step, edge, near = _step(known), max(2, round(EDGE_S * rate)), max(2, round(NEAR_BLOCKS * BLOCK_S * rate))
    found = []
    for start, end in runs:
        value = samples[start]
        clipped = bool(((value == low) & (value < 0) | (value == high) & (value > 0)).any())
        if clipped and end - start < least_clipped:
            continue
        moves = min(_moves(samples[max(0, start - edge) : start]), _moves(samples[end : end + edge]))
        if moves < max(AUDIBLE, STEPS * step):
            continue
        if moves < COARSE_STEPS * step and _longest_near(still, start, end, round(COARSE_S * rate)) * COARSE_RUNS > (
            end - start
        ):
            continue
        sides = samples[max(0, start - near) : start] - value, (samples[end : end + near] - value)[::-1]
        break_off = [breaks_off(np.nan_to_num(side, posinf=0, neginf=0), rate) for side in sides]
        # Slow sound comes near a value that is held of itself, and leaves it so: one side must do.
        if not (any(break_off) if value.any() else all(break_off)):
            continue
        # The first of a held run may be the sound's last sample, or not: one that is lost is not heard, one that is
        # wrong and left is the loudest thing that prediction has to go on from.
        found.append(Dropout(start, end, SILENT if not value.any() else CLIPPED if clipped else STUCK))
    return found


def _moves(samples: np.ndarray) -> float:
    """Deviation of the channel that moves most."""
    finite = samples[np.isfinite(samples).all(axis=1)]
    return float(finite.std(axis=0, dtype=np.float64).max()) if len(finite) > 1 else 0.0


def _longest_near(still: np.ndarray, start: int, end: int, near: int) -> int:
    """The longest other run of equal samples around one."""
    around = [*_runs(still[max(0, start - near) : start]), *_runs(still[end : end + near])]
    return max((stop - first + 1 for first, stop in around), default=1)


def _step(samples: np.ndarray) -> float:
    """The smallest difference between neighbours: the step of integers, next to nothing of floats."""
    least = []
    for channel in samples.T:
        moves = np.abs(np.diff(channel))
        least.append(np.min(moves, where=moves > 0, initial=np.inf))
    smallest = float(min(least))
    return smallest if np.isfinite(smallest) else 0.0


def _runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """Start and end of each run of True."""
    edges = np.flatnonzero(np.diff(flags, prepend=False, append=False))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _merged(dropouts: list[Dropout], near: int, channels: int) -> list[Dropout]:
    merged: list[Dropout] = []
    for dropout in sorted(dropouts, key=lambda found: (found.start, -found.end, len(found.channels))):
        if not merged or dropout.start - merged[-1].end >= near:
            merged.append(dropout)
            continue
        last = merged[-1]
        if not last.channels and dropout.end <= last.end and dropout.channels:
            continue  # a channel of what is lost in all
        reasons = dict.fromkeys((*last.reason.split(" and "), *dropout.reason.split(" and ")))
        damaged = {*last.channels, *dropout.channels} if last.channels and dropout.channels else set()
        damaged = () if len(damaged) == channels else tuple(sorted(damaged))
        merged[-1] = Dropout(last.start, max(last.end, dropout.end), " and ".join(reasons), damaged)
    return merged
