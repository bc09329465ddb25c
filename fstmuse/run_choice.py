"""Which run a call of `train` means: a finished one, one to go on with, or a new one. Free of TensorFlow."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import filelock

from fstmuse.artifacts.card import read_card, verify
from fstmuse.errors import ArtifactError, ConfigError
from fstmuse.lesson import Lesson
from fstmuse.places import models_dir, runs_dir
from fstmuse.training.config import TrainConfig
from fstmuse.training.run import RunFolder


@dataclass(frozen=True)
class Choice:
    """A run and the artifact that it leaves.

    Args:
        name: of both.
        run: its folder, there or not.
        artifact: folder of the trained network, there or not.
        metrics: of the test split, when the run is finished and its artifact whole; else None.
    """

    name: str
    run: RunFolder
    artifact: Path
    metrics: dict[str, Any] | None


def choose(
    config: TrainConfig, lesson: Lesson, name: str | None, *, resume: bool, fresh: bool, suffix: str = ""
) -> Choice:
    """Finds the run of these settings on this data, or a name for a new one.

    Args:
        config: the settings.
        lesson: the data.
        name: of run and artifact; None: data set and network, numbered where that name is taken.
        resume: there must be a run of these settings.
        fresh: throw away the run that is found, if any; where settings choose a tier, that tier alone.
        suffix: what every name ends with: a search is no training, whose name stays free.

    Raises:
        ConfigError: the name cannot be a folder's or belongs to something else, there is
            nothing to resume, or both `resume` and `fresh` are asked for.
    """
    if resume and fresh:
        raise ConfigError("Received --resume and --fresh; expected one of them: go on with a run, or begin it anew.")
    if name is None:
        name = _default(config, lesson, resume, suffix)
    elif not re.fullmatch(r"\w[\w.+-]{0,99}", name):
        raise ConfigError(
            f"Received --name {name!r}; expected a folder's name such as my-genres: letters, digits, '.', '_', '+' "
            "and '-', at most 100."
        )
    else:
        name += suffix
    run, artifact = RunFolder(runs_dir() / name), models_dir() / name
    if fresh and not (config.tier and run.exists()):
        shutil.rmtree(run.path, ignore_errors=True)
    elif run.exists():
        _require_same(run, config, lesson)
        if fresh:
            run.set_status("started")
            shutil.rmtree(run.tier(config.tier).path, ignore_errors=True)
    elif resume:
        raise ConfigError(f"{run.path}: there is no run to resume. Leave --resume out to begin one.")
    elif artifact.exists():
        raise ConfigError(
            f"{artifact} exists already, from another run. Choose another --name, or replace it by --fresh."
        )
    return Choice(name, run, artifact, _metrics(run, artifact))


@contextmanager
def alone(run: RunFolder) -> Iterator[None]:
    """Holds a run for this process.

    Raises:
        ConfigError: another process is training it.
    """
    run.path.parent.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(run.path.parent / f".{run.path.name}.lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise ConfigError(
            f"{run.path}: another process is training this run. Wait for it, or give this one another --name."
        ) from None
    try:
        yield
    finally:
        lock.release()


def _default(config: TrainConfig, lesson: Lesson, resume: bool, suffix: str) -> str:
    base = f"{lesson.whole.name}-{config.network}{suffix}"
    taken = {path.name for folder in (runs_dir(), models_dir()) if folder.is_dir() for path in folder.iterdir()}
    numbered = re.compile(re.escape(base) + r"(-\d+)?")
    for known in sorted(filter(numbered.fullmatch, taken), key=lambda known: (len(known), known)):
        if RunFolder(runs_dir() / known).same_as(config, lesson.manifest.hash):
            return known
    if resume:
        raise ConfigError(
            f"{runs_dir()} holds no run of {config.network} with these settings on {config.data}. "
            "Leave --resume out to begin one, or repeat the settings of the one you mean."
        )
    return next(name for name in _names(base) if name not in taken)


def _names(base: str) -> Iterator[str]:
    yield base
    number = 2
    while True:
        yield f"{base}-{number}"
        number += 1


def _require_same(run: RunFolder, config: TrainConfig, lesson: Lesson) -> None:
    if not run.same_as(config, lesson.manifest.hash):
        raise ConfigError(
            f"{run.path} holds a run of other settings or other data. Give this one another --name, "
            "or throw that one away by --fresh."
        )


def _metrics(run: RunFolder, artifact: Path) -> dict[str, Any] | None:
    if run.status() != "finished":
        return None
    try:
        verify(read_card(artifact), artifact)
    except ArtifactError:
        return None  # trained, but the artifact is gone or damaged: it is written again from the best weights
    return run.facts()["metrics"]
