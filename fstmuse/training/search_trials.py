"""What a search leaves: its trials, as rows of search.csv, and the best settings as TOML. Free of TensorFlow."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fstmuse.data.csv_rows import write_rows
from fstmuse.training.config import TrainConfig, resolve, to_toml

DONE, PRUNED, FAILED, REPEAT = "done", "pruned", "failed", "repeat"

_NOT_KEPT = ("workers", "tier")
"""Settings that say nothing of what is trained: of the machine, and of one start."""


@dataclass(frozen=True)
class Trial:
    """A short training.

    Args:
        number: from 1 on; trial 1 has the preset's settings.
        state: `done`; `pruned`, stopped since it was worse than most; `failed`; or `repeat`, trial `number` once more
            with another seed.
        point: by axis of the search.
        settings: that were searched.
        figure: of its best epoch, the less the better; None if there was none.
        best_epoch: whose figure it is, counted from 1.
        epochs: whole ones.
        seconds: it took.
        seed: of weights and crops.
        measures: what else validation measured in the best epoch.
        reason: why it failed.
    """

    number: int
    state: str
    point: Mapping[str, float]
    settings: Mapping[str, Any]
    figure: float | None
    best_epoch: int | None
    epochs: int
    seconds: float
    seed: int
    measures: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True)
class Found:
    """The result of a search.

    Args:
        trials: all that count, in their order.
        repeat: the best one with another seed; None while trials are to come.
        figure: name of what is chosen by, `val_loss` or `val_fd`.
        config: settings of a whole training, those that were searched apart.
    """

    trials: tuple[Trial, ...]
    repeat: Trial | None
    figure: str
    config: TrainConfig

    @property
    def best(self) -> Trial | None:
        """Of the trials that were done, the one of the least figure."""
        done = [trial for trial in self.trials if trial.state == DONE]
        return min(done, key=lambda trial: trial.figure, default=None)

    @property
    def near(self) -> tuple[Trial, ...]:
        """Other trials that are no farther from the best one than its repeat is."""
        best, repeat = self.best, self.repeat
        if best is None or repeat is None or repeat.figure is None:
            return ()
        others = [trial for trial in self.trials if trial.state == DONE and trial.number != best.number]
        return tuple(trial for trial in others if trial.figure - best.figure <= abs(repeat.figure - best.figure))


def write_trials(found: Found, file: Path) -> None:
    """Writes a row for each trial, and one for the repeat of the best."""
    rows = [*found.trials, *([found.repeat] if found.repeat else [])]
    settings, measures = (_names(rows, "settings"), _names(rows, "measures"))
    columns = (
        "trial",
        "state",
        found.figure,
        *measures,
        *settings,
        "seed",
        "best_epoch",
        "epochs",
        "seconds",
        "reason",
    )
    write_rows(file, columns, [_row(trial, found.figure) for trial in rows])


def best_toml(found: Found) -> str:
    """The settings to train with: of the best trial, and those of the user, where they differ from the preset."""
    best = found.best
    config = dataclasses.replace(found.config, **best.settings)
    usual = to_toml(resolve(config.network, {})).splitlines()
    lines = [line for line in to_toml(config).splitlines() if line not in usual and line.split()[0] not in _NOT_KEPT]
    return "".join(f"{line}\n" for line in [f"# Trial {best.number} of a search for {config.network}.", *lines])


def _names(rows: Sequence[Trial], of: str) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in getattr(row, of)))


def _row(trial: Trial, figure: str) -> dict[str, Any]:
    plain = {
        "trial": trial.number,
        "state": trial.state,
        figure: trial.figure,
        "seed": trial.seed,
        "best_epoch": trial.best_epoch,
        "epochs": trial.epochs,
        "seconds": f"{trial.seconds:.1f}",
        "reason": trial.reason,
    }
    return {key: "" if value is None else value for key, value in (plain | trial.settings | trial.measures).items()}
