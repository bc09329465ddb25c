"""How likely music is under the simplest that could foretell it: what networks that draw in turn are measured against.

All is told in nats per element, of pictures in the network's units: each band standardised and cut off at -1 and 1, see
`fstmuse.networks.scaling`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from fstmuse.networks import melnet_tiers
from fstmuse.networks.melnet_mixture import LOG_DEVIATIONS

_LEAST = math.exp(LOG_DEVIATIONS[0])
"""Deviations are bound as the network's: without a bound, bands that are silent throughout would cost nothing."""

_HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)


@dataclass(frozen=True)
class Baseline:
    """Mean NLL of elements, in nats, under what has learnt next to nothing.

    Args:
        bands: one normal distribution for each band.
        frame_before: one for each band, whose mean follows from the same band one frame before.
    """

    bands: float
    frame_before: float


class BandModel:
    """A normal distribution for each band, and one given the frame before, by least squares.

    Args:
        pictures: float32 (batch, frames, mels) each, in the network's units, of the training clips.
    """

    def __init__(self, pictures: Iterable[np.ndarray]) -> None:
        whole, pairs = [], []
        for picture in pictures:
            now = picture.astype(np.float64)
            before, after = now[:, :-1], now[:, 1:]
            size = now.shape[0] * now.shape[1]
            whole.append((size, now.sum((0, 1)), np.square(now).sum((0, 1))))
            products = (before, after, before * before, before * after, after * after)
            pairs.append((before.shape[0] * before.shape[1], *(part.sum((0, 1)) for part in products)))
        size, total, squares = (sum(column) for column in zip(*whole, strict=True))
        self.mean = total / size
        self.deviation = _deviation(squares / size - self.mean**2)
        size, *sums = (sum(column) for column in zip(*pairs, strict=True))
        x, y, xx, xy, yy = (one / size for one in sums)
        spread = np.maximum(xx - x * x, 1e-12)
        self.slope = (xy - x * y) / spread
        self.offset = y - self.slope * x
        self.remaining = _deviation(yy - y * y - self.slope**2 * spread)

    def measure(self, pictures: Iterable[np.ndarray]) -> Baseline:
        """The mean NLL of pictures as those learnt from; a window's first frame is told by the bands alone."""
        count, by_bands, by_frames = 0, 0.0, 0.0
        for picture in pictures:
            now = picture.astype(np.float64)
            alone = _nll(now - self.mean, self.deviation)
            told = _nll(now[:, 1:] - self.slope * now[:, :-1] - self.offset, self.remaining)
            count += now.size
            by_bands += alone.sum()
            by_frames += alone[:, :1].sum() + told.sum()
        return Baseline(by_bands / count, by_frames / count)


def baselines(
    train: Callable[[], Iterable[np.ndarray]], held: Callable[[], Iterable[np.ndarray]], tiers: int
) -> list[Baseline]:
    """Those of each tier's elements, the coarsest first, and at last those of all elements together.

    A tier's frame before is that of its own part; of all elements together, that of the whole picture.

    Args:
        train: pictures of the training clips, in the network's units, float32 (batch, frames, mels) each; called anew
            for each.
        held: those that are measured, likewise.
        tiers: how many there are.
    """
    found = []
    for number in range(1, tiers + 2):

        def part(picture: np.ndarray, number: int = number) -> np.ndarray:
            return picture if number > tiers else np.asarray(melnet_tiers.split(picture, tiers)[number - 1])

        model = BandModel(map(part, train()))
        found.append(model.measure(map(part, held())))
    return found


def _deviation(variance: np.ndarray) -> np.ndarray:
    return np.maximum(np.sqrt(np.maximum(variance, 0)), _LEAST)


def _nll(away: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    return 0.5 * np.square(away / deviation) + np.log(deviation) + _HALF_LOG_2PI
