"""MelNet's tiers: a picture in parts, each of which doubles what is known of it, along time and frequency in turn.

The coarsest part is drawn first. Each further one has the shape of what is known by then, and the two interleave. Of
four tiers of (frames, mels) the first and the second have a quarter of the frames and half of the bands, the third half
of the frames and half of the bands, the fourth half of the frames and all bands.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from keras import ops

from fstmuse.errors import ConfigError

TIME, FREQUENCY = 1, 2


def axes(tiers: int) -> tuple[int, ...]:
    """The axis along which each tier but the first interleaves with what is known; that of the last is time."""
    return tuple(TIME if later % 2 == 0 else FREQUENCY for later in reversed(range(tiers - 1)))


def strides(tiers: int) -> tuple[int, int]:
    """What frames and bands of a picture have to be multiples of."""
    along = axes(tiers)
    return 2 ** along.count(TIME), 2 ** along.count(FREQUENCY)


def check(frames: int | None, mels: int | None, tiers: int, what: str = "pictures") -> None:
    """Refuses sizes that do not go into tiers.

    Args:
        frames: of a picture; None: not asked.
        mels: its bands; None: not asked.
        tiers: how many there are.
        what: is checked, for the message.

    Raises:
        ConfigError: a size is no multiple of its stride, or 0.
    """
    for size, stride, name in zip((frames, mels), strides(tiers), ("frames", "mel bands"), strict=True):
        if size is not None and (size < stride or size % stride):
            raise ConfigError(
                f"MelNet: received {what} of {size} {name}; {tiers} tiers need a multiple of {stride}. "
                f"Take {max(size // stride, 1) * stride}."
            )


def shape(frames: int, mels: int, tier: int, tiers: int) -> tuple[int, int]:
    """Frames and bands of a tier, counted from 1; of what is known before it, too."""
    for axis in axes(tiers)[max(tier - 2, 0) :]:
        frames, mels = (frames // 2, mels) if axis == TIME else (frames, mels // 2)
    return frames, mels


def shares(tiers: int) -> list[float]:
    """Of all elements those that each tier draws."""
    frames, mels = strides(tiers)
    sizes = [math.prod(shape(frames, mels, number, tiers)) for number in range(1, tiers + 1)]
    return [size / sum(sizes) for size in sizes]


def halves(picture: Any, axis: int) -> tuple[Any, Any]:
    """The even and the odd rows of (batch, frames, mels) along an axis, counted from 0."""
    return (picture[:, ::2], picture[:, 1::2]) if axis == TIME else (picture[:, :, ::2], picture[:, :, 1::2])


def interleave(even: Any, odd: Any, axis: int) -> Any:
    """The way back from `halves`; both have the same shape."""
    sizes = list(ops.shape(even))
    sizes[axis] = 2 * sizes[axis]
    return ops.reshape(ops.stack([even, odd], axis=axis + 1), sizes)


def split(picture: Any, tiers: int) -> list[Any]:
    """The parts of a picture, the coarsest first.

    Args:
        picture: float32 (batch, frames, mels), a tensor or an array.
        tiers: how many parts.

    Raises:
        ConfigError: the picture's sizes do not go into the tiers.
    """
    check(picture.shape[1], picture.shape[2], tiers)
    parts, known = [], picture
    for axis in reversed(axes(tiers)):
        own, known = halves(known, axis)
        parts.append(own)
    return [known, *reversed(parts)]


def join(parts: Sequence[Any], tiers: int) -> Any:
    """What is known of a picture by its first parts; by all of `tiers`, the picture itself."""
    known = parts[0]
    for own, axis in zip(parts[1:], axes(tiers)[: len(parts) - 1], strict=True):
        known = interleave(own, known, axis)
    return known


def lesson(picture: Any, tier: int, tiers: int) -> dict[str, Any]:
    """What a tier learns from: its own part as "picture" and, but for the first, what it is told as "known".

    Args:
        picture: float32 (batch, frames, mels), a tensor or an array.
        tier: counted from 1.
        tiers: how many there are.

    Raises:
        ConfigError: the picture's sizes do not go into the tiers, or there is no such tier.
    """
    if not 1 <= tier <= tiers:
        raise ConfigError(f"MelNet: received tier {tier}; expected 1 to {tiers}.")
    check(picture.shape[1], picture.shape[2], tiers)
    own, known = picture, picture
    for axis in reversed(axes(tiers)[max(tier - 2, 0) :]):
        own, known = halves(known, axis)
    return {"picture": known} if tier == 1 else {"picture": own, "known": known}
