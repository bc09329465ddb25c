"""What repeats training clips is told from what is merely near to all music."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from fstmuse.data.dataset import Examples
from fstmuse.spec import MelSpec
from fstmuse.tasks import generate_neighbours
from fstmuse.tasks.generate_neighbours import COPY, Neighbours, averaging, dense_windows, thumbnails

FRAMES, LENGTH = 64, 200
MEL = MelSpec(8000, 512, 128, 32, 0.0, 4000.0)
RNG = np.random.default_rng(0)


def music(count: int, frames: int) -> np.ndarray:
    rough = gaussian_filter(RNG.normal(size=(count, frames, 32)), (0, 3, 1))
    return (-50 + 10 * rough / rough.std()).astype(np.float16)


class Rows:
    def __init__(self, pictures: np.ndarray) -> None:
        self.pictures = pictures

    def row(self, position: int) -> np.ndarray:
        return self.pictures[position]


LEARNT, UNSEEN = music(12, LENGTH), music(60, FRAMES).astype(np.float64)
# The last clip's sound ends early, and rows lie in another order.
LENGTHS = np.array([LENGTH] * 11 + [100])
TRAIN = Examples(Rows(LEARNT), np.arange(12)[::-1], LENGTHS[::-1], np.zeros((12, 0), np.float32), FRAMES)
NEIGHBOURS = Neighbours(TRAIN, MEL, 0)


def cut(count: int) -> np.ndarray:
    """Training windows that begin anywhere."""
    places = [(clip, int(RNG.integers(LENGTHS[clip] - FRAMES))) for clip in RNG.integers(0, 12, count)]
    return np.stack([LEARNT[clip, start : start + FRAMES] for clip, start in places]).astype(np.float64)


def test_what_was_learnt_by_heart_is_found() -> None:
    windows = cut(60)
    for copies in (windows, windows + 6, windows + RNG.normal(0, 4, windows.shape)):
        assert (NEIGHBOURS.relative(copies) < COPY).mean() > 0.9


def test_unseen_music_is_no_copy_even_when_it_is_blurred() -> None:
    blurred = gaussian_filter(UNSEEN, (0, 8, 4))
    mean = np.broadcast_to(UNSEEN.mean(axis=0), UNSEEN.shape)
    for windows in (UNSEEN, blurred, mean, (UNSEEN + UNSEEN[::-1]) / 2):
        relative = NEIGHBOURS.relative(windows)
        assert relative.min() > COPY and np.median(relative) > 0.9 and relative.max() <= 1


def test_a_few_windows_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate_neighbours, "MOST", 300)  # of 808
    fewer = Neighbours(TRAIN, MEL, 0)
    assert (fewer.relative(cut(60)) < COPY).mean() > 0.6
    assert fewer.relative(UNSEEN).min() > COPY


def test_one_clip_is_nearer_to_none() -> None:
    one = Examples(Rows(LEARNT), np.arange(1), LENGTHS[:1], np.zeros((1, 0), np.float32), FRAMES)
    np.testing.assert_array_equal(Neighbours(one, MEL, 0).relative(UNSEEN), 1)


def test_windows_are_those_of_the_clips_made_small() -> None:
    found = dense_windows(TRAIN, MEL, 4, 10_000, 0)
    last = TRAIN.crop(11, 8)  # of clip 0: the others have 35 windows each, but clip 11
    assert found.shape == (11 * 35 + 10, 32, 16)
    np.testing.assert_allclose(found[10 + 10 * 35 + 2], thumbnails(last[None])[0], atol=1e-4)
    chosen = dense_windows(TRAIN, MEL, 4, 50, 3)
    assert chosen.shape == (50, 32, 16)
    np.testing.assert_array_equal(chosen, dense_windows(TRAIN, MEL, 4, 50, 3))
    assert not np.array_equal(chosen, dense_windows(TRAIN, MEL, 4, 50, 4))


def test_means_of_neighbours() -> None:
    np.testing.assert_allclose(averaging(5, 2), [[1 / 3] * 3 + [0] * 2, [0] * 3 + [1 / 2] * 2], rtol=1e-6)
    np.testing.assert_array_equal(averaging(3, 8), np.eye(3))
    small = thumbnails(UNSEEN)
    np.testing.assert_allclose(thumbnails(small), small, rtol=1e-5)


def test_silence_is_no_copy_of_silence() -> None:
    quiet = LEARNT.copy()
    quiet[:2] = -100
    examples = Examples(Rows(quiet), np.arange(12), np.full(12, LENGTH), np.zeros((12, 0), np.float32), FRAMES)
    np.testing.assert_array_equal(Neighbours(examples, MEL, 0).relative(np.full((1, FRAMES, 32), -100.0)), 1)
