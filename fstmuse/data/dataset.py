"""From a cache to tf.data: seeded crops of rows in batches of fixed shape.

Crops are cut by NumPy from memory-mapped rows, a whole batch a call; everything after
that (augmentation) runs in the tf.data graph. The crops of an epoch follow from (seed,
epoch) alone, so that a resumed run sees those that the undisturbed one would have seen.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from fstmuse.audio.windows import window_starts
from fstmuse.data.cache_reader import Cache
from fstmuse.data.stored import as_float
from fstmuse.quiet import load_tensorflow

load_tensorflow()

import tensorflow as tf  # noqa: E402


class Rows(Protocol):
    """What is needed of a cache: rows by position, time first."""

    def row(self, position: int) -> np.ndarray:
        """One row, (time, ...)."""


@dataclass(frozen=True)
class Examples:
    """Rows to learn from and what they are.

    Args:
        rows: where they are read.
        positions: int (examples,), which rows.
        lengths: int (examples,), how much of each row is sound and not padding, in steps of time.
        targets: float32 (examples, labels).
        window: steps of time that the network takes at once; no row is shorter.
    """

    rows: Rows
    positions: np.ndarray
    lengths: np.ndarray
    targets: np.ndarray
    window: int

    def crop(self, example: int, start: int) -> np.ndarray:
        """`window` steps of an example from `start` on."""
        return self.rows.row(int(self.positions[example]))[start : start + self.window]


class Joined:
    """Rows of several caches as those of one, one cache behind the other.

    Args:
        caches: of rows of one kind; their lengths may differ.
    """

    def __init__(self, caches: Sequence[Cache]) -> None:
        self._caches = caches
        self.firsts = np.cumsum([0, *map(len, caches)])

    def row(self, position: int) -> np.ndarray:
        """One row of one of them."""
        number = int(np.searchsorted(self.firsts, position, side="right")) - 1
        return self._caches[number].row(position - int(self.firsts[number]))


Batch = tuple[np.ndarray, np.ndarray]


def random_crops(examples: Examples, batch_size: int, draws: int, seed: int, first_epoch: int = 0) -> Iterator[Batch]:
    """Endless training batches: every example `draws` times an epoch, cut at random.

    Args:
        examples: what to draw from.
        batch_size: crops in a batch; an epoch's last batch is filled up from its beginning.
        draws: crops of each example an epoch.
        seed: of the draws.
        first_epoch: the epoch to begin with, for resumed runs.

    Yields:
        Crops (batch_size, window, ...) and targets (batch_size, labels).
    """
    steps = steps_per_epoch(len(examples.positions), batch_size, draws)
    for epoch in itertools.count(first_epoch):
        rng = np.random.default_rng((seed, epoch))
        order = np.concatenate([rng.permutation(len(examples.positions)) for _ in range(draws)])
        order = np.resize(order, steps * batch_size)
        room = np.maximum(examples.lengths[order] - examples.window, 0)
        starts = rng.integers(0, room, endpoint=True)
        for first in range(0, len(order), batch_size):
            chosen = order[first : first + batch_size]
            crops = [examples.crop(*pair) for pair in zip(chosen, starts[first : first + batch_size], strict=True)]
            yield as_float(np.stack(crops)), examples.targets[chosen]


def steps_per_epoch(n_examples: int, batch_size: int, draws: int) -> int:
    """Batches in an epoch of `random_crops`."""
    return -(-n_examples * draws // batch_size)


def window_pairs(examples: Examples, hop: int, replicas: int = 1) -> list[tuple[int, int]]:
    """Where the windows of every example begin, as (example, start).

    Args:
        examples: to cut.
        hop: steps of time between the starts of two windows.
        replicas: devices that must get equal shares: the last windows that cannot be shared out are left out.
    """
    lengths = map(int, examples.lengths)
    pairs = [(example, start) for example, n in enumerate(lengths) for start in window_starts(n, examples.window, hop)]
    return pairs[: len(pairs) - len(pairs) % replicas]


def fixed_crops(examples: Examples, pairs: Sequence[tuple[int, int]], batch_size: int) -> Iterator[Batch]:
    """The windows (example, start), in order, once; the last batch may be smaller."""
    for first in range(0, len(pairs), batch_size):
        chosen = pairs[first : first + batch_size]
        crops = as_float(np.stack([examples.crop(*pair) for pair in chosen]))
        yield crops, examples.targets[[example for example, _ in chosen]]


def as_dataset(
    batches: Callable[[], Iterator[Batch]],
    examples: Examples,
    *,
    batch_size: int | None,
    count: int,
    transform: Callable[[tf.Tensor, tf.Tensor], Batch] | None = None,
) -> tf.data.Dataset:
    """Wraps batches of NumPy arrays as a prefetching `tf.data.Dataset` with static shapes.

    Args:
        batches: makes the iterator anew for each pass.
        examples: what the batches are cut from, for shapes.
        batch_size: size of every batch; None when the last one may be smaller.
        count: batches in a pass, or `tf.data.INFINITE_CARDINALITY`.
        transform: augmentation of a batch, in the graph.

    Returns:
        Dataset of float32 inputs (batch, window, ...) and float32 targets (batch, labels).
    """
    signature = (
        tf.TensorSpec((batch_size, *examples.crop(0, 0).shape), tf.float32),
        tf.TensorSpec((batch_size, *examples.targets.shape[1:]), tf.float32),
    )
    return from_batches(batches, signature, count, transform)


def from_batches(
    batches: Callable[[], Iterator[Any]],
    signature: Any,
    count: int,
    transform: Callable[..., Any] | None = None,
) -> tf.data.Dataset:
    """Wraps batches of any structure as a prefetching `tf.data.Dataset`.

    Args:
        batches: makes the iterator anew for each pass.
        signature: `tf.TensorSpec`s in the structure of a batch.
        count: batches in a pass, or `tf.data.INFINITE_CARDINALITY`.
        transform: augmentation of a batch, in the graph.
    """
    dataset = tf.data.Dataset.from_generator(batches, output_signature=signature)
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(count))
    if transform is not None:
        # One call at a time keeps the stateful random draws in order; prefetching hides their cost from training.
        dataset = dataset.map(transform)
    options = tf.data.Options()
    # A generator cannot be split among replicas; each takes its part of every batch instead.
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    return dataset.prefetch(4).with_options(options)
