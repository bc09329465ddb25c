"""A task that takes no clip: what its session, its result and its page would be, for `test_page_new`."""

from __future__ import annotations

import dataclasses
import shutil
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import soundfile

from fstmuse.inference.outputs import Writer, outputs

RATE = 8000


@dataclass(frozen=True, eq=False)
class Made:
    """New music: float32 (samples,) at `RATE` Hz."""

    samples: np.ndarray
    path: str = "New music"
    part: str = ""


@outputs.register
def _(result: Made) -> dict[str, Writer]:
    return {"wav": partial(_write, result)}


def _write(result: Made, path: Path, model: str) -> None:
    soundfile.write(path, result.samples, RATE, format="WAV")


def engine(connection: Connection) -> None:
    """The window's own engine, with a session that makes high tones."""
    from fstmuse.inference import session
    from gui.work.engine import main
    from tests.artifact_fixtures import tone

    class Session(session.Session):
        def generate(self, *, seconds, progress=None, cancel=None) -> Made:
            progress(1.0)
            return Made(tone("High", seconds))

    session.Session = Session
    main(connection)


def add_generator(tones: Path, folder: Path) -> None:
    """A model of a task that no session knows; in a folder of its own name, whole at once."""
    from fstmuse.artifacts.card import read_card, sealed, write_card

    part = folder.with_name(f".{folder.name}")
    shutil.copytree(tones, part)
    write_card(sealed(dataclasses.replace(read_card(part), name="generator", task="compose"), part), part)
    part.rename(folder)


PAGE = '''
"""Makes new music."""

from PySide6.QtWidgets import QLabel, QSpinBox, QVBoxLayout, QWidget

from tests.gui.generate_parts import Made

from ..result_words import result_words
from . import Page


class View(QWidget):
    def __init__(self, context):
        super().__init__()
        self.seconds, self.title = QSpinBox(value=2), QLabel()
        column = QVBoxLayout(self)
        column.addWidget(self.title)
        column.addWidget(self.seconds)

    def show_job(self, job):
        self.title.setText(job.name if job else "Press Run")

    def set_models(self, models):
        pass

    def options(self, part=True, job=None):
        return {"seconds": self.seconds.value()}

    def lanes(self):
        return []


@result_words.register
def _(result: Made) -> str:
    return f"{len(result.samples) / 8000:.0f} s of music"


PAGE = Page(
    verb="generate",
    tasks=frozenset({"compose"}),
    title="&Generate",
    tip="Makes new music",
    missing="No model here can make music. Train one.",
    icon='<path d="M4 12h16"/>',
    shortcut="Ctrl+8",
    order=95,
    runs_on_drop=False,
    make=View,
    formats=("wav",),
    new="New music",
)
'''
"""A module of `gui.pages`, as text."""
