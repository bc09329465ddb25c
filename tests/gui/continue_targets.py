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
from gui.core.messages import Load, Loaded, Progress, Ready, Result, Run, Started, Stop
from gui.work.channel import Channel, settle


class Holding:
    """Says that the last frame goes on."""

    spec = MelSpec(8000, 512, 256, 24, 0.0, 4000.0)

    def __call__(self, context: MelPicture, frames: int, seed: int, spread: float = 1.0) -> np.ndarray:
        return np.repeat(context.values[-1:], frames, axis=0)


def engine(connection: Connection) -> None:
    """Lets clips go on, or fills their gaps, and saves what the window wants."""
    settle()
    channel = Channel(connection)
    channel.send(Ready("nothing", {}))
    while not isinstance(message := channel.inbox.get(), Stop):
        if isinstance(message, Load):
            channel.send(Loaded(message.artifact))
        elif isinstance(message, Run):
            channel.send(Started(message.job, message.artifact))
            channel.send(Progress(message.job, message.artifact, 0.5))
            model = read_card(Path(message.artifact)).signature
            if message.verb == "go_on":
                result = go_on(message.sound, continuer=Holding(), model=model, **message.options)
            else:
                result = infill(message.sound, model=model, **message.options)
            formats = [format for format in message.save.formats if format in outputs(result)]
            files = tuple(map(str, save_result(result, message.save.folder, formats, model)))
            channel.send(Result(message.job, message.artifact, result, files, 0.1, "", model))
