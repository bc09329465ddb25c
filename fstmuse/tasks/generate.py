"""Making music from noise: what real pictures are, how they are drawn, and what is known of them beforehand.

x is the log-mel picture of a window of a clip, with the number of the clip's label where there are two or more; there
is no y. Windows are drawn at random, by (seed, epoch) alone, so that a resumed run sees those that the undisturbed one
would have seen.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np

from fstmuse.data.cache import Cache
from fstmuse.data.clip import Clip
from fstmuse.data.dataset import Examples, fixed_crops, from_batches, random_crops, window_pairs
from fstmuse.networks.catalogue import Entry
from fstmuse.quiet import load_tensorflow
from fstmuse.tasks import classify, infill
from fstmuse.tasks.going_on_metrics import beyond

load_tensorflow()

import tensorflow as tf  # noqa: E402

CHOSEN = 5
"""Told apart from the draws of the crops by this number in the seed."""

Batch = dict[str, np.ndarray]


def examples(cache: Cache, clips: Sequence[Clip], labels: Sequence[str], entry: Entry) -> Examples:
    """The clips of one split as examples; clips that the cache could not read are left out.

    The frames at a clip's end that reach beyond its sound, into zeros, are left out: music does not end there.

    Args:
        cache: pictures of the clips.
        clips: of one split, each with exactly one of `labels` where there are labels.
        labels: in the order of their numbers; none where music is learnt as one kind.
        entry: of the network.

    Raises:
        DataError: no clip is left, or a clip has not exactly one label.
    """
    found = classify.examples(cache, clips, labels, entry) if labels else infill.examples([cache], clips, entry)
    return dataclasses.replace(found, lengths=np.maximum(found.lengths - beyond(entry.mel), found.window))


def training_dataset(
    data: Examples, entry: Entry, *, batch_size: int, draws: int, seed: int, epoch: int
) -> tf.data.Dataset:
    """Endless batches that start at `epoch`; `draws` windows of each clip an epoch."""

    def batches() -> Iterator[Batch]:
        for pictures, targets in random_crops(data, batch_size, draws, seed, epoch):
            yield as_batch(pictures, targets)

    frames, mels = entry.input_shape
    signature = {"picture": tf.TensorSpec((batch_size, frames, mels), tf.float32)}
    if data.targets.shape[1]:
        signature["label"] = tf.TensorSpec((batch_size,), tf.int32)
    return from_batches(batches, signature, tf.data.INFINITE_CARDINALITY)


def as_batch(pictures: np.ndarray, targets: np.ndarray) -> Batch:
    """The x of training.

    Args:
        pictures: float32 (batch, frames, mels).
        targets: float32 (batch, labels), one-hot; of no labels, nothing is said of them.
    """
    label = {"label": targets.argmax(axis=1).astype(np.int32)} if targets.shape[1] else {}
    return {"picture": pictures, **label}


def chosen_windows(data: Examples, count: int, seed: int) -> Batch:
    """Windows of as many clips as there are, the same each time: a batch.

    Args:
        data: to choose from.
        count: windows, or fewer where there are no more.
        seed: of the choice.
    """
    pairs = window_pairs(data, max(1, data.window // 2))
    picked = np.random.default_rng((seed, CHOSEN)).permutation(len(pairs))[:count]
    pictures, targets = next(fixed_crops(data, [pairs[one] for one in picked], count))
    return as_batch(pictures, targets)
