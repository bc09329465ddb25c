"""Ctrl-C that waits for a good moment."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator


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
