"""A folder of models: what is listed, what is told of it, what deleting leaves."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import filelock
import pytest

from fstmuse.artifacts.card import CARD, read_card
from fstmuse.artifacts.shelf import delete, describe, look, scan, serving, size_text
from fstmuse.errors import ArtifactError
from tests.card_fixtures import METRICS, make_artifact

GONE = 4_194_305  # above the largest process id there can be


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    models = tmp_path / "models"
    make_artifact(models / "genres", metrics=METRICS, data={"name": "mine", "licence": "CC BY 4.0", "train": 1200})
    make_artifact(models / "Effects", task="reconstruct", labels=("one",))
    (models / "notes").mkdir()
    (models / "README.md").write_text("models")
    (models / "broken").mkdir()
    (models / "broken" / CARD).write_text('{"format": 1,')
    return models


def names(folder: Path) -> list[str]:
    return [model.name for model in scan(folder)]


def test_artifacts_by_name_with_the_broken_one_and_its_reason(folder: Path) -> None:
    broken, effects, genres = scan(folder)
    assert [model.name for model in (broken, effects, genres)] == ["broken", "Effects", "genres"]
    assert broken.card is None and "broken/card.json cannot be read: Expecting" in broken.reason
    assert genres.reason == "" and genres.card == read_card(folder / "genres")
    assert genres.path == str(folder / "genres")
    assert str(genres.score) == "accuracy 0.926, n = 54" and effects.score is None
    files = [file for file in (folder / "genres").rglob("*") if file.is_file()]
    assert genres.size_bytes == sum(file.stat().st_size for file in files) > 1000
    assert serving([broken, effects, genres], {"classify", "tag"}) == [genres]
    assert len({broken, effects, genres}) == 3


def test_a_folder_that_is_not_there_holds_none(folder: Path) -> None:
    assert scan(folder / "missing") == scan(folder / "README.md") == []


def test_what_is_being_written_is_not_listed_half(folder: Path) -> None:
    shutil.copytree(folder / "genres", folder / f".new.{GONE}.part")
    with filelock.FileLock(folder / ".new.lock"):
        assert names(folder) == ["broken", "Effects", "genres"]
        (folder / f".new.{GONE}.part").rename(folder / "new")
        assert names(folder) == ["broken", "Effects", "genres", "new"]


def test_one_that_a_kill_left_without_its_name_is_listed(folder: Path) -> None:
    (folder / "genres").rename(folder / f".genres.{GONE}.old")
    assert names(folder) == ["broken", "Effects", "genres"]
    (folder / "genres").rename(folder / f".genres.{GONE}.old")
    with filelock.FileLock(folder / ".genres.lock"):
        assert names(folder) == ["broken", "Effects"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("metrics", {"test": {"accuracy": "high", "accuracy_interval": 3, "n": -1, "notes": 7, "protocol": {}}}),
        ("metrics", {"test": {"accuracy": 0.5, "accuracy_interval": [0.1], "n": True}, "valid": {}}),
        ("metrics", {"test": {"accuracy": float("nan"), "accuracy_interval": [None, None]}}),
        ("data", {"name": ["x"], "licence": 3, "train": "many", "valid": None}),
        ("versions", {"python": {"a": 1}}),
        ("training", {"root": None}),
        ("labels", ["<b>Folk</b>"]),
        ("labels", 3),
        ("mel", []),
        ("audio", {"sample_rate": "x"}),
        ("hop_seconds", None),
        ("extra", 1),
        ("name", ["list"]),
    ],
)
def test_no_card_is_too_odd_to_be_listed(folder: Path, name: str, value: Any) -> None:
    file = folder / "genres" / CARD
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {name: value}), "utf-8")
    model = look(folder / "genres")
    rows = dict(describe(model))
    assert (model.card is None) == bool(model.reason) == ("Cannot be used" in rows)
    assert rows["Folder"] == model.path and all(isinstance(text, str) and text for text in rows.values())
    assert model in scan(folder)


def test_card_in_rows(folder: Path) -> None:
    model = look(folder / "genres")
    rows = describe(model)
    assert rows[:6] == [
        ("Task", "classify"),
        ("Labels", "3: Folk, Hip-Hop, Rock"),
        ("Data", "mine (clips: 1,200 to learn from)"),
        ("Licence of the data", "CC BY 4.0"),
        ("Licence of the weights", "not stated"),
        (
            "Test",
            "accuracy 0.926 (95 % interval 0.852 to 0.982), macro-F1 0.925; n = 54 clips of mine; 2 could not be "
            "heard; Rock: 3 clips alone",
        ),
    ]
    told = dict(rows)
    assert told["Protocol"] == "Each clip is heard in windows of 6 s."
    assert told["Hears"] == "mono at 22,050 Hz, 6 s at a time, a window every 6 s; 64 mels from 0 to 8,000 Hz"
    assert told["Size"] == size_text(model.size_bytes) and told["Folder"] == str(folder / "genres")
    effects = dict(describe(look(folder / "Effects")))
    assert effects["Test"] == "not evaluated; run python -m fstmuse.evaluate Effects"
    assert effects["Licence of the data"] == "not stated" and "Protocol" not in effects


def test_other_splits_and_other_figures(folder: Path) -> None:
    values = {"n": 9, "hit_rate": 0.75, "hit_rate_interval": [0.7, 0.8]}
    artifact = make_artifact(folder / "tags", task="tag", metrics={"valid": values})
    assert str(look(artifact).score) == "hit rate 0.750, n = 9 (valid)"
    assert dict(describe(look(artifact)))["Valid"] == "hit rate 0.750 (95 % interval 0.700 to 0.800); n = 9 clips"


def test_a_copy_says_what_it_was_trained_as(folder: Path) -> None:
    shutil.copytree(folder / "genres", folder / "copy")
    assert ("Trained as", "genres") in describe(look(folder / "copy"))
    assert "Trained as" not in dict(describe(look(folder / "genres")))


def test_sizes() -> None:
    sizes = {1: "1 byte", 999: "999 bytes", 1000: "1.0 kB", 493_674: "494 kB", 999_600: "1.0 MB", 9_960_000: "10 MB"}
    assert {size: size_text(size) for size in sizes} == sizes
    assert size_text(5 * 10**15) == "5,000 TB"


@pytest.mark.parametrize("name", ["genres", "broken"])
def test_deleted_for_good(folder: Path, name: str) -> None:
    model = look(folder / name)
    others = [other for other in names(folder) if other != name]
    for kind in ("old", "part"):  # an old one must not come back in its place
        shutil.copytree(folder / name, folder / f".{name}.{GONE}.{kind}")
    delete(model)
    assert names(folder) == others
    assert not [path for path in folder.iterdir() if name in path.name and not path.name.endswith(".lock")]
    with pytest.raises(ArtifactError, match="Nothing was deleted"):
        delete(model)


def test_what_is_no_artifact_is_not_deleted(folder: Path) -> None:
    model = look(folder / "notes")
    assert "holds no artifact" in model.reason
    with pytest.raises(ArtifactError, match="Nothing was deleted"):
        delete(model)
    assert (folder / "notes").is_dir()


def test_what_another_process_writes_is_not_deleted(folder: Path) -> None:
    with filelock.FileLock(folder / ".genres.lock"), pytest.raises(ArtifactError, match="another process is writing"):
        delete(look(folder / "genres"))
    assert "genres" in names(folder)


def test_of_a_link_the_link_is_deleted(folder: Path, tmp_path: Path) -> None:
    real = (folder / "genres").rename(tmp_path / "elsewhere")
    (folder / "genres").symlink_to(real)
    model = look(folder / "genres")
    assert model.name == "genres" and model.size_bytes > 1000
    delete(model)
    assert "genres" not in names(folder) and (real / CARD).is_file()


def test_a_disk_that_refuses_is_told_in_words(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path, target: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(ArtifactError, match=r"genres cannot be deleted: .*genres: Permission denied\. Close what"):
        delete(look(folder / "genres"))
    assert (folder / "genres" / CARD).is_file()
