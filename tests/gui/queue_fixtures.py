"""A runner with an engine that needs no TensorFlow, and what it has told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from gui.core.jobs import State
from gui.runner import Runner

from . import targets

A, B = "/models/a", "/models/b"


class Queue:
    """A runner and what it has told."""

    def __init__(self, runner: Runner, qtbot) -> None:
        self.runner, self.jobs, self._qtbot = runner, runner.jobs, qtbot
        self.told: list[tuple] = []
        self.states: dict[int, list[State]] = {}
        for name in ("added", "changed", "removed", "reordered", "answered", "modelLoaded", "modelRefused"):
            getattr(runner, name).connect(lambda *values, name=name: self.told.append((name, *values)))
        runner.changed.connect(self._note)
        runner.added.connect(lambda ids: [self._note(id) for id in ids])

    def _note(self, id: int) -> None:
        job = self.jobs.get(id)
        if job is not None and job.state not in self.states.setdefault(id, [])[-1:]:
            self.states[id].append(job.state)

    def add(self, *names: str, artifacts=(A,), options=None, run=True) -> list[int]:
        return self.runner.add([f"/clips/{name}" for name in names], "classify", artifacts, options or {}, None, run)

    def ask(self, ids, artifacts=(A,), options=None) -> None:
        self.runner.ask(ids, "classify", artifacts, options or {}, None)

    def state(self, id: int) -> State:
        return self.jobs.get(id).state

    def result(self, id: int, artifact: str = A) -> str:
        return self.jobs.get(id).answers["classify", artifact].result

    def until(self, condition: Callable[[], object], seconds: float = 10.0) -> None:
        self._qtbot.waitUntil(lambda: bool(condition()), timeout=round(1000 * seconds))

    def until_state(self, id: int, state: State) -> None:
        self.until(lambda: self.state(id) is state)

    def until_idle(self) -> None:
        self.until(lambda: not self.runner.busy)


@pytest.fixture
def make(qtbot) -> Iterator[Callable[..., Queue]]:
    made, threads = [], set(threading.enumerate())

    def begin(target: Callable = targets.engine, start: bool = True) -> Queue:
        made.append(Runner(target=target))
        queue = Queue(made[-1], qtbot)
        if start:
            made[-1].start()
        return queue

    yield begin
    for runner in made:
        runner.close()
        assert runner.engine_pid is None
    assert set(threading.enumerate()) <= threads


@pytest.fixture
def queue(make) -> Queue:
    return make()
