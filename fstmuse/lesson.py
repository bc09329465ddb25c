"""The data of a run: from the name of a data set to clips, labels and a cache. Free of TensorFlow."""

from __future__ import annotations

import dataclasses
import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from fstmuse.data.cache import Cache, prepare
from fstmuse.data.clip import Clip
from fstmuse.data.manifest import Manifest
from fstmuse.data.registry import DATASETS, resolve
from fstmuse.data.stored import Picture
from fstmuse.errors import ManifestError
from fstmuse.features.mel import LogMel
from fstmuse.features.pitch import ShiftedLogMel
from fstmuse.networks.catalogue import Entry, find
from fstmuse.networks.entry import LABELLING
from fstmuse.spec import AudioSpec
from fstmuse.training.config import TrainConfig
from fstmuse.watch import Watch

DEFAULT_CLIP_SECONDS = 30.0
"""How much of a user's own clips is read."""

SHARE, LEAST_OF_LABEL, WHOLE_VALID = 0.1, 4, 200
"""Of a lesson's training clips, in a part of it; the fewest of each label; and as many validation clips stay whole."""


@dataclass(frozen=True)
class Lesson:
    """What a run learns from.

    Args:
        whole: the manifest as it was read.
        manifest: its clips that are there, with the labels asked for.
        root: folder that their paths start from.
        labels: in the order of the network's outputs; none where the task has none.
        missing: clips of the manifest whose files are not there.
    """

    whole: Manifest
    manifest: Manifest
    root: Path
    labels: tuple[str, ...]
    missing: tuple[Clip, ...]


def read_lesson(config: TrainConfig, watch: Watch) -> Lesson:
    """The clips and labels that a configuration asks for; the demo set is made when it is missing.

    Raises:
        DataError: the data set is unknown or not under its root.
        ManifestError: a label is unknown, missing in a split, or the only one, or a clip has several where it may have
            one alone; or, where no labels are needed, a split has no clips.
    """
    entry = find(config.network)
    labelled = entry.task in LABELLING or (entry.task == "generate" and bool(config.labels))
    with watch.working("synthesising the demo set" if config.data == "demo" else "looking for clips") as progress:
        whole, root = resolve(
            config.data,
            config.root or None,
            group_by=config.group_by,
            drop_rare=config.drop_rare,
            labelled=labelled,
            progress=progress,
            say=watch.say,
        )
    manifest, missing = whole.present(root)
    if config.labels:
        manifest = manifest.only_labels(config.labels)
    if entry.task == "generate":
        labelled = entry.counted_outputs > 0 and _told_apart(manifest)  # some draw music of one kind alone
        if entry.counted_outputs and not labelled and not config.labels:
            _tell_of_folders(manifest, watch)
    labels = _labels(config, manifest, missing, root, len(whole), tagging=entry.task == "tag") if labelled else ()
    if not labelled:
        _require_splits(manifest)
    elif entry.task == "tag":
        _tell_of_tags(manifest, labels, watch)
    else:
        _require_one_label(config, manifest)
    return Lesson(whole, manifest, root, labels, missing)


def part_of(lesson: Lesson, least: int, seed: int) -> Lesson:
    """A lesson of a tenth of the training clips, each label's share kept, and of the validation clips.

    Of more than `WHOLE_VALID` validation clips a tenth, too, but no fewer than that. There are no test clips.

    Args:
        lesson: to take from.
        least: training clips that are to be kept, where there are as many.
        seed: of the choice.
    """
    train, valid = (lesson.manifest.split(split).clips for split in ("train", "valid"))
    labelled = bool(lesson.labels)
    kept = _stratified(train, max(SHARE, least / len(train)), labelled, seed)
    kept += _stratified(valid, max(SHARE, WHOLE_VALID / len(valid)), labelled, seed)
    manifest = Manifest(lesson.manifest.name, tuple(kept), lesson.manifest.source)
    return dataclasses.replace(lesson, manifest=manifest)


def _stratified(clips: Sequence[Clip], share: float, labelled: bool, seed: int) -> list[Clip]:
    """A share of the clips of each label, rounded up, and a few of them at least."""
    kinds: dict[str, list[Clip]] = {}
    for clip in clips:
        # Of several tags the first one; a clip may have none.
        kinds.setdefault(next(iter(clip.labels), "") if labelled else "", []).append(clip)
    rng = random.Random(seed)
    counts = {kind: max(LEAST_OF_LABEL, math.ceil(share * len(alike))) for kind, alike in kinds.items()}
    return [clip for kind in sorted(kinds) for clip in rng.sample(kinds[kind], min(counts[kind], len(kinds[kind])))]


def _tell_of_folders(manifest: Manifest, watch: Watch) -> None:
    """Says how folders become labels, which they are not by themselves here: they may be artists or albums."""
    paths = (PurePath(clip.path) for clip in manifest.clips)
    folders = sorted({path.parts[0] for path in paths if len(path.parts) > 1})
    if len(folders) > 1:
        some = ",".join(folders[:_MOST_TOLD])
        watch.say(
            f"All clips are learnt as music of one kind. If folders are kinds of music, name them: --labels {some}"
        )


_MOST_TOLD = 5


