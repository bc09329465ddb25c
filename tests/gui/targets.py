"""What runs in the children of the tests; spawned, so that it must be importable."""

from __future__ import annotations

import itertools
import os
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path

from gui.core.messages import Failed, Log, Progress, Result, Run, Started, Stop
from gui.work.channel import Channel, settle
from tests.gui.served import serve


def echo(connection: Connection, *arguments: object) -> None:
    """Says its arguments, then what it hears; ends when told to."""
    settle()
    channel = Channel(connection)
    channel.send(arguments)
    while not isinstance(message := channel.inbox.get(), Stop):
        channel.send(message)


def deaf(connection: Connection) -> None:
    """Says that it is there, and hears nothing, not even Ctrl-C and the end of the pipe."""
    settle()
    connection.send("there")
    time.sleep(600)


def fail(connection: Connection) -> None:
    """Ends by an exit code of its own, its last words still in the pipe."""
    for number in range(100):
        connection.send(number)
    os._exit(3)


def unreadable(connection: Connection) -> None:
    """Sends bytes that are no message."""
    connection.send_bytes(b"no pickle")
    time.sleep(600)


def lingering(connection: Connection) -> None:
    """Closes its end of the pipe, but does not end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    connection.close()
    time.sleep(600)


def receiver(connection: Connection, file: str) -> None:
    """Writes a file when the window has gone."""

    def note() -> None:
        Path(file).write_text("gone")
        os._exit(0)

    channel = Channel(connection, on_gone=note, accept=lambda message: message * 2 if message else None)
    while True:
        channel.send(channel.inbox.get())


def engine(connection: Connection) -> None:
    """An engine without TensorFlow, whose answers depend on the clip's name.

    `wait...`: runs until it is cancelled; `late...`: answers once it is cancelled; `stubborn...`: cannot be cancelled;
    `die...`: kills itself; `bad...`: fails; `count...`: says how many questions there were; other names: the name in
    capitals with the artifact.
    """
    asked = itertools.count(1)
    serve(connection, lambda channel, run, cancelled: _answer(channel, run, cancelled, next(asked)))


def _answer(channel: Channel, run: Run, cancelled: set[int], asked: int) -> None:
    name = Path(run.sound).name
    cancelled.discard(run.job)
    channel.send(Started(run.job, run.artifact))
    channel.send(Progress(run.job, run.artifact, 0.5))
    if name.startswith("die"):
        os.kill(os.getpid(), signal.SIGKILL)
    if name.startswith("stubborn"):
        time.sleep(600)
    while name.startswith(("wait", "late")) and run.job not in cancelled:
        time.sleep(0.005)
    if run.job in cancelled and not name.startswith("late"):
        channel.send(Failed(run.job, run.artifact, "Cancelled", "Cancelled."))
    elif name.startswith("bad"):
        channel.send(Failed(run.job, run.artifact, "AudioError", f"{run.sound}: no sound.", "where it was"))
    elif name.startswith("count"):
        channel.send(Result(run.job, run.artifact, asked, (), 0.0))
    else:
        result = f"{name.upper()} by {Path(run.artifact).name}{run.options.get('mark', '')}"
        channel.send(Result(run.job, run.artifact, result, (), 0.0))


def unready_engine(connection: Connection) -> None:
    """An engine that dies before it is ready."""
    channel = Channel(connection)
    channel.send(Log(40, "Traceback\nImportError: no TensorFlow here"))
    os._exit(1)


def slow_engine(connection: Connection) -> None:
    """An engine that is never ready."""
    settle()
    channel = Channel(connection)
    channel.inbox.get()
