"""What the tests of the page Generate run in the engine: takes in no time, without TensorFlow."""

from __future__ import annotations

import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from fstmuse.artifacts.card import read_card
from fstmuse.features.picture import MelPicture
from fstmuse.inference.creation_settings import label_number, nearer, title
from fstmuse.inference.generate_result import Creation
from fstmuse.inference.outputs import save_result
from fstmuse.spec import MelSpec
from gui.core.messages import Failed, Progress, Result, Run, Started
from gui.work.channel import Channel
from tests.gui.served import serve

RATE = 8000
UNLUCKY = 13
"""Nothing comes of this seed."""
LABELS = ("Folk", "Hip-Hop", "Rock")
_MEL = MelSpec(RATE, 512, 256, 32, 0.0, 4000.0)


def made(seconds: float, label: str | None, seed: int, truncation: float, model: str, **way: Any) -> Creation:
    """A tone whose height is that of the seed, and waves for a picture."""
    towards, share = way.get("towards"), way.get("share", 0.0)
    name = label or LABELS[label_number(LABELS, None, nearer(seed, towards, share))]
    height = seed if towards is None else (1 - share) * seed + share * towards
    times = np.arange(round(seconds * RATE)) / RATE
    tone = (0.3 * np.sin(2 * np.pi * (200 + 10 * (height % 50)) * times)).astype(np.float32)
    frames, bands = np.mgrid[: -(-len(tone) // _MEL.hop_length), : _MEL.n_mels]
    waves = -40 - bands + 20 * truncation * np.sin(frames / (3 + height % 7) + bands / 3)
    return Creation(
        path=title(name, seed, towards=towards, share=share),
        sample_rate=RATE,
        waveform=tone[:, None],
        picture=MelPicture(waves.astype(np.float32), _MEL),
        seed=seed,
        label=name,
        settings={"seconds": seconds, "label": label, "truncation": truncation, "sound": "tones"},
        model=model,
        towards=towards,
        share=share,
    )


def engine(connection: Connection) -> None:
    """Makes takes; those of the most usual music alone it is at until they are cancelled."""
    serve(connection, _answer)


def _answer(channel: Channel, run: Run, cancelled: set[int]) -> None:
    channel.send(Started(run.job, run.artifact))
    channel.send(Progress(run.job, run.artifact, 0.5))
    while not run.options["truncation"] and run.job not in cancelled:
        time.sleep(0.005)
    if run.job in cancelled:
        channel.send(Failed(run.job, run.artifact, "Cancelled", "Cancelled."))
    elif run.options["seed"] == UNLUCKY:
        channel.send(Failed(run.job, run.artifact, "ArtifactError", "Nothing comes of it.\nNothing."))
    else:
        model = read_card(Path(run.artifact)).signature
        result = made(model=model, **run.options)
        files = tuple(map(str, save_result(result, run.save.folder, run.save.formats, model)))
        channel.send(Result(run.job, run.artifact, result, files, 0.1, "", model))
