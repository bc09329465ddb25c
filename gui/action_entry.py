"""What the table of actions is made of: entries, and the menus that they stand in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP


@dataclass(frozen=True)
class Entry:
    """Something that can be done.

    Args:
        name: by which code asks for its action.
        text: in menus, & before the letter that chooses it; to be translated in `context`.
        keys: key sequences, the first of them shown.
        menu: name of one of `MENUS`.
        tip: what it does; to be translated in `context`.
        handler: what does it: a dotted path from the window, such as `clip_view.zoom_in`.
        arguments: of the handler.
        icon: name in `icons`; empty for none.
        checkable: it is on or off; the handler is told which, behind `arguments`.
        group: a line parts neighbours of different groups in a menu.
        context: of the translation.
    """

    name: str
    text: str
    keys: tuple[str, ...]
    menu: str
    tip: str
    handler: str
    arguments: tuple[Any, ...] = ()
    icon: str = ""
    checkable: bool = False
    group: int = 0
    context: str = "Actions"


MENUS = {
    "file": QT_TRANSLATE_NOOP("Actions", "&File"),
    "clips": QT_TRANSLATE_NOOP("Actions", "&Clips"),
    "task": QT_TRANSLATE_NOOP("Actions", "&Task"),
    "takes": QT_TRANSLATE_NOOP("Actions", "T&akes"),
    "play": QT_TRANSLATE_NOOP("Actions", "&Play"),
    "view": QT_TRANSLATE_NOOP("Actions", "&View"),
    "help": QT_TRANSLATE_NOOP("Actions", "&Help"),
}
"""Names and titles of the menus, in order."""
