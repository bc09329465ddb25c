"""Worker processes that load clips, watched one by one.

Each worker has a pipe of its own, so that the death of one is seen at once, along with
the clip it held, and never blocks the others (a shared queue would stay locked by a
process killed inside it). Arrays come through shared memory.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import pickle
import signal
import weakref
from collections import deque
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from multiprocessing.shared_memory import SharedMemory
from typing import NamedTuple

import numpy as np

from fstmuse.data.clip import Clip
from fstmuse.data.shared import FOLDER, shared_memory
from fstmuse.data.worker import Ready, Report, serve
from fstmuse.errors import DataError
from fstmuse.interrupt import interrupts_held_back

DEPTH = 2
"""Clips given to a worker at a time: it has its next one while the parent is busy elsewhere."""
LIVES = 2
"""Workers that may die over one clip."""
_STARTS = 3
"""Workers in a row that may die before they are ready."""
_IN_MAIN = (
    "Where the loader is called from a script, put the calls under `if __name__ == '__main__':` and its "
    "transform into a module; or use workers=0."
)


class Result(NamedTuple):
    """A loaded clip: its array, or what is wrong with it."""

    index: int
    array: np.ndarray | None
    samples: int
    error: str | None
    retryable: bool


@dataclass
class _Task:
    index: int
    clip: Clip
    deaths: int = 0


@dataclass
class _Worker:
    number: int
    process: BaseProcess
    connection: Connection
    ready: bool = False
    given: int = 0
    """Tasks since it started."""
    held: deque[_Task] = field(default_factory=deque)
    """Tasks not yet reported, in the order in which it works on them."""


class Pool:
    """Worker processes.

    Args:
        settings: the triple `(root, spec, transform)` for each worker.
        workers: how many, at least 1.
        slot_bytes: room for one array; a larger one comes through the pipe.

    Raises:
        DataError: the transform cannot be pickled, or there is no shared memory.
    """

    def __init__(self, settings: tuple, workers: int, slot_bytes: int) -> None:
        try:
            pickled = pickle.dumps(settings, pickle.HIGHEST_PROTOCOL)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise DataError(
                f"The loader's transform cannot be sent to a worker process ({error}). "
                "Use an object whose class stands at the top of a module, or workers=0."
            ) from None
        self._settings_bytes = len(pickled)
        self._first_slot = -(-len(pickled) // 64) * 64
        self._slot_bytes = -(-slot_bytes // 64) * 64
        self._memory = shared_memory(self._first_slot + DEPTH * workers * self._slot_bytes)
        if self._memory is None:
            # Containers often allow little shared memory: pipes are slower but have no limit.
            self._slot_bytes = 0
            self._memory = shared_memory(self._first_slot)
        if self._memory is None:
            raise DataError(
                f"Shared memory for the loader's workers: {self._first_slot:,} bytes needed, "
                f"less are free at {FOLDER}. Free some, or use workers=0."
            )
        self._memory.buf[: len(pickled)] = pickled
        self._tasks: deque[_Task] = deque()
        self._failed_starts = 0
        self._workers: list[_Worker] = []
        # Also at the end of the interpreter, should nobody have closed the pool.
        self.close = weakref.finalize(self, _close, self._workers, self._memory)
        try:
            for number in range(workers):
                self._workers.append(self._start(number))
        except BaseException:
            self.close()
            raise

    def has_room(self) -> bool:
        """Whether a worker could take one more clip."""
        held = sum(len(worker.held) for worker in self._workers)
        return held + len(self._tasks) < DEPTH * len(self._workers)

    def submit(self, index: int, clip: Clip) -> None:
        """Gives a clip to the worker that holds the fewest."""
        self._tasks.append(_Task(index, clip))
        self._hand_out()

    def receive(self, block: bool = True) -> list[Result]:
        """What the workers have finished, in any order; when `block`, at least one unless nothing is under way.

        Raises:
            DataError: the workers die before they can begin.
        """
        results: list[Result] = []
        while not results and (self._tasks or any(worker.held for worker in self._workers)):
            self._hand_out()
            by_handle = {worker.connection: worker for worker in self._workers}
            by_handle |= {worker.process.sentinel: worker for worker in self._workers}
            changed = {by_handle[handle].number for handle in wait(list(by_handle), None if block else 0)}
            for number in sorted(changed):
                results += self._read(self._workers[number])
            if not block:
                break
        return results

    def _hand_out(self) -> None:
        while self._tasks:
            worker = min(self._workers, key=lambda worker: len(worker.held))
            if len(worker.held) >= DEPTH:
                return
            task = self._tasks.popleft()
            offset = self._offset(worker, worker.given)
            worker.held.append(task)
            worker.given += 1
            # A broken pipe is the death of the worker, which `receive` sees by itself.
            with contextlib.suppress(OSError):
                worker.connection.send((task.index, task.clip, offset, self._slot_bytes))

    def _offset(self, worker: _Worker, turn: int) -> int:
        """Where in the shared memory the worker's task number `turn` has its slot.

        A worker reports in order and holds at most DEPTH tasks, so that its slots, taken
        in turn, are free when their turn comes.
        """
        return self._first_slot + (worker.number * DEPTH + turn % DEPTH) * self._slot_bytes

    def _read(self, worker: _Worker) -> list[Result]:
        """Everything that a worker has sent; if it has died, what becomes of its clips."""
        results = []
        # Asked before the pipe is emptied: what it sent before it died is all there.
        alive = worker.process.is_alive()
        try:
            while worker.connection.poll():
                message = worker.connection.recv()
                if isinstance(message, Ready):
                    self._begin(worker, message)
                else:
                    results.append(self._take(worker, message))
        except (EOFError, OSError):
            alive = False
        return results if alive else results + self._bury(worker)

    def _begin(self, worker: _Worker, message: Ready) -> None:
        if message.error:
            raise DataError(f"A loader process could not start: {message.error}. {_IN_MAIN}")
        worker.ready = True
        self._failed_starts = 0

    def _take(self, worker: _Worker, report: Report) -> Result:
        task = worker.held.popleft()
        array = report.inline
        if report.error is None and array is None:
            offset = self._offset(worker, worker.given - len(worker.held) - 1)
            # A copy: the caller may keep it, and the slot is free again at once.
            array = np.ndarray(report.shape, report.dtype, self._memory.buf, offset).copy()
        return Result(task.index, array, report.samples, report.error, report.retryable)

    def _bury(self, worker: _Worker) -> list[Result]:
        """Puts a new worker in the place of a dead one; the clip it died over is tried once more."""
        _end(worker.process)
        worker.connection.close()
        results = []
        how = _how_it_ended(worker.process.exitcode)
        if not worker.ready:
            self._failed_starts += 1
            if self._failed_starts >= _STARTS:
                raise DataError(f"{_STARTS} loader processes in a row ended before they began ({how}). {_IN_MAIN}")
        elif worker.held:
            worker.held[0].deaths += 1
            if worker.held[0].deaths >= LIVES:
                task = worker.held.popleft()
                why = (
                    f"{task.clip.path}: the process that loaded it ended without a word, twice ({how}). "
                    "Free memory and try again, or leave the clip out."
                )
                results.append(Result(task.index, None, 0, why, True))
        self._tasks.extendleft(reversed(worker.held))
        self._workers[worker.number] = self._start(worker.number)
        return results

    def _start(self, number: int) -> _Worker:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=serve,
            args=(theirs, self._memory.name, self._settings_bytes),
            name=f"fstmuse-loader-{number}",
            daemon=True,
        )
        try:
            with interrupts_held_back():
                process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            # The worker must be the only one to hold its end, or its death would not close the pipe.
            theirs.close()
        return _Worker(number, process, ours)


def _close(workers: list[_Worker], memory: SharedMemory) -> None:
    """Ends the workers (they hold nothing worth saving) and gives the shared memory back."""
    for worker in workers:
        worker.process.terminate()
    for worker in workers:
        _end(worker.process)
        worker.connection.close()
        worker.process.close()
    workers.clear()
    memory.close()
    with contextlib.suppress(FileNotFoundError):
        memory.unlink()


def _end(process: BaseProcess) -> None:
    """Waits for a process that is about to end, but not for ever."""
    process.join(5)
    if process.is_alive():
        process.kill()
        process.join()


def _how_it_ended(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        with contextlib.suppress(ValueError):
            return f"killed by {signal.Signals(-exit_code).name}"
    return f"exit code {exit_code}"
