"""Losses and metrics of networks that fill gaps, in dB.

y_true is what `fstmuse.tasks.infill.as_batch` makes: (batch, frames, mels + 1), the picture in dB and, as its last
band, 1 where a frame is missing.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from fstmuse.networks.fillers import RANGE_DB
from fstmuse.networks.gapnet import Loudest
from fstmuse.networks.variational import Objective

SQUARED = 0.05
"""Weight of the mean squared error, dB^2, beside the mean absolute one, dB: about equal at the 5 dB that are usual."""


class GapError(keras.losses.Loss):
    """Mean absolute error in the gap, plus `SQUARED` times the mean squared one; all missing frames count alike.

    What lies more than 80 dB below the loudest known value counts as silence, as in `fstmuse.tasks.gap_metrics`.
    """

    def __init__(self) -> None:
        super().__init__(name="gap_error")
        self._loudest = Loudest()

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The mean over a batch, (1,): Keras shares no number of rank 0 out among devices."""
        picture, missing = y_true[..., :-1], y_true[..., -1]
        floor = self._loudest(picture, missing) - RANGE_DB
        difference = ops.maximum(y_pred, floor) - ops.maximum(picture, floor)
        by_frame = ops.mean(ops.abs(difference) + SQUARED * ops.square(difference), axis=-1)
        return ops.reshape(ops.sum(by_frame * missing) / ops.maximum(ops.sum(missing), 1.0), (1,))


class WholePicture(keras.losses.Loss):
    """A loss of whole pictures in 0..1, 80 dB below the loudest known value and that value, as the reports have it.

    Args:
        inner: of two float32 (batch, frames, mels) in 0..1.
    """

    def __init__(self, inner: keras.losses.Loss) -> None:
        super().__init__(name=f"whole_{inner.name}")
        self.inner = inner
        self._loudest = Loudest()

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """(batch, frames) or what the inner loss gives."""
        picture, missing = y_true[..., :-1], y_true[..., -1]
        level = self._loudest(picture, missing)
        unit = ops.clip((picture - level) / RANGE_DB + 1.0, 0.0, 1.0)
        return self.inner.call(unit, (y_pred - level) / RANGE_DB + 1.0)


class GapMAE(keras.metrics.Mean):
    """Mean absolute error in the gap, in dB."""

    def __init__(self, name: str = "mae") -> None:
        super().__init__(name=name)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch."""
        error = ops.mean(ops.abs(y_pred - y_true[..., :-1]), axis=-1)
        super().update_state(error, sample_weight=y_true[..., -1])


class GapRMSE(keras.metrics.Mean):
    """Root of the mean squared error in the gap, in dB."""

    def __init__(self, name: str = "rmse") -> None:
        super().__init__(name=name)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch."""
        error = ops.mean(ops.square(y_pred - y_true[..., :-1]), axis=-1)
        super().update_state(error, sample_weight=y_true[..., -1])

    def result(self) -> Any:
        """Over all batches."""
        return ops.sqrt(super().result())


def loss(objective: str, variational: Objective) -> keras.losses.Loss | None:
    """The loss of an objective.

    Args:
        objective: "gap", "mse", "elbo", or "kl", which looks at no picture: the network adds the divergence itself.
        variational: what the variational ones weigh.
    """
    if objective == "gap":
        return GapError()
    if objective == "mse":
        return WholePicture(keras.losses.MeanSquaredError())
    inner = variational.loss()
    return None if inner is None else WholePicture(inner)


def metrics() -> list[keras.metrics.Metric]:
    """What is shown while training, over windows, in the gap."""
    return [GapMAE(), GapRMSE()]
