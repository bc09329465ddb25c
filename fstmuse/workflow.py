"""What `python -m fstmuse.train` does, from a data set's name to an evaluated artifact."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

from fstmuse.artifacts.card import Card
from fstmuse.artifacts.save import record_metrics, save
from fstmuse.data.cache import Cache
from fstmuse.data.clip import Clip, absence
from fstmuse.data.csv_rows import write_rows
from fstmuse.data.dataset import Examples
from fstmuse.data.registry import DATASETS
from fstmuse.data.stored import as_float
from fstmuse.errors import DataError
from fstmuse.features.mel import LogMel
from fstmuse.features.presets import usual_mel
from fstmuse.inference.evaluation import evaluate_clips, write_evaluation
from fstmuse.inference.evaluation_files import CONFUSION_FIGURE
from fstmuse.inference.session import Session
from fstmuse.inference.tag_evaluation import evaluate_tags
from fstmuse.inference.tag_evaluation_files import TAGS_FIGURE, write_tag_evaluation
from fstmuse.inference.unlabelled import EVALUATIONS, LIKELIHOOD
from fstmuse.lesson import Lesson, clip_spec, prepare_cache, prepare_shifted
from fstmuse.networks.catalogue import Entry, find
from fstmuse.networks.entry import LABELLING
from fstmuse.run_choice import Choice, alone
from fstmuse.tasks import classify, generate, going_on, infill, tag, vocode
from fstmuse.tasks.figures import curves_figure, spectrogram_figure
from fstmuse.tasks.gan_figure import gan_curves_figure
from fstmuse.tasks.generate_data import look_at_music
from fstmuse.tasks.generate_remarks import remarks
from fstmuse.tasks.likelihood_figure import tiers_figure
from fstmuse.training.checkpoint import finished_epochs
from fstmuse.training.config import TrainConfig
from fstmuse.training.fit import fit, require_disk
from fstmuse.training.run import RunFolder, best_epoch, versions, write_text
from fstmuse.training.tiers import read_baselines
from fstmuse.watch import Watch


def train(config: TrainConfig, lesson: Lesson, choice: Choice, watch: Watch) -> Choice:
    """Prepares, trains, exports and evaluates; goes on where an unfinished run stands.

    Args:
        config: the settings.
        lesson: the data, from `read_lesson`.
        choice: run and artifact, from `choose`.
        watch: shows progress.

    Returns:
        The choice with the metrics of the test split; they are empty when there is none, and None while tiers of the
        network are still to be trained.

    Raises:
        FstMuseError: settings, data or disk do not allow it; the message says how to mend it.
        KeyboardInterrupt: stopped by the user; the run can be resumed.
    """
    with alone(choice.run):
        return _train(config, lesson, choice, watch)


def _train(config: TrainConfig, lesson: Lesson, choice: Choice, watch: Watch) -> Choice:
    entry, run, name, artifact = find(config.network), choice.run, choice.name, choice.artifact
    require_disk(config, len(lesson.labels), run.path, artifact.parent)
    if finished_epochs(run):
        watch.say(f"Going on with {run.path} after epoch {finished_epochs(run)} of {config.epochs}.")
    run.begin(config, {"clips_hash": lesson.manifest.hash, "labels": list(lesson.labels), "name": name})
    cache = prepare_cache(config, lesson, watch)
    report_bad(cache, lesson, run, watch)
    train_set, valid_set = read_examples(config, entry, lesson, cache, run, watch)
    counts = f"{len(train_set.positions)} clips to learn from, {len(valid_set.positions)} to choose by"
    labels = f"; labels {', '.join(lesson.labels)}" if lesson.labels else ""
    watch.say(f"Training {config.network} on {lesson.manifest.name}: {counts}{labels}.")
    if entry.task == "generate":
        _look_at_music(cache, lesson, entry, (train_set, valid_set), run, watch)
    watch.figure(_picture(cache, lesson, entry, run))
    model = fit(config, train_set, valid_set, run, watch)
    watch.figure(_curves(entry, run))
    if model is None:
        return choice
    save(model, _card(config, entry, lesson, name, train_set, valid_set), artifact)
    shutil.copytree(run.figures, artifact / "figures", dirs_exist_ok=True)
    metrics = _evaluate(config, entry, artifact, lesson, watch)
    run.set_status("finished", {"artifact": str(artifact), "metrics": metrics})
    return dataclasses.replace(choice, metrics=metrics)


_MEASURES = {"classify": "accuracy", "tag": "roc_auc", "infill": "rmse", "continue": "rmse", "vocode": "lsd"}
"""What is drawn beside the loss, by task."""


def _curves(entry: Entry, run: RunFolder) -> Path:
    file = run.figures / "curves.png"
    if entry.in_turn:
        return tiers_figure(run.history(), read_baselines(run), file)
    if entry.task == "generate":
        history = run.history()
        return gan_curves_figure(history, file, best_epoch(history) or len(history))
    return curves_figure(run.history(), file, _MEASURES[entry.task])


def read_examples(
    config: TrainConfig, entry: Entry, lesson: Lesson, cache: Cache, run: RunFolder, watch: Watch
) -> tuple[Examples, Examples]:
    """What to learn from, and what to choose by."""
    train, valid = (lesson.manifest.split(split).clips for split in ("train", "valid"))
    if entry.task == "vocode":
        return vocode.examples(cache, train, entry), vocode.examples(cache, valid, entry)
    if entry.task not in (*LABELLING, "generate"):
        caches = [cache, *prepare_shifted(config, lesson, watch)]
        examples = going_on.examples if entry.task == "continue" else infill.examples
        return examples(caches, train, entry), examples([cache], valid, entry)
    labelled = {"classify": classify.examples, "tag": tag.examples, "generate": generate.examples}[entry.task]
    train_set, valid_set = (labelled(cache, clips, lesson.labels, entry) for clips in (train, valid))
    unheard = [label for label, column in zip(lesson.labels, train_set.targets.T, strict=True) if not column.any()]
    if unheard:
        raise DataError(
            f"{config.data}: no training clip of {', '.join(unheard)} can be read. {run.path / 'bad_clips.csv'} says "
            "why; mend the files, or leave the label out by --labels."
        )
    return train_set, valid_set


def _look_at_music(
    cache: Cache, lesson: Lesson, entry: Entry, sets: tuple[Examples, Examples], run: RunFolder, watch: Watch
) -> None:
    """Says what there is to learn from and what is wrong with it; the run's data.json keeps it."""
    with watch.working("looking at the music") as advance:
        report = look_at_music(cache, lesson.root, *sets, lesson.labels, entry, lambda done: advance(done, 1.0))
    file = run.path / "data.json"
    write_text(file, json.dumps(report.as_dict(), indent=2, ensure_ascii=False) + "\n")
    for remark in remarks(report):
        watch.say(remark)


