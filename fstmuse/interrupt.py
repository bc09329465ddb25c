"""How work is stopped: by tokens, by Ctrl-C at a good moment, and processes with their parent alone."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Protocol

Progress = Callable[[float], None]
"""Called with the share that is done, 0 to 1, rising."""


def part_of(progress: Progress | None, low: float, high: float) -> Progress | None:
    """The progress of a part of the work, which begins when the share `low` of all is done and ends at `high`."""
    return None if progress is None else lambda share: progress(low + (high - low) * share)


class Cancel(Protocol):
    """A token that says whether the user has changed their mind; `threading.Event` is one."""

    def is_set(self) -> bool:
        """True: stop."""


@contextlib.contextmanager
def until_interrupted() -> Iterator[threading.Event]:
    """Turns the first Ctrl-C into an event, so that what is being written is finished; the second one stops at once.

    Python raises KeyboardInterrupt wherever it is, in the middle of a line of results, too.

    Yields:
        The event, set by Ctrl-C; fit to be the `cancel` of a session.
    """
    stop = threading.Event()

    def interrupt(number: int, frame: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def interrupts_held_back() -> Iterator[None]:
    """Holds Ctrl-C back while a process is spawned, which inherits this: it shall not die of it half-way up."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    # Comes up with the first process that is spawned, and then lets Ctrl-C in.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def follow_parent() -> None:
    """Called first in a worker process: Ctrl-C is its parent's business, and it ends when its parent does.

    Workers of a `ProcessPoolExecutor` hold both ends of the queue that they wait at: without this, those of a killed
    process would wait there for ever.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="follow-parent", daemon=True).start()


def _end_with_parent() -> None:
    multiprocessing.parent_process().join()
    os._exit(1)
