"""The folder of models as the window sees it: watched, changed, refused."""

from __future__ import annotations

import dataclasses
import os
import shutil
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from fstmuse.artifacts.card import read_card, write_card
from fstmuse.artifacts.leftovers import replace, workplace
from fstmuse.errors import ArtifactError
from gui.settings import Settings
from gui.shelf import Shelf
from tests.card_fixtures import METRICS, make_artifact


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    models = tmp_path / "models"
    make_artifact(models / "genres")
    monkeypatch.setenv("FSTMUSE_MODELS", str(models))
    return models


@pytest.fixture
def shelf(folder: Path, settings: Settings, qtbot: QtBot) -> Shelf:
    return Shelf(settings)


def names(shelf: Shelf) -> list[str]:
    return [model.name for model in shelf.models]


def test_there_from_the_start(shelf: Shelf, folder: Path) -> None:
    assert shelf.folder == str(folder) and names(shelf) == ["genres"]
    assert shelf.find(str(folder / "genres")) is shelf.models[0]
    assert shelf.find(str(folder / "other")) is None


def test_a_new_model_appears_whole(shelf: Shelf, folder: Path, qtbot: QtBot) -> None:
    seen = []
    shelf.changed.connect(lambda: seen.append(names(shelf)))
    with workplace(folder / "new") as part:
        shutil.copytree(folder / "genres", part, dirs_exist_ok=True)
        with qtbot.assertNotEmitted(shelf.changed, wait=500):
            pass
        replace(part, folder / "new")
    qtbot.waitUntil(lambda: names(shelf) == ["genres", "new"], timeout=3000)
    assert seen == [["genres", "new"]]


def test_what_happens_within_a_model_is_seen_too(shelf: Shelf, folder: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(shelf.changed, timeout=3000):
        write_card(dataclasses.replace(read_card(folder / "genres"), metrics=METRICS), folder / "genres")
    assert shelf.models[0].score.n == 54
    # A model that was replaced is watched as the one before.
    with workplace(folder / "genres") as part:
        shutil.copytree(folder / "genres", part, dirs_exist_ok=True)
        write_card(dataclasses.replace(read_card(part), metrics={}), part)
        replace(part, folder / "genres")
    qtbot.waitUntil(lambda: shelf.models[0].score is None, timeout=3000)
    with qtbot.waitSignal(shelf.changed, timeout=3000):
        write_card(dataclasses.replace(read_card(folder / "genres"), metrics=METRICS), folder / "genres")
    with qtbot.waitSignal(shelf.changed, timeout=3000):
        shutil.rmtree(folder / "genres")
    assert names(shelf) == []


def test_a_folder_that_is_not_there_yet(folder: Path, settings: Settings, tmp_path: Path, qtbot: QtBot) -> None:
    settings.models_folder = tmp_path / "not" / "yet"
    shelf = Shelf(settings)
    assert shelf.models == [] and shelf.folder == str(tmp_path / "not" / "yet")
    shutil.copytree(folder, tmp_path / "not" / "yet")
    qtbot.waitUntil(lambda: names(shelf) == ["genres"], timeout=3000)


def test_another_folder_is_remembered_and_told_to_children(
    shelf: Shelf, tmp_path: Path, settings: Settings, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    make_artifact(other / "tags")
    with qtbot.waitSignal(shelf.changed):
        shelf.set_folder(other)
    assert names(shelf) == ["tags"] and shelf.folder == os.environ["FSTMUSE_MODELS"] == str(other)
    make_artifact(other / "more")
    qtbot.waitUntil(lambda: names(shelf) == ["more", "tags"], timeout=3000)
    with qtbot.waitSignal(shelf.changed):  # an empty one is a change, too
        shelf.set_folder(tmp_path / "empty")
    shelf.set_folder(other)
    settings.flush()
    monkeypatch.delenv("FSTMUSE_MODELS")
    later = Shelf(Settings(settings.file))
    assert later.folder == os.environ["FSTMUSE_MODELS"] == str(other)


def test_the_settings_are_followed(shelf: Shelf, tmp_path: Path, settings: Settings) -> None:
    make_artifact(tmp_path / "other" / "tags")
    settings.models_folder = tmp_path / "other"
    assert names(shelf) == ["tags"]


def test_refused_until_its_files_change(shelf: Shelf, folder: Path, qtbot: QtBot) -> None:
    path = str(folder / "genres")
    with qtbot.waitSignal(shelf.changed):
        shelf.refuse(path, "Its graph writes files.")
    assert shelf.models[0].reason == "Its graph writes files." and shelf.models[0].card is not None
    shelf.rescan()
    assert shelf.models[0].reason == "Its graph writes files."
    (folder / "genres" / "network.keras").write_bytes(b"another network")
    shelf.rescan()
    assert shelf.models[0].reason == ""
    shelf.refuse(path, "Out of memory.")
    shelf.accept(path)
    assert shelf.models[0].reason == ""


def test_a_card_that_cannot_be_read_says_so_whatever_the_child_said(shelf: Shelf, folder: Path) -> None:
    (folder / "genres" / "card.json").write_text("{")
    shelf.refuse(str(folder / "genres"), "no")
    assert "cannot be read" in shelf.models[0].reason


def test_rescan_is_silent_when_nothing_changed(shelf: Shelf, folder: Path, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(shelf.changed):
        shelf.rescan()


def test_deleted(shelf: Shelf, folder: Path, qtbot: QtBot) -> None:
    model = shelf.models[0]
    with qtbot.waitSignal(shelf.changed):
        shelf.delete(model)
    assert shelf.models == [] and not (folder / "genres").exists()
    with pytest.raises(ArtifactError, match="Nothing was deleted"):
        shelf.delete(model)
