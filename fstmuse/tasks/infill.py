"""Filling gaps: what x and y are, the losses, the metrics.

x is the log-mel picture of a window of a clip with one gap, and which frames are missing; y is the picture without
the gap. In training windows and gaps are drawn at random, by (seed, epoch) alone, so that a resumed run sees those
that the undisturbed one would have seen; in validation they are the same in every epoch and every run.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fstmuse.data.cache import Cache
from fstmuse.data.clip import Clip
from fstmuse.data.dataset import (
    Examples,
    Joined,
    fixed_crops,
    from_batches,
    random_crops,
    steps_per_epoch,
    window_pairs,
)
from fstmuse.errors import DataError
from fstmuse.networks.catalogue import Entry
from fstmuse.quiet import load_tensorflow

load_tensorflow()

import tensorflow as tf  # noqa: E402

BESIDE = 12
"""Known frames on either side of a gap, at least, where they go in and it is not at an end of the picture."""

AT_END = 1 / 16
"""Share of gaps at the beginning or the end of the picture, where one side alone is known."""

GAPS, FIXED = 1, 2
"""Told apart from the draws of the crops, and from each other, by these numbers in the seed."""

KNOTS = 6
"""Of the random curve over the bands."""

Batch = tuple[dict[str, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Gaps:
    """What is hidden of the pictures, and how they are changed before.

    Args:
        least: narrowest gap, in frames.
        most: widest gap, in frames.
        equalise_db: standard deviation of a smooth random curve over the bands that is added to each training picture.
    """

    least: int
    most: int
    equalise_db: float = 0.0


def examples(caches: Sequence[Cache], clips: Sequence[Clip], entry: Entry) -> Examples:
    """The clips of one split as examples; clips that a cache could not read are left out.

    Args:
        caches: log-mels of the clips; more than one where they are read in several ways.
        clips: of one split. Their labels do not matter.
        entry: of the network.

    Raises:
        DataError: no clip is left.
    """
    rows = Joined(caches)
    positions, lengths = [], []
    for cache, first in zip(caches, rows.firsts, strict=False):
        readable = set(cache.ids)
        found = cache.positions(clip.clip_id for clip in clips if clip.clip_id in readable)
        positions.append(found + first)
        lengths += [entry.mel.frames(int(samples)) for samples in np.asarray(cache.samples)[found]]
    if not lengths:
        raise DataError(f"None of {len(clips)} clips could be read. See bad_clips.csv in the run's folder for reasons.")
    targets = np.zeros((len(lengths), 0), np.float32)
    return Examples(rows, np.concatenate(positions), np.array(lengths), targets, entry.input_shape[0])


def training_dataset(
    data: Examples, entry: Entry, gaps: Gaps, *, batch_size: int, draws: int, seed: int, epoch: int
) -> tf.data.Dataset:
    """Endless batches that start at `epoch`; `draws` windows of each clip an epoch, a gap in each."""

    def batches() -> Iterator[Batch]:
        steps = steps_per_epoch(len(data.positions), batch_size, draws)
        crops = random_crops(data, batch_size, draws, seed, epoch)
        for now in itertools.count(epoch):
            rng = np.random.default_rng((seed, now, GAPS))
            for pictures, _ in itertools.islice(crops, steps):
                changed = equalised(pictures, rng, gaps.equalise_db, entry.mel.floor_db)
                yield as_batch(changed, random_gaps(rng, len(pictures), data.window, gaps), entry.mel.floor_db)

    return from_batches(batches, _signature(batch_size, entry), tf.data.INFINITE_CARDINALITY)


def validation_dataset(data: Examples, entry: Entry, gaps: Gaps, batch_size: int, replicas: int = 1) -> tf.data.Dataset:
    """Windows side by side of every clip, each once, with a gap that is the same each time."""
    pairs = window_pairs(data, data.window, replicas)

    def batches() -> Iterator[Batch]:
        rng = np.random.default_rng(FIXED)
        for pictures, _ in fixed_crops(data, pairs, batch_size):
            yield as_batch(pictures, random_gaps(rng, len(pictures), data.window, gaps), entry.mel.floor_db)

    return from_batches(batches, _signature(None, entry), -(-len(pairs) // batch_size))


def random_gaps(rng: np.random.Generator, count: int, frames: int, gaps: Gaps) -> np.ndarray:
    """Which frames are missing: float32 (count, frames), 1 in one run of frames of each row.

    Widths are even over the logarithm of their range: what a network can learn lies in narrow gaps, and even widths
    would leave most of the loss to the middle of wide ones, where little can be known. Places are even over those
    that leave `BESIDE` known frames on either side, or half of what is left in narrow pictures; a share of `AT_END`
    of the gaps lies at an end of the picture.
    """
    logarithms = rng.uniform(np.log(gaps.least), np.log(gaps.most + 1), size=count)
    widths = np.exp(logarithms).astype(int).clip(gaps.least, gaps.most)
    beside = np.minimum(BESIDE, (frames - widths) // 2)
    starts = rng.integers(beside, frames - widths - beside, endpoint=True)
    ends = rng.choice((0.0, 1.0), size=count) * (frames - widths)
    starts = np.where(rng.random(count) < AT_END, ends, starts).astype(int)
    index = np.arange(frames)
    return ((index >= starts[:, None]) & (index < (starts + widths)[:, None])).astype(np.float32)


def equalised(pictures: np.ndarray, rng: np.random.Generator, deviation_db: float, floor_db: float) -> np.ndarray:
    """Pictures with a smooth random curve over the bands added to each, as other microphones and rooms would.

    Args:
        pictures: float32 (batch, frames, mels) in dB.
        rng: draws the curve's height at `KNOTS` even places.
        deviation_db: of those heights; 0 changes nothing.
        floor_db: lowest value of the pictures.
    """
    if not deviation_db:
        return pictures
    bands = np.linspace(0, KNOTS - 1, pictures.shape[2])
    heights = rng.normal(0, deviation_db, (len(pictures), KNOTS))
    curves = np.stack([np.interp(bands, np.arange(KNOTS), row) for row in heights])
    # Silence stays silence: what lies at the floor was cut off there.
    silent = pictures <= floor_db
    return np.where(silent, pictures, np.maximum(pictures + curves[:, None, :], floor_db)).astype(np.float32)


def as_batch(pictures: np.ndarray, missing: np.ndarray, floor_db: float) -> Batch:
    """Pictures with gaps as the x and y of training.

    Args:
        pictures: float32 (batch, frames, mels) in dB.
        missing: float32 (batch, frames), 1 where a frame is missing.
        floor_db: what stands in missing frames of x, where no network may find what it has to fill in.

    Returns:
        {"picture", "missing"} for the network, and y float32 (batch, frames, mels + 1): the whole pictures, and
        `missing` as one more band, for losses and metrics to know the gap.
    """
    hidden = np.where(missing[..., None] > 0, np.float32(floor_db), pictures)
    return {"picture": hidden, "missing": missing}, np.concatenate([pictures, missing[..., None]], axis=-1)


def _signature(batch_size: int | None, entry: Entry) -> Any:
    frames, mels = entry.input_shape
    return (
        {
            "picture": tf.TensorSpec((batch_size, frames, mels), tf.float32),
            "missing": tf.TensorSpec((batch_size, frames), tf.float32),
        },
        tf.TensorSpec((batch_size, frames, mels + 1), tf.float32),
    )
