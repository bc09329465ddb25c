"""Single-label classification: what x and y are, the loss, the metrics.

x is the log-mel picture of a window of a clip, y the clip's label. In training the
windows are drawn at random; in validation they lie where prediction's do, to the nearest frame.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from fstmuse.data.cache import Cache
from fstmuse.data.clip import Clip
from fstmuse.data.dataset import Examples, as_dataset, fixed_crops, random_crops, window_pairs
from fstmuse.errors import DataError
from fstmuse.features.augment import Augmentation, augment
from fstmuse.networks.catalogue import Entry


def examples(cache: Cache, clips: Sequence[Clip], labels: Sequence[str], entry: Entry) -> Examples:
    """The clips of one split as examples; clips that the cache could not read are left out.

    Args:
        cache: log-mels of the clips.
        clips: of one split, each with exactly one of `labels`.
        labels: in the order of the network's outputs.
        entry: of the network.

    Raises:
        DataError: no clip is left, or a clip has not exactly one label.
    """
    readable = set(cache.ids)
    usable = [clip for clip in clips if clip.clip_id in readable]
    if not usable:
        raise DataError(f"None of {len(clips)} clips could be read. See bad_clips.csv in the run's folder for reasons.")
    positions = cache.positions(clip.clip_id for clip in usable)
    lengths = np.array([entry.mel.frames(int(samples)) for samples in np.asarray(cache.samples)[positions]])
    if entry.audio.pad == "zero":
        lengths[:] = cache.shape[0]  # silence after a clip's end is part of its picture
    return Examples(cache, positions, lengths, _one_hot(usable, labels), entry.input_shape[0])


def training_dataset(
    data: Examples, entry: Entry, how: Augmentation, *, batch_size: int, draws: int, seed: int, epoch: int
) -> tf.data.Dataset:
    """Endless augmented batches that start at `epoch`; `draws` windows of each clip an epoch."""
    return as_dataset(
        lambda: random_crops(data, batch_size, draws, seed, epoch),
        data,
        batch_size=batch_size,
        count=tf.data.INFINITE_CARDINALITY,
        transform=lambda pictures, targets: augment(pictures, targets, entry.mel, how),
    )


def validation_dataset(
    data: Examples, entry: Entry, hop_samples: int, batch_size: int, replicas: int = 1
) -> tf.data.Dataset:
    """Every window of every clip, once.

    With several replicas, which must get equal shares of each batch, the last windows
    that cannot be shared out are left out: fewer than `replicas`.
    """
    hop = min(max(1, hop_samples // entry.mel.hop_length), data.window)
    pairs = window_pairs(data, hop, replicas)
    count = -(-len(pairs) // batch_size)
    return as_dataset(lambda: fixed_crops(data, pairs, batch_size), data, batch_size=None, count=count)


def loss(label_smoothing: float) -> keras.losses.Loss:
    """Categorical cross-entropy on probabilities."""
    return keras.losses.CategoricalCrossentropy(label_smoothing=label_smoothing)


def metrics() -> list[keras.metrics.Metric]:
    """What is shown while training, over windows."""
    return [keras.metrics.CategoricalAccuracy(name="accuracy")]


def class_weights(targets: np.ndarray) -> dict[int, float]:
    """Weights inverse to the labels' frequencies, 1 on average over the examples."""
    counts = targets.sum(axis=0)
    return {label: float(len(targets) / (len(counts) * count)) for label, count in enumerate(counts)}


def _one_hot(clips: Sequence[Clip], labels: Sequence[str]) -> np.ndarray:
    columns = {label: column for column, label in enumerate(labels)}
    targets = np.zeros((len(clips), len(labels)), np.float32)
    for row, clip in enumerate(clips):
        own = [label for label in clip.labels if label in columns]
        if len(own) != 1:
            raise DataError(
                f"Clip {clip.clip_id} has the labels {list(clip.labels)}; classification needs exactly one of "
                f"{', '.join(labels)}. Choose disjoint labels by --labels, or a network that tags."
            )
        targets[row, columns[own[0]]] = 1.0
    return targets
