"""A page with all that it needs but a window, and jobs with answers."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from fstmuse.inference.results import Classification, part_name
from gui.actions import Actions
from gui.axis import Axis
from gui.core.answer import Answer
from gui.core.jobs import Job, State
from gui.pages.classify import PAGE
from gui.shelf import Shelf
from tests.gui.test_chooser import add_model

LABELS = ("High", "Low", "Middle")
METRICS = {"test": {"accuracy": 0.9259, "accuracy_interval": [0.85, 0.98], "n": 54}}


@pytest.fixture
def context(models_folder: Path, settings, tmp_path: Path):
    add_model(models_folder, "tested", metrics=METRICS)
    settings.output_folder = str(tmp_path / "out")
    said: list[str] = []
    errors: list[str] = []
    return SimpleNamespace(
        settings=settings,
        shelf=Shelf(settings),
        actions=Actions([]),
        clip_view=SimpleNamespace(axis=Axis()),
        said=said,
        errors=errors,
        say=said.append,
        wrote=lambda text, file: said.append(text),
        error=lambda title, message, details: errors.append(message),
    )


@pytest.fixture
def view(qtbot, context):
    view = PAGE.make(context)
    qtbot.addWidget(view)
    view.resize(700, 500)
    view.show()
    view.set_models(context.shelf.models)
    return view


def make_job(context, path: Path | str = "/c/low.wav", *states: State) -> Job:
    artifacts = tuple(model.path for model in context.shelf.models)
    job = Job(1, str(path), "classify", artifacts, {}, None)
    job.ask(artifacts)
    for state in states:
        job.move_to(state)
    return job


def add_answer(job: Job, artifact: str, probabilities, labels=LABELS, start_s=0.0, duration_s=None, **fields) -> Answer:
    values = np.array(probabilities, np.float32)
    times = start_s + np.array([[0.0, 1.0], [1.0, 2.0], [2.0, 3.0]])
    result = Classification(
        fields.pop("path", job.path),
        labels,
        values,
        duration_s or 3.0,
        times,
        np.tile(values, (3, 1)),
        start_s,
        part_name(start_s, duration_s),
    )
    files = fields.pop("files", ())
    answer = Answer(artifact, Path(artifact).name, "classify", {}, result, files, 0.1, **fields)
    job.answers["classify", artifact] = answer
    return answer
