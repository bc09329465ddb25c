"""The windows that music from noise is measured by: drawn ones, and real ones with and without sense."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fstmuse.artifacts.card import Card
from fstmuse.data.cache import Cache, prepare
from fstmuse.data.clip import Clip, absence
from fstmuse.data.dataset import Examples, fixed_crops, window_pairs
from fstmuse.data.manifest import Manifest
from fstmuse.errors import DataError, ManifestError
from fstmuse.features.mel import LogMel
from fstmuse.inference.creating import PictureCreator
from fstmuse.inference.evaluation_folder import clips_of
from fstmuse.inference.generate_settings import DRAWN, LEAST, NOISE, REAL, SHUFFLED
from fstmuse.inference.turn_creator import TurnCreator
from fstmuse.interrupt import Progress, part_of
from fstmuse.networks.entry import Entry
from fstmuse.spec import MelSpec
from fstmuse.tasks import generate
from fstmuse.tasks.generate_metrics import band_noise, with_shuffled_bands

SEED = 0

_TOGETHER = 32
"""Pictures that a network draws at once, where that saves time."""


@dataclass(frozen=True, eq=False)
class Music:
    """The clips that were learnt from, and those of the measured split.

    Args:
        train: examples of pictures, as `card.mel` makes them.
        train_clips: of each example, the clip.
        held: as `train`, of the measured split.
        held_clips: likewise.
        skipped: clip_id, path and reason of those of the measured split that cannot be read.
    """

    train: Examples
    train_clips: tuple[Clip, ...]
    held: Examples
    held_clips: tuple[Clip, ...]
    skipped: tuple[tuple[str, str, str], ...]

    def by_windows(self, frames: int) -> Music:
        """The same in windows of another length."""
        train, held = (dataclasses.replace(clips, window=frames) for clips in (self.train, self.held))
        return dataclasses.replace(self, train=train, held=held)

    @property
    def pieces(self) -> list[str]:
        """Of each training example, what it belongs to: its group where that is known and there are several."""
        groups = [clip.group or clip.clip_id for clip in self.train_clips]
        return groups if len(set(groups)) > 1 else [clip.clip_id for clip in self.train_clips]


@dataclass(frozen=True, eq=False)
class Windows:
    """Windows of one length: of each way as many, and as many of each label.

    Args:
        held: float32 (windows, frames, mels), of the measured split: what all others are compared with.
        places: example and first frame of each of these.
        labels: int (windows,), their numbers; 0 where there are none.
        ways: by `WAYS` likewise. The real ones are of the training clips, the shuffled ones are these in another order
            of bands, and the noise has these ones' mean and deviation by band.
    """

    held: np.ndarray
    places: tuple[tuple[int, int], ...]
    labels: np.ndarray
    ways: dict[str, np.ndarray]


def read_music(
    card: Card,
    manifest: Manifest,
    root: Path,
    split: str,
    seconds: float,
    *,
    labels: Sequence[str] = (),
    workers: int = 0,
) -> Music:
    """Reads clips by an artifact's front end, from the cache that its training made where it is there.

    Args:
        card: of the artifact.
        manifest: of the data set.
        root: the folder that its paths are relative to.
        split: which clips to measure on; the training clips are read, too.
        seconds: how much of each clip is read, where the artifact was not trained on more or less.
        labels: in the order of their numbers.
        workers: processes that decode.

    Raises:
        ManifestError: the split or the training split has no usable clip.
        DataError: no clip can be read.
    """
    held = clips_of(manifest, split)
    present, absent = manifest.present(root)
    train = present.split("train").clips
    if not train:
        raise ManifestError(
            f"{manifest.source or manifest.name}: no clip of the split train is there; drawn music is measured beside "
            "the music that was learnt from. Give the data set that the network was trained on."
        )
    learnt = card.training.get("clip_seconds")
    seconds = learnt if isinstance(learnt, int | float) and learnt > 0 else seconds
    audio = dataclasses.replace(card.audio, seconds=max(seconds, card.audio.seconds))

    def cached(clips: Sequence[Clip]) -> Cache:
        wanted = Manifest(manifest.name, tuple(clips), manifest.source)
        return prepare(wanted, root, audio, kind="log-mel", mel=LogMel(card.mel), workers=workers)

    # Training keeps its clips and those it chooses by together.
    lesson = cached([*train, *present.split("valid").clips])
    other = lesson if split == "valid" else cached(held)
    entry = Entry(card.network, card.task, card.audio, card.mel, 0, 0, 0, "", "")
    ids = {clip.clip_id for clip in held}
    bad = {row[0]: row for row in other.bad}
    # A training's cache holds only what was there.
    bad |= {clip.clip_id: (clip.clip_id, clip.path, absence(clip.file(root))) for clip in absent}
    return Music(
        generate.examples(lesson, train, labels, entry),
        _read(lesson, train),
        generate.examples(other, held, labels, entry),
        _read(other, held),
        tuple(row for clip_id, row in bad.items() if clip_id in ids),
    )


def window_frames(music: Music, wanted: int) -> int:
    """Frames of windows that are to have `wanted`: half of the clips must be as long, or all would be about few."""
    enough = all(np.mean(clips.lengths >= wanted) >= 0.5 for clips in (music.train, music.held))
    return wanted if enough else min(wanted, music.train.window)


def gather(
    music: Music,
    creator: PictureCreator,
    mel: MelSpec,
    frames: int,
    count: int,
    progress: Progress | None = None,
    *,
    temperature: float = 1.0,
) -> Windows:
    """Chooses real windows and draws as many, of the same labels.

    Drawn window n is what `generate --seed n` draws of its label, by networks that draw from noise up to its length.

    Args:
        music: to choose from.
        creator: that draws.
        mel: of the pictures.
        frames: of each window.
        count: windows of each kind, or as many as there are.
        progress: called with the share that is done.
        temperature: of networks that draw in turn.

    Raises:
        DataError: there are fewer than `LEAST`.
    """
    held, known = _by_label(music.held, frames), _by_label(music.train, frames)
    quotas = {label: min(len(held[label]), len(known.get(label, ()))) for label in held}
    order = [label for label, quota in quotas.items() for _ in range(quota)]
    labels = np.random.default_rng(SEED).permutation(np.array(order, int))[:count]
    if len(labels) < LEAST:
        raise DataError(
            f"There are {len(labels)} windows of {frames * mel.hop_length / mel.sample_rate:.2f} s; expected {LEAST} "
            "of the training clips and of the measured split, and of the same labels. Measure on more music."
        )
    places = [held[label].pop() for label in labels]
    real = _cut(music.train, [known[label].pop() for label in labels], frames)
    ways = {
        DRAWN: _drawn(creator, mel, frames, labels, temperature, progress),
        REAL: real,
        SHUFFLED: with_shuffled_bands(real, SEED),
        NOISE: band_noise(real, mel, SEED),
    }
    return Windows(_cut(music.held, places, frames), tuple(places), labels, ways)


def _read(cache: Cache, clips: Sequence[Clip]) -> tuple[Clip, ...]:
    """Those that `generate.examples` makes examples of."""
    readable = set(cache.ids)
    return tuple(clip for clip in clips if clip.clip_id in readable)


def _by_label(data: Examples, frames: int) -> dict[int, list[tuple[int, int]]]:
    """Windows of the examples that are long enough, half of one apart, by label in an order by chance."""
    pairs = window_pairs(dataclasses.replace(data, window=frames), max(1, frames // 2))
    found: dict[int, list[tuple[int, int]]] = {}
    for place in np.random.default_rng(SEED).permutation(len(pairs)):
        example, start = pairs[place]
        if data.lengths[example] >= frames:
            label = int(data.targets[example].argmax()) if data.targets.shape[1] else 0
            found.setdefault(label, []).append((example, start))
    return found


def _cut(data: Examples, places: Sequence[tuple[int, int]], frames: int) -> np.ndarray:
    pictures, _ = next(fixed_crops(dataclasses.replace(data, window=frames), places, len(places)))
    return pictures


def _drawn(
    creator: PictureCreator,
    mel: MelSpec,
    frames: int,
    labels: np.ndarray,
    temperature: float,
    progress: Progress | None,
) -> np.ndarray:
    # As `fstmuse.inference.creating.create` has it: music lies before the first frame, too.
    lead = -(-mel.n_fft // mel.hop_length) - 1
    if creator.most_frames is not None:
        lead = min(lead, creator.most_frames - frames)
    if isinstance(creator, TurnCreator):
        return _drawn_together(creator, lead, frames, labels, temperature, progress)
    pictures = np.empty((len(labels), frames, mel.n_mels), np.float32)
    for seed, label in enumerate(labels):
        part = part_of(progress, seed / len(labels), (seed + 1) / len(labels))
        pictures[seed] = creator(lead + frames, seed, int(label), progress=part).values[lead:]
    return pictures


def _drawn_together(
    creator: TurnCreator, lead: int, frames: int, labels: np.ndarray, temperature: float, progress: Progress | None
) -> np.ndarray:
    parts = []
    for start in range(0, len(labels), _TOGETHER):
        some = labels[start : start + _TOGETHER]
        within = part_of(progress, start / len(labels), (start + len(some)) / len(labels))
        seeds, options = range(start, start + len(some)), {"temperature": temperature, "progress": within}
        parts.append(creator.many(lead + frames, seeds, [int(label) for label in some], **options)[:, lead:])
    return np.concatenate(parts)
