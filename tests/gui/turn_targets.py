"""What the tests of networks that draw in turn run in the engine: takes in no time, without TensorFlow."""

from __future__ import annotations

import dataclasses
import time
from multiprocessing.connection import Connection
from pathlib import Path

from fstmuse.artifacts.card import read_card
from fstmuse.inference.creation_settings import title
from fstmuse.inference.generate_result import Creation
from fstmuse.inference.outputs import save_result
from gui.core.messages import Failed, Progress, Result, Run, Started
from gui.work.channel import Channel
from tests.gui.generate_targets import made
from tests.gui.served import serve

COLD = 0.05
"""Takes of this temperature it is at until they are cancelled, and then hands over their half."""

FINISHING_S = 1.0
"""How long that takes: longer than a network may take to let go that keeps nothing."""


def engine(connection: Connection) -> None:
    """Makes takes; nothing comes of a prime that is not there."""
    serve(connection, _answer)


def _answer(channel: Channel, run: Run, cancelled: set[int]) -> None:
    options, prime = run.options, run.options.get("prime")
    channel.send(Started(run.job, run.artifact, keeps=True))
    channel.send(Progress(run.job, run.artifact, 0.5))
    while options["temperature"] == COLD and run.job not in cancelled:
        time.sleep(0.005)
    if prime and not Path(prime).exists():
        told = f"{prime}: there is no such file. Choose another."
        channel.send(Failed(run.job, run.artifact, "AudioError", told))
        return
    if run.job in cancelled:
        time.sleep(FINISHING_S)
    result = _made(run, cut=run.job in cancelled)
    files = tuple(map(str, save_result(result, run.save.folder, run.save.formats, result.model)))
    channel.send(Result(run.job, run.artifact, result, files, 0.1, "", result.model))


def _made(run: Run, cut: bool) -> Creation:
    options, model = run.options, read_card(Path(run.artifact)).signature
    seconds = options["seconds"] / (2 if cut else 1)
    whole = made(seconds, options["label"], options["seed"], options["temperature"], model)
    settings = {
        "seconds": options["seconds"],
        "label": options["label"],
        "temperature": options["temperature"],
        "cut_short": cut,
        "sound": "tones",
    }
    prime = options.get("prime")
    settings |= {"prime": prime, "prime_seconds": 0.0} if prime else {}
    return dataclasses.replace(whole, path=title(whole.label, whole.seed, prime=prime), settings=settings)
