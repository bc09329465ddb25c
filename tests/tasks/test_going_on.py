"""Going on: what training sees, what is measured and beside what."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

from fstmuse.data.dataset import Examples
from fstmuse.networks.catalogue import find
from fstmuse.networks.prednet import FUTURE, DecayedHold
from fstmuse.spec import AudioSpec, MelSpec
from fstmuse.tasks import infill
from fstmuse.tasks.gap_metrics import gap_errors
from fstmuse.tasks.going_on import MAE, RMSE, as_batch, examples, training_dataset, validation_dataset
from fstmuse.tasks.going_on_metrics import AHEAD, best_errors, by_lag, mean_errors, spread

MEL = MelSpec(8000, 512, 256, 8, 0.0, 4000.0)
ENTRY = dataclasses.replace(find("prednet"), audio=AudioSpec(8000, 40 * 256 / 8000), mel=MEL)


class Rows:
    """Pictures in memory."""

    def __init__(self, pictures: np.ndarray) -> None:
        self.pictures = pictures

    def row(self, position: int) -> np.ndarray:
        return self.pictures[position]


def made(count: int = 5, frames: int = 90) -> Examples:
    pictures = np.random.default_rng(0).normal(-40, 10, (count, frames, MEL.n_mels)).astype(np.float16)
    return Examples(Rows(pictures), np.arange(count), np.full(count, frames), np.zeros((count, 0), np.float32), 40)


def test_pictures_are_relative_to_what_is_known() -> None:
    pictures = np.random.default_rng(0).uniform(-90, -20, (2, 40, 8)).astype(np.float32)
    pictures[0, 3, 3], pictures[1, 4, 4] = -10, -5
    pictures[0, 25, 2] = 6  # louder than all before it, and not to be known of
    pictures[1, 7, 7] = -99
    x, y = as_batch(pictures)
    assert x.shape == (2, 40, 8) and y.shape == (2, FUTURE, 8) and x.dtype == y.dtype == np.float32
    np.testing.assert_array_equal(x[:, -FUTURE:], y)
    assert x[0, 3, 3] == x[1, 4, 4] == 1 and x[1, 7, 7] == 0
    assert y[0, 5, 2] == pytest.approx(1 + 16 / 80)
    np.testing.assert_allclose(x[0, 10], (pictures[0, 10] + 10) / 80 + 1, atol=1e-6)


def test_windows_follow_from_seed_and_epoch_alone() -> None:
    def batches(epoch: int, seed: int = 1) -> list:
        data = training_dataset(made(), ENTRY, 3.0, batch_size=2, draws=1, seed=seed, epoch=epoch)
        return [x.numpy() for x, _ in itertools.islice(data, 6)]  # two epochs of three steps

    first, resumed = batches(0), batches(1)
    for one, other in zip(first[3:], resumed[:3], strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.array_equal(first[0], resumed[0]) and not np.array_equal(first[0], batches(0, seed=2)[0])


def test_validation_foretells_every_frame_after_the_first_context_once() -> None:
    data = made(1, 100)
    found = np.concatenate([y.numpy() for _, y in validation_dataset(data, ENTRY, 2)])
    assert len(found) == 4  # windows of 40 frames begin at 0, 20, 40 and 60
    whole = np.asarray(data.rows.row(0), np.float32)
    for start, (x, y) in zip((0, 20, 40, 60), validation_dataset(data, ENTRY, 1), strict=True):
        expected = as_batch(whole[None, start : start + 40])
        np.testing.assert_array_equal(x, expected[0])
        np.testing.assert_array_equal(y, expected[1])


def test_frames_that_reach_beyond_the_sound_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    cut = dataclasses.replace(made(3), lengths=np.array([90, 41, 40]))
    monkeypatch.setattr(infill, "examples", lambda *arguments: cut)
    # A frame of 512 samples every 256: the last one lacks its second half, the one before it some samples.
    assert examples([], [], ENTRY).lengths.tolist() == [88, 40, 40]


def test_metrics_are_in_db() -> None:
    truth, answer = np.zeros((2, FUTURE, 8), np.float32), np.zeros((2, FUTURE, 8), np.float32)
    answer[0] = 0.1
    for metric, expected in ((MAE(), 4.0), (RMSE(), (0.5 * 8**2) ** 0.5)):
        metric.update_state(truth, answer)
        assert float(metric.result()) == pytest.approx(expected, rel=1e-4)


def test_nothing_that_it_is_measured_beside_looks_ahead() -> None:
    picture = np.random.default_rng(0).uniform(-80, 0, (60, 8))
    hidden = picture.copy()
    hidden[40:] = np.nan
    for name, go_on in AHEAD.items():
        answer = go_on(hidden, 40, 60)
        assert answer.shape == (20, 8) and np.isfinite(answer).all(), name
        np.testing.assert_array_equal(answer, go_on(picture, 40, 60), name)
    network = np.asarray(DecayedHold()(picture[None, :40].astype(np.float32)))[0]
    np.testing.assert_allclose(AHEAD["decayed hold"](picture, 40, 60), network, atol=1e-3)


def test_errors_of_several_draws() -> None:
    truths = [np.zeros((3, 2)), np.zeros((3, 2))]
    draws = [[np.full((3, 2), 1.0), np.full((3, 2), 4.0)], [np.full((3, 2), 3.0), np.full((3, 2), 2.0)]]
    errors = [gap_errors(truths, draw) for draw in draws]
    assert best_errors(errors).mae.tolist() == [1, 2] and best_errors(errors).mse.tolist() == [1, 4]
    assert mean_errors(errors).mae.tolist() == [2, 3] and mean_errors(errors).mse.tolist() == [5, 10]
    assert spread(draws) == pytest.approx(1.0)  # 1 and 3 are one off their mean, 4 and 2 likewise


def test_errors_by_frame() -> None:
    truths = [np.zeros((2, 4)), np.zeros((2, 4))]
    answers = [np.array([[3.0] * 4, [1.0] * 4]), np.array([[0.0, 0.0, 0.0, 4.0], [0.0] * 4])]
    first, second = by_lag(truths, answers)
    assert first == pytest.approx({"lag": 1, "rmse": 6.5**0.5, "mae": 2.0, "lsd": 2.5})
    assert second == pytest.approx({"lag": 2, "rmse": 0.5**0.5, "mae": 0.5, "lsd": 0.5})
