"""A button that files can be dragged from, or copied with by a click: into a file manager or another program."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QDrag, QGuiApplication
from PySide6.QtWidgets import QApplication, QToolButton, QWidget

from ..file_mime import mime_of
from ..icons import icon


class FileHandle(QToolButton):
    """Holds files that exist already: a drag must not wait for them, and they must outlive it.

    Args:
        parent: owner.
    """

    copied = Signal(int)
    """How many files went to the clipboard."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._files: list[str] = []
        self._pressed = None
        self.setText(self.tr("Drag files"))
        self.setIcon(icon("export"))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.clicked.connect(self._copy)
        self.set_files([])

    @property
    def files(self) -> list[str]:
        """Those of the files that are there now."""
        return [file for file in self._files if Path(file).exists()]

    def set_files(self, files: Iterable[str]) -> None:
        """Offers files.

        Args:
            files: their paths; none of them need still be there.
        """
        self._files = list(dict.fromkeys(files))
        there = self.files
        self.setEnabled(bool(there))
        names = "\n".join(Path(file).name for file in there)
        how = self.tr("Drag the result files out, or click to copy them for pasting:")
        self.setToolTip(f"{how}\n{names}" if there else self.tr("There is no result file yet: export one first."))

    def mime(self) -> QMimeData | None:
        """The files as they are dragged; None when all are gone."""
        there = self.files
        return mime_of(there) if there else None

    def mousePressEvent(self, event) -> None:
        """Remembers where a drag may have begun."""
        self._pressed = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event) -> None:
        """Drags once the mouse has been moved far enough."""
        far = self._pressed is not None and (event.position().toPoint() - self._pressed).manhattanLength()
        if event.buttons() & Qt.MouseButton.LeftButton and far and far >= QApplication.startDragDistance():
            self._pressed = None
            self.setDown(False)
            self._drag()
        else:
            super().mouseMoveEvent(event)

    def _drag(self) -> None:
        mime = self.mime()
        if mime is not None:
            drag = QDrag(self)
            drag.setMimeData(mime)
            drag.setPixmap(self.icon().pixmap(self.iconSize()))
            drag.exec(Qt.DropAction.CopyAction)

    def _copy(self) -> None:
        mime = self.mime()
        if mime is not None:
            count = len(mime.urls())
            QGuiApplication.clipboard().setMimeData(mime)
            self.copied.emit(count)
