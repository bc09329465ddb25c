"""How a search trains shortly. Free of TensorFlow."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fstmuse.networks.catalogue import find
from fstmuse.training.config import TrainConfig

LEAST_EPOCHS, SHARE = 3, 0.25
"""Of a trial; and of a training's epochs."""


def trial_epochs(usual: int) -> int:
    """Epochs of a trial for a training of `usual` epochs."""
    return min(usual, max(LEAST_EPOCHS, round(SHARE * usual)))


@dataclass(frozen=True)
class Plan:
    """What trials have in common.

    Args:
        config: settings to search around.
        fixed: names of those that the user gave, which stay.
        epochs: of a trial.
        usual_epochs: of a whole training.
        clips: to learn from, in a trial.
        usual_clips: in a whole training.
        labels: in the order of the network's outputs.
    """

    config: TrainConfig
    fixed: frozenset[str]
    epochs: int
    usual_epochs: int
    clips: int
    usual_clips: int
    labels: tuple[str, ...] = ()

    def trial(self, chosen: Mapping[str, Any], seed: int) -> TrainConfig:
        """The settings of a short training.

        A moving average that looks back over a share of a training's steps looks back over the same share here: over
        as many steps it would still remember the first weights. Steps are not compiled by XLA, which takes longer than
        it spares in so few. Of networks that draw in turn the first tier alone is trained: it tells what is played.

        Args:
            chosen: what is searched.
            seed: of weights and crops.
        """
        short: dict[str, Any] = {"epochs": self.epochs, "patience": 0, "seed": seed}
        if find(self.config.network).in_turn:
            short["tier"] = 1
        if "jit_compile" not in self.fixed:
            short["jit_compile"] = False
        if self.config.ema and "ema" not in self.fixed:
            times = max(1.0, self.usual_clips * self.usual_epochs / (self.clips * self.epochs))
            short["ema"] = max(0.0, 1 - (1 - self.config.ema) * times)
        return dataclasses.replace(self.config, **(chosen | short))
