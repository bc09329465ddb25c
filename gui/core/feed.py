"""From the samples of a clip to what a sound device is given, and back from what was heard to a place. Free of Qt."""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .pcm import Pcm

_SHORTEST_LOOP_S = 0.02

_SNAP_S = 0.25
_AHEAD_S = 0.05
_PULL = 0.1


@dataclass(frozen=True)
class _Span:
    """Frames that were given one after another.

    Args:
        begin: frames given before these.
        count: of these.
        first: sample of the clip that the first of them is; all of them where they are silence.
        moves: they are samples of the clip, not silence.
    """

    begin: int
    count: int
    first: int
    moves: bool


class Feed:
    """An endless stream from some place of a clip on: the clip, its loop again and again, or silence.

    Silence comes after the end, and as long as a clip that is still being decoded has nothing
    more. So a device never runs dry, and its count of frames can be turned into a place. Used
    from the window's thread and the device's.

    Args:
        pcm: samples of the clip.
        start: sample to begin with.
        loop: first sample, and the one after the last, of what is repeated once it is reached.
    """

    def __init__(self, pcm: Pcm, start: int, loop: tuple[int, int] | None = None) -> None:
        self._pcm = pcm
        self._next = max(0, start)
        self._loop = loop
        self._given = 0
        self._sounding = 0  # frames given up to the last one that was no silence
        self._spans: deque[_Span] = deque()
        self._lock = threading.Lock()

    def take(self, count: int) -> np.ndarray:
        """The next frames.

        Returns:
            int16 (count,), exactly.
        """
        parts = [np.zeros(0, "<i2")]
        with self._lock:
            while count > 0:
                there = self._pcm.samples
                loop = self._loop_within(there)
                if loop and self._next >= loop[1]:
                    self._next = loop[0]
                run = min(count, (min(there, loop[1]) if loop else there) - self._next)
                moves = run > 0
                if not moves:
                    run = count
                parts.append(self._pcm.read(self._next, run) if moves else np.zeros(run, "<i2"))
                self._spans.append(_Span(self._given, run, self._next, moves))
                self._given += run
                count -= run
                if moves:
                    self._next += run
                    self._sounding = self._given
        return np.concatenate(parts)

    def locate(self, heard: float) -> float:
        """The sample that is heard after so many frames; never asked for an earlier one again."""
        with self._lock:
            while len(self._spans) > 1 and heard >= self._spans[1].begin:
                self._spans.popleft()
            if not self._spans:
                return float(self._next)
            span = self._spans[0]
            return span.first + (min(max(0.0, heard - span.begin), span.count) if span.moves else 0.0)

    def ended(self, heard: float) -> bool:
        """After so many frames, the clip has been heard to its end and nothing more will follow."""
        with self._lock:
            there = self._pcm.samples
            over = self._pcm.complete and self._next >= there and self._loop_within(there) is None
            return over and heard >= self._sounding

    def set_loop(self, loop: tuple[int, int] | None) -> None:
        """Repeats another part from now on, or none."""
        with self._lock:
            self._loop = loop

    def switch(self, pcm: Pcm) -> None:
        """Goes on in another clip of the same rate, at the same place."""
        with self._lock:
            self._pcm = pcm

    def _loop_within(self, there: int) -> tuple[int, int] | None:
        """The loop; of a clip that is known to its end, the part of it that exists."""
        if self._loop is None or not self._pcm.complete:
            return self._loop
        start, end = self._loop[0], min(self._loop[1], there)
        return (start, end) if start < end else None


def loop_samples(start_s: float, end_s: float, sample_rate: int) -> tuple[int, int]:
    """A loop in samples, at least 20 ms long, for nobody hears more of a shorter one than its repetition."""
    start = max(0, round(start_s * sample_rate))
    return start, max(round(end_s * sample_rate), start + math.ceil(_SHORTEST_LOOP_S * sample_rate))


class SmoothClock:
    """A clock that rises evenly, from one that rises in steps, as those of sound devices do.

    Args:
        now: time in s.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._then = now()
        self._value = 0.0

    def read(self, raw_s: float) -> float:
        """Follows the time of the device, `raw_s`, in s; never falls, and hardly runs ahead when the device stands."""
        now = self._now()
        guess = self._value + now - self._then
        self._then = now
        error = raw_s - guess
        guess = raw_s if abs(error) > _SNAP_S else guess + _PULL * error
        self._value = max(self._value, min(guess, raw_s + _AHEAD_S))
        return self._value
