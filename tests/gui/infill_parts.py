"""A task that FstMuse does not have: what its session, its result and its page would be, for `test_page_joint`."""

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
class Filled:
    """A clip with its gap filled: float32 (samples,) at `RATE` Hz; the gap from `start_s` to `end_s`."""

    path: str
    samples: np.ndarray
    start_s: float
    end_s: float
    strength: int
    part: str = ""


@outputs.register
def _(result: Filled) -> dict[str, Writer]:
    return {"wav": partial(_write, result)}


def _write(result: Filled, path: Path, model: str) -> None:
    soundfile.write(path, result.samples, RATE, format="WAV")


def engine(connection: Connection) -> None:
    """The window's own engine, with a session that can fill gaps: with a high tone."""
    from fstmuse.inference import session
    from gui.work.engine import main
    from tests.artifact_fixtures import tone

    class Session(session.Session):
        warm = False

        def warm_up(self) -> None:
            self.warm = True

        def infill(self, sound, *, start_s, end_s, strength, progress=None, cancel=None) -> Filled:
            assert self.warm, "the engine has it warmed up before it is asked"
            samples, _ = soundfile.read(sound, dtype="float32")
            first, last = round(start_s * RATE), round(end_s * RATE)
            samples[first:last] = tone("High", (last - first) / RATE)
            progress(1.0)
            return Filled(str(sound), samples, start_s, end_s, strength)

    session.Session = Session
    main(connection)


def add_infiller(filler: Path, folder: Path) -> None:
    """A model that fills gaps, under another name; in a folder of its own name, whole at once."""
    from fstmuse.artifacts.card import read_card, sealed, write_card

    part = folder.with_name(f".{folder.name}")
    shutil.copytree(filler, part)
    write_card(sealed(dataclasses.replace(read_card(part), name="infiller"), part), part)
    part.rename(folder)


PAGE = '''
"""Fills gaps."""

from PySide6.QtWidgets import QLabel, QSpinBox, QVBoxLayout, QWidget

import numpy as np

from tests.gui.infill_parts import Filled

from ..panels.answer_files import AnswerFiles
from ..result_words import result_words
from ..views.heatmap import HeatMap
from . import Page


class View(QWidget):
    def __init__(self, context):
        super().__init__()
        self.context, self.job, self.models, self.shown, self.lane = context, None, [], None, None
        self.title, self.strength = QLabel(), QSpinBox(value=5)
        self.files = AnswerFiles(context, {"wav": "&Sound (WAV)..."})
        column = QVBoxLayout(self)
        for widget in (self.title, self.strength, self.files):
            column.addWidget(widget)

    def show_job(self, job):
        answers = [answer for key, answer in job.answers.items() if key[0] == "infill"] if job else []
        answer = answers[0] if answers else None
        self.files.show_results(job, [(answer.result, answer.name)] if answer else [], answer.files if answer else [])
        if (job, answer) == (self.job, self.shown):
            return
        self.job, self.shown, self.lane = job, answer, None
        self.title.setText(result_words(answer.result) if answer else "Nothing filled yet")
        if answer is not None:
            gap = [answer.result.start_s, answer.result.end_s]
            self.lane = HeatMap(["Filled"], np.array([gap]), np.ones((1, 1)), answer.name)
            self.context.clip_view.compare(self.context.looking.show(answer.files[0]))

    def set_models(self, models):
        self.models = models

    def options(self, part=True, job=None):
        start_s, end_s = (part and self.context.clip_view.axis.selection) or (0.0, 1.0)
        return {"start_s": start_s, "end_s": end_s, "strength": self.strength.value()}

    def lanes(self):
        return [self.lane] if self.lane else []


@result_words.register
def _(result: Filled) -> str:
    return f"{result.start_s:.1f} to {result.end_s:.1f} s filled, strength {result.strength}"


PAGE = Page(
    verb="infill",
    tasks=frozenset({"infill"}),
    title="&Fill gaps",
    tip="Fills what is selected",
    missing="No model here can fill gaps. Train one.",
    icon='<path d="M4 12h16"/>',
    shortcut="Ctrl+9",
    order=90,
    runs_on_drop=False,
    make=View,
    formats=("wav",),
)
'''
"""A module of `gui.pages`, as text."""
