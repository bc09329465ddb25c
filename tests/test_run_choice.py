"""Which run a call of `train` means, and what it never touches."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from fstmuse.data.manifest import Clip, Manifest
from fstmuse.errors import ConfigError
from fstmuse.lesson import Lesson
from fstmuse.places import models_dir, runs_dir
from fstmuse.run_choice import alone, choose
from fstmuse.training.config import TrainConfig
from fstmuse.training.run import RunFolder

CONFIG = TrainConfig(data="mine.csv")
OTHER = dataclasses.replace(CONFIG, epochs=2)


def lesson(*clip_ids: str) -> Lesson:
    manifest = Manifest("mine", tuple(Clip(clip_id, f"{clip_id}.wav", labels=("a",)) for clip_id in clip_ids or ("x",)))
    return Lesson(manifest, manifest, Path(), ("a", "b"), ())


def begin(name: str, config: TrainConfig, data: Lesson | None = None) -> RunFolder:
    run = RunFolder(runs_dir() / name)
    run.begin(config, {"clips_hash": (data or lesson()).manifest.hash})
    return run


def chosen(config: TrainConfig = CONFIG, name: str | None = None, resume: bool = False, fresh: bool = False) -> str:
    return choose(config, lesson(), name, resume=resume, fresh=fresh).name


def test_default_names_are_numbered_and_found_again() -> None:
    assert chosen() == "mine-toymodel-pooled"
    begin("mine-toymodel-pooled", OTHER)
    assert chosen() == "mine-toymodel-pooled-2"
    begin("mine-toymodel-pooled-2", CONFIG)
    assert chosen() == "mine-toymodel-pooled-2"
    assert chosen(OTHER) == "mine-toymodel-pooled"
    assert chosen(dataclasses.replace(CONFIG, workers=1)) == "mine-toymodel-pooled-2"


def test_fresh_throws_away_the_run_of_these_settings_and_no_other() -> None:
    first, second = begin("mine-toymodel-pooled", OTHER), begin("mine-toymodel-pooled-2", CONFIG)
    assert chosen(fresh=True) == "mine-toymodel-pooled-2"
    assert first.exists()
    assert not second.path.exists()
    assert chosen(dataclasses.replace(CONFIG, seed=5), fresh=True) == "mine-toymodel-pooled-2"
    assert first.exists()


def test_an_artifact_without_its_run_is_not_replaced() -> None:
    (models_dir() / "mine-toymodel-pooled").mkdir(parents=True)
    assert chosen() == "mine-toymodel-pooled-2"
    with pytest.raises(ConfigError, match="exists already, from another run"):
        chosen(name="mine-toymodel-pooled")
    assert chosen(name="mine-toymodel-pooled", fresh=True) == "mine-toymodel-pooled"


def test_other_clips_are_another_run() -> None:
    begin("mine-toymodel-pooled", CONFIG, lesson("x", "y"))
    assert chosen() == "mine-toymodel-pooled-2"


def test_a_folder_left_before_its_first_file_is_free() -> None:
    (runs_dir() / "named").mkdir(parents=True)
    assert chosen(name="named") == "named"


def test_what_cannot_be_is_refused() -> None:
    begin("named", OTHER)
    with pytest.raises(ConfigError, match="other settings or other data"):
        chosen(name="named")
    with pytest.raises(ConfigError, match="there is no run to resume"):
        chosen(name="never", resume=True)
    with pytest.raises(ConfigError, match="holds no run of toymodel-pooled with these settings"):
        chosen(resume=True)
    for name in ("", ".", "..", "a/b", ".hidden", "x" * 101, "a b"):
        with pytest.raises(ConfigError, match="expected a folder's name"):
            chosen(name=name)
    with pytest.raises(ConfigError, match="expected one of them"):
        chosen(name="named", resume=True, fresh=True)
    assert RunFolder(runs_dir() / "named").exists()


def test_a_run_is_trained_by_one_process() -> None:
    run = RunFolder(runs_dir() / "named")
    with alone(run), pytest.raises(ConfigError, match="another process is training"), alone(run):
        pass
    with alone(run):
        pass
