"""What all tasks share whose networks give a probability for each label: what x is, and the batches.

x is a window of a clip, as log-mel picture or as sound, y what its task says of the clip. In training the windows are
drawn at random; in validation they lie where prediction's do, pictures to the nearest frame.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from fstmuse.data.cache import Cache
from fstmuse.data.clip import Clip
from fstmuse.data.dataset import Examples, as_dataset, fixed_crops, random_crops, window_pairs
from fstmuse.errors import DataError
from fstmuse.features.augment import Augmentation, augment
from fstmuse.networks.catalogue import Entry

Targets = Callable[[Sequence[Clip], Sequence[str]], np.ndarray]
"""From clips and labels to float32 (clips, labels)."""


def examples(cache: Cache, clips: Sequence[Clip], labels: Sequence[str], entry: Entry, targets: Targets) -> Examples:
    """The clips of one split as examples; clips that the cache could not read are left out.

    Args:
        cache: log-mels of the clips, or their waveforms where the network hears sound.
        clips: of one split.
        labels: in the order of the network's outputs.
        entry: of the network.
        targets: what the clips are.

    Raises:
        DataError: no clip is left, or `targets` refuses one.
    """
    readable = set(cache.ids)
    usable = [clip for clip in clips if clip.clip_id in readable]
    if not usable:
        raise DataError(f"None of {len(clips)} clips could be read. See bad_clips.csv in the run's folder for reasons.")
    positions = cache.positions(clip.clip_id for clip in usable)
    lengths = _lengths(np.asarray(cache.samples)[positions], cache.shape[0], entry)
    if entry.audio.pad == "zero":
        lengths[:] = cache.shape[0]  # silence after a clip's end is part of it
    return Examples(cache, positions, lengths, targets(usable, labels), entry.input_shape[0])


def _lengths(samples: np.ndarray, most: int, entry: Entry) -> np.ndarray:
    """How much of each row is sound, in its own steps."""
    if entry.hears_sound:
        return np.minimum(samples, most)
    return np.array([entry.mel.frames(int(count)) for count in samples])


def training_dataset(
    data: Examples, entry: Entry, how: Augmentation, *, batch_size: int, draws: int, seed: int, epoch: int
) -> tf.data.Dataset:
    """Endless augmented batches that start at `epoch`; `draws` windows of each clip an epoch."""
    return as_dataset(
        lambda: random_crops(data, batch_size, draws, seed, epoch),
        data,
        batch_size=batch_size,
        count=tf.data.INFINITE_CARDINALITY,
        transform=lambda inputs, targets: augment(inputs, targets, entry.mel, how),
    )


def validation_dataset(
    data: Examples, entry: Entry, hop_samples: int, batch_size: int, replicas: int = 1
) -> tf.data.Dataset:
    """Every window of every clip, once.

    With several replicas, which must get equal shares of each batch, the last windows
    that cannot be shared out are left out: fewer than `replicas`.
    """
    hop = hop_samples if entry.hears_sound else hop_samples // entry.mel.hop_length
    pairs = window_pairs(data, min(max(1, hop), data.window), replicas)
    count = -(-len(pairs) // batch_size)
    return as_dataset(lambda: fixed_crops(data, pairs, batch_size), data, batch_size=None, count=count)
