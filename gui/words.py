"""Texts from outside, such as names of files and labels: never read as HTML, and never wider than their place."""

from __future__ import annotations

import unicodedata
from html import escape

from PySide6 import QtGui
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QWidget

_NARROWEST = 12  # characters


def plain_tip(text: str) -> str:
    """A tool tip that shows a text as it is; Qt reads what looks like HTML as HTML.

    Args:
        text: of any kind.
    """
    return f"<qt>{escape(text)}</qt>".replace("\n", "<br>") if QtGui.Qt.mightBeRichText(text) else text


def one_line(text: str, characters: int = 60) -> str:
    """A name on one line, its middle left out where it is longer than it may be: names of files differ at their ends.

    Args:
        text: the name.
        characters: how long it may be.
    """
    text = " ".join(text.split())
    if len(text) <= characters:
        return text
    end = characters // 2
    return f"{text[: characters - end - 1]}…{text[-end:]}"


def isolated(name: str) -> str:
    """A name to be put into a sentence, whose order stays where the name is written from right to left.

    Args:
        name: of a file, such as `שלום.wav`.
    """
    leftward = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in name)
    return f"\N{LEFT-TO-RIGHT ISOLATE}{name}\N{POP DIRECTIONAL ISOLATE}" if leftward else name


def menu_words(text: str) -> str:
    """A menu's text without the mark before its letter and the dots that promise a dialog.

    Args:
        text: such as `&Open files...`.
    """
    return text.replace("&", "").removesuffix("...")


def counted(number: int, one: str, more: str) -> str:
    """How many there are, in words. Without a translation Qt has but one form, which English does not do with.

    Args:
        number: how many.
        one: what is said of one.
        more: of any other number: `tr(text, "", number)`, so that translators can give it all forms of their language.
    """
    return one if number == 1 else more


class Words(QLabel):
    """Plain text that is broken into lines. A long name in it makes no window wider.

    Args:
        text: to begin with.
        selectable: it can be selected and copied, by mouse and keyboard.
        parent: Qt parent.
    """

    def __init__(self, text: str = "", *, selectable: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        if selectable:
            self.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )

    def minimumSizeHint(self) -> QSize:
        """Room for a short word."""
        size = super().minimumSizeHint()
        return QSize(min(size.width(), _NARROWEST * self.fontMetrics().averageCharWidth()), size.height())
