"""Which models are asked: found, ticked, remembered, refused with a reason."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, Qt

from fstmuse.artifacts.card import CARD
from gui.pages.classify import PAGE
from gui.panels.chooser import ModelChooser
from gui.shelf import Shelf


def add_model(folder: Path, name: str, **fields: object) -> Path:
    """A copy of `tones` under another name, with other fields in its card."""
    model = folder / name
    shutil.copytree(folder / "tones", model)
    card = json.loads((model / CARD).read_text())
    (model / CARD).write_text(json.dumps(card | {"name": name} | fields))
    return model


@pytest.fixture
def context(models_folder: Path, settings):
    return SimpleNamespace(settings=settings, shelf=Shelf(settings))


@pytest.fixture
def chooser(qtbot, context):
    chooser = ModelChooser(context)
    qtbot.addWidget(chooser)
    chooser.resize(300, 200)
    chooser.show()
    return chooser


def _rows(chooser: ModelChooser) -> list[str]:
    return [chooser.list.item(row).text() for row in range(chooser.list.count())]


def _click(qtbot, chooser: ModelChooser, name: str) -> None:
    [item] = chooser.list.findItems(name, Qt.MatchFlag.MatchExactly)
    rect = chooser.list.visualItemRect(item)
    box = QPoint(rect.left() + chooser.fontMetrics().height() // 2 + 2, rect.center().y())
    qtbot.mouseClick(chooser.list.viewport(), Qt.MouseButton.LeftButton, pos=box)


def _names(models: list) -> list[str]:
    return [model.name for model in models]


def test_first_model_is_ticked_at_first_and_told(qtbot, chooser: ModelChooser) -> None:
    with qtbot.waitSignal(chooser.chosen) as told:
        chooser.set_page(PAGE)
    assert _names(told.args[0]) == _names(chooser.models) == ["tones"]
    tip = chooser.list.item(0).toolTip()
    assert "Labels: 3: High, Low, Middle" in tip
    assert not chooser.missing.isVisible()


def test_a_click_on_the_name_ticks_as_one_on_the_box(qtbot, chooser: ModelChooser) -> None:
    chooser.set_page(PAGE)
    name = chooser.list.visualItemRect(chooser.list.item(0)).center()
    for clicked, ticked in (("name", []), ("box", ["tones"]), ("box", []), ("name", ["tones"])):
        if clicked == "box":
            _click(qtbot, chooser, "tones")
        else:
            qtbot.mouseClick(chooser.list.viewport(), Qt.MouseButton.LeftButton, pos=name)
        assert _names(chooser.models) == ticked
    qtbot.mouseClick(chooser.list.viewport(), Qt.MouseButton.RightButton, pos=name)
    assert _names(chooser.models) == ["tones"]


def test_ticks_by_mouse_and_key_are_remembered_for_the_page(qtbot, chooser, context, models_folder: Path) -> None:
    add_model(models_folder, "other")
    context.shelf.rescan()
    chooser.set_page(PAGE)
    assert _names(chooser.models) == ["other"]
    told: list[list[str]] = []
    chooser.chosen.connect(lambda models: told.append(_names(models)))
    _click(qtbot, chooser, "tones")
    assert told == [["other", "tones"]]
    chooser.list.setCurrentRow(0)
    qtbot.keyClick(chooser.list, Qt.Key.Key_Space)
    assert told[1:] == [["tones"]]
    assert context.settings.chosen("classify") == ["tones"]
    again = ModelChooser(context)
    qtbot.addWidget(again)
    again.set_page(PAGE)
    assert _names(again.models) == ["tones"]


def test_nothing_ticked_stays_nothing_when_the_folder_changes(qtbot, chooser, context, models_folder: Path) -> None:
    chooser.set_page(PAGE)
    _click(qtbot, chooser, "tones")
    assert chooser.models == []
    add_model(models_folder, "other")
    context.shelf.rescan()
    assert _rows(chooser) == ["other", "tones"]
    assert chooser.models == []
    chooser.choose(["other"])
    assert _names(chooser.models) == ["other"]


def test_broken_models_are_disabled_with_their_reason(qtbot, chooser, context, models_folder: Path) -> None:
    broken = models_folder / "a broken one"
    broken.mkdir()
    (broken / CARD).write_text("{")
    context.shelf.rescan()
    chooser.set_page(PAGE)
    assert _rows(chooser) == ["tones", "a broken one (cannot be used)"]
    item = chooser.list.item(1)
    assert not item.flags() & Qt.ItemFlag.ItemIsEnabled
    assert "cannot be read" in item.toolTip()
    assert _names(chooser.models) == ["tones"]
    with qtbot.waitSignal(chooser.chosen) as told:
        context.shelf.refuse(str(models_folder / "tones"), "It holds an operation that is not trusted.")
    assert told.args == [[]]
    assert "not trusted" in chooser.list.item(1).toolTip()
    assert chooser.missing.isVisible()
    assert "Train one" in chooser.missing.text()


def test_model_that_goes_and_comes_back_keeps_its_tick(qtbot, chooser, context, models_folder: Path) -> None:
    add_model(models_folder, "other")
    context.shelf.rescan()
    chooser.set_page(PAGE)
    chooser.choose(["tones", "other"])
    (models_folder / "other").rename(models_folder.parent / "away")
    context.shelf.rescan()
    assert _names(chooser.models) == ["tones"]
    (models_folder.parent / "away").rename(models_folder / "other")
    context.shelf.rescan()
    assert _names(chooser.models) == ["other", "tones"]
