"""What people are told of the clip that is shown: what stands in place of it, and above it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from .core.pcm import Clip
from .words import isolated, one_line

translate = QCoreApplication.translate


def name_of(clip: Clip) -> str:
    """A clip's name on one line."""
    return isolated(one_line(Path(clip.path).name))


def hint_words(clip: Clip | None, new: bool = False) -> str:
    """What stands where the clip would be.

    Args:
        clip: that has nothing to be seen (yet); None: none is chosen.
        new: on a page that makes something new.
    """
    if clip is None and new:
        return translate("ClipView", "Here you see and hear the take that is chosen, once it is made.")
    if clip is None:
        return translate(
            "ClipView",
            "Here you see and hear the clip that is chosen in the list.\n"
            "Drop sound files or folders anywhere on the window, or press Ctrl+O.",
        )
    return clip.failed or translate("ClipView", "Reading {0}...").format(name_of(clip))


def notice_words(clip: Clip | None, both: Iterable[Clip | None]) -> str:
    """What stands above the clip; empty for nothing.

    Args:
        clip: that is shown.
        both: this one and the one that it is compared with: swapping them must not move the views.
    """
    if clip is not None and clip.failed:
        return clip.failed
    if any(each is not None and each.picture.broken for each in both):
        return translate(
            "ClipView",
            "Where a clip is hatched, its samples are no numbers (NaN): it is heard as silence there. "
            "Find dropouts on the page Fill gaps finds these places.",
        )
    return ""
