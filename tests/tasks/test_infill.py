"""Gaps: where they lie, what training sees of them, and that losses and metrics are those of the gap alone."""

from __future__ import annotations

import dataclasses
import itertools

import keras
import numpy as np
import pytest

from fstmuse.data.dataset import Examples, Joined
from fstmuse.networks.catalogue import find
from fstmuse.networks.variational import OBJECTIVES
from fstmuse.spec import AudioSpec, MelSpec
from fstmuse.tasks.infill import Gaps, as_batch, equalised, random_gaps, training_dataset, validation_dataset
from fstmuse.tasks.infill_losses import GapError, GapMAE, GapRMSE, loss

MEL = MelSpec(8000, 512, 256, 8, 0.0, 4000.0)
ENTRY = dataclasses.replace(find("gapnet"), audio=AudioSpec(8000, 24 * 256 / 8000), mel=MEL)


class Rows:
    """Pictures in memory."""

    def __init__(self, pictures: np.ndarray) -> None:
        self.pictures = pictures

    def __len__(self) -> int:
        return len(self.pictures)

    def row(self, position: int) -> np.ndarray:
        return self.pictures[position]


def examples(count: int = 5, frames: int = 60) -> Examples:
    pictures = np.random.default_rng(0).normal(-40, 10, (count, frames, MEL.n_mels)).astype(np.float16)
    targets = np.zeros((count, 0), np.float32)
    return Examples(Rows(pictures), np.arange(count), np.full(count, frames), targets, 24)


def test_gaps_lie_within_the_picture_and_have_every_width() -> None:
    missing = random_gaps(np.random.default_rng(0), 2000, 24, Gaps(2, 5))
    widths = missing.sum(axis=1).astype(int)
    assert set(widths) == {2, 3, 4, 5}
    assert ((np.diff(missing, axis=1) != 0).sum(axis=1) <= 2).all()  # one run
    assert missing[:, 0].any() and missing[:, -1].any() and set(np.unique(missing)) == {0, 1}
    assert missing.sum(axis=0)[10] > 2 * missing.sum(axis=0)[0] > 0


def test_the_network_never_sees_what_is_missing() -> None:
    pictures = np.random.default_rng(0).normal(-40, 10, (3, 24, 8)).astype(np.float32)
    missing = random_gaps(np.random.default_rng(1), 3, 24, Gaps(3, 3))
    x, y = as_batch(pictures, missing, -100.0)
    assert (x["picture"][missing > 0] == -100).all()
    np.testing.assert_array_equal(x["picture"][missing == 0], pictures[missing == 0])
    np.testing.assert_array_equal(y[..., :-1], pictures)
    np.testing.assert_array_equal(y[..., -1], missing)
    assert x["picture"].dtype == y.dtype == np.float32


def batches(epoch: int, seed: int = 3, equalise_db: float = 3.0) -> list:
    gaps = Gaps(1, 6, equalise_db)
    data = training_dataset(examples(), ENTRY, gaps, batch_size=4, draws=2, seed=seed, epoch=epoch)
    return list(itertools.islice(data.as_numpy_iterator(), 6))


def test_a_resumed_run_sees_what_the_undisturbed_one_would_have_seen() -> None:
    steps = 3  # 5 clips, twice each, by 4
    whole, resumed, other = batches(0), batches(1), batches(0, seed=4)
    for (x, y), (again, same) in zip(whole[steps:], resumed[:steps], strict=True):
        np.testing.assert_array_equal(y, same)
        np.testing.assert_array_equal(x["picture"], again["picture"])
    assert not np.array_equal(whole[0][1], whole[steps][1])
    assert not np.array_equal(whole[0][1], other[0][1])
    assert whole[0][1].shape == (4, 24, 9)


def test_validation_is_the_same_each_time_and_covers_the_clips() -> None:
    data = validation_dataset(examples(), ENTRY, Gaps(4, 4), 4)
    first, second = list(data.as_numpy_iterator()), list(data.as_numpy_iterator())
    for (_, one), (_, two) in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, two)
    # 60 frames hold two windows of 24, and one more that ends with the clip.
    assert sum(len(y) for _, y in first) == 15 == sum(y[..., -1].sum() for _, y in first) / 4
    shared = validation_dataset(examples(), ENTRY, Gaps(4, 4), 4, replicas=2)
    assert sum(len(y) for _, y in shared.as_numpy_iterator()) == 14


def test_curves_over_the_bands_are_smooth_and_leave_silence() -> None:
    pictures = np.full((400, 3, 64), -40, np.float32)
    pictures[:, 1] = -100
    changed = equalised(pictures, np.random.default_rng(0), 4.0, -100.0)
    assert (changed[:, 1] == -100).all()
    curves = changed[:, 0] + 40
    np.testing.assert_allclose(changed[:, 2], changed[:, 0])
    assert 2.5 < curves.std() < 4.5 and abs(np.diff(curves, axis=1)).max() < 2.0
    assert equalised(pictures, np.random.default_rng(0), 0.0, -100.0) is pictures


def test_losses_and_metrics_are_those_of_the_gap() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(-40, 5, (3, 24, 8)).astype(np.float32)
    answer = truth + rng.normal(0, 3, truth.shape).astype(np.float32)
    missing = random_gaps(rng, 3, 24, Gaps(2, 6))
    answer[missing == 0] += 100  # outside the gap nothing counts
    difference = (answer - truth)[missing > 0].astype(np.float64)
    y = np.concatenate([truth, missing[..., None]], axis=-1)
    expected = np.abs(difference).mean() + 0.05 * np.square(difference).mean()
    assert float(GapError()(y, answer)) == pytest.approx(expected, rel=1e-4)
    assert GapError().call(y, answer).shape == (1,)  # Keras does not divide numbers of rank 0 among devices
    for metric, value in ((GapMAE(), np.abs(difference).mean()), (GapRMSE(), np.sqrt(np.square(difference).mean()))):
        for part in (slice(0, 1), slice(1, 3)):
            metric.update_state(y[part], answer[part])
        assert float(metric.result()) == pytest.approx(value, rel=1e-4)


def test_whole_pictures_count_in_shares_of_80_db_below_the_loudest() -> None:
    truth = np.random.default_rng(0).uniform(-60, -20, (2, 24, 8)).astype(np.float32)
    truth[:, 0, 0], truth[0, 5, 5] = -10, -100
    y = np.concatenate([truth, np.zeros((2, 24, 1), np.float32)], axis=-1)
    answer = np.maximum(truth, -90) + 8
    mse = loss("mse", OBJECTIVES["elbo"])
    assert float(mse(y, answer)) == pytest.approx(0.01, rel=1e-3)
    assert float(loss("elbo", OBJECTIVES["elbo"])(y, answer)) == pytest.approx(0.5, rel=1e-3)  # (0.1 / 0.1)^2 / 2
    assert loss("kl", OBJECTIVES["kl"]) is None
    assert isinstance(mse, keras.losses.Loss)


def test_rows_of_several_caches_are_those_of_one() -> None:
    rng = np.random.default_rng(0)
    one, two = rng.normal(size=(3, 30, 8)), rng.normal(size=(2, 40, 8))
    joined = Joined([Rows(one), Rows(two)])
    for position, row in enumerate([*one, *two]):
        np.testing.assert_array_equal(joined.row(position), row)
