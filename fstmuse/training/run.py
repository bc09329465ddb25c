"""The folder of a run: what was asked, what happened, and where to go on from.

runs/NAME/: config.toml, run.json (manifest hash, versions, status), history.csv,
bad_clips.csv, data.json (of a GAN: what there is to learn from), checkpoints/ (last and best epoch), tensorboard/,
figures/.
"""

from __future__ import annotations

import csv
import dataclasses
import importlib.metadata
import json
import math
import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fstmuse.errors import ConfigError
from fstmuse.training.config import TrainConfig, read_toml, resolve, to_toml

# What may differ between two starts of the same run: it changes how fast it goes and in which order, not where.
_INCIDENTAL = {"workers", "tier"}


@dataclass(frozen=True)
class RunFolder:
    """Paths and small files of one run."""

    path: Path

    @property
    def config_file(self) -> Path:
        """The settings, resolved."""
        return self.path / "config.toml"

    @property
    def history_file(self) -> Path:
        """One row an epoch."""
        return self.path / "history.csv"

    @property
    def checkpoints(self) -> Path:
        """State after the last whole epoch, and after the best one."""
        return self.path / "checkpoints"

    @property
    def figures(self) -> Path:
        """Curves and example pictures."""
        return self.path / "figures"

    def tier(self, number: int) -> RunFolder:
        """Where history and checkpoints of one tier lie, of a network that draws in several."""
        return RunFolder(self.path / f"tier{number}")

    def begin(self, config: TrainConfig, facts: dict[str, Any]) -> None:
        """Makes the folder and writes what the run is."""
        self.figures.mkdir(parents=True, exist_ok=True)
        write_text(self.config_file, to_toml(config))
        self.set_status("started", facts | {"versions": versions()})

    def config(self) -> TrainConfig:
        """The settings of the run.

        Raises:
            ConfigError: the folder holds no readable run.
        """
        if not self.config_file.is_file():
            raise ConfigError(f"{self.path} holds no run: it has no config.toml. Known runs lie in {self.path.parent}.")
        settings = read_toml(self.config_file)
        return resolve(str(settings.get("network", "")), settings)

    def facts(self) -> dict[str, Any]:
        """What run.json holds; empty where there is none."""
        try:
            return json.loads((self.path / "run.json").read_text("utf-8"))
        except (OSError, ValueError):
            return {}

    def set_status(self, status: str, more: dict[str, Any] | None = None) -> None:
        """Notes how far the run is: started or finished."""
        facts = self.facts() | (more or {}) | {"status": status}
        write_text(self.path / "run.json", json.dumps(facts, indent=2) + "\n")

    def exists(self) -> bool:
        """Whether a run was begun here; a folder that a kill left before its first file counts as free."""
        return bool(self.facts())

    def status(self) -> str:
        """How far the run is; empty when there is none."""
        return str(self.facts().get("status", ""))

    def same_as(self, config: TrainConfig, clips_hash: str) -> bool:
        """Whether a run of these settings on these clips would repeat this one."""
        if self.facts().get("clips_hash") != clips_hash:
            return False
        try:
            ours = dataclasses.asdict(self.config())
        except ConfigError:
            return False
        theirs = dataclasses.asdict(config)
        return all(ours[key] == theirs[key] for key in ours if key not in _INCIDENTAL)

    def history(self) -> list[dict[str, float]]:
        """The rows of history.csv, `epoch` counted from 1."""
        if not self.history_file.is_file():
            return []
        with self.history_file.open(newline="", encoding="utf-8") as file:
            return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]

    def write_history(self, rows: list[dict[str, float]]) -> None:
        """Replaces history.csv in one step, so that a kill leaves the old one or the new one."""
        # A run that a newer version goes on with may have columns more than it began with.
        columns = dict.fromkeys(key for row in rows for key in row)
        lines = [",".join(columns)] if rows else []
        lines += [
            ",".join(str(int(row[key])) if key == "epoch" else repr(row.get(key, math.nan)) for key in columns)
            for row in rows
        ]
        write_text(self.history_file, "".join(f"{line}\n" for line in lines))


_ALIKE = 0.1
"""By so much a GAN's distance varies once it falls no longer, while what is drawn still improves."""


def best_epoch(history: list[dict[str, float]]) -> int | None:
    """The epoch of lowest validation loss; of a GAN, the last whose distance is not much above the lowest.

    Returns:
        The epoch, counted from 1; None when no loss or distance is finite.
    """
    finite = [row for row in history if math.isfinite(judged(row))]
    if not finite:
        return None
    best = min(finite, key=judged)
    alike = [row for row in finite if "val_loss" not in row and judged(row) <= (1 + _ALIKE) * judged(best)]
    return int(max([best, *alike], key=lambda row: row["epoch"])["epoch"])


def judged(row: dict[str, float]) -> float:
    """What an epoch is chosen by, the less the better: a GAN has no validation loss that means anything."""
    return row["val_loss"] if "val_loss" in row else row["val_fd"]


def stalled(history: list[dict[str, float]], patience: int) -> bool:
    """Whether the last `patience` epochs brought no better validation loss; never for a patience of 0."""
    best = best_epoch(history)
    return bool(patience and best is not None and len(history) - best >= patience)


def write_text(file: Path, text: str) -> None:
    """Writes a small file whole or not at all."""
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    part.write_text(text, "utf-8")
    part.replace(file)


def versions() -> dict[str, str]:
    """Versions of what a result depends on."""
    packages = ("fstmuse", "tensorflow", "keras", "tensorflow-io", "librosa", "numpy", "soundfile", "soxr")
    found = {"python": platform.python_version()}
    for name in packages:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            from fstmuse import __version__

            found[name] = __version__ if name == "fstmuse" else "not installed"
    return found
