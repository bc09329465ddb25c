"""What the tests of the continuation page run in the engine: clips go on, gaps are filled, without TensorFlow."""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from fstmuse.artifacts.card import read_card
from fstmuse.features.picture import MelPicture
from fstmuse.inference.continuing import go_on
from fstmuse.inference.infilling import infill
from fstmuse.inference.outputs import outputs, save_result
from fstmuse.spec import MelSpec
from gui.core.messages import Progress, Result, Run, Started
from gui.work.channel import Channel
from tests.gui.served import serve


class Holding:
    """Says that the last frame goes on."""

    spec = MelSpec(8000, 512, 256, 24, 0.0, 4000.0)

    def __call__(self, context: MelPicture, frames: int, seed: int, spread: float = 1.0) -> np.ndarray:
        return np.repeat(context.values[-1:], frames, axis=0)


def engine(connection: Connection) -> None:
    """Lets clips go on, or fills their gaps, and saves what the window wants."""
    serve(connection, _answer)


def _answer(channel: Channel, run: Run, cancelled: set[int]) -> None:
    channel.send(Started(run.job, run.artifact))
    channel.send(Progress(run.job, run.artifact, 0.5))
    model = read_card(Path(run.artifact)).signature
    if run.verb == "go_on":
        result = go_on(run.sound, continuer=Holding(), model=model, **run.options)
    else:
        result = infill(run.sound, model=model, **run.options)
    formats = [format for format in run.save.formats if format in outputs(result)]
    files = tuple(map(str, save_result(result, run.save.folder, formats, model)))
    channel.send(Result(run.job, run.artifact, result, files, 0.1, "", model))
