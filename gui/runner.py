"""The queue as the window sees it: rows come and go, are asked, cancelled, tried again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from .core.batch import Batch
from .core.jobs import ACTIVE, Job, Jobs, State
from .core.messages import Saving
from .engine_link import EngineLink
from .turns import Turns
from .work import engine


class Runner(QObject):
    """The queue and the engine that answers it.

    Args:
        parent: owner of this object.
        target: what runs in the engine's process.

    Attributes:
        jobs: the rows; read by all, changed by this object alone.
    """

    added = Signal(list)
    """Numbers of rows that were appended."""
    changed = Signal(int)
    """Number of a row of which anything has changed."""
    removed = Signal(list)
    """Numbers of rows that are gone."""
    reordered = Signal()
    answered = Signal(int, str)
    """Number of a row and the artifact whose answer has come."""
    engineChanged = Signal()
    modelLoaded = Signal(str)
    """Folder of an artifact that is ready to answer."""
    modelRefused = Signal(str, str)
    """Folder of an artifact, and why it cannot be used."""

    def __init__(self, parent: QObject | None = None, target: Callable = engine.main) -> None:
        super().__init__(parent)
        self.jobs = Jobs()
        self._batch = Batch()
        self._link = EngineLink(self, target)
        self._turns = Turns(self.jobs, self._batch, self._link, self)
        self._turns.changed.connect(self.changed)
        self._turns.answered.connect(self.answered)
        self._turns.modelLoaded.connect(self.modelLoaded)
        self._turns.modelRefused.connect(self.modelRefused)
        self._link.changed.connect(self.engineChanged)

    @property
    def engine_state(self) -> str:
        """`starting`, `ready` or `dead`."""
        return self._link.state

    @property
    def engine_text(self) -> str:
        """The engine's state in words."""
        return self._link.text

    @property
    def engine_pid(self) -> int | None:
        """Number of the engine's process; None while there is none."""
        return self._link.pid

    @property
    def busy(self) -> bool:
        """Rows are being answered, or will be without anything else being done."""
        return self._turns.taken or (self._link.state != "dead" and self.jobs.next_waiting() is not None)

    def progress(self) -> tuple[int, int, float | None]:
        """Rows that have ended, rows that were asked since the queue was last empty, time left in s if known."""
        return self._batch.progress(self.jobs, time.monotonic())

    def start(self) -> None:
        """Starts the engine; also when it is dead."""
        self._link.start()

    def close(self) -> None:
        """Ends the engine, whatever it does."""
        self._turns.close()
        self._link.close()

    def preload(self, artifacts: list[str]) -> None:
        """Has networks loaded before they are asked.

        Args:
            artifacts: their folders; the first few are kept loaded.
        """
        self._link.preload(list(artifacts))

    def add(
        self,
        paths: Iterable[str],
        verb: str,
        artifacts: tuple[str, ...],
        options: dict[str, Any],
        save: Saving | None,
        run: bool,
        title: str = "",
    ) -> list[int]:
        """Appends a row for each clip.

        Args:
            paths: of the clips; an empty one is for something new, of which there is no clip.
            verb: method of `fstmuse.inference.session.Session`.
            artifacts: whom to ask; with none, rows stay idle.
            options: keyword arguments of that method.
            save: where results are written; None leaves nothing on the disk.
            run: ask at once; else rows stay idle until `ask`.
            title: of rows without a clip.

        Returns:
            Numbers of the rows.
        """
        fresh = self._empty()
        rows = [self.jobs.add(path, verb, artifacts, options, save) for path in paths]
        for job in rows:
            job.title = title
        ids = [job.id for job in rows]
        if run and artifacts:
            self._batch.asked(ids, fresh)
            for job in rows:
                job.ask(job.artifacts)
        if ids:
            self.added.emit(ids)
            self._turns.next()
        return ids

    def ask(
        self, ids: Iterable[int], verb: str, artifacts: tuple[str, ...], options: dict[str, Any], save: Saving | None
    ) -> None:
        """Asks rows (again): what these artifacts say takes the place of what they said before; others' is kept.

        Rows whose turn it is are left alone.

        Args:
            ids: numbers of the rows.
            verb: as in `add`.
            artifacts: as in `add`; with none, waiting rows become idle.
            options: as in `add`.
            save: as in `add`.
        """
        rows = self._rows(ids)
        fresh = self._empty()
        for job in rows:
            job.verb, job.artifacts, job.options, job.save = verb, tuple(dict.fromkeys(artifacts)), dict(options), save
            if artifacts:
                job.ask(job.artifacts)
            elif job.state is State.WAITING:
                job.move_to(State.IDLE)
                job.pending = []
        self._put(rows if artifacts else [], fresh, rows)

    def retry(self, ids: Iterable[int]) -> None:
        """Asks rows again as before: those that came to nothing what is missing, finished ones all of it."""
        fresh = self._empty()
        rows = [job for job in self._rows(ids) if job.state is not State.WAITING and job.artifacts]
        for job in rows:
            job.ask(job.missing() or job.artifacts)
        self._put(rows, fresh, rows)

    def note_files(self, id: int, key: tuple[str, str], files: Iterable[str]) -> None:
        """Notes files that were written of an answer after it came.

        Args:
            id: number of the row.
            key: of the answer, as in `Job.answers`.
            files: their paths.
        """
        job = self.jobs.get(id)
        answer = job.answers.get(key) if job is not None else None
        if answer is not None:
            job.answers[key] = replace(answer, files=(*answer.files, *files))
            self.changed.emit(id)

    def cancel(self, id: int) -> None:
        """Cancels a row that waits or is being answered; others go on."""
        job = self.jobs.get(id)
        if job is not None and job.state in ACTIVE:
            self._turns.cancel(job)
        elif job is not None and job.state is State.WAITING:
            self._turns.end(job, State.CANCELLED)

    def cancel_all(self) -> None:
        """Cancels all that waits or is being answered."""
        for job in sorted(self.jobs, key=_last_if_active):
            self.cancel(job.id)

    def remove(self, ids: Iterable[int]) -> None:
        """Takes rows out of the queue; one that is being answered is cancelled."""
        rows = [job for job in map(self.jobs.get, ids) if job is not None]
        active = [job for job in rows if job.state in ACTIVE]
        # First those that wait: none of them is to have its turn when the one that has it lets go.
        self._remove(job for job in rows if job.state not in ACTIVE)
        for job in active:
            self.cancel(job.id)
            if job.state is State.CANCELLING:
                self._turns.drop()
        self._remove(active)

    def _remove(self, rows: Iterable[Job]) -> None:
        if gone := self.jobs.remove(job.id for job in rows):
            self.removed.emit([job.id for job in gone])

    def move(self, ids: Iterable[int], offset: int) -> None:
        """Moves rows up (offset below 0) or down."""
        if self.jobs.move(set(ids), offset):
            self.reordered.emit()

    def _empty(self) -> bool:
        return not self._turns.taken and self.jobs.next_waiting() is None

    def _rows(self, ids: Iterable[int]) -> list[Job]:
        """Rows that can be asked."""
        return [job for job in map(self.jobs.get, ids) if job is not None and job.state not in ACTIVE]

    def _put(self, asked: list[Job], fresh: bool, touched: list[Job]) -> None:
        self._batch.asked([job.id for job in asked], fresh and bool(asked))
        for job in touched:
            self.changed.emit(job.id)
        self._turns.next()


def _last_if_active(job: Job) -> bool:
    return job.state in ACTIVE
