"""Single-label classification: what y is, the loss, the metrics. `fstmuse.tasks.labelled` makes the batches."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from fstmuse.data.cache import Cache
from fstmuse.data.clip import Clip
from fstmuse.data.dataset import Examples
from fstmuse.errors import DataError
from fstmuse.networks.catalogue import Entry
from fstmuse.tasks import labelled


def examples(cache: Cache, clips: Sequence[Clip], labels: Sequence[str], entry: Entry) -> Examples:
    """As `labelled.examples`, of clips that have exactly one of `labels` each.

    Raises:
        DataError: no clip is left, or a clip has not exactly one label.
    """
    return labelled.examples(cache, clips, labels, entry, _one_hot)


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
