"""ReSE taggers: SampleCNN with residual and squeeze-and-excitation blocks, and features of several levels.

After Kim, Lee and Nam, "Sample-level CNN architectures for music auto-tagging using raw waveforms" (ICASSP 2018,
arXiv:1710.10451) and the authors' code (tae-jun/resemul). Squeeze and excitation weighs each channel by what all of
them are on average; here the layer between widens the channels `alpha` = 16 times, where others narrow them, and so
holds most of the weights. `rese2` with features of several levels, the paper's best, has 26,980,146 weights and 13,056
moving statistics for 50 tags; a cheap variant with alpha = 1/16 has 5,009,346.
"""

from __future__ import annotations

from dataclasses import dataclass

import keras
from keras import layers

from fstmuse.errors import ConfigError, nearest
from fstmuse.networks.tagging import normed_relu, require_counts, tagged, waveform

_MOMENTUM = 0.99
_POOL = 3
_LEVELS = 3


@dataclass(frozen=True)
class Block:
    """What a block is made of.

    Args:
        convolutions: in a row.
        residual: whether what comes in is added to what they say.
        excited: whether channels are weighed by squeeze and excitation.
    """

    convolutions: int
    residual: bool
    excited: bool


BLOCKS = {
    "basic": Block(1, residual=False, excited=False),
    "se": Block(1, residual=False, excited=True),
    "res1": Block(1, residual=True, excited=False),
    "res2": Block(2, residual=True, excited=False),
    "rese1": Block(1, residual=True, excited=True),
    "rese2": Block(2, residual=True, excited=True),
}
"""The paper's six kinds."""


def rese(
    samples: int,
    outputs: int,
    block: str = "rese2",
    multi: bool = True,
    *,
    alpha: float = 16.0,
    blocks: int = 9,
    filters: int = 128,
    block_dropout: float = 0.2,
    dropout: float = 0.5,
    momentum: float = _MOMENTUM,
) -> keras.Model:
    """One member of the family.

    Args:
        samples: of one window, at least 3 * 3^blocks; the paper's 59,049 are exactly this.
        outputs: number of tags.
        block: one of `BLOCKS`.
        multi: whether the last three blocks are heard by the last layers instead of the last one alone.
        alpha: hidden units of squeeze and excitation for each channel.
        blocks: each followed by a pool of 3.
        filters: of the first convolution; doubled by the third block and by the last.
        block_dropout: share that is left out in training between the two convolutions of a block.
        dropout: share that is left out in training before the last layer.
        momentum: of batch normalisation's moving statistics; with the paper's they need some hundred steps to settle.

    Returns:
        A model from float32 (batch, samples) in [-1, 1] to float32 (batch, outputs) in [0, 1].

    Raises:
        ConfigError: a size is below 1, there is no such block, several levels need more blocks, alpha leaves no
            hidden unit, or the window is too short.
    """
    _require(samples, outputs, block, multi, alpha, blocks, filters)

    # === Functional model ===
    sound, x = waveform(samples)
    x = layers.Conv1D(filters, _POOL, strides=_POOL, kernel_initializer="he_uniform", name="first_conv")(x)
    x = normed_relu(x, "first_", momentum)
    levels = []
    for number in range(1, blocks + 1):
        filters *= 2 if number in (3, blocks) else 1
        one = _residual if BLOCKS[block].residual else _plain
        x = one(x, filters, BLOCKS[block], alpha, block_dropout, momentum, f"block{number}_")
        levels.append(x)
    heard = [layers.GlobalMaxPooling1D(name=f"level{number}")(x) for number, x in _last(levels, multi)]
    x = layers.Concatenate(name="levels")(heard) if multi else heard[0]
    x = layers.Dense(x.shape[-1], name="dense")(x)
    x = normed_relu(x, "dense_", momentum)
    x = layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(sound, tagged(x, outputs), name=f"{block}-multi" if multi else block)


def _last(levels: list[keras.KerasTensor], multi: bool) -> list[tuple[int, keras.KerasTensor]]:
    return list(enumerate(levels, start=1))[-_LEVELS if multi else -1 :]


def _plain(
    x: keras.KerasTensor, filters: int, kind: Block, alpha: float, dropout: float, momentum: float, name: str
) -> keras.KerasTensor:
    """Pooled first, weighed then: the other way round than in residual blocks, as in the authors' code."""
    x = normed_relu(_conv(x, filters, f"{name}conv1"), name, momentum)
    x = layers.MaxPooling1D(_POOL, name=f"{name}pool")(x)
    return _excited(x, alpha, name) if kind.excited else x


def _residual(
    x: keras.KerasTensor, filters: int, kind: Block, alpha: float, dropout: float, momentum: float, name: str
) -> keras.KerasTensor:
    shortcut = x
    if x.shape[-1] != filters:
        shortcut = layers.Conv1D(filters, 1, name=f"{name}shortcut")(x)
        shortcut = layers.BatchNormalization(momentum=momentum, name=f"{name}shortcut_norm")(shortcut)
    if kind.convolutions == 2:
        x = normed_relu(_conv(x, filters, f"{name}conv1"), f"{name}conv1_", momentum)
        x = layers.Dropout(dropout, name=f"{name}dropout")(x)
    x = _conv(x, filters, f"{name}conv{kind.convolutions}")
    x = layers.BatchNormalization(momentum=momentum, name=f"{name}norm")(x)
    if kind.excited:
        x = _excited(x, alpha, name)
    x = layers.Add(name=f"{name}add")([shortcut, x])
    x = layers.ReLU(name=f"{name}relu")(x)
    return layers.MaxPooling1D(_POOL, name=f"{name}pool")(x)


def _conv(x: keras.KerasTensor, filters: int, name: str) -> keras.KerasTensor:
    return layers.Conv1D(filters, 3, padding="same", kernel_initializer="he_uniform", name=name)(x)


def _excited(x: keras.KerasTensor, alpha: float, name: str) -> keras.KerasTensor:
    channels = x.shape[-1]
    y = layers.GlobalAveragePooling1D(keepdims=True, name=f"{name}squeeze")(x)  # (batch, 1, channels)
    y = layers.Dense(int(channels * alpha), activation="relu", name=f"{name}excite1")(y)
    y = layers.Dense(channels, activation="sigmoid", name=f"{name}excite2")(y)
    return layers.Multiply(name=f"{name}scale")([x, y])


def _require(samples: int, outputs: int, block: str, multi: bool, alpha: float, blocks: int, filters: int) -> None:
    require_counts("rese", outputs=outputs, blocks=blocks, filters=filters)
    if block not in BLOCKS:
        raise ConfigError(f"rese: there is no block '{block}'. {nearest(block, BLOCKS)}")
    if multi and blocks < _LEVELS:
        raise ConfigError(
            f"rese: received {blocks} blocks; features of several levels need {_LEVELS}. Add blocks or "
            "take multi=False."
        )
    if BLOCKS[block].excited and int(filters * alpha) < 1:
        raise ConfigError(
            f"rese: received alpha={alpha}, which leaves {filters} channels no hidden unit; "
            f"expected at least 1/{filters}."
        )
    fewest = _POOL ** (blocks + 1)
    if samples < fewest:
        raise ConfigError(
            f"rese: received windows of {samples} samples; {blocks} blocks pool at least {fewest} = 3^{blocks + 1} "
            "samples to one frame. Take longer windows or fewer blocks."
        )
