"""Going on where a picture ends: what x and y are, the metrics.

x is the log-mel picture of a window of a clip, in 0..1: 80 dB below the loudest value of all but its last 20 frames,
and that value; y is those last frames. The network sees them in training alone, to learn what a code may stand for.
Windows are drawn by (seed, epoch) alone, so that a resumed run sees those that the undisturbed one would have seen.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np

from fstmuse.data.cache import Cache
from fstmuse.data.clip import Clip
from fstmuse.data.dataset import Examples, fixed_crops, from_batches, random_crops, steps_per_epoch, window_pairs
from fstmuse.networks.catalogue import Entry
from fstmuse.networks.fillers import RANGE_DB
from fstmuse.networks.prednet import FUTURE
from fstmuse.quiet import load_tensorflow
from fstmuse.tasks import infill
from fstmuse.tasks.going_on_metrics import beyond

load_tensorflow()

import tensorflow as tf  # noqa: E402

CURVES = 3
"""Told apart from the draws of the crops by this number in the seed."""

Batch = tuple[np.ndarray, np.ndarray]


def examples(caches: Sequence[Cache], clips: Sequence[Clip], entry: Entry) -> Examples:
    """The clips of one split as examples, as `fstmuse.tasks.infill.examples`.

    The frames at a clip's end that reach beyond its sound, into zeros, are left out: they would teach
    that music fades away where a file ends.
    """
    found = infill.examples(caches, clips, entry)
    return dataclasses.replace(found, lengths=np.maximum(found.lengths - beyond(entry.mel), found.window))


def training_dataset(
    data: Examples, entry: Entry, equalise_db: float, *, batch_size: int, draws: int, seed: int, epoch: int
) -> tf.data.Dataset:
    """Endless batches that start at `epoch`; `draws` windows of each clip an epoch."""

    def batches() -> Iterator[Batch]:
        steps = steps_per_epoch(len(data.positions), batch_size, draws)
        crops = random_crops(data, batch_size, draws, seed, epoch)
        for now in itertools.count(epoch):
            rng = np.random.default_rng((seed, now, CURVES))
            for pictures, _ in itertools.islice(crops, steps):
                yield as_batch(infill.equalised(pictures, rng, equalise_db, entry.mel.floor_db))

    return from_batches(batches, _signature(batch_size, entry), tf.data.INFINITE_CARDINALITY)


def validation_dataset(data: Examples, entry: Entry, batch_size: int, replicas: int = 1) -> tf.data.Dataset:
    """Windows of every clip, each once; the frames to be predicted lie side by side."""
    pairs = window_pairs(data, FUTURE, replicas)

    def batches() -> Iterator[Batch]:
        for pictures, _ in fixed_crops(data, pairs, batch_size):
            yield as_batch(pictures)

    return from_batches(batches, _signature(None, entry), -(-len(pairs) // batch_size))


def as_batch(pictures: np.ndarray) -> Batch:
    """Pictures as the x and y of training.

    Args:
        pictures: float32 (batch, frames, mels) in dB.

    Returns:
        float32 (batch, frames, mels), 0..1 but where the last frames are louder than all before them; and its last
        frames, float32 (batch, 20, mels).
    """
    level = pictures[:, :-FUTURE].max(axis=(1, 2), keepdims=True)
    unit = np.maximum((pictures - level) / np.float32(RANGE_DB) + 1, 0)
    return unit, unit[:, -FUTURE:]


class MAE(keras.metrics.MeanAbsoluteError):
    """Mean absolute error of pictures in 0..1, in dB."""

    def __init__(self, name: str = "mae") -> None:
        super().__init__(name=name)

    def result(self) -> Any:
        """Over all batches."""
        return RANGE_DB * super().result()


class RMSE(keras.metrics.RootMeanSquaredError):
    """Root of the mean squared error of pictures in 0..1, in dB."""

    def __init__(self, name: str = "rmse") -> None:
        super().__init__(name=name)

    def result(self) -> Any:
        """Over all batches."""
        return RANGE_DB * super().result()


def metrics() -> list[keras.metrics.Metric]:
    """What is shown while training: errors of what a drawn code gives, in validation of the best guess."""
    return [MAE(), RMSE()]


def _signature(batch_size: int | None, entry: Entry) -> Any:
    frames, mels = entry.input_shape
    return (
        tf.TensorSpec((batch_size, frames, mels), tf.float32),
        tf.TensorSpec((batch_size, FUTURE, mels), tf.float32),
    )
