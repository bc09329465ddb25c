"""What a GAN learns from, and the statistics by which its drawings are compared with music."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from fstmuse.data.dataset import Examples
from fstmuse.features.presets import HIFI
from fstmuse.networks.catalogue import find
from fstmuse.tasks.generate import chosen_windows, training_dataset
from fstmuse.tasks.generate_metrics import (
    GROUPS,
    band_noise,
    decibels,
    frechet_distance,
    mutual_distance,
    share_of_way,
    statistics,
    with_shuffled_bands,
)

ENTRY = find("melgan-c-tiny")


class Pictures:
    """Rows whose values tell which they are, and where."""

    def row(self, position: int) -> np.ndarray:
        return np.full((200, 128), -10.0 * position, np.float32) - np.arange(200, dtype=np.float32)[:, None] / 100


def data(labels: int) -> Examples:
    targets = np.eye(max(labels, 1), dtype=np.float32)[np.arange(6) % max(labels, 1)][:, :labels]
    return Examples(Pictures(), np.arange(6), np.full(6, 200), targets, 128)


def batches(labels: int, epoch: int, seed: int = 3) -> list[dict[str, np.ndarray]]:
    dataset = training_dataset(data(labels), ENTRY, batch_size=2, draws=1, seed=seed, epoch=epoch)
    return list(itertools.islice(dataset.as_numpy_iterator(), 6))


def test_pictures_come_with_their_labels_and_follow_from_seed_and_epoch() -> None:
    first, again, later = batches(3, 0), batches(3, 0), batches(3, 1)
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one["picture"], other["picture"])
    # The second epoch is what a run that goes on with it begins with.
    np.testing.assert_array_equal(first[3]["picture"], later[0]["picture"])
    assert not np.array_equal(first[0]["picture"], batches(3, 0, seed=4)[0]["picture"])
    for batch in first:
        assert batch["picture"].shape == (2, 128, 128) and batch["label"].dtype == np.int32
        rows = np.round(-batch["picture"][:, 0, 0] // 10).astype(int)
        np.testing.assert_array_equal(rows % 3, batch["label"])


def test_without_labels_there_are_pictures_alone() -> None:
    assert set(batches(0, 0)[0]) == {"picture"}


def test_the_windows_compared_with_stay() -> None:
    one, other = chosen_windows(data(3), 5, 0), chosen_windows(data(3), 5, 0)
    np.testing.assert_array_equal(one["picture"], other["picture"])
    assert one["picture"].shape == (5, 128, 128) and one["label"].shape == (5,)
    assert len(chosen_windows(data(0), 1000, 0)["picture"]) < 1000


def test_frechet_distance_in_closed_form() -> None:
    rng = np.random.default_rng(0)
    points = rng.normal(size=(400, 3))
    assert frechet_distance(points, points) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(points, points + np.array([1.0, -2.0, 0.0])) == pytest.approx(5.0)
    # Of the same crowd spread by 3: tr(C + 9 C - 2 * 3 C) = 4 tr C, and what the means differ by.
    covariance = np.cov(points, rowvar=False)
    apart = float((4 * points.mean(axis=0) ** 2).sum())
    assert frechet_distance(points, 3 * points) == pytest.approx(4 * np.trace(covariance) + apart)


def test_frechet_distance_of_few_points_in_many_dimensions() -> None:
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=(5, 30)), 2 * rng.normal(size=(40, 30))
    covariances = [np.cov(points, rowvar=False) for points in (one, other)]
    roots = np.sqrt(np.maximum(np.linalg.eigvals(covariances[0] @ covariances[1]).real, 0)).sum()
    apart = ((one.mean(axis=0) - other.mean(axis=0)) ** 2).sum()
    expected = apart + np.trace(covariances[0]) + np.trace(covariances[1]) - 2 * roots
    assert frechet_distance(one, other) == pytest.approx(expected, rel=1e-6)
    assert frechet_distance(other, one) == pytest.approx(expected, rel=1e-6)


def test_the_way_from_real_music_to_music_without_sense() -> None:
    assert share_of_way(132.0, 132.0, 1472.0) == 0 and share_of_way(1472.0, 132.0, 1472.0) == 1
    assert share_of_way(467.0, 132.0, 1472.0) == pytest.approx(0.25)
    assert share_of_way(100.0, 132.0, 1472.0) < 0
    assert share_of_way(1.0, 2.0, 2.0) is None


def test_shuffled_bands_stay_what_they_were() -> None:
    pictures = np.random.default_rng(0).normal(size=(4, 20, 64))
    shuffled = with_shuffled_bands(pictures, 0)
    order = [int(np.argmin(np.abs(pictures[0, 0] - value))) for value in shuffled[0, 0]]
    assert sorted(order) == list(range(64)) != order
    np.testing.assert_array_equal(shuffled, pictures[:, :, order])


def test_noise_has_mean_and_deviation_of_each_band() -> None:
    slope = np.linspace(-20, -95, 128, dtype=np.float32)
    pictures = slope + 5 * np.random.default_rng(0).standard_normal((30, 50, 128), np.float32)
    noise = band_noise(np.maximum(pictures, HIFI.floor_db), HIFI, 1)
    np.testing.assert_allclose(noise[..., :100].mean(axis=(0, 1)), slope[:100], atol=0.8)
    np.testing.assert_allclose(noise[..., :100].std(axis=(0, 1)), 5, atol=0.5)
    assert noise.min() == HIFI.floor_db and noise.dtype == np.float32
    assert abs(np.corrcoef(noise[:, 0, 0], noise[:, 1, 0])[0, 1]) < 0.5


def test_statistics_in_closed_form() -> None:
    frames = np.arange(20.0)
    ramp = np.broadcast_to(frames[:, None], (20, 32))[None]
    level, deviation, by_one, by_eight, beside = np.split(statistics(ramp)[0], 5)
    assert len(level) == GROUPS
    np.testing.assert_allclose(level, 9.5)
    np.testing.assert_allclose(deviation, frames.std())
    np.testing.assert_allclose((by_one, by_eight), ([1.0] * GROUPS, [8.0] * GROUPS))
    np.testing.assert_allclose(beside, 0)
    zigzag = np.tile([0.0, 6.0], 16)[None, None].repeat(20, axis=1)
    np.testing.assert_allclose(statistics(zigzag)[0][-GROUPS:], 6.0)


def test_mutual_distance_by_hand() -> None:
    pictures = np.zeros((3, 2, 2))
    pictures[1], pictures[2] = 3.0, 5.0
    assert mutual_distance(pictures) == pytest.approx((3 + 5 + 2) / 3)


def test_decibels_of_linear_pictures() -> None:
    linear = find("toygan").mel
    pictures = np.array([[[linear.full_scale, linear.full_scale / 10, 0.0]]])
    np.testing.assert_allclose(decibels(pictures, linear), [[[0.0, -20.0, linear.floor_db]]], atol=1e-6)
    np.testing.assert_allclose(decibels(np.array([[[-130.0, -5.0]]]), HIFI), [[[-100.0, -5.0]]])
