"""Weight normalisation (Salimans and Kingma, 2016, arXiv:1602.07868) around any layer with a kernel."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

_TINY = 1e-12


@keras.saving.register_keras_serializable(package="fstmuse")
class WeightNorm(layers.Wrapper):
    """Learns a kernel's directions and their lengths apart: the layer works with gain * kernel / |kernel|.

    There is one length for each index of the kernel's last axis: for each output of dense and convolutional layers, for
    each input of transposed ones, as PyTorch's `weight_norm` has it.

    Args:
        layer: a dense, convolutional or transposed convolutional layer without state.
        **options: of every Keras layer.
    """

    def __init__(self, layer: layers.Layer, **options: Any) -> None:
        super().__init__(layer, **({"name": layer.name} | options))

    def build(self, input_shape: Any) -> None:
        """Makes the layer, and gains that leave its kernel as it is."""
        super().build(input_shape)
        kernel = self.layer.kernel
        self.gain = self.add_weight(
            shape=(kernel.shape[-1],), initializer=lambda shape, dtype: ops.cast(_lengths(kernel), dtype), name="gain"
        )

    def call(self, x: Any) -> Any:
        """The layer, with the kernel of that length."""
        kernel = self.layer.kernel
        direction = ops.convert_to_tensor(kernel)
        kept = direction * (ops.cast(self.gain, direction.dtype) / _lengths(direction))
        # Within the scope variables are these values: what the kernel is made of gets the gradient.
        values = [
            (variable, kept if variable is kernel else ops.convert_to_tensor(variable))
            for variable in self.layer.variables
        ]
        with keras.StatelessScope(state_mapping=values, initialize_variables=False):
            return self.layer(x)

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """That of the layer."""
        return self.layer.compute_output_shape(input_shape)


def _lengths(kernel: Any) -> Any:
    kernel = ops.convert_to_tensor(kernel)
    axes = tuple(range(len(kernel.shape) - 1))
    return ops.sqrt(ops.sum(ops.square(kernel), axis=axes) + _TINY)
