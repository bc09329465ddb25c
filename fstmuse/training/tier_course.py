"""How a tier of a network that draws in turn is trained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from fstmuse.data.dataset import Examples
from fstmuse.errors import ConfigError
from fstmuse.networks.build import build_melnet
from fstmuse.networks.melnet import MelNet
from fstmuse.networks.melnet_lesson import joined, tier_lesson
from fstmuse.networks.scaling import Scaling, standardised
from fstmuse.tasks import generate, likelihood
from fstmuse.tasks.likelihood_baselines import Baseline, baselines
from fstmuse.training.config import TrainConfig
from fstmuse.training.course import Shared
from fstmuse.training.optimizers import optimizer

_SCALED_BY = 512
"""Windows of the training clips."""

_AT_ONCE = 64


def fitted(config: TrainConfig, train: Examples) -> Scaling:
    """The scaling that suits the training clips, one for all tiers."""
    pictures = generate.chosen_windows(train, _SCALED_BY, config.seed)["picture"]
    scaling = standardised(pictures.shape[-1])
    scaling.fit([pictures])
    return scaling


@dataclass(frozen=True)
class TierCourse(Shared):
    """The likelihood of a tier's elements.

    Args:
        tier: counted from 1.
        units: what `fitted` gives.
    """

    tier: int
    units: Scaling

    def net(self) -> MelNet:
        """All tiers, scaled by `units`."""
        config = self.config
        options = {"components": config.components, "one_pass": config.one_pass, "remat": config.remat}
        net = build_melnet(config.network, self.train.targets.shape[1], **options)
        net.scaling.take(self.units.forth)
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

        Raises:
            ConfigError: the tiers were not trained in one unit.
        """
        net = self.net()
        net.scaling.take(lessons[1].get_layer("standardise"))
        for tier, lesson in lessons.items():
            theirs, ours = (layer.get_weights() for layer in (lesson.get_layer("standardise"), net.scaling.forth))
            if not all(map(np.allclose, theirs, ours)):
                raise ConfigError(
                    f"Tier {tier} was trained on other clips than tier 1: some could not be read then, or now. Train "
                    f"it again: --tier {tier} --fresh."
                )
            net.tiers[tier - 1].set_weights(lesson.get_layer(f"tier{tier}").get_weights())
        return joined(net)

    def baselines(self) -> list[Baseline]:
        """Of the validation clips, see `fstmuse.tasks.likelihood_baselines.baselines`."""

        def units(data: Examples) -> Iterator[np.ndarray]:
            return (np.asarray(self.units.forth(batch["picture"])) for batch in likelihood.windows(data, _AT_ONCE))

        return baselines(units(self.train), units(self.valid), self.entry.tiers)
