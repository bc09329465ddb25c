"""Trains the tiers of a network that draws in turn, one after the other, each in a folder of its own within the run.

runs/NAME/tier1/, tier2/, ...: history.csv, checkpoints/, tensorboard/ of each. The run's own history.csv holds all of
them, tier after tier.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path

import keras

from fstmuse.data.dataset import Examples
from fstmuse.networks.catalogue import find
from fstmuse.tasks.likelihood_baselines import Baseline
from fstmuse.training.checkpoint import finished_epochs
from fstmuse.training.config import TrainConfig
from fstmuse.training.fit_network import fit_network
from fstmuse.training.run import RunFolder, stalled, write_text
from fstmuse.training.tier_course import TierCourse, fitted
from fstmuse.watch import Watch

BASELINES = "baselines.json"
"""In the run's folder."""


def fit_tiers(
    config: TrainConfig, train: Examples, valid: Examples, run: RunFolder, watch: Watch
) -> keras.Model | None:
    """Trains all tiers, or the one of `config.tier`; or goes on after the last whole epoch of each.

    Args:
        config: the settings.
        train: what to learn from.
        valid: what early stopping and the choice of each tier's best epoch look at.
        run: its folder.
        watch: shows progress.

    Returns:
        All tiers as `fstmuse.networks.melnet_lesson.joined` makes them one network; None while some are untrained.

    Raises:
        ConfigError: the settings ask for what this machine has not.
        KeyboardInterrupt: the user stopped it; the run can be resumed.
    """
    entry = find(config.network)
    numbers = range(1, entry.tiers + 1)
    units = fitted(config, train)
    courses = {tier: TierCourse(config, entry, train, valid, tier, units) for tier in numbers}
    chosen = [config.tier] if config.tier else [tier for tier in numbers if not tier_done(run, tier, config)]
    if not config.tier and (trained := [tier for tier in numbers if tier not in chosen]):
        watch.say(f"Trained already: tier {', '.join(map(str, trained))}.")
    baselines = _baselines(courses[1], run)
    lessons: dict[int, keras.Model] = {}
    for place, tier in enumerate(chosen):
        own = baselines[tier - 1]
        watch.say(
            f"Tier {tier} of {entry.tiers}: NLL in nats per element. On the validation clips a normal distribution for "
            f"each band has {own.bands:.3f}, one that knows the frame before {own.frame_before:.3f}."
        )
        if done := finished_epochs(run.tier(tier)):
            watch.say(f"Going on after its epoch {done} of {config.epochs}.")
        lessons[tier] = _fit(courses[tier], config, run, watch, chosen[place + 1 :])
    if missing := [tier for tier in numbers if not tier_done(run, tier, config)]:
        still = ", ".join(map(str, missing))
        watch.say(f"Still to be trained: tier {still}. The same command without --tier trains what is missing.")
        return None
    earlier = {tier: _fit(courses[tier], config, run, watch, []) for tier in numbers if tier not in lessons}
    return courses[1].whole(lessons | earlier)


def read_baselines(run: RunFolder) -> list[Baseline]:
    """What `fit_tiers` has written of the validation clips, see `fstmuse.tasks.likelihood_baselines.baselines`."""
    return [Baseline(**one) for one in json.loads((run.path / BASELINES).read_text("utf-8"))]


def tier_done(run: RunFolder, tier: int, config: TrainConfig) -> bool:
    """Whether a tier is trained to its end."""
    part = run.tier(tier)
    done = finished_epochs(part)
    return done >= config.epochs or stalled([row for row in part.history() if row["epoch"] <= done], config.patience)


def _baselines(course: TierCourse, run: RunFolder) -> list[Baseline]:
    """Those of the run's folder; measured, where it has none yet."""
    if not (run.path / BASELINES).is_file():
        rows = [dataclasses.asdict(one) for one in course.baselines()]
        write_text(run.path / BASELINES, json.dumps(rows, indent=2) + "\n")
    return read_baselines(run)


def _fit(course: TierCourse, config: TrainConfig, run: RunFolder, watch: Watch, later: list[int]) -> keras.Model:
    part = run.tier(course.tier)
    part.path.mkdir(exist_ok=True)
    within = _TierWatch(watch, run, course, config, later)
    network = fit_network(course, config, len(course.train.positions), part, within)
    within.merge()  # a kill between a tier's last checkpoint and this has left a row out
    return network


class _TierWatch(Watch):
    """Tells of a tier's epochs as of those of the whole run, and keeps the run's history.

    Args:
        watch: is told.
        run: the whole one.
        course: of the tier.
        config: the settings.
        later: the tiers that are trained after this one.
    """

    def __init__(self, watch: Watch, run: RunFolder, course: TierCourse, config: TrainConfig, later: list[int]) -> None:
        self.watch, self.run, self.tier, self.tiers = watch, run, course.tier, course.entry.tiers
        self.epochs = config.epochs
        self.last = self._place(max([self.tier, *later]), self.epochs)
        self.later = sum(self.epochs - finished_epochs(run.tier(tier)) for tier in later)
        self.took = 0.0

    def say(self, text: str) -> None:
        self.watch.say(text)

    def begin_epoch(self, epoch: int, epochs: int, steps: int) -> None:
        self.watch.begin_epoch(self._place(self.tier, epoch), self.last, steps)

    def step(self, done: int, loss: float, left_s: float) -> None:
        self.watch.step(done, loss, left_s + self._later_s() if left_s >= 0 else left_s)

    def epoch(self, row: Mapping[str, float], epochs: int, seconds: float, left_s: float) -> None:
        self.took = seconds
        self.merge()
        numbered = {**row, "epoch": self._place(self.tier, int(row["epoch"])), "tier": self.tier}
        self.watch.epoch(numbered, self.last, seconds, left_s + self._later_s())

    def leave_epoch(self) -> None:
        self.watch.leave_epoch()

    def figure(self, path: Path) -> None:
        self.watch.figure(path)

    def _later_s(self) -> float:
        """Of the tiers to come, as if each took as long as this one."""
        return self.later * self.took

    def _place(self, tier: int, epoch: int) -> int:
        return (tier - 1) * self.epochs + epoch

    def merge(self) -> None:
        """The run's history: that of all tiers, one behind the other."""
        rows = [
            {**row, "epoch": self._place(tier, int(row["epoch"])), "tier": tier}
            for tier in range(1, self.tiers + 1)
            for row in self.run.tier(tier).history()
        ]
        self.run.write_history(rows)
