"""toyGAN as in the first report: it draws 30 s at once, unlike each other only by 128 numbers.

Kept for comparison. 169 million of its weights are in the Dense layer that makes a small picture of the noise, and 37
million in the discriminator's last, where each ties one value to one moment.
"""

from __future__ import annotations

import keras
from keras import layers

from fstmuse.networks.gan import Gan
from fstmuse.networks.scaling import Scaling, unscaled

STYLE = 128
_SLOPE, _DROPOUT = 0.2, 0.4
_DOUBLED = 4
"""Two doublings."""


def toygan(
    input_shape: tuple[int, int],
    labels: int = 0,
    *,
    width: int = 128,
    judge_widths: tuple[int, ...] = (32, 64, 128, 256),
    scaling: Scaling | None = None,
) -> Gan:
    """The generator and the discriminator.

    Args:
        input_shape: frames and mel bands, in the report 1291 and 128; bands are a multiple of 4.
        labels: how many there are; the networks take none.
        width: channels of the generator.
        judge_widths: channels of the discriminator's convolutions.
        scaling: between pictures and the networks' units; None: pictures as they are, as in the report.

    Returns:
        A GAN whose generator takes "style" (batch, 128) and draws in 0..1, and whose discriminator gives probabilities
        of being drawn: the report calls real pictures 0 and drawn ones 1.
    """
    frames, mels = input_shape
    return Gan(_generator(frames, mels, width), _discriminator(input_shape, judge_widths), scaling or unscaled(mels))


def _generator(frames: int, mels: int, width: int) -> keras.Model:
    # === Functional model ===
    style = keras.Input((STYLE,), name="style")
    small = (-(-frames // _DOUBLED), mels // _DOUBLED, width)
    x = layers.Dense(small[0] * small[1] * small[2], name="start")(style)
    x = layers.LeakyReLU(_SLOPE, name="start_relu")(x)
    x = layers.Reshape(small, name="small")(x)
    for number, size in enumerate((5, 5, 4, 4), start=1):
        if number <= 2:
            x = layers.UpSampling2D(name=f"doubled{number}")(x)
        x = layers.Conv2D(width, size, padding="same", name=f"conv{number}")(x)
        x = layers.LeakyReLU(_SLOPE, name=f"relu{number}")(x)
    x = layers.Conv2D(1, 4, padding="same", activation="sigmoid", dtype="float32", name="drawn")(x)
    x = layers.Cropping2D(((0, x.shape[1] - frames), (0, 0)), name="trimmed")(x)
    return keras.Model({"style": style}, layers.Reshape((frames, mels), name="units")(x), name="generator")


def _discriminator(input_shape: tuple[int, int], widths: tuple[int, ...]) -> keras.Model:
    # === Functional model ===
    picture = keras.Input(input_shape, name="picture")
    x = layers.Reshape((*input_shape, 1), name="channel")(picture)
    for number, channels in enumerate(widths, start=1):
        x = layers.Conv2D(channels, 5, name=f"conv{number}")(x)
        x = layers.LeakyReLU(_SLOPE, name=f"relu{number}")(x)
        x = layers.Dropout(_DROPOUT, name=f"dropout{number}")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dropout(_DROPOUT, name="dropout")(x)
    drawn = layers.Dense(1, activation="sigmoid", dtype="float32", name="drawn")(x)
    return keras.Model({"picture": picture}, {"music": drawn}, name="discriminator")