def report_bad(cache: Cache, lesson: Lesson, run: RunFolder, watch: Watch) -> None:
    """Lists the clips that cannot be used: known from the manifest, absent, or unreadable."""
    known = [(clip.clip_id, clip.path, clip.reason) for clip in lesson.manifest.clips if clip.status == "bad"]
    absent = [(clip.clip_id, clip.path, absence(clip.file(lesson.root))) for clip in lesson.missing]
    bad = sorted([*known, *absent, *cache.bad])
    file = run.path / "bad_clips.csv"
    columns = ("clip_id", "path", "reason")
    write_rows(file, columns, [dict(zip(columns, row, strict=True)) for row in bad])
    if bad:
        counts = {"marked bad in the manifest": len(known), "absent": len(absent), "unreadable": len(cache.bad)}
        told = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)
        watch.say(f"Clips left out: {told}; {file} says why.")


def _picture(cache: Cache, lesson: Lesson, entry: Entry, run: RunFolder) -> Path:
    """A figure of one training clip of each label, or of each group where there are none (eight at most)."""
    readable = set(cache.ids)
    firsts: dict[str, Clip] = {}
    for clip in lesson.manifest.split("train").clips:
        if clip.clip_id in readable:
            firsts.setdefault(", ".join(clip.labels) if lesson.labels else clip.group or clip.path, clip)
    shown = list(firsts.values())[:8]
    positions = cache.positions(clip.clip_id for clip in shown)
    pictures = [as_float(cache.row(position)) for position in positions]
    mel = entry.mel or usual_mel(entry.audio.sample_rate)
    if entry.hears_sound or entry.task == "vocode":
        pictures = [LogMel(mel)(sound) for sound in pictures]
    labels = [", ".join(clip.labels) if lesson.labels else "" for clip in shown]  # a clip may have no tag
    titles = [f"{label}: {clip.clip_id}" if label else clip.clip_id for label, clip in zip(labels, shown, strict=True)]
    return spectrogram_figure(pictures, titles, mel, run.figures / "examples.png")


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
            "manifest_hash": lesson.whole.hash,
            "licence": dataset.licence if dataset else "",
            "weights_licence": dataset.weights_licence if dataset else "",
            "train": len(train_set.positions),
            "valid": len(valid_set.positions),
        },
        versions=versions(),
    )


def _evaluate(config: TrainConfig, entry: Entry, artifact: Path, lesson: Lesson, watch: Watch) -> dict:
    if entry.task == "generate" and not entry.in_turn:
        return {}  # `evaluate` compares crowds of windows, which takes a while, where the user asks for it
    if not lesson.manifest.split("test").clips:
        watch.say("The manifest has no test split: nothing was measured on clips that training has not seen.")
        return {}
    folder = artifact / "evaluation" / f"{lesson.manifest.name}-test"
    with watch.working("evaluating on test clips") as advance:
        advance(0.0, 1.0)
        if entry.task not in LABELLING:
            evaluate, write, figure = LIKELIHOOD if entry.in_turn else EVALUATIONS[entry.task]
            measured = evaluate(
                artifact,
                lesson.manifest,
                lesson.root,
                "test",
                lambda done: advance(done, 1.0),
                seconds=clip_spec(config, entry).seconds,
                workers=config.workers,
            )
            write(measured, folder)
            if figure:
                watch.figure(folder / figure)
            record_metrics(artifact, "test", measured.as_dict())
            return measured.as_dict()
        tagging = entry.task == "tag"
        evaluation = (evaluate_tags if tagging else evaluate_clips)(
            Session(artifact),
            lesson.whole,
            lesson.root,
            "test",
            lambda done: advance(done, 1.0),
            # Clips without any of the tags are left out where training has left them out.
            labels=(config.labels or None) if tagging else lesson.labels,
        )
    (write_tag_evaluation if tagging else write_evaluation)(evaluation, folder)
    watch.figure(folder / (TAGS_FIGURE if tagging else CONFUSION_FIGURE))
    metrics = evaluation.as_dict()
    record_metrics(artifact, "test", metrics)
    return metrics
