"""A queue without an engine, and a window with nothing but the queue."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMainWindow

from fstmuse.inference.results import Classification
from gui.actions import Actions
from gui.core.answer import Answer
from gui.core.jobs import Job, Jobs, State
from gui.panels.queue_panel import QueuePanel


class FakeRunner(QObject):
    """The signals and verbs of the queue without an engine; tests move its rows themselves."""

    added, changed, removed, reordered = Signal(list), Signal(int), Signal(list), Signal()

    def __init__(self) -> None:
        super().__init__()
        self.jobs = Jobs()
        self.calls: list[tuple] = []

    def add(self, paths, verb="classify", artifacts=("/m/one",), options=None, save=None, run=True) -> list[int]:
        ids = []
        for path in paths:
            job = self.jobs.add(str(path), verb, artifacts, options or {}, save)
            if run:
                job.ask(artifacts)
            ids.append(job.id)
        self.added.emit(ids)
        return ids

    def put(self, id: int, *states: State, **fields) -> Job:
        """Moves a row through states and sets what else is known of it."""
        job = self.jobs.get(id)
        for state in states:
            job.move_to(state)
        for name, value in fields.items():
            setattr(job, name, value)
        self.changed.emit(id)
        return job

    def answer(self, id: int, artifact="/m/one", files=(), unsaved="", **probabilities: float) -> None:
        job = self.jobs.get(id)
        labels, values = tuple(probabilities), np.array(list(probabilities.values()))
        result = Classification(job.path, labels, values, 3.0)
        name = Path(artifact).name
        job.take(Answer(artifact, name, job.verb, {}, result, tuple(files), 0.1, unsaved))
        self.changed.emit(id)

    def cancel(self, id: int) -> None:
        self.calls.append(("cancel", id))

    def retry(self, ids: list[int]) -> None:
        self.calls.append(("retry", ids))

    def remove(self, ids: list[int]) -> None:
        self.removed.emit([job.id for job in self.jobs.remove(ids)])

    def move(self, ids: list[int], offset: int) -> None:
        if self.jobs.move(ids, offset):
            self.reordered.emit()


class Window(QMainWindow):
    """Actions and intake joined to the queue, as the real window does it."""

    def __init__(self, runner) -> None:
        super().__init__()
        self.said: list[str] = []
        self.actions_ = Actions([], self)
        context = SimpleNamespace(runner=runner, actions=self.actions_, say=self.said.append)
        self.queue = QueuePanel(context)
        self.queue.intaking.taken.connect(lambda share: runner.add(share.accepted))
        self.setCentralWidget(self.queue)
        queue, actions = self.queue, self.actions_
        for name, does in {
            "cancel": queue.cancel_selected,
            "retry": queue.retry_selected,
            "remove": queue.remove_selected,
            "move_up": lambda: queue.move_selected(-1),
            "show_in_folder": queue.show_in_folder,
        }.items():
            self.addAction(actions[name])
            actions[name].triggered.connect(does)
