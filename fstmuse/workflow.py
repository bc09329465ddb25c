"""What `python -m fstmuse.train` does, from a data set's name to an evaluated artifact."""

from __future__ import annotations

import dataclasses
import itertools
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import Progress

from fstmuse.artifacts.card import Card, read_card, verify
from fstmuse.artifacts.save import record_metrics, save
from fstmuse.data.cache import Cache
from fstmuse.data.clip import Clip
from fstmuse.data.registry import DATASETS
from fstmuse.errors import ArtifactError, ConfigError
from fstmuse.inference.evaluation import evaluate_clips, write_evaluation
from fstmuse.inference.session import Session
from fstmuse.lesson import Lesson, prepare_cache
from fstmuse.networks.catalogue import Entry, find
from fstmuse.places import models_dir, runs_dir
from fstmuse.tasks import classify
from fstmuse.tasks.figures import curves_figure, spectrogram_figure
from fstmuse.training.config import TrainConfig
from fstmuse.training.fit import finished_epochs, fit
from fstmuse.training.run import RunFolder, versions


@dataclass(frozen=True)
class Outcome:
    """What training ended with.

    Args:
        artifact: folder of the trained network.
        run: folder of the run.
        metrics: of the test split; empty when the manifest has none.
        reused: nothing was trained, an equal run had been finished before.
    """

    artifact: Path
    run: Path
    metrics: dict
    reused: bool


def default_name(config: TrainConfig) -> str:
    """Data set and network."""
    return f"{Path(config.data).stem}-{config.network}"


def _free_name(config: TrainConfig, manifest_hash: str) -> str:
    """The default name, numbered when runs of other settings have it already."""
    for number in itertools.count(1):
        name = default_name(config) + (f"-{number}" if number > 1 else "")
        run = RunFolder(runs_dir() / name)
        if not run.path.exists() or run.same_as(config, manifest_hash):
            return name


def train(
    config: TrainConfig,
    lesson: Lesson,
    name: str | None,
    console: Console,
    *,
    resume: bool = False,
    fresh: bool = False,
) -> Outcome:
    """Prepares, trains, exports and evaluates; reuses what an earlier start has finished.

    Args:
        config: the settings.
        lesson: the data, from `read_lesson(config, console)`.
        name: of run and artifact; None: data set and network, numbered when other settings have that name.
        console: where progress is shown.
        resume: insist that there is an unfinished run to go on with.
        fresh: throw an earlier run of this name away.

    Raises:
        FstMuseError: settings, data or disk do not allow it; the message says how to mend it.
        KeyboardInterrupt: stopped by the user; the run can be resumed.
    """
    entry = find(config.network)
    if name is None:
        name = default_name(config) if fresh else _free_name(config, lesson.manifest_hash)
    artifact, run = models_dir() / name, RunFolder(runs_dir() / name)
    if fresh:
        shutil.rmtree(run.path, ignore_errors=True)
    done = _earlier(config, lesson, run, artifact, resume)
    if done:
        return done
    if finished_epochs(run):
        console.print(f"Going on with {run.path} after epoch {finished_epochs(run)} of {config.epochs}.")
    run.begin(config, {"manifest_hash": lesson.manifest_hash, "labels": list(lesson.labels), "name": name})
    cache = prepare_cache(config, lesson, console)
    _report_bad(cache, lesson, run, console)
    train_set, valid_set = (
        classify.examples(cache, lesson.manifest.split(split).clips, lesson.labels, entry)
        for split in ("train", "valid")
    )
    counts = f"{len(train_set.positions)} clips to learn from, {len(valid_set.positions)} to choose by"
    console.print(f"Training {config.network} on {lesson.manifest.name}: {counts}; labels {', '.join(lesson.labels)}.")
    _picture(cache, lesson, entry, run)
    model = fit(config, train_set, valid_set, run, console)
    curves_figure(run.history(), run.figures / "curves.png")
    save(model, _card(config, entry, lesson, name, train_set, valid_set), artifact)
    shutil.copytree(run.figures, artifact / "figures", dirs_exist_ok=True)
    metrics = _evaluate(artifact, lesson, console)
    run.set_status("finished", {"artifact": str(artifact), "metrics": metrics})
    return Outcome(artifact, run.path, metrics, reused=False)


def _earlier(config: TrainConfig, lesson: Lesson, run: RunFolder, artifact: Path, resume: bool) -> Outcome | None:
    """The outcome of an equal run that is finished; None when there is something to do."""
    if not run.path.exists():
        if resume:
            raise ConfigError(f"{run.path}: there is no run to resume. Leave --resume out to begin one.")
        return None
    if not run.same_as(config, lesson.manifest_hash):
        raise ConfigError(
            f"{run.path} holds a run of other settings or other data. Give this one another --name, "
            "or throw that one away by --fresh."
        )
    if run.status() != "finished":
        return None
    try:
        verify(read_card(artifact), artifact)
    except ArtifactError:
        return None  # trained, but the artifact is gone or damaged: it is written again from the best weights
    return Outcome(artifact, run.path, run.facts()["metrics"], reused=True)


def _report_bad(cache: Cache, lesson: Lesson, run: RunFolder, console: Console) -> None:
    bad = [(clip.clip_id, clip.path, "no such file") for clip in lesson.missing] + list(cache.bad)
    if not bad:
        return
    import csv

    with (run.path / "bad_clips.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("clip_id", "path", "reason"))
        writer.writerows(bad)
    console.print(f"{len(bad):,} clips cannot be used and are left out; {run.path / 'bad_clips.csv'} says why.")


def _picture(cache: Cache, lesson: Lesson, entry: Entry, run: RunFolder) -> None:
    """A figure of one training clip of each label (eight at most)."""
    known = {clip_id: position for position, clip_id in enumerate(cache.ids)}
    firsts: dict[str, Clip] = {}
    for clip in lesson.manifest.split("train").clips:
        if clip.clip_id in known:
            firsts.setdefault(clip.labels[0], clip)
    shown = list(firsts.values())[:8]
    pictures = [np.asarray(cache.row(known[clip.clip_id]), np.float32) for clip in shown]
    titles = [f"{clip.labels[0]}: {clip.clip_id}" for clip in shown]
    spectrogram_figure(pictures, titles, entry.mel, run.figures / "examples.png")


def _card(config: TrainConfig, entry: Entry, lesson: Lesson, name: str, train_set, valid_set) -> Card:
    dataset = DATASETS.get(config.data)
    return Card(
        name=name,
        network=config.network,
        task=entry.task,
        labels=lesson.labels,
        audio=entry.audio,
        mel=entry.mel,
        hop_seconds=entry.audio.seconds,
        training=dataclasses.asdict(config),
        data={
            "name": lesson.manifest.name,
            "manifest_hash": lesson.manifest_hash,
            "licence": dataset.licence if dataset else "",
            "train": len(train_set.positions),
            "valid": len(valid_set.positions),
        },
        versions=versions(),
    )


def _evaluate(artifact: Path, lesson: Lesson, console: Console) -> dict:
    if not lesson.manifest.split("test").clips:
        console.print("The manifest has no test split: nothing was measured on clips that training has not seen.")
        return {}
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("evaluating on test clips", total=1.0)
        evaluation = evaluate_clips(
            Session(artifact), lesson.manifest, lesson.root, "test", lambda done: bar.update(task, completed=done)
        )
    write_evaluation(evaluation, artifact / "evaluation" / f"{lesson.manifest.name}-test")
    metrics = evaluation.as_dict()
    record_metrics(artifact, "test", metrics)
    return metrics
