"""What `fstmuse.training.fit_network` needs of a task, and what courses of all tasks have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import keras
import tensorflow as tf

from fstmuse.data.dataset import Examples
from fstmuse.networks.catalogue import Entry
from fstmuse.training.config import TrainConfig
from fstmuse.training.run import RunFolder
from fstmuse.watch import Watch


class Course(Protocol):
    """A task with its data, as `fit` needs it."""

    def network(self) -> keras.Model:
        """A fresh, uncompiled network."""

    def aim(self, steps: int) -> dict[str, Any]:
        """Optimiser, loss and metrics, as `Model.compile` takes them; fresh, too. `steps` are those of an epoch."""

    def training(self, epoch: int) -> tf.data.Dataset:
        """Endless batches that begin with those of an epoch, counted from 0."""

    def validation(self, replicas: int) -> tf.data.Dataset | None:
        """The same batches each time, which as many devices can share; None where `callbacks` measure."""

    def class_weight(self) -> dict[int, float] | None:
        """As `Model.fit` takes it."""

    def callbacks(self, run: RunFolder, watch: Watch) -> list[keras.callbacks.Callback]:
        """What else is to be done while `fit` trains, before the history is written."""

    def product(self, network: keras.Model) -> keras.Model:
        """What users need of a trained network."""

    @property
    def swaps(self) -> bool:
        """Whether the optimiser keeps an average of the weights, which takes their place in the end."""


@dataclass(frozen=True)
class Shared:
    """What courses have in common: all but that of a GAN train one network.

    Args:
        config: the settings.
        entry: of the network.
        train: what to learn from.
        valid: what to choose by.
    """

    config: TrainConfig
    entry: Entry
    train: Examples
    valid: Examples

    def class_weight(self) -> dict[int, float] | None:
        """There are no classes."""
        return None

    def callbacks(self, run: RunFolder, watch: Watch) -> list[keras.callbacks.Callback]:
        """None but the average, which takes the weights' place for the time of validation alone."""
        return [keras.callbacks.SwapEMAWeights()] if self.swaps else []

    def product(self, network: keras.Model) -> keras.Model:
        """All of it."""
        return network

    @property
    def swaps(self) -> bool:
        """Where an average is asked for."""
        return bool(self.config.ema)
