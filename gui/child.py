"""A spawned process of the window, spoken to by messages."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import queue
import signal
import socket
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import ForkingPickler

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal

from fstmuse.interrupt import interrupts_held_back

from .core.messages import Stop

_log = logging.getLogger(__name__)

# A process whose end of the pipe is closed is about to end; one that hangs in its own clean-up is helped along.
_ENDING_S = 2.0


class Child(QObject):
    """One process and the pipe to it. Made, started and ended once; `close` it before it is forgotten.

    Processes are spawned, never forked: Qt and TensorFlow both begin threads early, and a fork of them hangs.

    Args:
        target: called in the process with its `Connection` and `arguments`; a function of a module.
        *arguments: further arguments, to be pickled.
        name: of process and thread, for people who look at them.
        daemon: the process is ended with the window's whatever happens; such a process cannot have children.
        parent: owner of this object.
    """

    received = Signal(object)
    """A message of the child, in the thread of this object."""

    ended = Signal(int)
    """The process has gone, for whatever reason; its exit code, negative for a signal. Once, after all messages."""

    _came = Signal(object)
    _gone = Signal(int)

    def __init__(
        self, target: Callable, *arguments: object, name: str, daemon: bool = True, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._target, self._arguments, self._name, self._daemon = target, arguments, name, daemon
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        self._thread: threading.Thread | None = None
        self._writer: threading.Thread | None = None
        # Pickled, in order; None ends the writer.
        self._outbox: queue.SimpleQueue[memoryview | None] = queue.SimpleQueue()
        self._deaf = False
        self._over = False
        # Explicitly queued: the thread that emits is not one of Qt's.
        self._came.connect(self._pass_on, Qt.ConnectionType.QueuedConnection)
        self._gone.connect(self._finish, Qt.ConnectionType.QueuedConnection)

    @property
    def alive(self) -> bool:
        """The process is running."""
        return not self._over and self._process is not None and self._process.is_alive()

    @property
    def pid(self) -> int | None:
        """Number of the process; None before its start and after its end."""
        return None if self._over or self._process is None else self._process.pid

    def start(self) -> None:
        """Starts the process.

        Raises:
            OSError: the system cannot start one.
        """
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(
            target=self._target, args=(theirs, *self._arguments), name=self._name, daemon=self._daemon
        )
        try:
            with interrupts_held_back():
                self._process.start()
        except OSError:
            self._over = True
            self._connection.close()
            raise
        finally:
            # With a copy of the child's end open here, its death would never be the end of the pipe.
            theirs.close()
        self._thread = threading.Thread(target=self._read, name=f"{self._name}-reader", daemon=True)
        self._writer = threading.Thread(target=self._write, name=f"{self._name}-writer", daemon=True)
        self._thread.start()
        self._writer.start()

    def send(self, message: object) -> bool:
        """Sends a message, without waiting for a child that does not read; False when there is none to hear it.

        Args:
            message: taken as it is now; what is changed in it later is not sent.
        """
        if self._over or self._deaf or self._process is None or wait([self._process.sentinel], 0):
            return False
        self._outbox.put(ForkingPickler.dumps(message))
        return True

    def kill(self) -> None:
        """Ends the process by force; `ended` follows."""
        if not self._over and self._process is not None:
            self._process.kill()

    def close(self, wait_s: float = 2.0) -> None:
        """Asks the process to stop, and ends it by force when it has not done so in time. Nothing is emitted after.

        Args:
            wait_s: how long it may take, in s.
        """
        if self._over:
            return
        self._over = True
        if self._thread is None or self._process is None or self._connection is None:
            return
        self._outbox.put(ForkingPickler.dumps(Stop()))
        self._thread.join(wait_s)
        if self._thread.is_alive():
            self._process.kill()
        self._release()

    def _read(self) -> None:
        """In the thread: passes messages on until the process has gone."""
        while True:
            # A process can be gone while another one still holds its end of the pipe: its sentinel is watched, too.
            if self._connection not in wait([self._connection, self._process.sentinel]):
                break
            try:
                message = self._connection.recv()
            except (EOFError, OSError):
                break
            except Exception:
                _log.exception("%s sent what cannot be read; it is ended", self._name)
                self._process.kill()
                break
            self._came.emit(message)
        self._deaf = True
        self._process.join(_ENDING_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        while (code := self._process.exitcode) is None:
            time.sleep(0.005)  # another thread has asked for the code at this very moment, and is about to note it
        self._gone.emit(code)

    def _write(self) -> None:
        """In a thread of its own: a child that was stopped reads nothing, and the pipe is full after some 200 kB."""
        while (message := self._outbox.get()) is not None:
            try:
                self._connection.send_bytes(message)
            except OSError:
                self._deaf = True  # the reader tells of its end
                break

    def _pass_on(self, message: object) -> None:
        if not self._over:
            self.received.emit(message)

    def _finish(self, code: int) -> None:
        if not self._over:
            self._over = True
            self._release()
            self.ended.emit(code)

    def _release(self) -> None:
        self._thread.join()
        self._outbox.put(None)
        _let_go(self._connection)
        self._writer.join()
        self._connection.close()
        self._process.close()


def _let_go(connection: Connection) -> None:
    """Ends what waits to be written, even if a process that the child has left behind holds its end of the pipe."""
    if os.name == "posix":  # elsewhere pipes are no sockets, and nothing but the child has their end
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as end:
            end.shutdown(socket.SHUT_RDWR)


def how_it_ended(code: int) -> str:
    """An exit code in words, to follow the name of a process: "was killed by the system (SIGKILL)"."""
    if code >= 0:
        return QCoreApplication.translate("Child", "ended by itself (exit code {0})").format(code)
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = str(-code)
    if name in ("SIGKILL", "SIGTERM"):
        return QCoreApplication.translate("Child", "was killed ({0})").format(name)
    return QCoreApplication.translate("Child", "crashed ({0})").format(name)
