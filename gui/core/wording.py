"""Lengths of time as people say them. Free of Qt."""

from __future__ import annotations


def rough_time(seconds: float) -> tuple[str, int]:
    """A length of time, rounded as far as an estimate deserves.

    Args:
        seconds: 0 or more.

    Returns:
        Unit (`s`, `min`, `h`) and how many; below a minute and a half in steps of 5 s.
    """
    if seconds < 90:
        return "s", max(5, 5 * round(seconds / 5))
    if seconds < 5400:
        return "min", round(seconds / 60)
    return "h", round(seconds / 3600)
