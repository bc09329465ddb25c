"""What went wrong, in plain words, with all that a report needs to copy."""

from __future__ import annotations

import importlib.metadata
import platform
import sys

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from fstmuse import __version__

from .words import Words

_PACKAGES = ("PySide6", "tensorflow", "keras", "numpy", "librosa", "soundfile", "av")


def versions() -> str:
    """FstMuse, Python, system and packages, a line each. Nothing is imported for it."""
    lines = [
        f"FstMuse {__version__}",
        f"Python {platform.python_version()} ({sys.executable})",
        f"{platform.platform()}, {platform.machine()}",
        f"Qt {qVersion()}, {QGuiApplication.platformName()}",
    ]
    for package in _PACKAGES:
        try:
            lines.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            lines.append(f"{package}: not installed")
    return "\n".join(lines)


def report(title: str, message: str, details: str, settings: str, log: str) -> str:
    """All that helps someone else to understand what happened.

    Args:
        title: of the dialog.
        message: what happened, in words.
        details: traceback, or empty.
        settings: lines of all settings.
        log: last lines of the log.
    """
    parts = [title, message, details, versions(), f"Settings\n{settings}", f"Log\n{log}"]
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


class ErrorDialog(QDialog):
    """Tells of an error and lets the window go on.

    Args:
        title: of the dialog.
        message: what happened, in words; never read as HTML.
        full: the whole report, as `report` makes it.
        parent: the window.
    """

    def __init__(self, title: str, message: str, full: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.message = message
        self._full = full

        style = self.style()
        picture = QLabel()
        side = style.pixelMetric(QStyle.PixelMetric.PM_MessageBoxIconSize, None, self)
        picture.setPixmap(style.standardIcon(QStyle.StandardPixmap.SP_MessageBoxWarning).pixmap(side, side))
        picture.setAlignment(Qt.AlignmentFlag.AlignTop)
        text = Words(message, selectable=True)
        text.setMinimumWidth(text.fontMetrics().averageCharWidth() * 60)
        head = QHBoxLayout()
        head.addWidget(picture)
        head.addWidget(text, 1)

        self.details = QPlainTextEdit(full)
        self.details.setReadOnly(True)
        self.details.setTextInteractionFlags(
            self.details.textInteractionFlags() | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.details.setTabChangesFocus(True)
        self.details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.details.setAccessibleName(self.tr("Details"))
        self.details.setMinimumHeight(self.details.fontMetrics().lineSpacing() * 16)
        self.details.hide()

        self._details_button = QPushButton(self.tr("&Details"))
        self._details_button.setCheckable(True)
        self._details_button.toggled.connect(self._show_details)
        self.copy_button = QPushButton(self.tr("&Copy details"))
        self.copy_button.clicked.connect(self._copy)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self._details_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self.copy_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.close)

        layout = QVBoxLayout(self)
        layout.addLayout(head)
        layout.addWidget(self.details, 1)
        layout.addWidget(buttons)

    def _show_details(self, shown: bool) -> None:
        self.details.setVisible(shown)
        self.adjustSize()

    def _copy(self) -> None:
        QApplication.clipboard().setText(self._full)
        self.copy_button.setText(self.tr("Copied"))
