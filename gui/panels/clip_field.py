"""A field for one sound file: chosen in a dialog, or dropped on it; it may be empty."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QDir, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QWidget

from ..core.paths import full_path
from ..icons import icon
from ..intaking import paths_in
from ..settings import Settings
from ..words import plain_tip
from .asking import ask_sounds


class ClipField(QWidget):
    """The name of a file, a button that opens a dialog and one that takes the file away.

    Whether the file can be read is seen when it is used: nothing is decoded here.

    Args:
        title: of the dialog, and name of the field for screen readers.
        tip: what the file is for.
        settings: remember where files are.
        parent: Qt parent.

    Attributes:
        line: shows the name.
        choose: opens the dialog.
        clear: takes the file away.
    """

    changed = Signal()
    """Another file, or none."""

    def __init__(self, title: str, tip: str, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._tip, self._settings = title, tip, settings
        self._path = ""
        self.setAcceptDrops(True)
        self.line = QLineEdit()
        self.line.setReadOnly(True)
        # What is dropped on it is for the whole field.
        self.line.setAcceptDrops(False)
        self.line.setPlaceholderText(self.tr("none"))
        self.line.setAccessibleName(title)
        self.choose = _button("open", self.tr("Choose a file, or drop one here"), self.tr("{0}: choose").format(title))
        self.clear = _button("close", self.tr("Go on from no file"), self.tr("{0}: none").format(title))
        self.choose.clicked.connect(self.browse)
        self.clear.clicked.connect(lambda: self.set_path(""))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.line, 1)
        layout.addWidget(self.choose)
        layout.addWidget(self.clear)
        self.setFocusProxy(self.line)
        self._show()

    @property
    def path(self) -> str:
        """Of the file, absolute; empty for none."""
        return self._path

    def set_path(self, path: str) -> None:
        """Takes a file, or none where the path is empty."""
        path = full_path(path) if path else ""
        if path != self._path:
            self._path = path
            self._show()
            self.changed.emit()

    def browse(self) -> None:
        """Opens the dialog."""
        start = str(Path(self._path).parent) if self._path else self._settings.open_folder
        ask_sounds(self, self._title, start, self._chosen, several=False)

    def _chosen(self, paths: list[str]) -> None:
        self._settings.open_folder = str(Path(paths[0]).parent)
        self.set_path(paths[0])

    def _show(self) -> None:
        self.line.setText(Path(self._path).name)
        self.line.setCursorPosition(0)
        where = f"{QDir.toNativeSeparators(self._path)}\n" if self._path else ""
        self.line.setToolTip(plain_tip(f"{where}{self._tip}"))
        self.clear.setVisible(bool(self._path))

    # Drops; also of takes, whose pictures can be dragged here

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """One file may be dropped here, no folder."""
        if _file_in(event):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        """Takes it."""
        if path := _file_in(event):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.set_path(path)


def _file_in(event: QDropEvent) -> str:
    """The one file of a drop; empty where there is none, or more."""
    paths = paths_in(event.mimeData())
    return paths[0] if len(paths) == 1 and Path(paths[0]).is_file() else ""


def _button(name: str, tip: str, spoken: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(name))
    button.setToolTip(tip)
    button.setAccessibleName(spoken)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button
