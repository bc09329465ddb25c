"""The training that is going on: one at a time, in a child process, and what is known of it."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import QObject, Signal

from fstmuse.places import runs_dir

from .child import Child, how_it_ended
from .core.messages import Failed, Stop
from .core.runs import Unfinished, train_of, unfinished
from .core.training_messages import Epoch, Figure, Said, Step, Train, Trained
from .settings import Settings
from .work import trainer

STATES = ("idle", "running", "stopping", "stopped", "done", "failed")


class Training(QObject):
    """Starts, watches, stops and resumes trainings.

    Args:
        settings: `models_folder` is where artifacts are written.
        parent: Qt parent.

    Attributes:
        state: one of `STATES`.
        train: what was asked for last; None at first.
        rows: epochs so far, as in history.csv, in order.
        epochs: of the whole training; 0 while it is not known.
        step: what is going on; None while nothing has been heard.
        figures: paths of the run's pictures, in the order in which they came.
        lines: what the command would have printed.
        artifact: folder of the trained network, when done.
        metrics: of its test split; empty without one.
        already: it had been trained before, and nothing was done.
        reason: why it failed or stopped, in words.
        details: traceback; empty for errors made for people.
    """

    stateChanged = Signal(str)
    said = Signal(str)
    """A line for people."""
    stepped = Signal()
    """`step` has changed."""
    epochEnded = Signal()
    """`rows` has changed."""
    figureChanged = Signal(str)
    """Path of a picture that is new or has changed."""
    trained = Signal(str)
    """Folder of a new artifact; `state` is done."""

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._child: Child | None = None
        self._last: Trained | Failed | None = None
        self._heard = 0.0
        self._left_s = -1.0
        self.state = "idle"
        self.train: Train | None = None
        self._forget()

    @property
    def busy(self) -> bool:
        """A training is running or about to stop."""
        return self.state in ("running", "stopping")

    @property
    def left_s(self) -> float | None:
        """Of the epochs, in s; None while it is not known. Goes down between messages, too."""
        if self.state != "running" or self._left_s < 0:
            return None
        return max(0.0, self._left_s - (time.monotonic() - self._heard))

    def start(self, train: Train) -> bool:
        """Begins a training, or goes on with an unfinished one of these settings.

        Args:
            train: what to do.

        Returns:
            False when another one is going on: one at a time.
        """
        if self.busy:
            return False
        self._forget()
        self.train = train
        self._child = Child(trainer.main, train, self._settings.models_folder, name="trainer", daemon=False)
        self._child.setParent(self)
        self._child.received.connect(self._received)
        self._child.ended.connect(self._ended)
        try:
            self._child.start()
        except OSError as error:
            self._drop_child()
            self.reason = self.tr("The system cannot start another process: {0}. Close other programs.").format(error)
            self._set("failed")
            return True
        self._set("running")
        return True

    def stop(self) -> None:
        """Ends the training so that it can be resumed; a step, or what is being written, is finished first."""
        if self.state == "running":
            self._set("stopping")
            self._child.send(Stop())

    def resumable(self) -> list[Unfinished]:
        """Runs that have begun and not ended, the latest first; without the one that is going on."""
        return [] if self.busy else unfinished(runs_dir())

    def resume(self, run: Unfinished) -> bool:
        """Goes on with a run.

        Returns:
            False when another one is going on.

        Raises:
            ConfigError: the run cannot be read any more.
        """
        return self.start(train_of(run.path))

    def close(self, wait_s: float = 3.0) -> None:
        """Stops a training that is going on, resumably where it can within the time.

        Args:
            wait_s: what it may take, in s.
        """
        if self._child is not None:
            self._child.close(wait_s)
            self._drop_child()
        if self.busy:
            self._set("stopped")

    def _forget(self) -> None:
        self._last, self._left_s = None, -1.0
        self.rows: list[dict[str, float]] = []
        self.epochs = 0
        self.step: Step | None = None
        self.figures: list[str] = []
        self.lines: list[str] = []
        self.artifact = ""
        self.metrics: dict[str, Any] = {}
        self.already = False
        self.reason = self.details = ""

    def _received(self, message: object) -> None:
        match message:
            case Step():
                self.step = message
                if message.left_s >= 0:
                    self._left_s, self._heard = message.left_s, time.monotonic()
                self.stepped.emit()
            case Epoch(row, epochs):
                self.epochs = epochs
                # A resumed run does again what came after its last checkpoint, in the tier that it is at.
                tier = row.get("tier", 1)
                before = [old for old in self.rows if old["epoch"] < row["epoch"]]
                self.rows = [*before, row, *(old for old in self.rows if old.get("tier", 1) > tier)]
                self.epochEnded.emit()
            case Said(text):
                self._say(text)
            case Figure(path):
                if path not in self.figures:
                    self.figures.append(path)
                self.figureChanged.emit(path)
            case Trained() | Failed():
                self._last = message

    def _ended(self, code: int) -> None:
        self._drop_child()
        match self._last:
            case Trained(artifact=""):
                self.reason = self.tr(
                    "This tier is trained, others are not yet: resumed, this training goes on with what is missing."
                )
                self._set("stopped")
            case Trained(artifact, metrics, already):
                self.artifact, self.metrics, self.already = artifact, metrics, already
                self._set("done")
                self.trained.emit(artifact)
            case Failed(kind="Cancelled"):
                self.reason = self.tr("Stopped. What was learnt up to the last whole epoch is kept.")
                self._set("stopped")
            case Failed():
                self.reason, self.details = self._last.message, self._last.details
                self._set("failed")
            case None:
                self.reason = self.tr(
                    "The training process {0}. What was learnt up to the last whole epoch is kept."
                ).format(how_it_ended(code))
                self._set("failed")

    def _say(self, text: str) -> None:
        self.lines.append(text)
        self.said.emit(text)

    def _set(self, state: str) -> None:
        self.state = state
        self.stateChanged.emit(state)

    def _drop_child(self) -> None:
        if self._child is not None:
            self._child.deleteLater()
            self._child = None
