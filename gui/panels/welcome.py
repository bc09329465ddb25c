"""The first screen of a machine that has no classifier: what is missing, and the ways to get one."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ..context import Context
from ..core.training_messages import Train
from ..icons import icon

DEMO = Train("toymodel-pooled", "demo")
"""What the button trains, the same as `python -m fstmuse.train` does."""

FETCH = ("python -m fstmuse.datasets fetch fma_small", "python -m fstmuse.train fstmuse-pooled --data fma_small")


class Welcome(QScrollArea):
    """Says what is missing and offers the demo training.

    Args:
        context: shared parts.
        parent: Qt parent.
    """

    demoWanted = Signal()
    """The demo training shall start: `DEMO`."""

    trainWanted = Signal()
    """The page that trains shall be shown."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        # Tab goes on to what is in it, and that scrolls into view.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page = QWidget()
        self._column = QVBoxLayout(page)
        room = self.fontMetrics().height()
        self._column.setContentsMargins(2 * room, 2 * room, 2 * room, 2 * room)
        self._column.setSpacing(room)
        self._column.addStretch(1)
        self._fill()
        self._column.addStretch(2)
        self.setWidget(page)
        context.shelf.changed.connect(self._look)
        self._look()

    def tell(self, words: str) -> None:
        """Shows how a training goes in place of what begins one.

        Args:
            words: such as `Training the demo: epoch 3 of 40`; empty: none is going on.
        """
        self.going_on.setText(words)
        for widget, shown in (
            (self.going_on, bool(words)),
            (self.show_training, bool(words)),
            (self.demo, not words),
            (self.own, not words),
        ):
            widget.setVisible(shown)

    def _fill(self) -> None:
        heading = self._text(self.tr("FstMuse has nothing to listen with yet"))
        font = heading.font()
        font.setPointSizeF(1.6 * font.pointSizeF())
        font.setBold(True)
        heading.setFont(font)
        self.missing = self._text("")
        self.demo = QPushButton(icon("train"), self.tr("Train the demo (some minutes)"))
        self.demo.setDefault(True)
        self.demo.clicked.connect(self.demoWanted)
        self.own = QPushButton(self.tr("Train on my own music..."))
        self.own.clicked.connect(self.trainWanted)
        self.folder = QPushButton(icon("folder"), self.tr("Choose another models folder..."))
        self.folder.clicked.connect(self._choose)
        self.going_on = self._text("")
        self.going_on.hide()
        self.show_training = QPushButton(icon("train"), self.tr("Show the training"))
        self.show_training.clicked.connect(self.trainWanted)
        self.show_training.hide()
        self._buttons(self.show_training, self.demo, self.own, self.folder)
        self._text(
            self.tr(
                "The demo learns Folk, Hip-Hop and Rock from music that FstMuse synthesises itself, without network "
                "access. It shows how everything works, and tells its own styles apart well. It cannot tell the "
                "genres of real music: whatever it hears gets one of its three labels, and that answer means little."
            )
        )
        self._text(
            self.tr(
                "For real genres take your own music, one folder per label, or FMA-small: 8,000 excerpts of 8 genres, "
                "7.2 GiB to fetch. In a terminal, the second of these takes hours without a GPU:"
            )
        )
        commands = self._text("\n".join(FETCH))
        commands.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        commands.setAccessibleName(self.tr("Commands that fetch FMA-small and train on it"))
        self.copy = QPushButton(icon("paste"), self.tr("Copy the commands"))
        self.copy.clicked.connect(self._copy)
        self._buttons(self.copy)

    def _text(self, text: str) -> QLabel:
        label = QLabel(text)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        label.setMaximumWidth(label.fontMetrics().averageCharWidth() * 100)
        self._column.addWidget(label)
        return label

    def _buttons(self, *buttons: QPushButton) -> None:
        """One below the other: side by side they would be wider than a narrow window's half."""
        column = QVBoxLayout()
        for button in buttons:
            column.addWidget(button)
        row = QHBoxLayout()
        row.addLayout(column)
        row.addStretch(1)
        self._column.addLayout(row)

    def _look(self) -> None:
        """Says where was looked, and what was found that cannot be used."""
        shelf = self._context.shelf
        refused = [model for model in shelf.models if model.reason]
        text = self.tr("A trained network that tells genres apart is needed, and there is none in {0}.").format(
            shelf.folder
        )
        if refused:
            reason = self.tr("{0} is there, but cannot be used: {1}").format(refused[0].name, refused[0].reason)
            text = f"{text}\n{reason}"
        self.missing.setText(text)

    def _choose(self) -> None:
        dialog = QFileDialog(self, self.tr("Folder of models"), str(self._context.shelf.folder))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self._context.shelf.set_folder)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(FETCH) + "\n")
        self._context.say(self.tr("Copied"))
