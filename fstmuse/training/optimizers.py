"""The optimisers that a configuration asks for."""

from __future__ import annotations

from typing import Any

import keras

from fstmuse.training.config import TrainConfig

_FIRST, _LAST = ("stem",), ("correction", "deviation", "magnitude", "phase", "mean", "log_variance")
_OUTER = [rf"(^|/){name}" for name in (*_FIRST, *_LAST)]
"""Patterns of the paths of first and last layers, of all networks that have such names: parts of a network, such as an
encoder, have their own."""

GAN_BETAS = (0.0, 0.99)
"""Of Adam where gradients come from an opponent that moves: no momentum (Karras et al., 2018, arXiv:1710.10196)."""


def optimizer(config: TrainConfig, steps: int) -> keras.optimizers.Optimizer:
    """The optimiser of a network with one loss, which keeps its weights' average where that is asked for.

    Args:
        config: the settings.
        steps: in an epoch.
    """
    rate = _rate(config, config.learning_rate, steps)
    options: dict[str, Any] = {"use_ema": True, "ema_momentum": config.ema} if config.ema else {}
    if config.clip_norm:
        options["global_clipnorm"] = config.clip_norm
    if config.optimizer == "muon":
        # Muon is for matrices within a network; the first and last layers fare better with Adam (Jordan et al., 2024).
        outer = {"exclude_layers": _OUTER, "adam_lr_ratio": 0.1, "adam_weight_decay": 0.0}
        return keras.optimizers.Muon(rate, weight_decay=config.weight_decay, **outer, **options)
    if config.weight_decay:
        return keras.optimizers.AdamW(rate, weight_decay=config.weight_decay, **options)
    return keras.optimizers.Adam(rate, **options)


def gan_optimizers(config: TrainConfig, steps: int, *, faithful: bool) -> dict[str, keras.optimizers.Optimizer]:
    """Adam for the generator and Adam for the discriminator, by the names that `GanTrainer.compile` gives them.

    Args:
        config: the settings.
        steps: of the generator, in an epoch.
        faithful: with the momentum that Adam usually has, as the reports trained.
    """
    rates = {
        "optimizer": _rate(config, config.learning_rate, steps),
        "discriminator_optimizer": _rate(config, config.discriminator_rate, steps * config.discriminator_steps),
    }
    betas = {} if faithful else dict(zip(("beta_1", "beta_2"), GAN_BETAS, strict=True))
    return {name: keras.optimizers.Adam(rate, **betas) for name, rate in rates.items()}


def _rate(config: TrainConfig, peak: float, steps: int) -> float | keras.optimizers.schedules.LearningRateSchedule:
    if config.schedule == "constant":
        return peak
    warmup = min(config.warmup_epochs, config.epochs - 1) * steps
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=peak / 10 if warmup else peak,
        decay_steps=config.epochs * steps - warmup,
        alpha=0.01,
        warmup_target=peak if warmup else None,
        warmup_steps=warmup,
    )
