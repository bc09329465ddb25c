"""SampleCNN: a tagger whose filters see two to five samples of raw sound, and that is as deep as this needs.

After Lee, Park, Kim and Nam, "Sample-level deep convolutional neural networks for music auto-tagging using raw
waveforms" (2017, arXiv:1703.01789) and the authors' code. A member m^n of the family pools n times by m what a first
convolution of length and stride m has made of m * m^n samples. 3^9 hears 59,049 samples, 2.7 s at 22,050 Hz, with
1,869,874 weights and 5,888 moving statistics for 50 tags.
"""

from __future__ import annotations

import keras
from keras import layers

from fstmuse.errors import ConfigError
from fstmuse.networks.tagging import normed_relu, require_counts, tagged, waveform

_MOMENTUM = 0.99


def samplecnn(
    samples: int,
    outputs: int,
    m: int = 3,
    n: int = 9,
    *,
    first: int | None = None,
    filters: int = 128,
    dropout: float = 0.5,
    momentum: float = _MOMENTUM,
) -> keras.Model:
    """One member of the family.

    Args:
        samples: of one window: `first` * m^n.
        outputs: number of tags.
        m: length of the filters and of the pools.
        n: convolutions that are followed by a pool.
        first: length and stride of the first convolution, in samples; None: m. The paper compares networks that
            hear the same window with fewer pools and a longer first convolution, up to 3^4 with 729 samples.
        filters: of the first three convolutions; those behind have twice as many, the last two four times.
        dropout: share of the features that is left out in training.
        momentum: of batch normalisation's moving statistics; with the paper's they need some hundred steps to settle.

    Returns:
        A model from float32 (batch, samples) in [-1, 1] to float32 (batch, outputs) in [0, 1].

    Raises:
        ConfigError: a size is below 1, m is 1, or the window is of another length than m^n takes.
    """
    first = m if first is None else first
    require_counts("samplecnn", outputs=outputs, n=n, first=first, filters=filters)
    if m < 2:
        raise ConfigError(f"samplecnn: received m={m}, which pools nothing; expected at least 2.")
    if samples != first * m**n:
        raise ConfigError(
            f"samplecnn: received windows of {samples} samples; {m}^{n} behind a first convolution of {first} expects "
            f"{first * m**n}."
        )

    # === Functional model ===
    sound, x = waveform(samples)
    x = _conv(x, filters, first, "first_", momentum, strides=first)
    for number in range(1, n + 1):
        times = 4 if number == n else 1 if number < 3 else 2
        x = _conv(x, times * filters, m, f"block{number}_", momentum)
        x = layers.MaxPooling1D(m, name=f"block{number}_pool")(x)
    x = _conv(x, 4 * filters, 1, "last_", momentum)
    x = layers.Dropout(dropout, name="dropout")(x)
    x = layers.Flatten(name="flatten")(x)  # of one frame
    return keras.Model(sound, tagged(x, outputs), name="samplecnn")


def _conv(
    x: keras.KerasTensor, filters: int, length: int, name: str, momentum: float, strides: int = 1
) -> keras.KerasTensor:
    conv = layers.Conv1D(
        filters, length, strides=strides, padding="same", kernel_initializer="he_uniform", name=f"{name}conv"
    )
    return normed_relu(conv(x), name, momentum)
