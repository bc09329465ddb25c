"""Courses of networks that give a probability for each label."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from fstmuse.features.augment import Augmentation
from fstmuse.networks.build import build
from fstmuse.tasks import classify, labelled, tag
from fstmuse.training.optimizers import optimizer
from fstmuse.training.shared_course import Shared


class Labelled(Shared):
    """A probability for each label: what classification and tagging have in common."""

    def network(self) -> keras.Model:
        """From pictures, or sound, to probabilities of the labels."""
        return build(self.config.network, self.train.targets.shape[1])

    def training(self, epoch: int) -> tf.data.Dataset:
        """Random windows, augmented."""
        config = self.config
        how = Augmentation(config.gain_db, config.masks, config.freq_mask, config.time_mask, config.mixup)
        draws = {"draws": config.crops_per_clip, "seed": config.seed, "epoch": epoch}
        return labelled.training_dataset(self.train, self.entry, how, batch_size=config.batch_size, **draws)

    def validation(self, replicas: int) -> tf.data.Dataset:
        """The windows that prediction hears."""
        hop = self.entry.audio.samples
        return labelled.validation_dataset(self.valid, self.entry, hop, self.config.batch_size, replicas)


class Classification(Labelled):
    """One label of several for each clip."""

    def aim(self, steps: int) -> dict[str, Any]:
        """Cross-entropy; accuracy."""
        loss = classify.loss(self.config.label_smoothing)
        return {"optimizer": optimizer(self.config, steps), "loss": loss, "metrics": classify.metrics()}

    def class_weight(self) -> dict[int, float] | None:
        """By the labels' frequencies, where that is asked for."""
        return classify.class_weights(self.train.targets) if self.config.class_weights else None


class Tagging(Labelled):
    """Several labels for each clip, or none."""

    def aim(self, steps: int) -> dict[str, Any]:
        """Binary cross-entropy; the mean of the tags' ROC-AUC."""
        loss = tag.loss(self.config.label_smoothing)
        return {"optimizer": optimizer(self.config, steps), "loss": loss, "metrics": tag.metrics(self.valid.targets)}
