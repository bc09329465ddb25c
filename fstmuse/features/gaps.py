"""Where sound is missing: gaps as people give them, checked, in samples and in order. Free of TensorFlow."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from fstmuse.errors import ConfigError

Gap = tuple[int, int]
"""First sample that is missing, first one behind it."""

_TOLERANCE_S = 0.01
"""Durations are shown to the hundredth of a second: an end that is typed as shown may lie so far behind the clip's."""


def gaps_in_samples(gaps_s: Iterable[Sequence[float]], rate: int, samples: int) -> list[Gap]:
    """Gaps in seconds as samples of a clip; those that overlap or touch become one.

    Args:
        gaps_s: start and end of each, in s.
        rate: of the clip, in Hz.
        samples: of the clip.

    Returns:
        In order of time, at least a sample each.

    Raises:
        ConfigError: there is no gap, one ends before it begins, lies outside the clip, or all of the clip is missing.
    """
    duration_s = samples / rate
    gaps = []
    for gap in gaps_s:
        start_s, end_s = (float(edge) for edge in gap)
        words = f"gap {start_s:g} to {end_s:g} s"
        if not (math.isfinite(start_s) and math.isfinite(end_s)) or end_s <= start_s:
            raise ConfigError(f"Received the {words}; expected a start and a later end, in seconds.")
        if start_s < 0 or start_s >= duration_s or end_s > duration_s + _TOLERANCE_S:
            raise ConfigError(f"Received the {words}, but the clip goes from 0 to {duration_s:.2f} s. Mend the gap.")
        start = min(round(start_s * rate), samples - 1)
        gaps.append((start, min(samples, max(start + 1, round(end_s * rate)))))
    return merged_gaps(gaps, samples, rate)


def merged_gaps(gaps: Iterable[Gap], samples: int, rate: int) -> list[Gap]:
    """Gaps in order; those that overlap or touch are one.

    Args:
        gaps: in samples.
        samples: of the clip.
        rate: of the clip, in Hz; for the words alone.

    Raises:
        ConfigError: there is no gap, one is empty or outside the clip, or all of the clip is missing.
    """
    merged: list[Gap] = []
    for start, end in sorted(gaps):
        if not 0 <= start < end <= samples:
            raise ConfigError(
                f"Received a gap from sample {start:,} to {end:,}; expected it within the clip's {samples:,} samples."
            )
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    if not merged:
        raise ConfigError("Received no gap; expected at least one. Mark what is missing.")
    if merged[0] == (0, samples):
        raise ConfigError(
            f"The gap is as wide as the clip ({samples / rate:.2f} s): nothing is left to fill it from. "
            "Give a longer clip, or a smaller gap."
        )
    return merged
