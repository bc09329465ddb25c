"""Tagging: several labels a clip, or none. What y is, the loss, the metrics; `fstmuse.tasks.labelled` has the rest."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from fstmuse.data.cache import Cache
from fstmuse.data.clip import Clip
from fstmuse.data.dataset import Examples
from fstmuse.networks.catalogue import Entry
from fstmuse.tasks import labelled


def examples(cache: Cache, clips: Sequence[Clip], tags: Sequence[str], entry: Entry) -> Examples:
    """As `labelled.examples`, of clips with any number of `tags`.

    Raises:
        DataError: no clip is left.
    """
    return labelled.examples(cache, clips, tags, entry, multi_hot)


def multi_hot(clips: Sequence[Clip], tags: Sequence[str]) -> np.ndarray:
    """Which tags each clip has.

    Args:
        clips: with any number of tags; those that are not among `tags` do not count.
        tags: in the order of the network's outputs.

    Returns:
        float32 (clips, tags), 1 where a clip has the tag, else 0.
    """
    return np.array([[tag in clip.labels for tag in tags] for clip in clips], np.float32).reshape(-1, len(tags))


def loss(label_smoothing: float) -> keras.losses.Loss:
    """Binary cross-entropy on probabilities, the mean over tags."""
    return keras.losses.BinaryCrossentropy(label_smoothing=label_smoothing)


def metrics(valid: np.ndarray) -> list[keras.metrics.Metric]:
    """What is shown while training, over windows.

    Args:
        valid: float32 (clips, tags) of the validation clips. A tag that none of them has, or each, ranks nothing: it
            is left out of the mean, of training, too.
    """
    ranked = [float(0 < share < 1) for share in valid.mean(axis=0)]
    return [keras.metrics.AUC(multi_label=True, num_labels=len(ranked), label_weights=ranked, name="roc_auc")]
