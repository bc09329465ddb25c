"""Training from the window: what to learn, how it goes, and trainings that were left off."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QGroupBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from fstmuse.errors import ConfigError, FstMuseError

from ..context import Context
from ..core.runs import Unfinished, discard
from ..icons import icon
from ..training import Training
from ..words import Words, plain_tip
from .asking import ask_to
from .train_form import TrainForm
from .train_progress import TrainProgress
from .upright import Upright


class TrainPanel(QWidget):
    """The page that trains.

    Args:
        context: shared parts.
        training: starts and watches.
        parent: Qt parent.
    """

    trained = Signal(str)
    """Folder of an artifact that has just been made."""

    useWanted = Signal(str)
    """Clips shall be given to the artifact in this folder."""

    def __init__(self, context: Context, training: Training, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._training = context, training
        self.form = TrainForm()
        self.start = QPushButton(icon("train"), self.tr("Start training"))
        self.problem = Words()
        self.unfinished = QListWidget()
        self.unfinished.setAccessibleName(self.tr("Unfinished trainings"))
        self.unfinished.setMaximumHeight(self.unfinished.fontMetrics().height() * 8)
        self.unfinished.setWordWrap(True)
        self.unfinished.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.resume = QPushButton(icon("play"), self.tr("Resume"))
        self.resume.setToolTip(self.tr("Goes on with the chosen training after its last whole epoch"))
        self.discard = QPushButton(icon("remove"), self.tr("Discard..."))
        self.discard.setToolTip(self.tr("Removes the chosen training and what it has learnt"))
        self._ended_with = self.form.train()
        self.progress = TrainProgress(context, training)
        self._lay_out()
        self.start.clicked.connect(self._start)
        self.resume.clicked.connect(self._resume)
        self.discard.clicked.connect(self._ask_to_discard)
        self.progress.useWanted.connect(self.useWanted)
        self.unfinished.itemActivated.connect(lambda item: self._resume())
        self.unfinished.itemSelectionChanged.connect(self._settle)
        self.form.changed.connect(self._form_changed)
        training.stateChanged.connect(self._state_changed)
        training.trained.connect(self.trained)
        self.look()

    def look(self) -> None:
        """Looks again for data and unfinished runs; done by itself whenever the page is shown."""
        if not self._training.busy:
            self.form.data.look()
        self.unfinished.clear()
        for run in self._training.resumable():
            text = self.tr("{0}: {1} of {2} epochs; {3} on {4}").format(
                run.name, run.done, run.epochs, run.network, run.data
            )
            item = QListWidgetItem(text)
            item.setToolTip(plain_tip(str(run.path)))
            item.setData(Qt.ItemDataRole.UserRole, run)
            self.unfinished.addItem(item)
        if self.unfinished.count():
            self.unfinished.setCurrentRow(0)
        self._settle()

    def showEvent(self, event: QShowEvent) -> None:
        """Files may have come and gone since."""
        self.look()
        super().showEvent(event)

    def _start(self) -> None:
        if not self.form.problem():
            self._training.start(self.form.train())

    def _resume(self) -> None:
        item = self.unfinished.currentItem()
        if item is None or self._training.busy:
            return
        run: Unfinished = item.data(Qt.ItemDataRole.UserRole)
        try:
            self._training.resume(run)
        except ConfigError as error:
            self._context.error(self.tr("Resume a training"), str(error), "")
            self.look()
            return
        self.form.show_train(self._training.train)

    def _ask_to_discard(self) -> None:
        item = self.unfinished.currentItem()
        if item is None or self._training.busy:
            return
        run: Unfinished = item.data(Qt.ItemDataRole.UserRole)
        ask_to(
            self,
            self.tr("Discard a training"),
            self.tr("Discard {0} after {1} of {2} epochs?").format(run.name, run.done, run.epochs),
            self.tr("What it has learnt is removed, with the folder {0}.").format(run.path),
            self.tr("Discard"),
            lambda: self._discard(run),
        )

    def _discard(self, run: Unfinished) -> None:
        try:
            discard(run.path)
        except FstMuseError as error:
            self._context.error(self.tr("Discard a training"), str(error), "")
        self.look()

    def _form_changed(self) -> None:
        # Whoever looks for data again changes nothing by that.
        if self.form.train() != self._ended_with:
            self.progress.dismiss()
        self._settle()

    def _state_changed(self, state: str) -> None:
        self._ended_with = self.form.train()
        self.look()
        if state == "done":
            self._context.say(self.tr("Trained: {0}").format(self._training.artifact))

    def _settle(self) -> None:
        """Buttons follow from what is entered and from what is going on, and from nothing else."""
        busy, problem = self._training.busy, self.form.problem()
        self.form.setEnabled(not busy)
        self.start.setEnabled(not busy and not problem)
        self.start.setToolTip(self.tr("Another training is going on") if busy else plain_tip(problem))
        self.problem.setText("" if busy else problem)
        self.problem.setVisible(bool(problem) and not busy)
        self._left_off.setVisible(self.unfinished.count() > 0)
        for button in (self.resume, self.discard):
            button.setEnabled(not busy and self.unfinished.currentItem() is not None)

    def _lay_out(self) -> None:
        self._left_off = QGroupBox(self.tr("Unfinished trainings"))
        listed = QVBoxLayout(self._left_off)
        listed.addWidget(self.unfinished)
        buttons = QHBoxLayout()
        buttons.addWidget(self.resume, 1)
        buttons.addWidget(self.discard)
        listed.addLayout(buttons)
        left = QWidget()
        column = QVBoxLayout(left)
        column.addWidget(Upright(self.form), 1)
        column.addWidget(self.problem)
        column.addWidget(self.start)
        column.addWidget(self._left_off)
        left.setMinimumWidth(self.fontMetrics().averageCharWidth() * 44)
        parts = QSplitter(Qt.Orientation.Horizontal)
        parts.addWidget(left)
        parts.addWidget(self.progress)
        parts.setStretchFactor(1, 1)
        parts.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(parts)
