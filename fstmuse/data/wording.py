"""Words that messages share."""

from __future__ import annotations


def counted(number: int, what: str) -> str:
    """A number and what it counts: "1 clip", "1,200 clips"."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
