"""An answer as the window keeps it. Free of Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What one artifact said of one clip.

    Args:
        artifact: folder of the trained network.
        name: of the artifact, for people.
        verb: what it was asked.
        options: how it was asked.
        result: what the session's method returned.
        files: paths that were written.
        seconds: that the answer took.
        unsaved: why files could not be written; else empty.
        signature: of the artifact's card when it answered; another one may have taken its name since.
        stamp: of the clip's file when the artifact was asked, as `stamp_of` gives it; None when it is not known.
        draft: file of a new sound by which the window shows and plays it, and which goes with the window; else empty.
    """

    artifact: str
    name: str
    verb: str
    options: dict[str, Any]
    result: Any
    files: tuple[str, ...]
    seconds: float
    unsaved: str = ""
    signature: str = ""
    stamp: tuple[int, int] | None = None
    draft: str = ""
