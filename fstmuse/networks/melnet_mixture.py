"""MelNet's output: for each element of a picture a mixture of normal distributions, its likelihood and its samples.

Mixtures are told by 3 K numbers: K means, K logarithms of deviations, K logits of weights.
"""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import layers, ops

LOG_DEVIATIONS = (-7.0, 2.0)
"""Bounds of the logarithms of deviations, for pictures in -1..1: without the lower one, the density of elements that
are all alike, such as silence at the floor, grows without end."""

_FIRST_LOG_DEVIATION = -1.0
_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)


@keras.saving.register_keras_serializable(package="fstmuse")
class GaussianMixtureHead(layers.Layer):
    """Features to mixtures; at first the same broad one everywhere, its means spread over -1..1.

    Input shape: float32 (..., dims). Output shape: float32 (..., 3 * components).

    Args:
        components: K, 1 or more.
        **options: of every Keras layer.
    """

    def __init__(self, components: int = 10, **options: Any) -> None:
        # float32 whatever the policy: losses are taken of it.
        super().__init__(**({"dtype": "float32"} | options))
        self.components = components

    def build(self, input_shape: Any) -> None:
        """Makes kernel and biases."""
        self.kernel = self.add_weight(
            shape=(input_shape[-1], 3 * self.components),
            initializer=keras.initializers.VarianceScaling(0.1),
            name="kernel",
        )
        self.bias = self.add_weight(shape=(3 * self.components,), initializer=_first_biases, name="bias")

    def call(self, x: Any) -> Any:
        """Mixtures."""
        means, log_deviations, logits = ops.split(ops.matmul(x, self.kernel) + self.bias, 3, axis=-1)
        return ops.concatenate([means, ops.clip(log_deviations, *LOG_DEVIATIONS), logits], axis=-1)

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """Mixtures in place of features."""
        return (*input_shape[:-1], 3 * self.components)

    def get_config(self) -> dict[str, Any]:
        """The argument."""
        return super().get_config() | {"components": self.components}


def _first_biases(shape: tuple[int, ...], dtype: Any = None) -> Any:
    components = shape[0] // 3
    means = np.linspace(-1, 1, components) if components > 1 else np.zeros(1)
    biases = np.concatenate([means, np.full(components, _FIRST_LOG_DEVIATION), np.zeros(components)])
    return ops.convert_to_tensor(biases, dtype)


def mixture_nll(picture: Any, mixtures: Any) -> Any:
    """Negative log-likelihood of each element.

    Args:
        picture: float32 (batch, frames, mels).
        mixtures: float32 (batch, frames, mels, 3 * components).

    Returns:
        float32 (batch, frames, mels) in nats, in the picture's units: in units twice as large it is ln 2 less.
    """
    means, log_deviations, logits = ops.split(mixtures, 3, axis=-1)
    away = (ops.expand_dims(picture, -1) - means) * ops.exp(-log_deviations)
    densities = -0.5 * ops.square(away) - log_deviations - _HALF_LOG_2PI
    return -ops.logsumexp(ops.log_softmax(logits, axis=-1) + densities, axis=-1)


def draw(mixtures: Any, uniform: Any, normal: Any, temperature: Any) -> Any:
    """One sample of each mixture.

    Args:
        mixtures: float32 (..., 3 * components).
        uniform: float32 (...) in 0..1, which decides on the component.
        normal: float32 (...), drawn from N(0, 1), which decides on the place within.
        temperature: above 0; 1 draws from the mixtures as they are. Deviations are multiplied by it, logits divided.

    Returns:
        float32 (...).
    """
    means, log_deviations, logits = ops.split(mixtures, 3, axis=-1)
    passed = ops.cumsum(ops.exp(ops.log_softmax(logits / temperature, axis=-1)), axis=-1)[..., :-1]
    component = ops.sum(ops.cast(ops.expand_dims(uniform, -1) > passed, "int32"), axis=-1)
    chosen = ops.one_hot(component, means.shape[-1], dtype=means.dtype)
    mean, log_deviation = ops.sum(chosen * means, axis=-1), ops.sum(chosen * log_deviations, axis=-1)
    return mean + temperature * ops.exp(log_deviation) * normal
