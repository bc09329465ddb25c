"""How the engines of the tests take what the window asks for; they run in a child process, without TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing.connection import Connection

from gui.core.messages import Cancel, Load, Loaded, Ready, Run, Stop
from gui.work.channel import Channel, settle

Answer = Callable[[Channel, Run, set[int]], None]
"""Answers on the channel; the set holds the numbers of the jobs that are cancelled, as soon as they are."""


def serve(connection: Connection, answer: Answer) -> None:
    """Is ready at once, loads in no time and has one question after the other answered, until told to stop."""
    settle()
    cancelled: set[int] = set()

    def accept(message: object) -> object:
        return cancelled.add(message.job) if isinstance(message, Cancel) else message

    channel = Channel(connection, accept=accept)
    channel.send(Ready("nothing", {}))
    while not isinstance(message := channel.inbox.get(), Stop):
        if isinstance(message, Load):
            channel.send(Loaded(message.artifact))
        elif isinstance(message, Run):
            answer(channel, message, cancelled)
