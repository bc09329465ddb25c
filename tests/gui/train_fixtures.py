"""The page that trains, with a child that the test plays by its messages."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton

from fstmuse.training.config import resolve
from fstmuse.training.run import RunFolder
from gui.core.training_messages import Train
from gui.panels.train_panel import TrainPanel
from gui.training import Training


class Rehearsal(Training):
    """A training whose child is played by the test."""

    def __init__(self, settings: object) -> None:
        super().__init__(settings)
        self.asked: list[Train] = []

    def start(self, train: Train) -> bool:
        if self.busy:
            return False
        self.asked.append(train)
        self._forget()
        self.train = train
        self._set("running")
        return True

    def stop(self) -> None:
        self._set("stopping")

    def hear(self, *messages: object) -> None:
        for message in messages:
            self._received(message)

    def end(self, message: object = None, code: int = 0) -> None:
        if message is not None:
            self._received(message)
        self._ended(code)


@pytest.fixture
def context(settings) -> SimpleNamespace:
    told: list[str] = []
    errors: list[tuple[str, str, str]] = []
    return SimpleNamespace(
        settings=settings, say=told.append, error=lambda *parts: errors.append(parts), told=told, errors=errors
    )


@pytest.fixture
def panel(qtbot, context) -> Iterator[TrainPanel]:
    made = TrainPanel(context, Rehearsal(context.settings))
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made._training.close()


def choose_kind(panel: TrainPanel, kind: str) -> None:
    panel.form.data.kind.setCurrentIndex(panel.form.data.kind.findData(kind))


def begin_run(name: str, **settings: object) -> RunFolder:
    run = RunFolder(Path(os.environ["FSTMUSE_RUNS"]) / name)
    run.begin(resolve("shortchunk", {"data": "demo", **settings}), {})
    run.write_history([{"epoch": 1, "loss": 1.0}])
    return run


def click(qtbot, button: QAbstractButton) -> None:
    assert button.isVisible() and button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
