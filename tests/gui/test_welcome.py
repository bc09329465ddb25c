"""The first screen of a machine without a classifier."""

from __future__ import annotations

from types import SimpleNamespace

import typer.testing
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QFileDialog

from fstmuse import datasets, train
from fstmuse.data.registry import DATASETS
from fstmuse.networks.catalogue import CATALOGUE
from fstmuse.training.config import resolve
from gui.panels.welcome import DEMO, FETCH, Welcome


class Shelf(QObject):
    changed = Signal()
    folder = "/home/me/models"

    def __init__(self) -> None:
        super().__init__()
        self.models: list[SimpleNamespace] = []

    def set_folder(self, path: str) -> None:
        self.folder = path
        self.changed.emit()


def click(qtbot, button: QAbstractButton) -> None:
    assert button.isVisible() and button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_welcome_says_what_is_missing_and_offers_the_demo(qtbot) -> None:
    told: list[str] = []
    context = SimpleNamespace(shelf=Shelf(), say=told.append)
    screen = Welcome(context)
    qtbot.addWidget(screen)
    screen.show()
    assert "/home/me/models" in screen.missing.text()
    with qtbot.waitSignal(screen.demoWanted):
        click(qtbot, screen.demo)
    with qtbot.waitSignal(screen.trainWanted):
        click(qtbot, screen.own)
    screen.tell("Training the demo: epoch 3 of 40")
    assert screen.going_on.isVisible() and not screen.demo.isVisible()
    with qtbot.waitSignal(screen.trainWanted):
        click(qtbot, screen.show_training)
    screen.tell("")
    assert screen.demo.isVisible() and not screen.going_on.isVisible() and not screen.show_training.isVisible()
    click(qtbot, screen.copy)
    assert QGuiApplication.clipboard().text().splitlines() == list(FETCH)
    assert told == ["Copied"]
    context.shelf.models = [SimpleNamespace(name="old", reason="its card is missing")]
    click(qtbot, screen.folder)
    (dialog,) = screen.findChildren(QFileDialog)
    dialog.fileSelected.emit("/elsewhere")
    dialog.reject()
    assert "there is none in /elsewhere." in screen.missing.text()
    assert "old is there, but cannot be used: its card is missing" in screen.missing.text()


def test_what_welcome_proposes_exists() -> None:
    assert resolve(DEMO.network, {"data": DEMO.data}).data in DATASETS
    fetch, learn = (command.split()[3:] for command in FETCH)
    assert fetch == ["fetch", "fma_small"] and "fma_small" in DATASETS and learn[0] in CATALOGUE
    runner = typer.testing.CliRunner()
    assert runner.invoke(datasets.app, [fetch[0], "--help"]).exit_code == 0
    assert runner.invoke(train.app, [*learn, "--settings"]).exit_code == 0
