"""A field for a folder: typed, or chosen in a dialog."""

from __future__ import annotations

from PySide6.QtCore import QDir, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from ..core.paths import full_path
from .asking import ask_folder


class FolderField(QWidget):
    """A line with a folder, and a button that opens a dialog to choose one.

    Args:
        title: of the dialog, and name of the field for screen readers.
        parent: Qt parent.
    """

    chosen = Signal(str)
    """Absolute path of another folder; need not be there yet."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._shown = ""
        self.line = QLineEdit()
        self.line.setAccessibleName(title)
        self.line.setMinimumWidth(self.line.fontMetrics().averageCharWidth() * 40)
        self.line.editingFinished.connect(lambda: self._take(self.line.text()))
        self.button = QPushButton(self.tr("Choose..."))
        self.button.setAutoDefault(False)
        self.button.setAccessibleName(self.tr("{0}: choose").format(title))
        self.button.clicked.connect(self._browse)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.line, 1)
        layout.addWidget(self.button)
        self.setFocusProxy(self.line)

    def show_folder(self, folder: str) -> None:
        """Shows a folder, without a signal."""
        self._shown = folder
        self.line.setText(QDir.toNativeSeparators(folder))
        # Of a path that is too long for the field, its start says where one is.
        self.line.setCursorPosition(0)
        self.line.setToolTip(self.line.text())

    def _browse(self) -> None:
        ask_folder(self, self._title, self._shown, self._take)

    def _take(self, text: str) -> None:
        folder = full_path(text.strip()) if text.strip() else self._shown
        changed = folder != self._shown
        self.show_folder(folder)
        if changed:
            self.chosen.emit(folder)
