"""A line that says how the training goes, on pages that show something else."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QToolButton, QWidget

from ..icons import icon
from ..training import Training
from ..training_words import brief
from ..words import plain_tip


class TrainingNote(QToolButton):
    """Says what `brief` says while a training is going on, and is hidden otherwise. A click asks for its page.

    Args:
        training: what is told of.
        parent: Qt parent.
    """

    told = Signal(str)
    """Other words, or the same once more; empty when nothing is going on."""

    def __init__(self, training: Training, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._training = training
        self.setAutoRaise(True)
        self.setIcon(icon("train"))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setToolTip(plain_tip(self.tr("Shows the training")))
        self._second = QTimer(self)
        self._second.setInterval(1000)
        self._second.timeout.connect(self._tell)
        training.stateChanged.connect(self._tell)
        training.stepped.connect(self._tell)
        self._tell()

    def _tell(self) -> None:
        words = brief(self._training)
        if words != self.text():
            self.setText(words)
            self.setAccessibleName(words)
        self.setVisible(bool(words))
        # Time left goes down between messages, too.
        if bool(words) != self._second.isActive():
            if words:
                self._second.start()
            else:
                self._second.stop()
        self.told.emit(words)
