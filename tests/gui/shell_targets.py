"""What the window's tests run in the engine's process: quick answers, without TensorFlow."""

from __future__ import annotations

import time
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from fstmuse.inference.results import Classification
from gui.core.messages import Cancel, Failed, Load, Loaded, Ready, Result, Run, Started, Stop
from gui.work.channel import Channel, settle

LABELS = ("Low", "Middle", "High")


def engine(connection: Connection) -> None:
    """Says Low of every clip; is at `wait...` until it is cancelled."""
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
            cancelled.discard(message.job)
            channel.send(Started(message.job, message.artifact))
            while Path(message.sound).name.startswith("wait") and message.job not in cancelled:
                time.sleep(0.005)
            if message.job in cancelled:
                channel.send(Failed(message.job, message.artifact, "Cancelled", "Cancelled."))
            else:
                result = Classification(
                    path=message.sound,
                    labels=LABELS,
                    probabilities=np.array([0.9, 0.06, 0.04], np.float32),
                    duration_s=3.0,
                    times_s=None,
                    along_time=None,
                )
                channel.send(Result(message.job, message.artifact, result, (), 0.1))
