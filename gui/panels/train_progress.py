"""How a training goes: what it does now, time left, curves, numbers, pictures, log, and how it ended."""

from __future__ import annotations

import re

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt, QTimer
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ..context import Context
from ..core.training_messages import Step
from ..core.wording import rough_time
from ..icons import icon
from ..training import Training
from .curves import Curves
from .epochs_table import EpochsTable
from .pictures import Pictures

PHASES = (
    QT_TRANSLATE_NOOP("Training", "synthesising the demo set"),
    QT_TRANSLATE_NOOP("Training", "looking for clips"),
    QT_TRANSLATE_NOOP("Training", "reading clips"),
    QT_TRANSLATE_NOOP("Training", "loading TensorFlow"),
    QT_TRANSLATE_NOOP("Training", "writing the network"),
    QT_TRANSLATE_NOOP("Training", "evaluating on test clips"),
)
"""What the child says it is doing, besides epochs."""

_FINE = 1000
"""Parts of a progress bar."""


class TrainProgress(QWidget):
    """Shows a `Training` and stops it.

    Args:
        context: shared parts.
        training: what to show.
        parent: Qt parent.
    """

    def __init__(self, context: Context, training: Training, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._training = context, training
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.status.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.bar = QProgressBar()
        self.bar.setAccessibleName(self.tr("Progress of the training"))
        self.stop = QPushButton(icon("cancel"), self.tr("Stop"))
        self.stop.setToolTip(self.tr("Stops after what is being written; the training can be resumed"))
        self.again = QPushButton(icon("play"), self.tr("Resume"))
        self.again.setToolTip(self.tr("Goes on after the last whole epoch"))
        self.details = QPushButton(icon("info"), self.tr("Details..."))
        self.result = QLabel()
        self.result.setWordWrap(True)
        self.result.setTextFormat(Qt.TextFormat.PlainText)
        self.result.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.result.setAccessibleName(self.tr("Result of the training"))
        self.curves, self.table, self.pictures = Curves(), EpochsTable(), Pictures()
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
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
        for button in (self.stop, self.again, self.details):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.addWidget(self.status)
        layout.addLayout(buttons)
        layout.addWidget(self.result)
        layout.addWidget(self.tabs, 1)
        self._second = QTimer(self)
        self._second.setInterval(1000)
        self._second.timeout.connect(self._show_status)
        self.stop.clicked.connect(training.stop)
        self.again.clicked.connect(training.again)
        self.details.clicked.connect(self._show_details)
        training.stateChanged.connect(self._state_changed)
        training.stepped.connect(self._show_status)
        training.epochEnded.connect(self._show_rows)
        training.figureChanged.connect(self.pictures.show_picture)
        training.said.connect(self.log.appendPlainText)
        self._show_all()

    def _state_changed(self, state: str) -> None:
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
        self.curves.set_rows(self._training.rows, self._training.epochs)
        self.table.set_rows(self._training.rows)

    def _show_status(self) -> None:
        training = self._training
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
        self.again.setVisible(training.state in ("stopped", "failed") and training.train is not None)
        self.details.setVisible(training.state == "failed" and bool(training.details))

    def _fraction(self) -> float:
        """Of the bar: of all epochs while there are some, else of what is going on; -1: not known."""
        step = self._training.step
        if step is None or self._training.state == "stopping":
            return -1.0
        found = _epoch(step)
        if not found:
            return step.fraction
        epoch, epochs = found
        return (epoch - 1 + max(0.0, step.fraction)) / epochs

    def _words(self) -> str:
        training = self._training
        if training.state == "idle":
            return self.tr("No training is going on.")
        if training.state == "stopping":
            return self.tr("Stopping: what is being done is finished first.")
        if training.state == "done":
            return self.tr("Done.")
        if not training.busy:
            return training.reason
        if training.step is None:
            return self.tr("Starting a process of its own...")
        found = _epoch(training.step)
        if not found:
            what = QCoreApplication.translate("Training", training.step.what)
            return self.tr("Now: {0}").format(what)
        words = self.tr("Epoch {0} of {1}").format(*found)
        return words if training.left_s is None else f"{words}, {self._left(training.left_s)}"

    def _left(self, seconds: float) -> str:
        unit, number = rough_time(seconds)
        if unit == "s":
            return self.tr("about {0} s left").format(number)
        if unit == "min":
            return self.tr("about {0} min left").format(number)
        return self.tr("about %n hour(s) left", "", number)

    def _show_end(self) -> None:
        training = self._training
        self.result.setVisible(training.state == "done")
        if training.state == "done":
            self.result.setText(f"{self._result()}\n{self.tr('The trained network: {0}').format(training.artifact)}")

    def _result(self) -> str:
        """The test's figures with their n, or why there are none."""
        told = self._training.metrics
        if not told:
            return self.tr("There is no test split: nothing was measured on clips that training has not heard.")
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


def _epoch(step: Step) -> tuple[int, int] | None:
    """Epoch and epochs of a step of an epoch; None for another one."""
    found = re.fullmatch(r"epoch (\d+)/(\d+)", step.what)
    return (int(found[1]), int(found[2])) if found else None


def _percent(part: float) -> str:
    return f"{100 * part:.1f} %"
