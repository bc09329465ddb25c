"""Words that messages share."""

from __future__ import annotations

import re
from pathlib import Path

FEW_CLIPS = 300
"""With fewer usable clips a small network is proposed: large ones learn them by heart."""


def counted(number: int, what: str) -> str:
    """A number and what it counts: "1 clip", "1,200 clips"."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def folder_name(root: Path) -> str:
    """What the data set of a folder of music is called.

    Args:
        root: the folder; it need not be there.
    """
    return re.sub(r"[^\w.+-]+", "-", root.name).strip("-.+") or "music"
