"""What FstMuse is, its versions and its licence."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from fstmuse import __version__

from .error_dialog import versions
from .icons import app_icon


class About(QDialog):
    """The About box.

    Args:
        parent: the window.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About FstMuse"))
        picture = QLabel()
        side = self.fontMetrics().height() * 4
        picture.setPixmap(app_icon().pixmap(side, side))
        picture.setAlignment(Qt.AlignmentFlag.AlignTop)
        name = QLabel(f"FstMuse {__version__}")
        font = name.font()
        font.setBold(True)
        font.setPointSizeF(font.pointSizeF() * 1.4)
        name.setFont(font)
        words = QLabel(
            self.tr(
                "Learning from music as pictures of sound: drop clips in, see and hear what the networks make of them. "
                "Nothing you open leaves this machine.\n\n"
                "FstMuse is under the Apache License 2.0. It uses Qt for Python (LGPL 3), TensorFlow and Keras "
                "(Apache 2.0), and FFmpeg by PyAV and libsndfile (LGPL 2.1)."
            )
        )
        words.setWordWrap(True)
        words.setMinimumWidth(words.fontMetrics().averageCharWidth() * 60)
        details = QLabel(versions())
        details.setTextFormat(Qt.TextFormat.PlainText)
        details.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        details.setAccessibleName(self.tr("Versions"))
        text = QVBoxLayout()
        for label in (name, words, details):
            text.addWidget(label)
        head = QHBoxLayout()
        head.addWidget(picture)
        head.addLayout(text, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.addLayout(head)
        layout.addWidget(buttons)
