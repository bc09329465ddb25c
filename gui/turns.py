"""Whose turn it is: one row at a time is with the engine, and what comes of it is noted in the row."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from .core.answer import Answer
from .core.batch import Batch
from .core.jobs import Job, Jobs, State
from .core.messages import Cancel, Failed, Loaded, Progress, Ready, Refused, Result, Run, Started
from .core.paths import stamp_of
from .engine_link import EngineLink

_log = logging.getLogger(__name__)

# A cancelled network has this long to let go before its process is ended; with that, a cancel takes less than 1 s.
_CANCEL_MS = 800

# One that makes whole what there is by then may take this long from one sign of life to the next.
_KEEPING_MS = 20_000

# A network that is being loaded cannot be stopped, but is wanted later anyway; longer than this, it hangs.
_LOADING_MS = 20_000


@dataclass
class _Turn:
    """The one question that is with the engine, or is about to be.

    Args:
        run: the question.
        sent: the engine has it; else it is still starting.
        stamp: of the clip's file when it was asked.
        dropped: its row was cancelled or removed: whatever comes back is for nobody.
        keeps: as in `messages.Started`.
    """

    run: Run
    stamp: tuple[int, int] | None = None
    sent: bool = False
    dropped: bool = False
    keeps: bool = False


class Turns(QObject):
    """Asks the engine about the rows that wait, one after the other.

    Args:
        jobs: the queue.
        batch: told of what begins and ends.
        link: to the engine.
        parent: owner of this object.
    """

    changed = Signal(int)
    answered = Signal(int, str)
    modelLoaded = Signal(str)
    modelRefused = Signal(str, str)

    def __init__(self, jobs: Jobs, batch: Batch, link: EngineLink, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs, self._batch, self._link = jobs, batch, link
        self._turn: _Turn | None = None
        link.received.connect(self._hear)
        link.changed.connect(self._engine_changed)
        link.died.connect(self._engine_died)
        self._limit = QTimer(self, singleShot=True)
        self._limit.timeout.connect(self._give_up)

    @property
    def taken(self) -> bool:
        """It is some row's turn."""
        return self._turn is not None

    def close(self) -> None:
        """Nothing more is asked or waited for."""
        self._limit.stop()
        self._turn = None

    def next(self) -> None:
        """Turns to the next row, when the engine is free for it."""
        if self._turn is None and self._link.state != "dead":
            job = self._jobs.next_waiting()
            if job is not None:
                self._begin(job)

    def cancel(self, job: Job) -> None:
        """Cancels the row whose turn it is."""
        if job.state is State.RUNNING:
            job.move_to(State.CANCELLING)
            job.text = self.tr("Finishing what there is…") if self._turn.keeps else self.tr("Cancelling…")
            self._link.send(Cancel(job.id))
            self._limit.start(_KEEPING_MS if self._turn.keeps else _CANCEL_MS)
            self.changed.emit(job.id)
        elif job.state is State.LOADING:
            # Nothing to wait for: what is being loaded is loaded to its end, for others.
            if self._turn.sent:
                self._turn.dropped = True
                self._link.send(Cancel(job.id))
                self._limit.start(_LOADING_MS)
            else:
                self._turn = None
            self.end(job, State.CANCELLED)
            self.next()

    def drop(self) -> None:
        """The row whose turn it is, cancelled already, is about to be removed."""
        self._turn.dropped = True
        if self._turn.keeps:
            self._limit.start(_CANCEL_MS)

    def end(self, job: Job, state: State) -> None:
        """Nothing more is asked about a row."""
        job.move_to(state)
        job.text, job.pending = "", []
        if state is State.DONE:
            job.fraction = 1.0
        self.changed.emit(job.id)

    def _begin(self, job: Job) -> None:
        """Asks the next artifact of a row."""
        job.move_to(State.LOADING)
        run = Run(job.id, job.pending[0], job.verb, *job.question, job.save)
        self._turn = _Turn(run, stamp_of(job.path))
        self._send(job)

    def _send(self, job: Job) -> None:
        self._turn.sent = self._link.state == "ready" and self._link.send(self._turn.run)
        loading = self.tr("Loading {0}").format(_name(job.pending[0]))
        job.text = loading if self._turn.sent else self.tr("Loading TensorFlow")
        self.changed.emit(job.id)

    def _hear(self, message: object) -> None:
        if isinstance(message, Ready):
            if self._turn is not None and not self._turn.sent:
                self._send(self._jobs.get(self._turn.run.job))
        elif isinstance(message, Loaded):
            self.modelLoaded.emit(message.artifact)
        elif isinstance(message, Refused):
            self.modelRefused.emit(message.artifact, message.reason)
        elif self._turn is not None and (message.job, message.artifact) == (
            self._turn.run.job,
            self._turn.run.artifact,
        ):
            self._hear_of_turn(message)

    def _hear_of_turn(self, message: Started | Progress | Result | Failed) -> None:
        turn, job = self._turn, self._jobs.get(message.job)
        over = isinstance(message, Result | Failed)
        if over:
            self._turn = None
            self._limit.stop()
            self._link.answered()
        if job is not None and not turn.dropped:
            if isinstance(message, Started):
                turn.keeps = message.keeps
                self._started(job)
            elif isinstance(message, Progress):
                if turn.keeps and job.state is State.CANCELLING:
                    self._limit.start(_KEEPING_MS)
                job.reach(message.fraction)
                job.text = message.text or job.text
                self.changed.emit(job.id)
            elif isinstance(message, Result):
                self._take(job, turn, message)
            else:
                self._fail(job, message)
        if over:
            self.next()

    def _started(self, job: Job) -> None:
        now = time.monotonic()
        self._batch.started(now)
        job.began = now if job.began is None else job.began
        job.move_to(State.RUNNING)
        job.text = self.tr("Asking {0}").format(_name(job.pending[0]))
        self.changed.emit(job.id)

    def _take(self, job: Job, turn: _Turn, message: Result) -> None:
        run, files, draft = turn.run, message.files, ""
        if run.save is not None and run.save.draft:
            files, draft = (), next(iter(files), "")
        came = (message.result, files, message.seconds, message.unsaved, message.signature, turn.stamp, draft)
        job.take(Answer(run.artifact, _name(run.artifact), run.verb, run.options, *came))
        self._go_on(job)
        self.answered.emit(job.id, run.artifact)

    def _fail(self, job: Job, message: Failed) -> None:
        if job.state is State.CANCELLING:
            self.end(job, State.CANCELLED)
            return
        job.note_failure(message.artifact, message.message, message.details)
        self._go_on(job)

    def _go_on(self, job: Job) -> None:
        """To the next artifact of the row, or to its end."""
        job.pending.pop(0)
        if job.state is State.CANCELLING:
            # An answer that was on its way already may have been the last one.
            self.end(job, State.CANCELLED if job.missing() else State.DONE)
        elif job.pending:
            job.reach(0.0)
            self._begin(job)
        else:
            self._batch.finished()
            self.end(job, State.FAILED if job.reason else State.DONE)

    def _give_up(self) -> None:
        """The engine did not let go in time."""
        _log.warning("The engine did not let go of a cancelled clip; it is started anew")
        turn, self._turn = self._turn, None
        self._link.restart()
        job = self._jobs.get(turn.run.job)
        if job is not None and not turn.dropped:
            self.end(job, State.CANCELLED)
        self.next()

    def _engine_died(self, how: str) -> None:
        turn = self._turn
        if turn is None or not turn.sent:
            return  # nobody's fault; the row whose turn it is goes to the next engine
        self._turn = None
        self._limit.stop()
        job = self._jobs.get(turn.run.job)
        if job is None or turn.dropped:
            return
        if job.state is State.CANCELLING:
            self.end(job, State.CANCELLED)
            return
        reason = self.tr(
            "The engine {0} while it was busy with this clip. The system does so when memory runs out; "
            "damaged files and models can do it, too. Retry the clip; the others go on."
        )
        job.note_failure(turn.run.artifact, reason.format(how), "")
        self._batch.finished()
        self.end(job, State.FAILED)

    def _engine_changed(self) -> None:
        if self._link.state == "dead" and self._turn is not None:
            job = self._jobs.get(self._turn.run.job)
            self._turn = None
            job.move_to(State.WAITING)
            job.text = ""
            self.changed.emit(job.id)
        self.next()


def _name(artifact: str) -> str:
    return Path(artifact).name
