"""The number of statistically different bins."""

from __future__ import annotations

import os

import joblib.externals.loky.backend.context as cores
import numpy as np
import pytest

from fstmuse.tasks.generate_bins import BINS, Bins, proportions_differ


def test_two_proportions_by_hand() -> None:
    # z = (0.5 - 0.3) / sqrt(0.4 * 0.6 * 2 / 100) = 2.89; 0.5 against 0.45: 0.71; 13 of 100 against 5 of 100: 1.98.
    one = np.array([50, 13, 37, 0])
    np.testing.assert_array_equal(proportions_differ(one, np.array([30, 13, 57, 0])), [True, False, True, False])
    np.testing.assert_array_equal(proportions_differ(one, np.array([45, 5, 50, 0])), [False, True, False, False])
    # The same shares of fewer: 0.5 against 0.3 of 20 is 1.64.
    np.testing.assert_array_equal(proportions_differ(one, np.array([6, 3, 11, 0]))[0], False)
    np.testing.assert_array_equal(proportions_differ(np.array([7, 0]), np.array([9, 0])), [False, False])


def test_a_collapsed_sample_differs_and_one_of_the_same_kind_does_not() -> None:
    rng = np.random.default_rng(0)
    centres = rng.normal(0, 20, (BINS, 8))
    bins = Bins(centres[rng.integers(BINS, size=2000)] + rng.normal(size=(2000, 8)))
    assert bins.count == BINS and bins.known.sum() == 2000
    same = bins.counts(centres[rng.integers(BINS, size=500)] + rng.normal(size=(500, 8)))
    collapsed = bins.counts(centres[rng.integers(5, size=500)] + rng.normal(size=(500, 8)))
    assert same.sum() == collapsed.sum() == 500
    assert bins.different(same).sum() <= 8
    assert bins.different(collapsed).sum() >= BINS - 5


def test_few_windows_make_few_bins() -> None:
    points = np.random.default_rng(0).normal(size=(40, 3))
    assert Bins(points).count == 8
    assert Bins(points[:6]).count == 2


def test_nothing_is_said_where_no_cores_are_known(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(cores, "physical_cores_cache", None)
    monkeypatch.setattr(cores, "_count_physical_cores_linux", lambda: 0)
    points = np.random.default_rng(0).normal(size=(60, 2))
    Bins(points).counts(points)
    assert capfd.readouterr() == ("", "")
    assert "OMP_NUM_THREADS" not in os.environ
