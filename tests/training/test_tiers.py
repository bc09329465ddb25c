"""Networks that draw in turn: tiers that are trained one after the other, or chosen, and go on after a kill."""

from __future__ import annotations

import dataclasses
import json
import tomllib
from pathlib import Path

import numpy as np
import pytest

from fstmuse import workflow
from fstmuse.artifacts.card import read_card
from fstmuse.errors import ConfigError
from fstmuse.lesson import prepare_cache, read_lesson
from fstmuse.networks.catalogue import find
from fstmuse.networks.melnet_lesson import tiers_of
from fstmuse.run_choice import choose
from fstmuse.tasks import generate
from fstmuse.tasks.likelihood_baselines import Baseline
from fstmuse.tasks.likelihood_figure import tiers_figure
from fstmuse.training.config import TrainConfig, resolve
from fstmuse.training.fit import fit
from fstmuse.training.run import RunFolder
from fstmuse.training.search import search
from fstmuse.training.search_plan import Plan
from fstmuse.training.search_trials import best_toml
from fstmuse.training.tier_course import TierCourse, fitted
from fstmuse.training.tiers import tier_done
from fstmuse.watch import Watch
from tests.training.lessons import KINDS, make_lesson
from tests.training.turns import NAME, two_tiers

__all__ = ["two_tiers"]
pytestmark = pytest.mark.usefixtures("two_tiers")


class Said(Watch):
    """Keeps what is said and shown; interrupts before an epoch where it is asked to."""

    def __init__(self, stop_in: int = 0) -> None:
        self.words: list[str] = []
        self.rows: list[dict[str, float]] = []
        self.left: list[tuple[float, int]] = []
        self.stop_in = stop_in

    def say(self, text: str) -> None:
        self.words.append(text)

    def begin_epoch(self, epoch: int, epochs: int, steps: int) -> None:
        if epoch == self.stop_in:
            raise KeyboardInterrupt

    def epoch(self, row: dict[str, float], epochs: int, seconds: float, left_s: float) -> None:
        self.rows.append(dict(row))
        self.left.append((left_s, epochs))


@pytest.fixture(scope="module")
def csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_lesson(tmp_path_factory.mktemp("lesson"))


def settings(csv: Path, **more: object) -> TrainConfig:
    usual = {"data": str(csv), "epochs": 2, "batch_size": 4, "crops_per_clip": 1, "workers": 0}
    return resolve(NAME, usual | more)


def trained(config: TrainConfig, run: RunFolder, watch: Watch) -> object:
    lesson = read_lesson(config, Watch())
    run.begin(config, {})
    cache = prepare_cache(config, lesson, Watch())
    sets = workflow.read_examples(config, find(NAME), lesson, cache, run, Watch())
    return fit(config, *sets, run, watch)


def test_tiers_are_trained_in_any_order_and_go_on_to_the_same_weights(csv: Path, tmp_path: Path) -> None:
    whole, run = trained(settings(csv), RunFolder(tmp_path / "a"), Said()), RunFolder(tmp_path / "b")
    watch = Said()
    assert trained(settings(csv, tier=2), run, watch) is None
    assert [(row["epoch"], row["tier"]) for row in watch.rows] == [(3, 2), (4, 2)]
    assert watch.left[-1] == (0, 4)
    assert watch.words[-1].startswith("Still to be trained: tier 1. The same command without --tier")
    assert (tier_done(run, 1, settings(csv)), tier_done(run, 2, settings(csv))) == (False, True)
    with pytest.raises(KeyboardInterrupt):
        trained(settings(csv), run, Said(stop_in=2))
    watch = Said()
    resumed = trained(settings(csv), run, watch)
    assert "Going on after its epoch 1 of 2." in watch.words
    assert [(row["epoch"], row["tier"]) for row in watch.rows] == [(2, 1)]
    assert watch.left == [(0, 2)]  # the second tier is done
    assert [(row["epoch"], row["tier"]) for row in run.history()] == [(1, 1), (2, 1), (3, 2), (4, 2)]
    for one, other in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    run.history_file.unlink()
    assert trained(settings(csv), run, Said()) is not None  # nothing is left to be done
    assert len(run.history()) == 4
    # It has learnt: less than what an untrained one has.
    losses = [row["loss"] for row in run.tier(1).history()]
    assert losses[1] < losses[0]


