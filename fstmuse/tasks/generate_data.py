"""What there is to learn music from, looked at before training: how much, how silent, how clipped, what lies in twice.

All but clipping is told by the cached pictures, so that a thousand clips take seconds.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fstmuse.audio.clipping import is_clipped
from fstmuse.data.cache import Cache
from fstmuse.data.dataset import Examples
from fstmuse.errors import DataError
from fstmuse.interrupt import Progress
from fstmuse.networks.catalogue import Entry
from fstmuse.spec import MelSpec
from fstmuse.tasks.generate_metrics import decibels
from fstmuse.tasks.generate_neighbours import averaging
from fstmuse.tasks.generate_twins import BANDS, CELLS_PER_S, find_twins, fingerprint

SILENT_DB = -60.0
"""A second in which no mel band of any frame is louder, relative to a full-scale sine, is silent."""

LISTENED, LISTENED_S = 200, 2.0
"""So many clips, evenly chosen, are listened to for clipping, and so long each, in seconds: where they are loudest."""

_HEARD = 0.5
"""Of the progress, when all pictures have been looked at."""


@dataclass(frozen=True)
class Twins:
    """Two clips that are one recording.

    Args:
        one: clip_id.
        other: clip_id.
        parted: whether one is learnt from and the other is for validation.
        correlation: of their fingerprints, at most 1.
    """

    one: str
    other: str
    parted: bool
    correlation: float


@dataclass(frozen=True)
class MusicReport:
    """What the clips of a training are like.

    Args:
        minutes: to learn from, by label; by "" where there are no labels.
        clips: to learn from, by label; likewise.
        valid_minutes: for validation.
        values: of the pictures to learn from: frames times mel bands.
        weights: of the network, the discriminator's included.
        padded: share of the pictures to learn from that lies behind the end of a clip.
        silent: share of the seconds to learn from, of sound alone.
        silent_clips: clip_id of those to learn from that are silent for half of their time or more.
        listened: clips to learn from that were listened to.
        clipped: clip_id of those of them that are clipped.
        twins: clips that lie in twice.
    """

    minutes: dict[str, float]
    clips: dict[str, int]
    valid_minutes: float
    values: int
    weights: int
    padded: float
    silent: float
    silent_clips: tuple[str, ...]
    listened: int
    clipped: tuple[str, ...]
    twins: tuple[Twins, ...]

    def as_dict(self) -> dict[str, Any]:
        """As plain values for JSON."""
        return dataclasses.asdict(self)


@dataclass(frozen=True, eq=False)
class _Look:
    """What one picture tells: its fingerprint, which seconds are silent, and when the loudest one begins, in s."""

    fingerprint: np.ndarray
    silent: np.ndarray
    loudest_s: float


def look_at_music(
    cache: Cache,
    root: Path,
    train: Examples,
    valid: Examples,
    labels: Sequence[str],
    entry: Entry,
    progress: Progress | None = None,
) -> MusicReport:
    """Looks at all clips, and listens to some.

    Args:
        cache: pictures of the clips.
        root: folder that the paths of the cache's manifest start from.
        train: rows of the cache, to learn from.
        valid: rows of the cache, for validation.
        labels: in the order of their numbers; none where music is learnt as one kind.
        entry: of the network.
        progress: called with the share that is done.

    Raises:
        DataError: there is nothing but silence to learn from.
    """
    mel, looks, names, lengths = entry.mel, [], [], []
    clips, count = {clip.clip_id: clip for clip in cache.manifest.clips}, len(train.positions)
    for data in (train, valid):
        for position, length in zip(data.positions, data.lengths, strict=True):
            sound = min(int(length), mel.frames(int(cache.samples[position])))
            looks.append(_look(np.asarray(cache.row(int(position))[:sound], np.float32), mel))
            names.append(cache.ids[position])
            lengths.append(sound)
            if progress:
                progress(_HEARD * len(looks) / (count + len(valid.positions)))
    shares = np.array([look.silent.mean() for look in looks[:count]])
    if (shares == 1).all():
        raise DataError(
            f"All of the {count} clips to learn from are silent: no second has a mel band above {SILENT_DB:g} dB. "
            "Expected music; replace them, or make them louder."
        )
    chosen = [int(number) for number in np.unique(np.linspace(0, count - 1, min(LISTENED, count)).round())]
    clipped = []
    for done, number in enumerate(chosen, 1):
        clip = clips[names[number]]
        if is_clipped(clip.file(root), clip.start_s + looks[number].loudest_s, LISTENED_S):
            clipped.append(clip.clip_id)
        if progress:
            progress(_HEARD + (1 - _HEARD) * done / len(chosen))
    fingerprints, files = [look.fingerprint for look in looks], [clips[name].path for name in names]
    numbers = train.targets.argmax(axis=1) if labels else []
    named = [labels[number] for number in numbers] or [""] * count
    minutes = dict.fromkeys(labels or [""], 0.0)
    for label, length in zip(named, lengths, strict=False):
        minutes[label] += _minutes(length, mel)
    return MusicReport(
        minutes=minutes,
        clips={label: Counter(named)[label] for label in minutes},
        valid_minutes=_minutes(sum(lengths[count:]), mel),
        values=sum(lengths[:count]) * mel.n_mels,
        weights=entry.parameters,
        padded=1 - sum(lengths[:count]) / int(train.lengths.sum()),
        silent=float(np.average(shares, weights=lengths[:count])),
        silent_clips=tuple(name for name, share in zip(names, shares, strict=False) if share >= 0.5),
        listened=len(chosen),
        clipped=tuple(clipped),
        twins=tuple(
            Twins(names[twin.one], names[twin.other], twin.one < count <= twin.other, twin.correlation)
            for twin in find_twins(fingerprints, files, _rate(mel) / _cell(mel))
        ),
    )


def _look(picture: np.ndarray, mel: MelSpec) -> _Look:
    levels, cell = decibels(picture, mel), _cell(mel)
    bands = levels[: len(levels) // cell * cell] @ averaging(mel.n_mels, BANDS).T
    loudest = levels.max(axis=1)
    starts = np.arange(0, len(levels), max(1, round(_rate(mel))))
    by_second = np.maximum.reduceat(loudest, starts)
    return _Look(
        fingerprint(bands.reshape(-1, cell, bands.shape[1]).mean(axis=1), _rate(mel) / cell) if len(bands) else bands,
        by_second < SILENT_DB,
        float(starts[np.add.reduceat(loudest, starts)[: max(1, len(starts) - 1)].argmax()] / _rate(mel)),
    )


def _cell(mel: MelSpec) -> int:
    """Frames of a fingerprint's cell."""
    return max(1, round(_rate(mel) / CELLS_PER_S))


def _rate(mel: MelSpec) -> float:
    """Frames in a second."""
    return mel.sample_rate / mel.hop_length


def _minutes(frames: int, mel: MelSpec) -> float:
    return float(frames) / _rate(mel) / 60
