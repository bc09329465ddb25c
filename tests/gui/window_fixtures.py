"""The window with a stand-in for the engine, and what people do to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget

from gui.core.jobs import State
from gui.settings import Settings
from gui.window import Window
from tests.gui.shell_targets import engine

LEFT, COPY, NONE = Qt.MouseButton.LeftButton, Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier


def open_window(qtbot, settings: Settings, **options) -> Window:
    window = Window(settings, **({"target": engine} | options))
    window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    window.resize(1200, 800)
    with qtbot.waitSignal(window.painted):
        window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


@pytest.fixture
def window(qtbot, models_folder: Path, settings: Settings):
    made = open_window(qtbot, settings)
    yield made
    made.close_surely()
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def drop(widget: QWidget, mime: QMimeData) -> None:
    """As the system delivers it: the pointer comes in, then lets go."""
    at = widget.rect().center()
    enter = QDragEnterEvent(at, COPY, mime, LEFT, NONE)
    QApplication.sendEvent(widget, enter)
    QApplication.sendEvent(widget, QDropEvent(QPointF(at), COPY, mime, LEFT, NONE))


def mime_of(*paths: Path | str) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def names(window: Window) -> list[str]:
    return [job.name for job in window.runner.jobs]


def all_done(window: Window, count: int) -> bool:
    states = [job.state for job in window.runner.jobs]
    return len(states) == count and set(states) == {State.DONE}
