"""What is remembered, and what becomes of nonsense in the file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QSettings

from gui.settings import FORMATS, RECENT, THEMES, Settings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.ini"


def test_all_that_is_set_is_there_at_the_next_start(file: Path) -> None:
    first = Settings(file)
    first.theme = "dark"
    first.output_folder = "/somewhere/Ergebnisse, größer; #1"
    first.formats = ("png", "csv")
    first.save_results = False
    first.run_on_drop = False
    first.low_db, first.high_db, first.volume = -70.0, -5.0, 0.25
    first.set_chosen("classify", ["b", "a"])
    first.add_recent(["/x/one.wav", "/x/zwei, drei.wav"])
    first.keep_layout("window", QByteArray(b"\x00\x01\xff"))
    first.flush()

    second = Settings(file)
    assert second.theme == "dark"
    assert second.output_folder == "/somewhere/Ergebnisse, größer; #1"
    assert second.formats == ("csv", "png"), "in the order of FORMATS"
    assert second.save_results is False
    assert second.run_on_drop is False
    assert (second.low_db, second.high_db, second.volume) == (-70.0, -5.0, 0.25)
    assert second.chosen("classify") == ["b", "a"]
    assert second.chosen("tag") == []
    assert second.recent == ["/x/one.wav", "/x/zwei, drei.wav"]
    assert bytes(second.layout("window")) == b"\x00\x01\xff"
    assert second.layout("nothing").isEmpty()


def test_a_change_is_told_once(settings: Settings) -> None:
    told: list[str] = []
    settings.changed.connect(told.append)
    settings.theme = "light"
    settings.theme = "light"
    settings.set_chosen("classify", ["a"])
    settings.set_chosen("classify", ["a"])
    assert told == ["theme", "chosen"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("theme", "pink"), ("formats", ()), ("volume", 2.0), ("low_db", True), ("output_folder", ""), ("colour_map", "x")],
)
def test_impossible_values_are_refused(settings: Settings, name: str, value: object) -> None:
    before = getattr(settings, name)
    with pytest.raises(ValueError, match=name):
        setattr(settings, name, value)
    assert getattr(settings, name) == before


def test_nonsense_in_the_file_is_as_if_it_were_not_there(file: Path) -> None:
    store = QSettings(str(file), QSettings.Format.IniFormat)
    for key, text in {
        "choices/theme": '"pink"',
        "choices/formats": "7",
        "choices/volume": '"loud"',
        "choices/save_results": "no json",
        "choices/low_db": "",
        "lists/recent": '{"a": 1}',
        "chosen/classify": "[1, null]",
        "layout/window": "text",
    }.items():
        store.setValue(key, text)
    store.sync()
    settings, fresh = Settings(file), Settings(file.with_name("fresh.ini"))
    assert settings.as_text() == fresh.as_text()
    assert settings.recent == [] and settings.chosen("classify") == []
    assert settings.layout("window").isEmpty()


def test_recent_clips_are_few_and_each_is_there_once(settings: Settings) -> None:
    settings.add_recent(["/a", "/b"])
    settings.add_recent(["/c", "/a"])
    assert settings.recent == ["/c", "/a", "/b"]
    settings.add_recent(f"/{number}" for number in range(500))
    assert settings.recent == [f"/{number}" for number in range(RECENT)]
    settings.clear_recent()
    assert settings.recent == []


def test_models_folder_chosen_here_goes_before_the_variable_and_that_before_the_file(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FSTMUSE_MODELS", raising=False)
    settings = Settings(file)
    assert settings.models_folder == str(Path("models").absolute())
    settings.models_folder = tmp_path / "chosen"
    assert settings.models_folder == str(tmp_path / "chosen")
    settings.flush()
    assert Settings(file).models_folder == str(tmp_path / "chosen")
    monkeypatch.setenv("FSTMUSE_MODELS", str(tmp_path / "variable"))
    assert Settings(file).models_folder == str(tmp_path / "variable")
    assert settings.models_folder == str(tmp_path / "chosen")
    later = Settings(file)
    later.use_models(tmp_path / "option")
    assert later.models_folder == str(tmp_path / "option")
    assert later._models == str(tmp_path / "chosen"), "an option for one start is not remembered"


def test_reset_takes_preferences_back_and_leaves_the_rest(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FSTMUSE_MODELS", str(tmp_path / "variable"))
    settings = Settings(tmp_path / "other.ini")
    fresh = settings.as_text()
    settings.theme, settings.low_db, settings.formats = THEMES[1], -50.0, FORMATS
    settings.models_folder = tmp_path / "elsewhere"
    os.environ["FSTMUSE_MODELS"] = settings.models_folder  # as the shelf does for child processes
    settings.add_recent(["/a"])
    told: list[str] = []
    settings.changed.connect(told.append)
    settings.reset()
    assert settings.as_text() == fresh
    assert settings.recent == ["/a"]
    assert set(told) == {"theme", "low_db", "formats", "models_folder"}


def test_a_value_that_no_end_is_seen_of_is_forgotten(file: Path) -> None:
    store = QSettings(str(file), QSettings.Format.IniFormat)
    for key in ("choices/theme", "choices/formats", "lists/recent"):
        store.setValue(key, "[" * 100_000)
    store.sync()
    settings = Settings(file)
    assert (settings.theme, settings.formats, settings.recent) == ("system", ("csv",), [])


def test_levels_that_are_no_range_are_forgotten(file: Path) -> None:
    first = Settings(file)
    first.low_db, first.high_db = -20.0, -60.0
    first.flush()
    second = Settings(file)
    assert (second.low_db, second.high_db) == (-80.0, 0.0)


def test_a_file_that_cannot_be_written_is_known(tmp_path: Path, file: Path) -> None:
    (tmp_path / "taken").write_text("no folder")
    settings = Settings(tmp_path / "taken" / "settings.ini")
    settings.theme = "dark"
    settings.flush()
    assert settings.theme == "dark" and not settings.lasting
    assert Settings(file).lasting


@pytest.mark.parametrize("typed", ["~", "~/music", "~nobody-of-this-name/music", "music/../here", "/a\0b"])
def test_folders_as_typed_become_whole_paths(file: Path, typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    settings = Settings(file)
    settings.models_folder = typed
    here = Path.cwd()
    assert (
        settings.models_folder
        == {
            "~": "/home/me",
            "~/music": "/home/me/music",
            "~nobody-of-this-name/music": str(here / "~nobody-of-this-name" / "music"),
            "music/../here": str(here / "here"),
            "/a\0b": "/a\0b",
        }[typed]
    )
