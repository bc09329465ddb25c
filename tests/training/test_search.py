"""Searching settings: the same command tries the same, a stopped search goes on, failures are rows, doubts are told."""

from __future__ import annotations

import csv
import dataclasses
import tomllib
from collections.abc import Callable
from pathlib import Path

import keras
import pytest
import tensorflow as tf

from fstmuse import searching, train
from fstmuse.errors import ConfigError
from fstmuse.networks import build
from fstmuse.tasks.search_figure import search_figure
from fstmuse.training import search as searched
from fstmuse.training.config import TrainConfig, resolve
from fstmuse.training.run import RunFolder
from fstmuse.training.search import search
from fstmuse.training.search_plan import Plan
from fstmuse.training.search_trials import Found, Trial, best_toml
from fstmuse.watch import Watch
from tests.training.lessons import make_lesson

EPOCHS = 6


class Trainings:
    """Stands for `fit`: losses that settings and seed tell, in no time."""

    def __init__(self) -> None:
        self.configs: list[TrainConfig] = []
        self.stop_at = 0
        self.broken: Callable[[TrainConfig], Exception | None] = lambda config: None
        self.key = "val_loss"
        self.drawn: list[list[tuple]] = []

    def __call__(self, config: TrainConfig, train, valid, run: RunFolder, watch: Watch) -> None:
        self.configs.append(config)
        rows = []
        for epoch in range(1, config.epochs + 1):
            if len(self.configs) == self.stop_at and epoch == 2:
                raise KeyboardInterrupt
            if error := self.broken(config):
                raise error
            figure = abs(config.learning_rate - 0.004) * 100 + 1 / epoch + config.seed * 0.01
            rows.append({"epoch": epoch, "loss": 1.0, self.key: figure, "val_accuracy": 0.5})
            run.write_history(rows)
            watch.epoch(rows[-1], config.epochs, 0.1, 0.1)


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch) -> Trainings:
    made = Trainings()
    monkeypatch.setattr(searched, "fit", made)
    # What takes a second each, and is run in earnest below.
    monkeypatch.setattr(searched, "search_figure", lambda *given, **more: made.drawn.append(given[0]))
    monkeypatch.setattr(keras.utils, "clear_session", lambda: None)
    return made


def plan(network: str = "toymodel-pooled", **more: object) -> Plan:
    return Plan(resolve(network, {"workers": 0, **more}), frozenset(more), EPOCHS, 40, 10, 100, ("a", "b"))


def go(folder: Path, count: int, how: Plan | None = None) -> Found:
    return search(how or plan(), None, None, RunFolder(folder), count, Watch())


def points(found: Found) -> list[tuple]:
    return [(trial.number, trial.state, dict(trial.settings), trial.figure) for trial in found.trials]


def test_one_seed_one_search_whose_first_trial_is_the_preset(trainings: Trainings, tmp_path: Path) -> None:
    first, again = (go(tmp_path / name, 6) for name in ("one", "two"))
    assert points(first) == points(again)
    assert first.trials[0].settings == {"learning_rate": 0.002, "batch_size": 12, "weight_decay": 0.0001}
    assert len({trial.settings["learning_rate"] for trial in first.trials}) == 6
    other = go(tmp_path / "other", 3, plan(seed=5))
    assert points(other)[1:] != points(first)[1:3]


def test_hopeless_trials_are_pruned_and_the_best_is_repeated(trainings: Trainings, tmp_path: Path) -> None:
    found = go(tmp_path, 8)
    states = [trial.state for trial in found.trials]
    assert states[: searched.UNPRUNED_TRIALS] == ["done"] * searched.UNPRUNED_TRIALS
    assert "pruned" in states
    assert all(2 <= trial.epochs < EPOCHS for trial in found.trials if trial.state == "pruned")
    assert found.best.figure == min(trial.figure for trial in found.trials if trial.state == "done")
    assert found.repeat.settings == found.best.settings
    assert found.repeat.figure == pytest.approx(found.best.figure + 0.01)  # of seed 1 instead of 0
    assert [config.seed for config in trainings.configs] == [0] * 8 + [1]
    rows = list(csv.DictReader((tmp_path / "search.csv").open()))
    assert [row["state"] for row in rows] == [*states, "repeat"]
    assert rows[0]["val_accuracy"] == "0.5" and rows[0]["learning_rate"] == "0.002"
    assert [row[0] for row in trainings.drawn[-1]] == states
    best = tomllib.loads((tmp_path / "best.toml").read_text())
    assert best.items() <= found.best.settings.items()
    longer = dataclasses.replace(plan(), config=resolve("toymodel-pooled", {"epochs": 80}), usual_epochs=80)
    assert "epochs = 80" in best_toml(go(tmp_path / "longer", 2, longer))  # of a file that the user gave


