"""Augmentation changes what it says, by no more than it says, and the same way for the same seed."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from fstmuse.features.augment import Augmentation, augment
from fstmuse.spec import MelSpec

DECIBELS = MelSpec(22050, 2048, 512, 40, 0.0, 8000.0)
LINEAR = dataclasses.replace(DECIBELS, log="none", power=1.0)
TARGETS = np.eye(6, dtype=np.float32)


def pictures() -> np.ndarray:
    return np.random.default_rng(0).uniform(-70, -10, (6, 60, 40)).astype(np.float32)


def run(
    how: Augmentation, spec: MelSpec | None = DECIBELS, x: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    tf.random.set_seed(1)
    x, y = augment(tf.constant(pictures() if x is None else x), tf.constant(TARGETS), spec, how)
    return x.numpy(), y.numpy()


def test_nothing_asked_changes_nothing() -> None:
    x, y = run(Augmentation())
    np.testing.assert_array_equal(x, pictures())
    np.testing.assert_array_equal(y, TARGETS)


def test_gain_shifts_each_picture_by_its_own_decibels() -> None:
    x, _ = run(Augmentation(gain_db=6.0))
    shifts = x - pictures()
    assert np.ptp(shifts, axis=(1, 2)).max() < 1e-4
    assert np.abs(shifts).max() <= 6.0
    assert len(np.unique(shifts[:, 0, 0].round(3))) == 6


def test_gain_scales_linear_pictures() -> None:
    x, _ = run(Augmentation(gain_db=6.0), LINEAR, np.ones((6, 60, 40), np.float32))
    assert x.min() >= 10 ** (-6 / 20) - 1e-6
    assert x.max() <= 10 ** (6 / 20) + 1e-6
    assert np.ptp(x, axis=(1, 2)).max() < 1e-6


def test_masks_hide_bands_and_frames_behind_the_mean() -> None:
    how = Augmentation(masks=1, freq_mask=8, time_mask=12)
    x, y = run(how)
    hidden = ~np.isclose(x, pictures(), atol=1e-4)
    assert hidden.any()
    means = pictures().mean(axis=(1, 2))
    for number in range(6):
        np.testing.assert_allclose(x[number][hidden[number]], means[number], atol=1e-3)
        assert hidden[number].all(axis=0).sum() < 8  # whole bands
        assert hidden[number].all(axis=1).sum() < 12  # whole frames
    np.testing.assert_array_equal(y, TARGETS)


def test_mixup_mixes_pictures_and_targets_alike() -> None:
    x, y = run(Augmentation(mixup=0.4))
    np.testing.assert_allclose(y.sum(axis=1), 1.0, atol=1e-6)
    assert (np.diag(y) >= 0.5).all()
    assert (y < 1).any()
    expected = np.einsum("ij,jtm->itm", y, pictures())
    np.testing.assert_allclose(x, expected, atol=1e-3)


@pytest.mark.parametrize("how", [Augmentation(3.0, 2, 8, 8, 0.3)])
def test_the_same_seed_gives_the_same_batch(how: Augmentation) -> None:
    first, second = run(how), run(how)
    np.testing.assert_array_equal(first[0], second[0])
    np.testing.assert_array_equal(first[1], second[1])
    assert not np.allclose(first[0], pictures())


def test_sounds_get_gain_and_mixup_but_no_masks() -> None:
    sounds = np.random.default_rng(0).uniform(0.5, 1, (6, 50)).astype(np.float32)
    x, y = run(Augmentation(gain_db=6.0, masks=2, freq_mask=8, time_mask=8), None, sounds)
    gains = x / sounds
    assert np.ptp(gains, axis=1).max() < 1e-5 and len(np.unique(gains[:, 0].round(4))) == 6
    assert gains.min() >= 10 ** (-6 / 20) - 1e-6 and gains.max() <= 10 ** (6 / 20) + 1e-6
    np.testing.assert_array_equal(y, TARGETS)
    x, y = run(Augmentation(mixup=1.0), None, sounds)
    np.testing.assert_allclose(x, np.einsum("ij,jk->ik", y, sounds), atol=1e-5)
