"""What differs between tasks when a network is trained; `fstmuse.training.fit` does what does not."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Protocol

import keras
import tensorflow as tf

from fstmuse.data.dataset import Examples
from fstmuse.features.augment import Augmentation
from fstmuse.networks.build import build, build_filler
from fstmuse.networks.catalogue import Entry, find
from fstmuse.networks.variational import OBJECTIVES, Objective
from fstmuse.tasks import classify, infill, infill_losses
from fstmuse.training.config import TrainConfig


class Course(Protocol):
    """A task with its data, as `fit` needs it."""

    def network(self) -> keras.Model:
        """A fresh, uncompiled network."""

    def aim(self) -> dict[str, Any]:
        """Loss and metrics, as `Model.compile` takes them; fresh, too."""

    def training(self, epoch: int) -> tf.data.Dataset:
        """Endless batches that begin with those of an epoch, counted from 0."""

    def validation(self, replicas: int) -> tf.data.Dataset:
        """The same batches each time, which as many devices can share."""

    def class_weight(self) -> dict[int, float] | None:
        """As `Model.fit` takes it."""


@dataclass(frozen=True)
class Classification:
    """One label of several for each clip.

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

    def network(self) -> keras.Model:
        """From pictures to probabilities of the labels."""
        return build(self.config.network, self.train.targets.shape[1])

    def aim(self) -> dict[str, Any]:
        """Cross-entropy; accuracy."""
        return {"loss": classify.loss(self.config.label_smoothing), "metrics": classify.metrics()}

    def training(self, epoch: int) -> tf.data.Dataset:
        """Random windows, augmented."""
        config = self.config
        how = Augmentation(config.gain_db, config.masks, config.freq_mask, config.time_mask, config.mixup)
        draws = {"draws": config.crops_per_clip, "seed": config.seed, "epoch": epoch}
        return classify.training_dataset(self.train, self.entry, how, batch_size=config.batch_size, **draws)

    def validation(self, replicas: int) -> tf.data.Dataset:
        """The windows that prediction hears."""
        hop = self.entry.audio.samples
        return classify.validation_dataset(self.valid, self.entry, hop, self.config.batch_size, replicas)

    def class_weight(self) -> dict[int, float] | None:
        """By the labels' frequencies, where that is asked for."""
        return classify.class_weights(self.train.targets) if self.config.class_weights else None


@dataclass(frozen=True)
class Infill:
    """Gaps in pictures; arguments as in `Classification`."""

    config: TrainConfig
    entry: Entry
    train: Examples
    valid: Examples

    @property
    def objective(self) -> str:
        """What the network is trained for."""
        return self.config.objective or self.entry.objectives[0]

    @property
    def variational(self) -> Objective:
        """The same, as a variational network needs it; without a meaning for others."""
        known = OBJECTIVES.get(self.objective, Objective())
        return dataclasses.replace(known, beta=self.config.beta, free_bits=self.config.free_bits)

    def network(self) -> keras.Model:
        """From pictures with gaps to pictures without."""
        return build_filler(self.config.network, self.variational)

    def aim(self) -> dict[str, Any]:
        """The objective's loss; errors in the gap, in dB."""
        return {
            "loss": infill_losses.loss(self.objective, self.variational),
            "metrics": infill_losses.metrics(),
        }

    def training(self, epoch: int) -> tf.data.Dataset:
        """Random windows with random gaps."""
        config = self.config
        draws = {"draws": config.crops_per_clip, "seed": config.seed, "epoch": epoch}
        return infill.training_dataset(self.train, self.entry, self._gaps(), batch_size=config.batch_size, **draws)

    def validation(self, replicas: int) -> tf.data.Dataset:
        """Windows side by side with gaps that stay."""
        return infill.validation_dataset(self.valid, self.entry, self._gaps(), self.config.batch_size, replicas)

    def class_weight(self) -> None:
        """There are no classes."""

    def _gaps(self) -> infill.Gaps:
        return infill.Gaps(self.config.gap_least, self.config.gap_most, self.config.equalise_db)


_COURSES: dict[str, type[Classification | Infill]] = {"classify": Classification, "infill": Infill}


def find_course(config: TrainConfig, train: Examples, valid: Examples) -> Course:
    """The course of the task that the network of `config` is for."""
    entry = find(config.network)
    return _COURSES[entry.task](config, entry, train, valid)