def test_a_stopped_search_tries_what_the_undisturbed_one_tries(trainings: Trainings, tmp_path: Path) -> None:
    whole = go(tmp_path / "whole", 7)
    for stop_at in (1, 2, 4):  # trainings since then: the first trial, and those after one and two more
        trainings.configs, trainings.stop_at = [], stop_at
        with pytest.raises(KeyboardInterrupt):
            go(tmp_path / "stopped", 7)
    assert len(trainings.drawn[-1]) == 4  # what is there is drawn, stopped or not
    trainings.configs, trainings.stop_at = [], 0
    found = go(tmp_path / "stopped", 7)
    assert points(found) == points(whole)
    assert len(trainings.configs) == 7 - 4 + 1  # one and three were done, and the best one is trained again
    assert go(tmp_path / "stopped", 7) == found
    assert len(trainings.configs) == 4


def test_more_trials_go_on_behind_the_first_ones(trainings: Trainings, tmp_path: Path) -> None:
    few = go(tmp_path, 3)
    more = go(tmp_path, 9)
    assert points(more)[:3] == points(few)
    assert more.repeat.number == more.best.number


def test_failures_are_rows_with_a_reason(trainings: Trainings, tmp_path: Path) -> None:
    def broken(config: TrainConfig) -> Exception | None:
        if config.learning_rate < 0.002:
            return ConfigError("Epoch 1: the loss is nan. Lower learning_rate.")
        if config.learning_rate > 0.01:
            return tf.errors.ResourceExhaustedError(None, None, "OOM when allocating\nmuch")
        return None

    trainings.broken = broken
    found = go(tmp_path, 10)
    reasons = {trial.reason for trial in found.trials if trial.state == "failed"}
    assert reasons == {"Epoch 1: the loss is nan", "out of memory"}
    assert len(found.trials) == 10
    assert any(trial.state == "done" for trial in found.trials[1:])
    trainings.broken = lambda config: MemoryError()
    with pytest.raises(ConfigError, match=r"none of 2 trials came to an end. The first one: out of memory\."):
        go(tmp_path / "none", 2)


def test_the_last_seed_has_another_one_behind_it(trainings: Trainings, tmp_path: Path) -> None:
    assert go(tmp_path, 2, plan(seed=2**31 - 1)).repeat.seed == 1


def test_a_mistake_in_the_code_is_no_failed_trial(trainings: Trainings, tmp_path: Path) -> None:
    trainings.broken = lambda config: KeyError("typo")
    with pytest.raises(KeyError):
        go(tmp_path, 2)


def test_a_gan_is_chosen_by_its_distance(trainings: Trainings, tmp_path: Path) -> None:
    trainings.key = "val_fd"
    found = go(tmp_path, 2, plan("melgan-c-tiny", r1=3.0))
    assert found.figure == "val_fd"
    assert set(found.trials[0].settings) == {"learning_rate", "discriminator_rate", "batch_size"}
    assert {config.r1 for config in trainings.configs} == {3.0}
    assert "r1 = 3.0" in best_toml(found)


def found_with(figures: list[float], repeat: float) -> Found:
    trials = tuple(
        Trial(number, "done", {}, {"learning_rate": 0.1 * number}, figure, 1, 2, 1.0, 0)
        for number, figure in enumerate(figures, 1)
    )
    best = min(trials, key=lambda trial: trial.figure)
    again = dataclasses.replace(best, state="repeat", figure=repeat, seed=1)
    return Found(trials, again, "val_loss", resolve("toymodel", {}))


