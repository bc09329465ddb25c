"""The likelihood of music under networks that draw it element by element: what they learn from and are measured on.

All is told in nats per element, of pictures in the network's units: each band standardised and cut off at -1 and 1, see
`fstmuse.networks.scaling`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from fstmuse.data.dataset import (
    Examples,
    fixed_crops,
    from_batches,
    random_crops,
    steps_per_epoch,
    window_pairs,
)
from fstmuse.networks.catalogue import Entry
from fstmuse.quiet import load_tensorflow
from fstmuse.tasks.generate import Batch, as_batch

load_tensorflow()

import tensorflow as tf  # noqa: E402

NOISE = 6
"""Tells the draws of noise from those of the crops in the seed."""


def windows(data: Examples, batch_size: int) -> Iterator[Batch]:
    """Windows side by side of every clip, the last one at its end, as `fstmuse.tasks.generate.as_batch` has them."""
    for pictures, targets in fixed_crops(data, window_pairs(data, data.window), batch_size):
        yield as_batch(pictures, targets)


def training_dataset(
    data: Examples, entry: Entry, noise: float, *, batch_size: int, draws: int, seed: int, epoch: int
) -> tf.data.Dataset:
    """Endless batches that start at `epoch`; `draws` windows of each clip an epoch.

    Args:
        data: to learn from.
        entry: of the network.
        noise: each window has noise beside it, of a deviation drawn evenly from 0 to this; 0: no window has any.
        batch_size: windows in a batch.
        draws: windows of each clip in an epoch.
        seed: of windows and noise.
        epoch: counted from 0.
    """

    def batches() -> Iterator[Batch]:
        steps = steps_per_epoch(len(data.positions), batch_size, draws)
        crops = random_crops(data, batch_size, draws, seed, epoch)
        for now in itertools.count(epoch):
            rng = np.random.default_rng((seed, now, NOISE))
            for pictures, targets in itertools.islice(crops, steps):
                yield as_batch(pictures, targets) | _noise(pictures, noise, rng)

    return from_batches(batches, _signature(batch_size, data, entry, noise), tf.data.INFINITE_CARDINALITY)


def validation_dataset(
    data: Examples, entry: Entry, noise: float, batch_size: int, replicas: int = 1
) -> tf.data.Dataset:
    """`windows` as often as a multiple of `replicas` needs; where training has noise, there is none of it here."""
    pairs = window_pairs(data, data.window, replicas)

    def batches() -> Iterator[Batch]:
        for pictures, targets in fixed_crops(data, pairs, batch_size):
            silent = {"noise": np.zeros_like(pictures, np.float32)} if noise else {}
            yield as_batch(pictures, targets) | silent

    return from_batches(batches, _signature(None, data, entry, noise), -(-len(pairs) // batch_size))


def _noise(pictures: np.ndarray, most: float, rng: np.random.Generator) -> Batch:
    if not most:
        return {}
    deviations = rng.uniform(0, most, (len(pictures), 1, 1)).astype(np.float32)
    return {"noise": deviations * rng.standard_normal(pictures.shape, np.float32)}


def _signature(batch_size: int | None, data: Examples, entry: Entry, noise: float) -> dict[str, tf.TensorSpec]:
    picture = tf.TensorSpec((batch_size, *entry.input_shape), tf.float32)
    label = {"label": tf.TensorSpec((batch_size,), tf.int32)} if data.targets.shape[1] else {}
    return {"picture": picture} | label | ({"noise": picture} if noise else {})
