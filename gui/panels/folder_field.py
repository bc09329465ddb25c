"""A field for a folder: typed, or chosen in a dialog."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QDir, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from ..core.paths import full_path
from ..words import plain_tip
from .asking import Then, ask_folder

AskFolder = Callable[[QWidget, str, str, Then], object]
"""As `ask_folder`: parent, title, start, then."""


class FolderField(QWidget):
    """A line with a folder, and a button that opens a dialog to choose one.

    Args:
        title: of the dialog, and name of the field for screen readers.
        ask: opens the dialog.
        parent: Qt parent.
    """

    chosen = Signal(str)
    """Absolute path of another folder; need not be there yet."""

    def __init__(self, title: str, ask: AskFolder = ask_folder, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._ask = title, ask
        self._shown = ""
        self.line = QLineEdit()
        self.line.setAccessibleName(title)
        self.line.setMinimumWidth(self.line.fontMetrics().averageCharWidth() * 40)
        self.line.editingFinished.connect(lambda: self._take(self.line.text()))
        self.button = QPushButton(self.tr("Choose..."))
        self.button.setAutoDefault(False)
        self.button.setAccessibleName(self.tr("{0}: choose").format(title))
        self.button.clicked.connect(self.browse)
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
        self.line.setToolTip(plain_tip(self.line.text()))

    def browse(self) -> None:
        """Opens the dialog."""
        self._ask(self, self._title, self._shown, self._take)

    def _take(self, text: str) -> None:
        folder = full_path(text.strip()) if text.strip() else self._shown
        changed = folder != self._shown
        self.show_folder(folder)
        if changed:
            self.chosen.emit(folder)
