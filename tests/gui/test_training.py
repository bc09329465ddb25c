"""Trainings in their child: from a folder to an artifact, stopped and resumed, killed, refused, left alone."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fstmuse.run_choice import alone
from fstmuse.training.run import RunFolder
from gui.core.runs import discard, train_of, unfinished
from gui.core.training_messages import Train
from gui.training import Training
from tests.gui.lesson_folder import SETTINGS, lesson_folder

__all__ = ["lesson_folder"]

LONG = 90_000
"""What a training may take on a busy machine, in ms."""


@pytest.fixture
def training(qtbot, settings, tmp_path: Path) -> Iterator[Training]:
    settings.models_folder = tmp_path / "trained"
    made = Training(settings)
    yield made
    made.close()


def train(folder: Path, name: str, **more: object) -> Train:
    return Train("toymodel-pooled", str(folder), name, SETTINGS | more)


def test_from_a_folder_to_an_artifact_and_nothing_twice(qtbot, training, lesson_folder, tmp_path) -> None:
    states, trained, whats = [], [], set()
    training.stateChanged.connect(states.append)
    training.trained.connect(trained.append)
    training.stepped.connect(lambda: whats.add(training.step.what))
    (lesson_folder / "noise" / "broken.wav").write_bytes(b"no sound")
    assert training.start(train(lesson_folder, "tiny", epochs=2))
    assert not training.start(train(lesson_folder, "other")), "one at a time"
    qtbot.waitUntil(lambda: not training.busy, timeout=LONG)
    assert states == ["running", "done"], training.reason + training.details
    assert trained == [str(tmp_path / "trained" / "tiny")]
    assert (tmp_path / "trained" / "tiny" / "card.json").is_file()
    assert [row["epoch"] for row in training.rows] == [1, 2] and training.epochs == 2
    assert {"loss", "accuracy", "val_loss", "val_accuracy"} <= training.rows[0].keys()
    assert training.metrics["n"] == 2
    assert [Path(path).name for path in training.figures] == ["examples.png", "curves.png", "confusion.png"]
    assert all(Path(path).is_file() for path in training.figures)
    assert {"loading TensorFlow", "epoch 2/2", "writing the network", "evaluating on test clips"} <= whats
    assert any(line.startswith("Only 8 clips to learn from") for line in training.lines)
    assert any("noise/broken.wav" in line for line in training.lines)
    assert training.resumable() == []

    written = (tmp_path / "trained" / "tiny" / "network.keras").stat().st_mtime_ns
    assert not training.already
    figures = {Path(path).name for path in training.figures}
    assert training.start(training.train)
    qtbot.waitUntil(lambda: not training.busy, timeout=LONG)
    assert training.state == "done"
    assert "Nothing to do" in training.lines[-1] and training.already
    assert {Path(path).name for path in training.figures} == figures, "and its pictures"
    assert len(training.rows) == 2, "a finished run shows its curves again"
    assert (tmp_path / "trained" / "tiny" / "network.keras").stat().st_mtime_ns == written


def test_stops_in_the_middle_and_goes_on_from_there(qtbot, training, lesson_folder) -> None:
    training.start(train(lesson_folder, "stopped", epochs=400, patience=1, learning_rate=1e-9))
    training.stop()
    assert training.state == "stopping" and training.left_s is None
    qtbot.waitUntil(lambda: training.state == "stopped", timeout=LONG)
    assert training.resumable() == [], "nothing was begun that could be gone on with"

    training.start(train(lesson_folder, "stopped", epochs=400))
    qtbot.waitUntil(lambda: len(training.rows) >= 2, timeout=LONG)
    assert training.left_s > 0
    began = time.monotonic()
    training.stop()
    qtbot.waitUntil(lambda: training.state == "stopped", timeout=LONG)
    assert time.monotonic() - began < 20
    assert training.reason.startswith("Stopped.") and not training.details
    (run,) = training.resumable()
    assert (run.name, run.network, run.data) == ("stopped", "toymodel-pooled", str(lesson_folder))
    assert 2 <= run.done < run.epochs == 400
    before = RunFolder(run.path).history()

    # The child dies: said in words, and what it learnt is still there.
    assert training.resume(run)
    assert training.resumable() == []
    # Rows come one at a time, before TensorFlow is loaded.
    qtbot.waitUntil(lambda: len(training.rows) >= len(before), timeout=LONG)
    os.kill(training._child.pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: training.state == "failed", timeout=LONG)
    assert "was killed (SIGKILL)" in training.reason and "is kept" in training.reason
    assert training.rows == before, "what was learnt before is shown again"

    (run,) = training.resumable()
    assert run.done == len(before)
    assert training.resume(run)
    qtbot.waitUntil(lambda: len(training.rows) > len(before), timeout=LONG)
    assert any(line.startswith("Going on with") for line in training.lines)
    assert [row["loss"] for row in training.rows[: len(before)]] == [row["loss"] for row in before]
    # The window closes and takes the child along.
    child = training._child.pid
    training.close(wait_s=20)
    assert training.state == "stopped"
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    assert training.resumable()[0].done > len(before)


def test_what_cannot_be_learnt_is_refused_in_words(qtbot, training, lesson_folder) -> None:
    for path in sorted((lesson_folder / "tones").iterdir())[1:]:
        path.unlink()
    training.start(train(lesson_folder, "rare"))
    qtbot.waitUntil(lambda: training.state == "failed", timeout=LONG)
    assert "Too few groups" in training.reason and "'tones' 1" in training.reason
    assert "--" not in training.reason and "Too few of a label" in training.reason, "the window's words"
    assert not training.details, "an error for people needs no traceback"
    assert training.resumable() == []


def test_unfinished_runs_are_listed_the_latest_first_and_broken_ones_passed_over(tmp_path, monkeypatch) -> None:
    from fstmuse.errors import ConfigError
    from fstmuse.training.config import resolve

    for number, name in enumerate(("old", "new", "finished", "broken")):
        run = RunFolder(tmp_path / name)
        run.begin(resolve("toymodel-pooled", {"data": "demo", "epochs": 7}), {})
        run.write_history([{"epoch": 1, "loss": 1.0}, {"epoch": 2, "loss": 0.5}])
        for file in (run.path, run.config_file, run.path / "run.json"):
            os.utime(file, (number, number))
    RunFolder(tmp_path / "finished").set_status("finished")
    (tmp_path / "broken" / "config.toml").write_text("epochs = [")
    tiers = RunFolder(tmp_path / "tiers")
    tiers.begin(resolve("melnet-tiny", {"data": "demo", "epochs": 7, "tier": 2}), {})
    for file in (tiers.path, tiers.config_file, tiers.path / "run.json"):
        os.utime(file, (-1, -1))
    (tmp_path / "a file").touch()
    runs = unfinished(tmp_path)
    found = [(run.name, run.done, run.epochs) for run in runs]
    assert found == [("new", 2, 7), ("old", 2, 7), ("tiers", 0, 28)], "epochs of all tiers"
    assert unfinished(tmp_path / "absent") == []
    asked = train_of(runs[0].path)
    assert (asked.network, asked.data, asked.name, asked.settings["epochs"]) == ("toymodel-pooled", "demo", "new", 7)
    assert resolve(asked.network, asked.settings | {"data": asked.data}) == RunFolder(runs[0].path).config()
    assert "tier" not in train_of(runs[2].path).settings, "all that is missing"
    with pytest.raises(ConfigError, match="broken"):
        train_of(tmp_path / "broken")


def test_a_run_is_discarded_only_where_runs_lie(tmp_path, monkeypatch) -> None:
    from fstmuse.errors import ConfigError
    from fstmuse.training.config import resolve

    monkeypatch.setenv("FSTMUSE_RUNS", str(tmp_path / "runs"))
    config = resolve("toymodel-pooled", {"data": "demo", "group_by": "none"})
    for path in (tmp_path / "runs" / "mine", tmp_path / "runs" / "finished", tmp_path / "elsewhere"):
        RunFolder(path).begin(config, {})
    RunFolder(tmp_path / "runs" / "finished").set_status("finished")
    assert train_of(tmp_path / "runs" / "mine").settings["group_by"] == "none", "resumed as it was begun"
    discard(tmp_path / "runs" / "mine")
    assert not (tmp_path / "runs" / "mine").exists()
    (tmp_path / "runs" / "link").symlink_to(tmp_path / "elsewhere")
    for path in (tmp_path / "runs" / "finished", tmp_path / "elsewhere", tmp_path / "runs" / "link", tmp_path / "runs"):
        with pytest.raises(ConfigError, match="stays as it is"):
            discard(path)
        assert path.exists()
    with alone(RunFolder(tmp_path / "runs" / "held")):
        RunFolder(tmp_path / "runs" / "held").begin(config, {})
        with pytest.raises(ConfigError, match="another process"):
            discard(tmp_path / "runs" / "held")
