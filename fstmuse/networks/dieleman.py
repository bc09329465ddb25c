"""Dieleman and Schrauwen's tagger (2014), on raw sound and on mel spectrograms: convolutions over time alone.

After "End-to-end learning for music audio" (ICASSP 2014). Its first layer on raw sound is a bank of strided filters,
which learns what the mel spectrogram of the other network is given. How many filters there are, no source at hand
says; 128, the mel bands of the other, makes 107,870 weights for 3 s at 16 kHz (187 frames of 256 samples) and 50 tags.
"""

from __future__ import annotations

import keras
from keras import layers

from fstmuse.errors import ConfigError
from fstmuse.networks.tagging import require_counts, strided_frames, tagged, waveform

_FILTERS, _TAPS, _POOL, _HIDDEN = 32, 8, 4, 100


def dieleman(
    samples: int,
    outputs: int,
    length: int = 256,
    stride: int = 256,
    *,
    first_filters: int = 128,
    partial_pools: bool = False,
) -> keras.Model:
    """The network on raw sound.

    Args:
        samples: of one window; the paper's 3 s at 16 kHz are 48,000.
        outputs: number of tags.
        length: of the first filters, in samples; the paper's are 256, 512 and 1024.
        stride: of the first filters, in samples; the paper's are half the length and the length.
        first_filters: number of the first filters.
        partial_pools: whether an incomplete group of frames at the end is pooled, too, instead of left out. The
            paper's 1024 samples every 1024 leave nothing of 3 s otherwise.

    Returns:
        A model from float32 (batch, samples) in [-1, 1] to float32 (batch, outputs) in [0, 1].

    Raises:
        ConfigError: a size is below 1, the stride exceeds the length, or no frame is left after the second pooling.
    """
    frames = strided_frames("dieleman", samples, length, stride)
    require_counts("dieleman", outputs=outputs, first_filters=first_filters)
    _require_frames("dieleman", frames, partial_pools, "Take a longer window, a shorter stride or partial_pools.")

    # === Functional model ===
    sound, x = waveform(samples)
    x = layers.Conv1D(first_filters, length, strides=stride, activation="relu", name="filters")(x)
    return keras.Model(sound, _body(x, outputs, partial_pools), name="dieleman")


def dieleman_mel(input_shape: tuple[int, int], outputs: int, *, partial_pools: bool = False) -> keras.Model:
    """The network on mel spectrograms: bands are channels.

    Args:
        input_shape: frames and mel bands; the paper's 3 s are 187 frames of 256 samples and 128 bands.
        outputs: number of tags.
        partial_pools: whether an incomplete group of frames at the end is pooled, too, instead of left out.

    Returns:
        A model from float32 (batch, frames, mels) in dB to float32 (batch, outputs) in [0, 1]. Before its layers each
        band is brought to mean 0 and deviation 1, as far as moving statistics know: decibels are far from the range
        of the logarithms that the paper takes. This adds no weights that are trained: 74,974 for 128 bands, 187
        frames and 50 tags.

    Raises:
        ConfigError: a size is below 1, or no frame is left after the second pooling.
    """
    frames, mels = input_shape
    require_counts("dieleman-mel", frames=frames, mels=mels, outputs=outputs)
    _require_frames("dieleman-mel", frames, partial_pools, "Take a longer window, a shorter hop or partial_pools.")

    # === Functional model ===
    picture = keras.Input(input_shape, name="picture")
    x = layers.BatchNormalization(momentum=0.9, center=False, scale=False, name="equalise")(picture)
    return keras.Model(picture, _body(x, outputs, partial_pools), name="dieleman-mel")


def _body(x: keras.KerasTensor, outputs: int, partial_pools: bool) -> keras.KerasTensor:
    for number in (1, 2):
        x = layers.Conv1D(_FILTERS, _TAPS, activation="relu", name=f"conv{number}")(x)
        x = layers.MaxPooling1D(_POOL, padding="same" if partial_pools else "valid", name=f"pool{number}")(x)
    x = layers.Flatten(name="flatten")(x)
    return tagged(layers.Dense(_HIDDEN, activation="relu", name="dense")(x), outputs)


def _require_frames(network: str, frames: int, partial_pools: bool, remedy: str) -> None:
    left = frames
    for _ in range(2):
        left = max(0, left - _TAPS + 1)
        left = -(-left // _POOL) if partial_pools else left // _POOL
    if not left:
        fewest = 36 if partial_pools else 51
        raise ConfigError(f"{network}: received windows of {frames} frames; expected at least {fewest}. {remedy}")
