"""How a tier of a network that draws in turn is trained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from fstmuse.data.dataset import Examples
from fstmuse.networks.build import build_melnet
from fstmuse.networks.melnet import MelNet
from fstmuse.networks.melnet_lesson import joined, tier_lesson
from fstmuse.tasks import generate, likelihood
from fstmuse.tasks.likelihood_baselines import Baseline, baselines
from fstmuse.training.course import Shared
from fstmuse.training.optimizers import optimizer

_SCALED_BY = 512
"""Windows of the training clips."""

_AT_ONCE = 64


@dataclass(frozen=True)
class TierCourse(Shared):
    """The likelihood of a tier's elements.

    Args:
        tier: counted from 1.
    """

    tier: int

    def net(self) -> MelNet:
        """All tiers, with the scaling that suits the training clips: the same for each tier."""
        config = self.config
        options = {"components": config.components, "one_pass": config.one_pass, "remat": config.remat}
        net = build_melnet(config.network, self.train.targets.shape[1], **options)
        net.scaling.fit([generate.chosen_windows(self.train, _SCALED_BY, config.seed)["picture"]])
        return net

    def network(self) -> keras.Model:
        """The tier, from pictures to the NLL of its elements."""
        return tier_lesson(self.net(), self.tier, noisy=bool(self.noise))

    @property
    def noise(self) -> float:
        """Of the first tier alone: the others look ahead in what is known, which tells them nearly all."""
        return self.config.input_noise if self.tier == 1 else 0.0

    def aim(self, steps: int) -> dict[str, Any]:
        """The network adds its loss itself."""
        return {"optimizer": optimizer(self.config, steps)}

    def training(self, epoch: int) -> tf.data.Dataset:
        """Random windows."""
        config = self.config
        draws = {"draws": config.crops_per_clip, "seed": config.seed, "epoch": epoch}
        size = config.batch_size
        return likelihood.training_dataset(self.train, self.entry, self.noise, batch_size=size, **draws)

    def validation(self, replicas: int) -> tf.data.Dataset:
        """Windows side by side."""
        return likelihood.validation_dataset(self.valid, self.entry, self.noise, self.config.batch_size, replicas)

    def whole(self, lessons: dict[int, keras.Model]) -> keras.Model:
        """What users need of trained tiers: all of them as one network.

        Args:
            lessons: what `network` gives, trained, by tier.
        """
        net = self.net()
        for tier, lesson in lessons.items():
            net.tiers[tier - 1].set_weights(lesson.get_layer(f"tier{tier}").get_weights())
        return joined(net)

    def baselines(self) -> list[Baseline]:
        """Of the validation clips, see `fstmuse.tasks.likelihood_baselines.baselines`."""
        forth = self.net().scaling.forth

        def units(data: Examples) -> Iterator[np.ndarray]:
            return (np.asarray(forth(batch["picture"])) for batch in likelihood.windows(data, _AT_ONCE))

        return baselines(lambda: units(self.train), lambda: units(self.valid), self.entry.tiers)
