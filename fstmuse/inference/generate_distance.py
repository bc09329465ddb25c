"""How far windows of each way are from those of the measured split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fstmuse.inference.generate_settings import WAYS
from fstmuse.tasks.generate_metrics import frechet_distance, share_of_way


@dataclass(frozen=True, eq=False)
class Distance:
    """A Fréchet distance to the windows of the measured split.

    Args:
        embedding: what the windows are told by.
        unit: of the distance; empty where it has none.
        dimensions: of the embedding.
        n: windows on either side.
        seconds: of each window.
        by_way: by `WAYS`.
    """

    embedding: str
    unit: str
    dimensions: int
    n: int
    seconds: float
    by_way: dict[str, float]

    @property
    def way(self) -> float | None:
        """How far from real-against-real, 0, to shuffled bands, 1."""
        drawn, real, shuffled, _ = (self.by_way[way] for way in WAYS)
        return share_of_way(drawn, real, shuffled)


def distance_of(
    embedding: str, unit: str, ways: Mapping[str, np.ndarray], reference: np.ndarray, seconds: float
) -> Distance:
    """That of what windows are told by, float (windows, dimensions) for each way and for the reference."""
    by_way = {way: frechet_distance(points, reference) for way, points in ways.items()}
    return Distance(embedding, unit, reference.shape[1], len(reference), seconds, by_way)
