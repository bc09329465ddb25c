"""What the window's tests run in the engine's process: quick answers, without TensorFlow."""

from __future__ import annotations

import time
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from fstmuse.inference.results import Classification
from gui.core.messages import Failed, Result, Run, Started
from gui.work.channel import Channel
from tests.gui.served import serve

LABELS = ("Low", "Middle", "High")


def engine(connection: Connection) -> None:
    """Says Low of every clip; is at `wait...` until it is cancelled."""
    serve(connection, _answer)


def _answer(channel: Channel, run: Run, cancelled: set[int]) -> None:
    cancelled.discard(run.job)
    channel.send(Started(run.job, run.artifact))
    while Path(run.sound).name.startswith("wait") and run.job not in cancelled:
        time.sleep(0.005)
    if run.job in cancelled:
        channel.send(Failed(run.job, run.artifact, "Cancelled", "Cancelled."))
        return
    result = Classification(
        path=run.sound,
        labels=LABELS,
        probabilities=np.array([0.9, 0.06, 0.04], np.float32),
        duration_s=3.0,
        times_s=None,
        along_time=None,
    )
    channel.send(Result(run.job, run.artifact, result, (), 0.1))
