"""Trainings that were begun and not ended, as the run folders tell. Free of Qt."""

from __future__ import annotations

import dataclasses
import shutil
from dataclasses import dataclass
from pathlib import Path

from fstmuse.errors import ConfigError, DataError
from fstmuse.places import runs_dir
from fstmuse.training.run import RunFolder

from .training_messages import Train


@dataclass(frozen=True)
class Unfinished:
    """A run that can be gone on with.

    Args:
        path: its folder.
        name: of run and artifact.
        network: its name in the catalogue.
        data: known name, manifest, or folder.
        done: epochs in its history, of all tiers.
        epochs: of the whole training, of all tiers.
        changed: when it was last worked on, in s since 1970.
    """

    path: Path
    name: str
    network: str
    data: str
    done: int
    epochs: int
    changed: float


def unfinished(folder: Path) -> list[Unfinished]:
    """The runs below `folder` that have begun and not ended, the latest first; unreadable ones are passed over."""
    found = []
    for path in folder.iterdir() if folder.is_dir() else ():
        run = RunFolder(path)
        if run.status() != "started":
            continue
        try:
            config, done = run.config(), len(run.history())
            changed = max(file.stat().st_mtime for file in (path, run.config_file, path / "run.json"))
        except (ConfigError, OSError, ValueError):
            continue
        found.append(Unfinished(path, path.name, config.network, config.data, done, config.all_epochs, changed))
    return sorted(found, key=lambda run: -run.changed)


def train_of(path: Path) -> Train:
    """What to ask for so that a run goes on: with all that is missing, also where one tier was to be trained alone.

    Raises:
        ConfigError: the folder holds no readable run.
    """
    settings = dataclasses.asdict(RunFolder(path).config())
    network, data = settings.pop("network"), settings.pop("data")
    del settings["tier"]
    return Train(network, data, path.name, settings)


def discard(path: Path) -> None:
    """Removes an unfinished run; what `--fresh` of the command does, without beginning anew.

    Args:
        path: its folder, among the runs.

    Raises:
        ConfigError: it is no unfinished run among the runs, or another process is training it.
        DataError: the system refuses.
    """
    # Imported here: it brings what only a training needs.
    from fstmuse.run_choice import alone

    run = RunFolder(path)
    if path.is_symlink() or path.resolve().parent != runs_dir().resolve() or run.status() != "started":
        raise ConfigError(f"{path} is no unfinished training in {runs_dir()}, and stays as it is.")
    with alone(run):
        try:
            shutil.rmtree(path)
        except OSError as error:
            raise DataError(f"{path} cannot be removed: {error.strerror}. See that it can be written to.") from None