@pytest.mark.parametrize(
    ("figures", "repeat", "words"),
    [
        ([1.0, 0.5, 0.52, 0.9], 0.53, "No farther off is trial 3: they cannot be told apart from the best."),
        ([0.55, 0.5, 0.52, 0.9], 0.54, "No farther off are trials 3: "),
        ([1.0, 0.5, 0.8], 0.51, "All other trials are farther off than that"),
        ([0.6, 0.5, 0.7], 0.65, "no better than the preset's: nothing better than the preset was found"),
        ([0.5, 0.6, 0.7], 0.45, "All other trials are farther off"),
    ],
)
def test_what_chance_may_have_done_is_said(figures: list[float], repeat: float, words: str) -> None:
    text = " ".join(searching.findings(found_with(figures, repeat), plan()))
    assert words.replace("are trials 3: ", "is trial 3: ") in text
    assert "10 of 100 training clips" in text


@pytest.mark.parametrize("known", [[None], [0.5], [0.5, None, 1e9]])
def test_the_figure_takes_failures_and_what_ran_away(known: list[float | None], tmp_path: Path) -> None:
    trials = [("failed" if one is None else "done", one, {"x": 0.1, "y": 0.0, "z": 1}) for one in known]
    dimensions = {"x": ("log", (0.01, 1)), "y": ("linear", (0, 1)), "z": ("choice", (1,))}
    assert search_figure(trials, dimensions, "loss", tmp_path / "a.png").stat().st_size > 5_000


def small(shape: tuple[int, int], outputs: int) -> keras.Model:
    picture = keras.Input(shape)
    x = keras.layers.GlobalAveragePooling1D()(keras.layers.Rescaling(0.02, 1.0)(picture))
    return keras.Model(picture, keras.layers.Dense(outputs, activation="softmax")(x))


def test_the_command_searches_and_leaves_what_train_takes(
    run_command: Callable, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(build.BUILDERS, "toymodel-pooled", small)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FSTMUSE_RUNS", "runs")
    lesson = make_lesson(tmp_path / "lesson")
    arguments = ("--data", lesson, "--epochs", 1, "--workers", 0, "--set", "batch_size=6", "--set", "masks=0")
    code, out, err = run_command(train, *arguments, "--search", 2)
    assert code == 0, err
    assert "Searching learning_rate, weight_decay of toymodel-pooled on lesson: 2 trials of 1 epoch on 12 of 12" in out
    folder = Path("runs/lesson-toymodel-pooled-search")
    assert f"Next: {train._python()} -m fstmuse.train toymodel-pooled --config {folder}/best.toml" in out
    rows = list(csv.DictReader((folder / "search.csv").open()))
    assert [row["state"] for row in rows] == ["done", "done", "repeat"]
    assert not list(folder.rglob("*.weights.h5"))
    assert (folder / "search.png").stat().st_size > 10_000
    best = resolve("toymodel-pooled", {}, folder / "best.toml")
    assert (best.batch_size, best.masks, best.epochs, best.data) == (6, 0, 40, str(lesson))
    assert float(min(rows[:2], key=lambda row: float(row["val_loss"]))["learning_rate"]) == best.learning_rate

    code, out, err = run_command(train, *arguments, "--search", 3, "--resume")
    assert code == 0, err
    assert "Trial 3 of 3" in out and "Trial 2 of 3" not in out
    assert list(csv.DictReader((folder / "search.csv").open()))[:2] == rows[:2]

    code, _, err = run_command(train, *arguments, "--search", 3, "--set", "weight_decay=0.0001")
    assert code == 2
    assert "kept other settings fixed" in err


@pytest.mark.parametrize("count", ["0", "1", "-4", "many"])
def test_a_wrong_number_of_trials_is_told(run_command: Callable, count: str) -> None:
    code, _, err = run_command(train, "--search", count)
    assert code == 2
    assert f"received '{count}', expected" in err


def test_without_optuna_the_way_out_is_told(run_command: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching.importlib.util, "find_spec", lambda name: None)
    code, _, err = run_command(train, "--search", "3")
    assert code == 2
    assert "pip install 'fstmuse[search]'" in err