def _told_apart(manifest: Manifest) -> bool:
    """Whether music can be asked for by label: there are several, and each clip to learn from has one."""
    clips = [clip for clip in manifest.usable.clips if clip.split]
    return len(manifest.labels) > 1 and all(len(clip.labels) == 1 for clip in clips)


def _labels(
    config: TrainConfig, manifest: Manifest, missing: tuple[Clip, ...], root: Path, clips: int, *, tagging: bool
) -> tuple[str, ...]:
    """The labels to tell apart, each of which every split must have; tags may be too rare for all but the first."""
    splits = ["train", "valid"] + (["test"] if manifest.split("test").clips else [])
    if tagging:
        _require_splits(manifest)
        splits = ["train"]
    try:
        labels = manifest.require_labels(config.labels or None, splits)
    except ManifestError as error:
        if not missing:
            raise
        raise ManifestError(f"{error} ({len(missing):,} of {clips:,} files are not under {root}.)") from None
    if len(labels) < 2:
        raise ManifestError(f"{config.data}: received one label, '{labels[0]}'; expected at least two to tell apart.")
    return labels


def _require_one_label(config: TrainConfig, manifest: Manifest) -> None:
    for clip in manifest.usable.clips:
        if clip.split and len(clip.labels) != 1:
            raise ManifestError(
                f"{config.data}: clip {clip.clip_id} has the labels {', '.join(clip.labels) or 'none'}; classification "
                "needs exactly one. Choose labels that exclude each other by --labels, or a network that tags."
            )


def _tell_of_tags(manifest: Manifest, tags: tuple[str, ...], watch: Watch) -> None:
    """Says which clips have no tag, and which tags a split lacks, of which nothing will be known there.

    Raises:
        ManifestError: in a split for measuring no tag is on some clips and not on others: nothing could be measured.
    """
    bare = sum(bool(clip.split) and not clip.labels for clip in manifest.usable.clips)
    if bare:
        watch.say(f"{bare:,} clips without a tag are learnt and measured as such; --labels with tags leaves them out.")
    for split in ("valid", "test"):
        clips = manifest.split(split).clips
        counts = Counter(tag for clip in clips for tag in clip.labels)
        if clips and not any(0 < counts[tag] < len(clips) for tag in tags):
            raise ManifestError(
                f"{manifest.source or manifest.name}: no tag is on some clips of the split {split} and not on others: "
                f"nothing could be measured by its {len(clips):,} clips. Add some, or build the splits again."
            )
        lost = [tag for tag in tags if not counts[tag]]
        if clips and lost:
            some = ", ".join(lost[:_MOST_TOLD]) + (" and others" if len(lost) > _MOST_TOLD else "")
            watch.say(f"No clip of the split {split} has {len(lost):,} of {len(tags):,} tags: {some}.")


def _require_splits(manifest: Manifest) -> None:
    for split in ("train", "valid"):
        if not manifest.split(split).clips:
            raise ManifestError(
                f"{manifest.source or manifest.name}: split {split} has no usable clip that is there; training needs "
                "some in train and in valid. Add clips, or see to --root and the manifest's columns split and status."
            )


def clip_spec(config: TrainConfig, entry: Entry) -> AudioSpec:
    """How much of each clip is read, and at which rate."""
    dataset = DATASETS.get(config.data)
    seconds = config.clip_seconds or (dataset.clip_seconds if dataset else DEFAULT_CLIP_SECONDS)
    return dataclasses.replace(entry.audio, seconds=max(seconds, entry.audio.seconds))


def prepare_cache(config: TrainConfig, lesson: Lesson, watch: Watch) -> Cache:
    """Decodes the clips that training and validation need into the cache, with progress.

    Raises:
        DataError: no clip can be decoded, or the disk is too small.
    """
    entry = find(config.network)
    # A vocoder learns from the sound itself, and so do networks that hear it.
    mel = None if entry.hears_sound or entry.task == "vocode" else LogMel(entry.mel)
    return _prepare(config, lesson, ("train", "valid"), clip_spec(config, entry), mel, watch)


def prepare_shifted(config: TrainConfig, lesson: Lesson, watch: Watch) -> list[Cache]:
    """The training clips once more for each of `config.pitch_semitones`, as `prepare_cache`."""
    entry = find(config.network)
    plain, caches = clip_spec(config, entry), []
    for semitones in config.pitch_semitones:
        mel = ShiftedLogMel(entry.mel, semitones)
        # As many samples as a window has, whatever they last.
        seconds = max(plain.seconds, entry.audio.samples / mel.spec.sample_rate)
        spec = dataclasses.replace(plain, sample_rate=mel.spec.sample_rate, seconds=seconds)
        caches.append(_prepare(config, lesson, ("train",), spec, mel, watch))
    return caches


def _prepare(
    config: TrainConfig, lesson: Lesson, splits: tuple[str, ...], spec: AudioSpec, mel: Picture | None, watch: Watch
) -> Cache:
    wanted = [clip for split in splits for clip in lesson.manifest.split(split).clips]
    manifest = Manifest(lesson.manifest.name, tuple(wanted), lesson.manifest.source)
    with watch.working("reading clips") as progress:
        kind = "waveform" if mel is None else "log-mel"
        return prepare(manifest, lesson.root, spec, kind=kind, mel=mel, workers=config.workers, progress=progress)
