"""What inference answers: one result per file, or the reason why there is none."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fstmuse.errors import ConfigError


@dataclass(frozen=True, eq=False)
class Classification:
    """The labels of one file or of a part of it, over all that was heard and, when asked for, along its time.

    Args:
        path: of the file, as the user gave it.
        labels: names of the model's outputs.
        probabilities: float (labels,) in [0, 1], over all that was heard. They need not sum to 1.
        duration_s: length of what was heard, in s.
        times_s: float (windows, 2) start and end of each window in s from the beginning of the file (also where only
            a part of it was heard), rising; None without windows.
        along_time: float (windows, labels) in [0, 1]; None without windows.
        start_s: where in the file that which was heard begins, in s.
        part: which part was asked for, as `part_name` puts it; empty for the whole file.

    Raises:
        ConfigError: shapes do not agree, or a value is not a probability.
    """

    path: str
    labels: tuple[str, ...]
    probabilities: np.ndarray
    duration_s: float
    times_s: np.ndarray | None = None
    along_time: np.ndarray | None = None
    start_s: float = 0.0
    part: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", tuple(self.labels))
        object.__setattr__(self, "probabilities", np.asarray(self.probabilities, np.float32))
        self._require_probabilities("probabilities", self.probabilities, (len(self.labels),))
        if (self.times_s is None) != (self.along_time is None):
            raise ConfigError(f"{self.path}: times_s and along_time belong together; give both or neither.")
        if self.along_time is not None:
            object.__setattr__(self, "times_s", np.asarray(self.times_s, np.float64))
            object.__setattr__(self, "along_time", np.asarray(self.along_time, np.float32))
            if self.times_s.ndim != 2 or self.times_s.shape[1] != 2 or len(self.times_s) == 0:
                raise ConfigError(f"{self.path}: times_s has shape {self.times_s.shape}, expected (windows, 2).")
            self._require_probabilities("along_time", self.along_time, (len(self.times_s), len(self.labels)))

    def _require_probabilities(self, name: str, values: np.ndarray, shape: tuple[int, ...]) -> None:
        if values.shape != shape or not self.labels:
            raise ConfigError(
                f"{self.path}: {name} has shape {values.shape}, expected {shape} for {len(self.labels)} labels. "
                "Take the labels from the model's card."
            )
        # A rounding error above 1 is a probability; NaN compares false and is refused.
        if not np.all((values >= -1e-5) & (values <= 1 + 1e-5)):
            raise ConfigError(
                f"{self.path}: {name} holds {values.min()} to {values.max()}, expected 0 to 1. "
                "The model is damaged or diverged in training; train it again."
            )

    def top(self, k: int) -> list[tuple[str, float]]:
        """The `k` likeliest labels (all, when there are fewer) with their probabilities, likeliest first."""
        order = np.argsort(-self.probabilities, kind="stable")[: max(k, 0)]
        return [(self.labels[i], float(self.probabilities[i])) for i in order]

    @property
    def end_s(self) -> float:
        """Where in the file that which was heard ends, in s."""
        return self.start_s + self.duration_s

    def require_windows(self) -> None:
        """Makes sure that there are answers along time.

        Raises:
            ConfigError: there are none.
        """
        if self.along_time is None:
            raise ConfigError(
                f"{self.path}: the result has one answer for the whole file, expected one per window. "
                "Classify it along time (--along-time)."
            )

    @property
    def label(self) -> str:
        """The likeliest label of the file."""
        return self.top(1)[0][0]

    @property
    def confidence(self) -> float:
        """The probability of `label`."""
        return self.top(1)[0][1]


@dataclass(frozen=True)
class Skipped:
    """A file without a result.

    Args:
        path: of the file, as the user gave it.
        reason: why, in words, and how to mend it.
    """

    path: str
    reason: str


@dataclass(frozen=True)
class Segment:
    """A stretch of time with one label.

    Args:
        start_s: in s.
        end_s: in s.
        label: the likeliest one throughout.
        confidence: mean probability of `label` over the windows of the stretch.
    """

    start_s: float
    end_s: float
    label: str
    confidence: float


def part_name(start_s: float = 0.0, duration_s: float | None = None) -> str:
    """What a part of a file is called in reports and in names of files, such as `90s-120s` or `90s-end`.

    Args:
        start_s: where it begins, in s.
        duration_s: its length, in s; None: to the end of the file.

    Returns:
        The name, to the millisecond; empty for the whole file.
    """
    if duration_s is not None and not math.isfinite(duration_s):
        duration_s = None
    if start_s == 0 and duration_s is None:
        return ""
    end = "end" if duration_s is None else _seconds(start_s + duration_s)
    return f"{_seconds(start_s)}-{end}"


def _seconds(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".") + "s"


def segments(result: Classification) -> list[Segment]:
    """The label along the time of a file: consecutive windows of one label become one segment.

    Where neighbours of different labels overlap, the border is the middle of the
    overlap, so that segments follow one another and never lie upon each other.

    Args:
        result: a result with windows.

    Returns:
        Segments in order of time.

    Raises:
        ConfigError: the result has no windows.
    """
    result.require_windows()
    winners = result.along_time.argmax(axis=1)
    firsts = np.flatnonzero(np.r_[True, winners[1:] != winners[:-1]])
    lasts = np.r_[firsts[1:] - 1, len(winners) - 1]
    starts, ends = result.times_s[firsts, 0].copy(), result.times_s[lasts, 1].copy()
    overlap = ends[:-1] > starts[1:]
    middle = (ends[:-1] + starts[1:]) / 2
    starts[1:] = np.where(overlap, middle, starts[1:])
    ends[:-1] = np.where(overlap, middle, ends[:-1])
    return [
        Segment(
            float(start),
            float(end),
            result.labels[winners[first]],
            float(result.along_time[first : last + 1, winners[first]].mean(dtype=np.float64)),
        )
        for start, end, first, last in zip(starts, ends, firsts, lasts, strict=True)
    ]
