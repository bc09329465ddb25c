"""Which widgets keep keys to themselves that are shortcuts elsewhere in the window."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
    QTreeView,
    QWidget,
)

_ARROWS = frozenset({Qt.Key.Key_Left, Qt.Key.Key_Right})
_ENDS = frozenset({Qt.Key.Key_Home, Qt.Key.Key_End})
_SPACE = frozenset({Qt.Key.Key_Space})


def keeps(widget: QWidget | None, event: QKeyEvent) -> bool:
    """Whether a key is for the widget that has the keyboard, not a shortcut of the window.

    Without this, nobody could type an F into a field, press a button by Space or move a slider by the arrows.

    Args:
        widget: that has the keyboard.
        event: of kind ShortcutOverride.
    """
    if isinstance(widget, QAbstractItemView) and event.matches(QKeySequence.StandardKey.SelectAll):
        return True
    if event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier):
        return False
    key = event.key()
    if isinstance(widget, QAbstractSpinBox) and key in _SPACE:
        # There is none in a number: it plays.
        return False
    if isinstance(widget, QLineEdit | QPlainTextEdit | QTextEdit | QAbstractSpinBox):
        written = bool(event.text()) and event.text().isprintable()
        return written or key in _ARROWS | _ENDS or key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
    if isinstance(widget, QComboBox):
        return key in _ARROWS | _ENDS | _SPACE or event.text().isalnum()
    if isinstance(widget, QAbstractButton):
        return key in _SPACE
    if isinstance(widget, QAbstractSlider | QTabBar):
        return key in _ARROWS | _ENDS
    if isinstance(widget, QAbstractItemView):
        if key in _SPACE:
            # Space ticks a list's boxes; in a list without them it plays.
            return widget.currentIndex().data(Qt.ItemDataRole.CheckStateRole) is not None
        return key in _ENDS or (key in _ARROWS and isinstance(widget, QTreeView))
    return False


def keeps_focused(event: QKeyEvent) -> bool:
    """`keeps` of whatever has the keyboard now."""
    return keeps(QApplication.focusWidget(), event)
