"""What variational autoencoders share: drawing a code, its KL divergence, and what they are trained for.

The divergence is added by the layer that draws the code (`add_loss`), so that a model
compiles and fits like any other, on every backend. Everything is counted in nats per value
of the picture: pictures of different sizes learn at like rates, and half precision does not overflow.

Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, arXiv:1312.6114; beta: Higgins et
al., 2017; free bits: Kingma et al., 2016, arXiv:1606.04934, appendix C.8.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
from keras import layers, ops

from fstmuse.errors import ConfigError, nearest

PACKAGE = "fstmuse"


@keras.saving.register_keras_serializable(PACKAGE)
class Sampling(layers.Layer):
    """Draws a code from N(mean, exp(log_variance)) and adds beta * KL(that || N(0, I)) to the model's losses.

    Takes two tensors float (batch, latent), mean and log-variance; gives float32 (batch, latent).

    Args:
        values: numbers in the picture that the code stands for; the divergence is divided by it.
        beta: weight of the divergence; 1 is the variational bound.
        free_bits: nats of each dimension, on average over the batch, that cost nothing: below this
            the divergence pushes no further, so that a code is not given up before it is learnt.
        at_rest: what is given outside of training: "mean", or "prior" for 0, the mean of N(0, I),
            where the code is drawn from what a user does not have.
        seed: of the draws; None: another one each time.
        **options: of every Keras layer.
    """

    def __init__(
        self,
        values: int,
        beta: float = 1.0,
        free_bits: float = 0.0,
        at_rest: str = "mean",
        seed: int | None = None,
        **options: Any,
    ) -> None:
        # float32 whatever the policy: exp of a log-variance overflows in half precision.
        super().__init__(**({"dtype": "float32"} | options))
        if at_rest not in ("mean", "prior"):
            raise ConfigError(f"Sampling: at_rest is '{at_rest}'. {nearest(at_rest, ('mean', 'prior'))}")
        self.values, self.beta, self.free_bits, self.at_rest, self.seed = values, beta, free_bits, at_rest, seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs: Sequence[keras.KerasTensor], training: bool | None = None) -> keras.KerasTensor:
        """The code: drawn in training, else as `at_rest` says."""
        mean, log_variance = inputs
        divergence = ops.mean((ops.exp(log_variance) + ops.square(mean) - 1 - log_variance) / 2, axis=0)  # (latent,)
        self.add_loss(self.beta / self.values * ops.sum(ops.maximum(divergence, self.free_bits)))
        if training:
            return mean + ops.exp(log_variance / 2) * keras.random.normal(ops.shape(mean), seed=self.seed_generator)
        return mean if self.at_rest == "mean" else ops.zeros_like(mean)

    def compute_output_shape(self, input_shape: Sequence[tuple[int | None, ...]]) -> tuple[int | None, ...]:
        """That of the mean."""
        return input_shape[0]

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        own = {name: getattr(self, name) for name in ("values", "beta", "free_bits", "at_rest", "seed")}
        return super().get_config() | own


@keras.saving.register_keras_serializable(PACKAGE)
class Reconstruction(keras.losses.Loss):
    """Negative log-likelihood of a picture under a normal distribution of fixed deviation, in nats per value.

    The constant term is left out: 0 is a perfect picture.

    Args:
        deviation: of the pictures' values around the network's, in their unit; 0.1 is 8 dB
            where 0..1 stands for 80 dB, about what a clip's frames deviate from its mean.
        **options: of every Keras loss.
    """

    def __init__(self, deviation: float = 0.1, name: str = "reconstruction", **options: Any) -> None:
        super().__init__(name=name, **options)
        self.deviation = deviation

    def call(self, y_true: keras.KerasTensor, y_pred: keras.KerasTensor) -> keras.KerasTensor:
        """(batch, frames) from pictures (batch, frames, mels)."""
        return ops.mean(ops.square((y_pred - y_true) / self.deviation), axis=-1) / 2

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return super().get_config() | {"deviation": self.deviation}


@dataclass(frozen=True)
class Objective:
    """What a variational autoencoder is trained for.

    Args:
        beta: weight of the KL divergence.
        free_bits: nats of each dimension of the code that cost nothing.
        deviation: of `Reconstruction`; None: the picture itself does not count.
    """

    beta: float = 1.0
    free_bits: float = 0.0
    deviation: float | None = 0.1

    def loss(self) -> keras.losses.Loss | None:
        """What `compile` takes as loss; the divergence comes from the model itself."""
        return None if self.deviation is None else Reconstruction(self.deviation)

    def sampling(self, values: int, **options: Any) -> Sampling:
        """The layer that draws the code of a picture of so many values."""
        return Sampling(values, self.beta, self.free_bits, **options)


OBJECTIVES = {"kl": Objective(deviation=None), "elbo": Objective(free_bits=0.1)}
"""By name. `kl` is the report's: without a picture in the loss the decoder gets no gradient and learns nothing."""


def find_objective(objective: str | Objective) -> Objective:
    """The objective of that name; an objective itself is passed through.

    Raises:
        ConfigError: there is none of that name.
    """
    if isinstance(objective, Objective):
        return objective
    if objective not in OBJECTIVES:
        raise ConfigError(f"Unknown objective '{objective}'. {nearest(objective, OBJECTIVES)}")
    return OBJECTIVES[objective]


def values_in(shape: Sequence[int]) -> int:
    """How many numbers a picture of that shape holds."""
    return math.prod(shape)
