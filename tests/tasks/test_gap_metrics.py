"""Errors in gaps, against what can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from fstmuse.errors import DataError
from fstmuse.tasks.gap_metrics import (
    BASELINES,
    boundary_flux,
    compared,
    gap_errors,
    in_range,
    intervals,
    p_values,
    signal_to_noise,
)


def test_simple_ways_fill_what_their_names_say() -> None:
    picture = np.arange(10, dtype=np.float32)[:, None] * np.array([[1.0, -2.0]], np.float32)
    picture[6] = 100  # known, but in no baseline other than the mean
    gap = (3, 5)
    hidden = picture.copy()
    hidden[3:5] = np.nan
    np.testing.assert_allclose(BASELINES["linear interpolation"](hidden, *gap), picture[3:5], rtol=1e-6)
    np.testing.assert_array_equal(BASELINES["hold"](hidden, *gap), picture[[2, 2]])
    np.testing.assert_array_equal(BASELINES["repeat"](hidden, *gap), picture[1:3])
    mean = picture[[0, 1, 2, 5, 6, 7, 8, 9]].mean(axis=0)
    np.testing.assert_allclose(BASELINES["clip mean"](hidden, *gap), np.stack([mean, mean]))
    # More is missing than lies before it: what there is goes round.
    np.testing.assert_array_equal(BASELINES["repeat"](hidden, 2, 5), picture[[0, 1, 0]])


def test_errors_are_those_of_their_definitions() -> None:
    truths = [np.zeros((2, 4)), np.zeros((2, 4))]
    filled = [np.array([[3.0] * 4, [1.0] * 4]), np.array([[0.0, 0.0, 0.0, 4.0], [0.0] * 4])]
    errors = gap_errors(truths, filled)
    np.testing.assert_allclose(errors.mae, [2.0, 0.5])
    np.testing.assert_allclose(errors.mse, [5.0, 2.0])
    np.testing.assert_allclose(errors.lsd, [2.0, 1.0])  # (3 + 1) / 2 and (sqrt(16 / 4) + 0) / 2
    assert errors.pooled() == pytest.approx({"rmse": 3.5**0.5, "mae": 1.25, "lsd": 1.5})
    with pytest.raises(DataError, match="one of the same shape for each"):
        gap_errors(truths, filled[:1])
    with pytest.raises(DataError, match="Received 0 gaps"):
        gap_errors([], [])


def test_differences_are_tested_in_pairs() -> None:
    rng = np.random.default_rng(0)
    truths = [np.zeros((3, 5))] * 40
    level = rng.uniform(1, 20, 40)
    worse = gap_errors(truths, [np.full((3, 5), value) for value in level])
    better = gap_errors(truths, [np.full((3, 5), value - 0.1) for value in level])
    # Far less than clips differ from each other, but in every clip.
    assert max(p_values(better, worse).values()) < 1e-6
    assert p_values(worse, worse) == {"rmse": 1.0, "mae": 1.0, "lsd": 1.0}
    beside = compared(better, {"hold": worse})["hold"]
    assert beside["p_rmse"] < 1e-6 and beside["rmse"] == pytest.approx(worse.pooled()["rmse"])


def test_intervals_hold_the_figure_and_narrow_with_clips() -> None:
    def widths(n: int) -> dict[str, float]:
        values = np.random.default_rng(0).uniform(1, 5, n)
        errors = gap_errors([np.zeros((2, 2))] * n, [np.full((2, 2), value) for value in values])
        found = intervals(errors)
        assert all(low < errors.pooled()[name] < high for name, (low, high) in found.items())
        return {name: high - low for name, (low, high) in found.items()}

    few, many = widths(20), widths(320)
    assert all(2.5 < few[name] / many[name] < 6 for name in few)  # about sqrt(16)


def test_range_is_80_db_below_the_loudest() -> None:
    picture = np.array([[-10.0, -50.0, -99.0]], np.float32)
    assert in_range(picture).tolist() == [[-10.0, -50.0, -90.0]]
    assert in_range(np.array([[5.0, -95.0, -20.0]]), like=picture).tolist() == [[-10.0, -90.0, -20.0]]


def test_joins_are_measured_against_how_much_the_clip_changes() -> None:
    picture = 2.0 * np.arange(9)[:, None] * np.array([1.0, -1.0])  # each frame differs from the last by 2 dB
    gap = (3, 6)
    assert boundary_flux(picture, *gap) == pytest.approx(1.0)
    held = np.repeat(picture[2:3], 3, axis=0)  # no step at the first join, four frames at once at the second
    assert boundary_flux(picture, *gap, held) == pytest.approx((0 + 8) / 2 / 2)
    still = np.zeros((9, 2))
    assert boundary_flux(still, *gap, still[3:6] + 1) == pytest.approx(1 / 0.1)


def test_snr_is_zero_of_silence_and_20_db_of_a_tenth() -> None:
    true = np.sin(np.arange(100.0))
    assert signal_to_noise(true, np.zeros(100)) == pytest.approx(0)
    assert signal_to_noise(true, 1.1 * true) == pytest.approx(20)
    assert signal_to_noise(true, -true) == pytest.approx(-20 * np.log10(2))
    assert signal_to_noise(true, true) == pytest.approx(300)
