"""How a training goes: what it does now, time left, curves, numbers, pictures, log, and how it ended."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from fstmuse.networks.catalogue import CATALOGUE, Entry

from ..context import Context
from ..icons import Sign, icon
from ..training import Training
from ..training_words import doing, epoch_of, picture_figures
from ..words import Words
from .curves import Curves
from .epochs_table import EpochsTable
from .pictures import Pictures

_FINE = 1000
"""Parts of a progress bar."""


class TrainProgress(QWidget):
    """Shows a `Training` and stops it.

    Args:
        context: shared parts.
        training: what to show.
        parent: Qt parent.
    """

    useWanted = Signal(str)
    """Clips shall be given to this artifact."""

    def __init__(self, context: Context, training: Training, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._training = context, training
        self._dismissed = False
        self.sign = Sign("warning")
        self.title = Words()
        bold = self.title.font()
        bold.setBold(True)
        self.title.setFont(bold)
        self.status = Words(selectable=True)
        self.bar = QProgressBar()
        self.bar.setAccessibleName(self.tr("Progress of the training"))
        self.stop = QPushButton(icon("cancel"), self.tr("Stop"))
        self.stop.setToolTip(self.tr("Stops after what is being written; the training can be resumed"))
        self.details = QPushButton(icon("info"), self.tr("Details..."))
        self.result = Words(selectable=True)
        self.result.setAccessibleDescription(self.tr("Result of the training"))
        self.use = QPushButton()
        self.use.setToolTip(self.tr("Goes to its page and chooses this network"))
        self.curves, self.table, self.pictures = Curves(), EpochsTable(), Pictures()
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setTextInteractionFlags(
            self.log.textInteractionFlags() | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.log.setTabChangesFocus(True)
        self.log.setAccessibleName(self.tr("What the training said"))
        self.tabs = QTabWidget()
        for widget, name in (
            (self.curves, self.tr("Curves")),
            (self.table, self.tr("Numbers")),
            (self.pictures, self.tr("Pictures")),
            (self.log, self.tr("Log")),
        ):
            self.tabs.addTab(widget, name)
        buttons = QHBoxLayout()
        buttons.addWidget(self.bar, 1)
        for button in (self.stop, self.details):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        heading = QHBoxLayout()
        heading.addWidget(self.sign)
        heading.addWidget(self.title, 1)
        layout.addLayout(heading)
        layout.addWidget(self.status)
        layout.addLayout(buttons)
        layout.addWidget(self.result)
        layout.addWidget(self.use, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.tabs, 1)
        self._second = QTimer(self)
        self._second.setInterval(1000)
        self._second.timeout.connect(self._show_status)
        self.stop.clicked.connect(training.stop)
        self.details.clicked.connect(self._show_details)
        self.use.clicked.connect(lambda: self.useWanted.emit(training.artifact))
        training.stateChanged.connect(self._state_changed)
        training.stepped.connect(self._show_status)
        training.epochEnded.connect(self._show_rows)
        training.figureChanged.connect(self.pictures.show_picture)
        training.said.connect(self.log.appendPlainText)
        self._show_all()

    @property
    def _task(self) -> str:
        """What the network learns."""
        return self._entry.task if self._entry is not None else "classify"

    @property
    def _entry(self) -> Entry | None:
        train = self._training.train
        return CATALOGUE[train.network] if train is not None else None

    def _state_changed(self, state: str) -> None:
        self._dismissed = False
        if state == "running":
            self._show_all()
        else:
            self._show_status()
            self._show_end()

    def _show_all(self) -> None:
        """Begins anew with what is known."""
        training = self._training
        self.pictures.clear()
        for path in training.figures:
            self.pictures.show_picture(path)
        self.log.setPlainText("\n".join(training.lines))
        self._show_rows()
        self._show_status()
        self._show_end()

    def _show_rows(self) -> None:
        in_turn = self._entry is not None and self._entry.in_turn
        self.curves.set_rows(self._training.rows, self._training.epochs, self._task, in_turn=in_turn)
        self.table.set_rows(self._training.rows)

    def _show_status(self) -> None:
        training = self._training
        title = "" if self._dismissed else self._title()
        self.title.setText(title)
        self.title.setVisible(bool(title))
        self.sign.set_name("warning" if training.state == "failed" else "info")
        self.sign.setVisible(bool(title))
        self.status.setText(self._words())
        if training.busy and not self._second.isActive():
            self._second.start()
        elif not training.busy:
            self._second.stop()
        fraction = self._fraction()
        self.bar.setRange(0, 0 if fraction < 0 else _FINE)
        if fraction >= 0:
            self.bar.setValue(round(_FINE * fraction))
        self.bar.setVisible(training.busy)
        self.stop.setVisible(training.busy)
        self.stop.setEnabled(training.state == "running")
        self.details.setVisible(training.state == "failed" and bool(training.details) and not self._dismissed)

    def _fraction(self) -> float:
        """Of the bar: of all epochs while there are some, else of what is going on; -1: not known."""
        step = self._training.step
        if step is None or self._training.state == "stopping":
            return -1.0
        found = epoch_of(step)
        if not found:
            return step.fraction
        epoch, epochs = found
        return (epoch - 1 + max(0.0, step.fraction)) / epochs

    def _words(self) -> str:
        training = self._training
        if training.state == "idle" or self._dismissed:
            return self.tr("No training is going on.")
        if training.busy:
            return doing(training)
        if training.state == "done":
            return self._done_words()
        return training.reason

    def _done_words(self) -> str:
        if self._training.already:
            return self.tr(
                "Nothing to do: these settings on this data were trained already. Tick Begin anew to train once more."
            )
        return self.tr("Done.")

    def _title(self) -> str:
        """Of what is to be noticed: an error, or that nothing was done; empty otherwise."""
        training = self._training
        if training.state == "done" and training.already:
            return self.tr("Trained already")
        if training.state != "failed":
            return ""
        return self.tr("Training broke off") if training.rows else self.tr("Training could not start")

    def dismiss(self) -> None:
        """Takes the words of an error away: what is asked for now is something else."""
        if self._training.state == "failed" and not self._dismissed:
            self._dismissed = True
            self._show_status()

    def _show_end(self) -> None:
        training = self._training
        self.result.setVisible(training.state == "done")
        # No page makes sound of pictures: fstmuse.invert does.
        self.use.setVisible(training.state == "done" and self._task != "vocode")
        uses = {
            "infill": self.tr("Fill gaps with it"),
            "continue": self.tr("Continue clips with it"),
            "generate": self.tr("Make music with it"),
        }
        self.use.setText(uses.get(self._task, self.tr("Classify clips with it")))
        self.use.setIcon(icon(self._task if self._task in uses else "classify"))
        if training.state == "done":
            where = self.tr("The trained network: {0}").format(training.artifact)
            self.result.setText(f"{self._result()}\n{where}")

    def _result(self) -> str:
        """The test's figures with their n, or why there are none."""
        told = self._training.metrics
        if self._task == "generate" and not self._entry.in_turn:
            return self.tr("The picture shows what it draws, beside real music.")
        if not told:
            return self.tr("There is no test split: nothing was measured on clips that training has not heard.")
        if "accuracy_interval" not in told:
            return picture_figures(told)
        low, high = told["accuracy_interval"]
        return self.tr(
            "Right on {0} of the test clips (n = {1}, 95 % interval {2} to {3}); balanced accuracy {4}. "
            "Always answering the commonest label would be right on {5}."
        ).format(
            _percent(told["accuracy"]),
            told["n"],
            _percent(low),
            _percent(high),
            _percent(told["balanced_accuracy"]),
            _percent(told["majority"]),
        )

    def _show_details(self) -> None:
        self._context.error(self.tr("Training"), self._training.reason, self._training.details)


def _percent(part: float) -> str:
    return f"{100 * part:.1f} %"
