"""The window on small screens, while files are dragged over it, and by the keyboard alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent
from PySide6.QtWidgets import QApplication

from gui.settings import Settings
from gui.window import Window
from tests.gui.window_fixtures import COPY, LEFT, NONE, drop, mime_of, names, open_window, window

__all__ = ["window"]


@pytest.mark.parametrize("page", ["clips", "train", "models"])
def test_it_can_be_as_narrow_as_a_small_screen(window: Window, page: str) -> None:
    """800 pixels with the usual letters: a screen of 1280 pixels has them at a scale of 1.5."""
    window.show_page(page)
    assert window.minimumSizeHint().width() <= 135 * window.fontMetrics().averageCharWidth()
    window.resize(1, 1)
    assert window.width() <= 135 * window.fontMetrics().averageCharWidth()


def test_it_opens_no_larger_than_the_screen(qtbot, models_folder: Path, settings: Settings) -> None:
    first = open_window(qtbot, settings)
    first.resize(first.screen().availableSize() * 2)
    first.close_surely()
    again = Window(settings)
    room = again.screen().availableSize()
    assert again.width() <= room.width() and again.height() <= room.height()
    for each in (first, again):
        each.close_surely()
        each.deleteLater()


def test_files_over_the_window_are_expected_until_they_go_or_are_dropped(qtbot, window: Window, tones: Path) -> None:
    mime, hint = mime_of(tones / "low.wav"), window.drop_hint
    assert not hint.isVisible()
    QApplication.sendEvent(window.clip_view, QDragEnterEvent(QPoint(5, 5), COPY, mime, LEFT, NONE))
    assert hint.isVisible() and hint.geometry() == window.rect()
    # What is below it is still what the pointer is over.
    assert window.childAt(window.rect().center()) not in (None, hint)
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert not hint.isVisible()
    drop(window.clip_view, mime)
    assert not hint.isVisible()
    qtbot.waitUntil(lambda: names(window) == ["low.wav"])


def test_what_cannot_be_taken_is_not_expected(window: Window) -> None:
    mime = QMimeData()
    mime.setText("a sentence")
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(5, 5), COPY, mime, LEFT, NONE))
    assert not window.drop_hint.isVisible()


def test_the_toolbar_stands_before_the_page(qtbot, window: Window, tones: Path) -> None:
    table, last = window.queue_panel.table, window.toolbar.widgetForAction(window.context.actions["models"])
    assert window.queue_panel.isAncestorOf(QApplication.focusWidget())
    window.take([str(tones / "low.wav")])
    qtbot.waitUntil(lambda: QApplication.focusWidget() is table)
    qtbot.keyClick(table, Qt.Key.Key_Backtab)
    assert QApplication.focusWidget() is last
    qtbot.keyClick(last, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is table
    for page in ("train", "models"):
        window.show_page(page)
        last.setFocus()
        qtbot.keyClick(last, Qt.Key.Key_Tab)
        assert window.full_pages[page].isAncestorOf(QApplication.focusWidget())
