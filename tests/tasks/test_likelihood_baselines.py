"""What networks that draw in turn are measured against."""

from __future__ import annotations

import math

import numpy as np

from fstmuse.tasks.likelihood_baselines import BandModel, Baseline, baselines

_UNIT = 0.5 * math.log(2 * math.pi * math.e)
"""Entropy of a normal distribution of deviation 1, in nats."""


def walks(count: int, frames: int, mels: int, keeps: float, seed: int) -> np.ndarray:
    """Pictures whose bands keep a share of the frame before; the stationary deviation is 0.3."""
    rng = np.random.default_rng(seed)
    steps = 0.3 * math.sqrt(1 - keeps**2) * rng.standard_normal((count, frames, mels))
    out = np.empty_like(steps)
    out[:, 0] = 0.3 * rng.standard_normal((count, mels))
    for place in range(1, frames):
        out[:, place] = keeps * out[:, place - 1] + steps[:, place]
    return out.astype(np.float32)


def measured(train: list[np.ndarray], held: np.ndarray) -> Baseline:
    model = BandModel()
    for picture in train:
        model.learn(picture)
    model.fit()
    model.measure(held)
    return model.measured()


def test_they_reach_the_entropy_of_what_they_describe() -> None:
    train, held = walks(64, 200, 4, 0.9, 0), walks(64, 200, 4, 0.9, 1)
    found = measured([train[:32], train[32:]], held)
    assert abs(found.bands - (_UNIT + math.log(0.3))) < 0.03
    told = _UNIT + math.log(0.3 * math.sqrt(1 - 0.81))
    # Each window's first frame is told by the bands alone.
    assert abs(found.frame_before - (199 * told + found.bands) / 200) < 0.03


def test_silent_bands_do_not_cost_less_than_the_network_may_have() -> None:
    found = measured([np.zeros((2, 10, 3), np.float32)], np.zeros((2, 10, 3), np.float32))
    assert math.isclose(found.bands, 0.5 * math.log(2 * math.pi) - 7, rel_tol=1e-6)


def test_tiers_have_their_own_and_all_elements_the_whole_picture() -> None:
    picture = walks(16, 64, 8, 0.95, 2)
    found = baselines([picture], [picture], 4)
    assert len(found) == 5
    assert found[-1] == measured([picture], picture)
    # The coarsest tier's frames lie four apart: the one before tells less.
    assert found[-1].frame_before < found[0].frame_before < found[0].bands
