"""The child's side of the pipe to the window."""

from __future__ import annotations

import faulthandler
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any


def settle() -> None:
    """The first thing that a child does: Ctrl-C in the terminal is the window's business; crashes leave a trace."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.stderr is not None:  # a windowed program on Windows has none
        faulthandler.enable()


def leave() -> None:
    """Ends the process at once, from any thread; nothing is torn down, least of all TensorFlow."""
    os._exit(0)


class Channel:
    """Receives in a thread of its own, so that a busy child still hears what it is told.

    Args:
        connection: the child's end of the pipe.
        on_gone: called in whatever thread notices that the window has gone.
        accept: called in the receiving thread with each message, as soon as it is there; what it returns is put
            into `inbox`, None is not. Without it, `inbox` gets the messages as they are.

    Attributes:
        inbox: what has been received, in order.
    """

    def __init__(
        self,
        connection: Connection,
        on_gone: Callable[[], None] = leave,
        accept: Callable[[Any], Any] | None = None,
    ) -> None:
        self.inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._connection = connection
        self._on_gone = on_gone
        self._accept = accept
        self._sending = threading.Lock()
        threading.Thread(target=self._receive, name="channel", daemon=True).start()

    def send(self, message: object) -> None:
        """Sends a message, from any thread; waits while the pipe is full."""
        try:
            with self._sending:
                self._connection.send(message)
        except (BrokenPipeError, ConnectionResetError):
            self._on_gone()

    def _receive(self) -> None:
        while True:
            try:
                message = self._connection.recv()
            except (EOFError, OSError):
                self._on_gone()
                return
            if self._accept is not None:
                message = self._accept(message)
            if message is not None:
                self.inbox.put(message)
