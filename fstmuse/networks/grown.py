"""What pictures that grow need, in forms that are quick on CPUs."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable(package="fstmuse")
class GrownConv2D(layers.Conv2D):
    """Grows a picture by nearest neighbours and convolves it by 3 x 3 taps, at less than half the price.

    Taps that fall on copies of one value are summed up first: the transposed convolution of 4 taps and stride 2 that is
    left does the same, with 4 products for each output instead of 9, and no grown picture is kept for the gradients.
    Weights are those of `Conv2D` behind `UpSampling2D`.

    Input shape: float32 (batch, frames, bands, channels). Output shape: (batch, times[0] * frames, times[1] * bands,
    filters).

    Args:
        filters: channels of what is given.
        times: 1 or 2, how many times as many frames and bands.
        **options: of every Keras layer.
    """

    def __init__(self, filters: int, times: tuple[int, int], **options: Any) -> None:
        super().__init__(filters, 3, **({"padding": "same", "use_bias": False} | options))
        self.times = tuple(times)

    def call(self, x: Any) -> Any:
        """Grows and convolves."""
        kernel = ops.convert_to_tensor(self.kernel)
        for axis, times in enumerate(self.times):
            if times == 2:
                kernel = ops.pad(kernel, _beside(axis, (0, 1))) + ops.pad(kernel, _beside(axis, (1, 0)))
        kernel = ops.transpose(ops.flip(kernel, axis=(0, 1)), (0, 1, 3, 2))
        return ops.conv_transpose(x, kernel, strides=self.times, padding="same")

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """Grown, with other channels."""
        batch, *places, _ = input_shape
        grown = (None if size is None else size * by for size, by in zip(places, self.times, strict=True))
        return (batch, *grown, self.filters)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        options = super().get_config()
        del options["kernel_size"]
        return options | {"times": self.times}


def _beside(axis: int, widths: tuple[int, int]) -> list[tuple[int, int]]:
    return [widths if number == axis else (0, 0) for number in range(4)]


@keras.saving.register_keras_serializable(package="fstmuse")
class Trimmed(layers.Layer):
    """Leaves out the first and the last frames; the gradient of `keras.layers.Cropping2D` takes long on CPUs.

    Input shape: float32 (batch, frames, bands, channels). Output shape: (batch, frames - 2 * ends, bands, channels).

    Args:
        ends: frames that are left out at each end.
        **options: of every Keras layer.
    """

    def __init__(self, ends: int, **options: Any) -> None:
        super().__init__(**options)
        self.ends = ends

    def call(self, x: Any) -> Any:
        """Slices."""
        batch, frames, *others = ops.shape(x)
        return ops.slice(x, (0, self.ends, 0, 0), (batch, frames - 2 * self.ends, *others))

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """Fewer frames."""
        batch, frames, *others = input_shape
        return batch, None if frames is None else frames - 2 * self.ends, *others

    def get_config(self) -> dict[str, Any]:
        """The argument."""
        return super().get_config() | {"ends": self.ends}
