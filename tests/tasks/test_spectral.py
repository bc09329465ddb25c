"""Distances between spectra, against what they are by hand."""

from __future__ import annotations

import numpy as np
import pytest

from fstmuse.errors import DataError
from fstmuse.tasks.spectral import log_spectral_distance, spectral_convergence


def test_distance_by_hand():
    reference = np.array([[0.0, -10.0], [-20.0, -30.0]])
    assert log_spectral_distance(reference, reference) == 0
    # Frame by frame: sqrt((3² + 4²) / 2) and 0; their mean.
    assert log_spectral_distance(reference, reference + np.array([[3, 4], [0, 0]])) == pytest.approx(np.sqrt(12.5) / 2)


def test_what_is_not_heard_beside_the_loudest_counts_as_the_floor():
    reference = np.array([[-10.0, -300.0]])
    assert log_spectral_distance(reference, np.array([[-10.0, -95.0]])) == 0
    # The floor is relative to the reference, not to what was received.
    assert log_spectral_distance(reference, np.array([[40.0, -90.0]])) == pytest.approx(50 / np.sqrt(2))
    assert log_spectral_distance(reference, np.array([[-10.0, -30.0]]), floor_db=-40) == pytest.approx(20 / np.sqrt(2))


def test_convergence_by_hand():
    reference = np.array([[3.0, 4.0]])
    assert spectral_convergence(reference, 1.1 * reference) == pytest.approx(-20)
    assert spectral_convergence(reference, 0 * reference) == 0
    assert spectral_convergence(reference, reference) == -np.inf


@pytest.mark.parametrize("measure", [log_spectral_distance, spectral_convergence])
@pytest.mark.parametrize("shapes", [((3, 4), (4, 3)), ((3, 4), (2, 4)), ((12,), (12,)), ((0, 4), (0, 4))])
def test_shapes_are_checked(measure, shapes):
    with pytest.raises(DataError, match="one shape"):
        measure(np.ones(shapes[0]), np.ones(shapes[1]))


def test_nothing_is_relative_to_silence():
    with pytest.raises(DataError, match="silent"):
        spectral_convergence(np.zeros((3, 4)), np.ones((3, 4)))
