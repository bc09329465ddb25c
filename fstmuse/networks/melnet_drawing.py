"""Draws whole pictures by MelNet: tier by tier, from nothing, after a prime, or from a coarse picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from fstmuse.errors import ConfigError
from fstmuse.networks import melnet_tiers
from fstmuse.networks.melnet_sampling import TierSampler

_ELEMENTS = 7
"""Tells the draws of elements from others of the same seed, such as that of the label."""


def draw(
    samplers: Sequence[TierSampler],
    frames: int,
    seeds: Sequence[int],
    *,
    label: np.ndarray | None = None,
    temperature: float = 1.0,
    prime: np.ndarray | None = None,
    coarse: np.ndarray | None = None,
    on_frame: Callable[[int, int, int], bool | None] = lambda tier, done, count: None,
) -> np.ndarray:
    """Draws whole pictures, tier by tier.

    What is drawn of a seed depends on nothing else that is drawn with it. The first tier draws the same, however many
    frames there are; the others look ahead.

    Args:
        samplers: of all tiers, the coarsest first.
        frames: to draw, the prime's included.
        seeds: of the clips that are drawn at once, 0 or more each.
        label: int32 (clips,), for networks that take one.
        temperature: above 0; below 1 draws what is likelier, 1 as likely as it was learnt.
        prime: float32 (clips, frames, mels) in the network's units, the first frames, given.
        coarse: float32, what the first tiers would draw, as `melnet_tiers.join` gives it; only those after it draw.
        on_frame: is called after each frame with the tier, counted from 1, the frames that are done and the tier's
            frames. True ends the drawing.

    Returns:
        float32 (clips, frames, mels) in the network's units; of a drawing that was ended the first frames, which the
        last tier has drawn, if any.

    Raises:
        ConfigError: frames or those of the prime do not go into the tiers, the prime has other clips or bands, holds
            other than numbers or leaves nothing to draw, or `coarse` is of no tier's shape.
    """
    count, clips = len(samplers), len(seeds)
    mels = samplers[-1].mels
    melnet_tiers.check(frames, mels, count)
    given = _given_parts(prime, frames, clips, mels, count) if prime is not None else [None] * count
    first, known = (1, None) if coarse is None else (_tiers_of(coarse, frames, clips, mels, count) + 1, coarse)
    for number in range(first, count + 1):
        rows = melnet_tiers.shape(frames, mels, number, count)[0]
        rngs = [np.random.default_rng((seed, number, _ELEMENTS)) for seed in seeds]
        drawing = samplers[number - 1].frames(
            rows, rngs, label=label, known=known, temperature=temperature, prime=given[number - 1]
        )
        part = np.empty((clips, rows, samplers[number - 1].mels), np.float32)
        for place, frame in enumerate(drawing):
            part[:, place] = frame
            if on_frame(number, place + 1, rows):
                if number < count:
                    return np.empty((clips, 0, mels), np.float32)
                part, known = part[:, : place + 1], None if known is None else known[:, : place + 1]
                break
        if known is None:
            known = part
        else:
            known = np.asarray(melnet_tiers.interleave(part, known, melnet_tiers.axes(count)[number - 2]))
    return np.asarray(known, np.float32)


def _given_parts(prime: np.ndarray, frames: int, clips: int, mels: int, tiers: int) -> list[np.ndarray]:
    if prime.ndim != 3 or (prime.shape[0], prime.shape[2]) != (clips, mels):
        raise ConfigError(f"MelNet: received a prime of shape {prime.shape}; expected ({clips}, frames, {mels}).")
    if not np.isfinite(prime).all():
        raise ConfigError("MelNet: the prime holds values that are no numbers.")
    melnet_tiers.check(prime.shape[1], mels, tiers, "a prime")
    if prime.shape[1] >= frames:
        raise ConfigError(f"MelNet: a prime of {prime.shape[1]} frames leaves nothing of {frames} to draw.")
    return [np.asarray(part) for part in melnet_tiers.split(prime, tiers)]


def _tiers_of(coarse: np.ndarray, frames: int, clips: int, mels: int, tiers: int) -> int:
    """How many tiers have drawn a coarse picture."""
    shapes = [(clips, *melnet_tiers.shape(frames, mels, number + 1, tiers)) for number in range(1, tiers)]
    if coarse.shape not in shapes:
        raise ConfigError(
            f"MelNet: received a coarse picture of shape {coarse.shape}; {frames} frames need one of {shapes}."
        )
    return shapes.index(coarse.shape) + 1
