"""In how many kinds of windows drawn and real music differ: the number of statistically different bins (NDB).

After Richardson and Weiss (2018): On GANs and GMMs, arXiv:1805.12462. Training windows are put into bins by k-means;
drawn ones go into the bin of the nearest mean. A bin is different where the two shares of windows in it are, by a
z-test of two proportions. A collapsed generator leaves bins empty, one that draws nonsense crowds into few.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import numpy as np
import scipy.stats
from sklearn.cluster import KMeans

BINS = 50
LEAST_EACH = 5
"""Training windows for each bin: there are fewer bins where there are fewer windows."""

LEVEL = 0.05
"""Of significance: so many bins differ by chance between two samples of one kind."""

_BEGINNINGS = 4


class Bins:
    """Bins of training windows.

    Args:
        points: float (windows, dimensions) to learn them from.
        seed: of the means to begin with.

    Attributes:
        count: of bins.
        known: int (bins,), how many of `points` are in each.
    """

    def __init__(self, points: np.ndarray, seed: int = 0) -> None:
        self.count = max(2, min(BINS, len(points) // LEAST_EACH))
        means = KMeans(self.count, n_init=_BEGINNINGS, random_state=seed)
        with _threads_told():
            self._means = means.fit(np.asarray(points, np.float32))
        self.known = np.bincount(self._means.labels_, minlength=self.count)

    def counts(self, points: np.ndarray) -> np.ndarray:
        """How many of some points, float (points, dimensions), fall into each bin: int (bins,)."""
        with _threads_told():
            found = self._means.predict(np.asarray(points, np.float32))
        return np.bincount(found, minlength=self.count)

    def different(self, counts: np.ndarray) -> np.ndarray:
        """Bins whose share differs from that of what they were learnt from, at `LEVEL`: bool (bins,)."""
        return proportions_differ(self.known, counts)


@contextlib.contextmanager
def _threads_told() -> Iterator[None]:
    """Keeps scikit-learn from counting cores: containers may tell of none, of which it prints a traceback."""
    name = "OMP_NUM_THREADS"
    told = name in os.environ
    os.environ.setdefault(name, str(os.cpu_count() or 1))
    try:
        yield
    finally:
        if not told:
            del os.environ[name]


def proportions_differ(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Where two samples have other shares, by a two-sided z-test of two proportions at `LEVEL`.

    Args:
        one: int (bins,), counts.
        other: likewise.

    Returns:
        bool (bins,); bins that are empty in both, or hold all of both, do not differ.
    """
    totals = one.sum(), other.sum()
    pooled = (one + other) / sum(totals)
    error = np.sqrt(pooled * (1 - pooled) * (1 / totals[0] + 1 / totals[1]))
    apart = np.abs(one / totals[0] - other / totals[1])
    return apart > scipy.stats.norm.ppf(1 - LEVEL / 2) * error