def test_a_run_leaves_an_artifact_with_its_likelihood(csv: Path, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    from fstmuse.artifacts import save

    monkeypatch.setattr(save, "serves_sound", lambda mel: False)  # its graph takes long to make
    monkeypatch.setenv("FSTMUSE_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("FSTMUSE_MODELS", str(tmp_path / "models"))
    config = settings(csv)
    lesson, watch = read_lesson(config, Watch()), Said()
    choice = choose(config, lesson, "turns", resume=False, fresh=False)
    done = workflow.train(config, lesson, choice, watch)
    card = read_card(done.artifact)
    assert card.labels == tuple(KINDS) and card.in_turn
    told = json.loads((done.artifact / "evaluation" / "lesson-test" / "metrics.json").read_text())
    assert told["nll"] == card.metrics["test"]["nll"] and told["n"] == 3
    low, high = told["nll_interval"]
    assert low <= told["nll"] <= high
    # Two tiers have half of the elements each.
    np.testing.assert_allclose(np.mean([tier["nll"] for tier in told["tiers"]]), told["nll"], atol=1e-5)
    assert set(told["beside"]) == {"a normal distribution for each band", "one given the frame before"}
    assert (done.artifact / "figures" / "curves.png").is_file()
    again = choose(config, lesson, "turns", resume=False, fresh=False)
    assert again.metrics is not None
    # One tier anew: the other one's hours are not lost.
    again = choose(settings(csv, tier=2), lesson, "turns", resume=False, fresh=True)
    assert again.metrics is None and again.run.status() == "started"
    assert [tier_done(again.run, tier, config) for tier in (1, 2)] == [True, False]
    choose(config, lesson, "turns", resume=False, fresh=True)
    assert not again.run.exists()


def test_all_tiers_share_one_scaling_that_comes_from_the_training_clips(csv: Path, tmp_path: Path) -> None:
    config, run = settings(csv, epochs=1), RunFolder(tmp_path / "a")
    scaling = tiers_of(trained(config, run, Watch())).scaling
    lesson = read_lesson(config, Watch())
    train_set, valid_set = workflow.read_examples(
        config, find(NAME), lesson, prepare_cache(config, lesson, Watch()), run, Watch()
    )
    heard = generate.chosen_windows(train_set, 512, 0)["picture"]
    np.testing.assert_allclose(scaling.forth.mean, heard.mean((0, 1)), atol=1e-2)
    quiet = np.asarray(scaling.forth.mean + 0.5 * scaling.forth.deviation)[None, None]
    np.testing.assert_allclose(scaling.back(scaling.forth(quiet)), quiet, atol=1e-3)
    other = fitted(config, valid_set)
    courses = [
        TierCourse(config, find(NAME), train_set, valid_set, 1, units) for units in (fitted(config, train_set), other)
    ]
    lessons = [course.network() for course in courses]
    second = dataclasses.replace(courses[1], tier=2).network()
    with pytest.raises(ConfigError, match=r"Tier 2 was trained on other clips than tier 1.*--tier 2 --fresh"):
        courses[0].whole({1: lessons[0], 2: second})


def test_a_search_tries_the_first_tier_and_leaves_no_weights(csv: Path, tmp_path: Path) -> None:
    config = settings(csv)
    lesson, run = read_lesson(config, Watch()), RunFolder(tmp_path / "search")
    sets = workflow.read_examples(config, find(NAME), lesson, prepare_cache(config, lesson, Watch()), run, Watch())
    found = search(Plan(config, frozenset(), 1, 2, 12, 12, KINDS), *sets, run, 1, Watch())
    assert found.trials[0].epochs == 1 and found.trials[0].figure is not None and found.repeat is not None
    kept = {path.name for path in (run.path / "trials" / "001").rglob("*")}
    assert "history.csv" in kept and not any("tier" in name or name == "checkpoints" for name in kept)
    assert "tier" not in tomllib.loads(best_toml(dataclasses.replace(found, config=settings(csv, tier=2))))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"tier": 3}, "Setting 'tier': received 3; expected 0 to 2, the tiers of melnet-tiny"),
        ({"r1": 1.0}, "'r1': received 1.0; expected 0.0: melnet-tiny has no use for it"),
        ({"components": 0}, "'components': received 0; expected 1 to 100"),
    ],
)
def test_settings_that_cannot_be_are_refused(csv: Path, more: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        settings(csv, **more)


def test_tiers_mean_nothing_to_others() -> None:
    with pytest.raises(ConfigError, match="'tier': received 1; expected 0: melgan-c-tiny has no use"):
        resolve("melgan-c-tiny", {"tier": 1})


def test_curves_are_drawn_beside_baselines(tmp_path: Path) -> None:
    rows = [
        {"epoch": 2 * tier + epoch, "tier": tier, "loss": 0.1 - epoch, "val_loss": 0.2 - epoch}
        for tier in (1, 2)
        for epoch in (1, 2)
    ]
    path = tiers_figure(rows, [Baseline(0.3, 0.1)] * 3, tmp_path / "curves.png")
    assert path.stat().st_size > 10_000
