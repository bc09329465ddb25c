"""What differs between tasks when a network is trained; `fstmuse.training.fit` does what does not."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Protocol

import keras
import tensorflow as tf

from fstmuse.data.dataset import Examples
from fstmuse.features.augment import Augmentation
from fstmuse.networks.build import build, build_filler, build_predictor, build_vocoder
from fstmuse.networks.catalogue import Entry, find
from fstmuse.networks.continuers import continuer
from fstmuse.networks.variational import OBJECTIVES, Objective
from fstmuse.tasks import classify, going_on, infill, infill_losses, vocode, vocode_losses
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

    def product(self, network: keras.Model) -> keras.Model:
        """What users need of a trained network."""


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

    def product(self, network: keras.Model) -> keras.Model:
        """All of it."""
        return network


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
        return _variational(self.config, self.objective)

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

    def product(self, network: keras.Model) -> keras.Model:
        """All of it."""
        return network

    def _gaps(self) -> infill.Gaps:
        return infill.Gaps(self.config.gap_least, self.config.gap_most, self.config.equalise_db)


@dataclass(frozen=True)
class Continue:
    """What comes after a picture; arguments as in `Classification`."""

    config: TrainConfig
    entry: Entry
    train: Examples
    valid: Examples

    @property
    def variational(self) -> Objective:
        """What the network is trained for."""
        return _variational(self.config, self.config.objective or self.entry.objectives[0])

    def network(self) -> keras.Model:
        """From pictures to their last frames."""
        return build_predictor(self.config.network, self.variational)

    def aim(self) -> dict[str, Any]:
        """The bound, of which the network adds the divergence itself; errors in dB."""
        return {"loss": self.variational.loss(), "metrics": going_on.metrics()}

    def training(self, epoch: int) -> tf.data.Dataset:
        """Random windows."""
        config = self.config
        draws = {"draws": config.crops_per_clip, "seed": config.seed, "epoch": epoch}
        size = config.batch_size
        return going_on.training_dataset(self.train, self.entry, config.equalise_db, batch_size=size, **draws)

    def validation(self, replicas: int) -> tf.data.Dataset:
        """All that comes after the first seconds of every clip."""
        return going_on.validation_dataset(self.valid, self.entry, self.config.batch_size, replicas)

    def class_weight(self) -> None:
        """There are no classes."""

    def product(self, network: keras.Model) -> keras.Model:
        """Without the encoder, which is of use in training alone; from pictures in dB."""
        return continuer(network)


@dataclass(frozen=True)
class Vocode:
    """Sound of pictures; arguments as in `Classification`."""

    config: TrainConfig
    entry: Entry
    train: Examples
    valid: Examples

    def network(self) -> keras.Model:
        """From pictures to sound."""
        return build_vocoder(self.config.network)

    def aim(self) -> dict[str, Any]:
        """Distances of spectra."""
        mel = self.entry.mel
        return {"loss": vocode_losses.SoundLoss(mel), "metrics": [vocode_losses.distance(mel)]}

    def training(self, epoch: int) -> tf.data.Dataset:
        """Random windows, louder and softer."""
        config = self.config
        draws = {"draws": config.crops_per_clip, "seed": config.seed, "epoch": epoch}
        return vocode.training_dataset(self.train, self.entry, config.gain_db, batch_size=config.batch_size, **draws)

    def validation(self, replicas: int) -> tf.data.Dataset:
        """Windows side by side."""
        return vocode.validation_dataset(self.valid, self.entry, self.config.batch_size, replicas)

    def class_weight(self) -> None:
        """There are no classes."""

    def product(self, network: keras.Model) -> keras.Model:
        """All of it."""
        return network


def _variational(config: TrainConfig, objective: str) -> Objective:
    known = OBJECTIVES.get(objective, Objective())
    return dataclasses.replace(known, beta=config.beta, free_bits=config.free_bits)


_COURSES: dict[str, type[Classification | Infill | Continue | Vocode]] = {
    "classify": Classification,
    "infill": Infill,
    "continue": Continue,
    "vocode": Vocode,
}


def find_course(config: TrainConfig, train: Examples, valid: Examples) -> Course:
    """The course of the task that the network of `config` is for."""
    entry = find(config.network)
    return _COURSES[entry.task](config, entry, train, valid)
