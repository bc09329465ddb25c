"""How likely music is under the simplest that could foretell it: what networks that draw in turn are measured against.

All is told in nats per element, of pictures in the network's units: each band standardised and cut off at -1 and 1, see
`fstmuse.networks.scaling`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
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

    All pictures are float32 (batch, frames, mels), in the network's units.
    """

    def __init__(self) -> None:
        self._whole, self._pairs = [], []
        self._count, self._by_bands, self._by_frames = 0, 0.0, 0.0

    def learn(self, picture: np.ndarray) -> None:
        """Takes pictures of training clips in."""
        now = picture.astype(np.float64)
        before, after = now[:, :-1], now[:, 1:]
        size = now.shape[0] * now.shape[1]
        self._whole.append((size, now.sum((0, 1)), np.square(now).sum((0, 1))))
        products = (before, after, before * before, before * after, after * after)
        self._pairs.append((before.shape[0] * before.shape[1], *(part.sum((0, 1)) for part in products)))

    def fit(self) -> None:
        """Finds means, deviations and slopes of what was learnt."""
        size, total, squares = (sum(column) for column in zip(*self._whole, strict=True))
        self.mean = total / size
        self.deviation = _deviation(squares / size - self.mean**2)
        size, *sums = (sum(column) for column in zip(*self._pairs, strict=True))
        x, y, xx, xy, yy = (one / size for one in sums)
        spread = np.maximum(xx - x * x, 1e-12)
        self.slope = (xy - x * y) / spread
        self.offset = y - self.slope * x
        self.remaining = _deviation(yy - y * y - self.slope**2 * spread)

    def measure(self, picture: np.ndarray) -> None:
        """Counts held-out pictures in; a window's first frame is told by the bands alone."""
        now = picture.astype(np.float64)
        alone = _nll(now - self.mean, self.deviation)
        told = _nll(now[:, 1:] - self.slope * now[:, :-1] - self.offset, self.remaining)
        self._count += now.size
        self._by_bands += alone.sum()
        self._by_frames += alone[:, :1].sum() + told.sum()

    def measured(self) -> Baseline:
        """The mean NLL of all that was counted in."""
        return Baseline(self._by_bands / self._count, self._by_frames / self._count)


def baselines(train: Iterable[np.ndarray], held: Iterable[np.ndarray], tiers: int) -> list[Baseline]:
    """Those of each tier's elements, the coarsest first, and at last those of all elements together.

    A tier's frame before is that of its own part; of all elements together, that of the whole picture.

    Args:
        train: pictures of the training clips, in the network's units, float32 (batch, frames, mels) each.
        held: those that are measured, likewise.
        tiers: how many there are.
    """
    models = [BandModel() for _ in range(tiers + 1)]
    for picture in train:
        for model, part in zip(models, _parts(picture, tiers), strict=True):
            model.learn(part)
    for model in models:
        model.fit()
    for picture in held:
        for model, part in zip(models, _parts(picture, tiers), strict=True):
            model.measure(part)
    return [model.measured() for model in models]


def _parts(picture: np.ndarray, tiers: int) -> list[np.ndarray]:
    return [*map(np.asarray, melnet_tiers.split(picture, tiers)), picture]


def _deviation(variance: np.ndarray) -> np.ndarray:
    return np.maximum(np.sqrt(np.maximum(variance, 0)), _LEAST)


def _nll(away: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    return 0.5 * np.square(away / deviation) + np.log(deviation) + _HALF_LOG_2PI
