"""What was learnt by heart is told from what is merely near."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from fstmuse.data.dataset import Examples
from fstmuse.spec import MelSpec
from fstmuse.tasks.generate_copies import Nearest, copies, nearest_windows

MEL = MelSpec(8000, 512, 128, 32, 0.0, 4000.0)
FRAMES = 64
RNG = np.random.default_rng(0)


def music(count: int, frames: int) -> np.ndarray:
    """Pictures with some shape along time and bands."""
    rough = gaussian_filter(RNG.normal(size=(count, frames, 32)), (0, 3, 1))
    return (-50 + 10 * rough / rough.std()).astype(np.float32)


class Rows:
    def __init__(self, pictures: np.ndarray) -> None:
        self.pictures = pictures

    def row(self, position: int) -> np.ndarray:
        return self.pictures[position]


LEARNT, UNSEEN = music(12, 200), music(100, FRAMES)
TRAIN = Examples(Rows(LEARNT), np.arange(12), np.full(12, 200), np.zeros((12, 0), np.float32), FRAMES)
PIECES = [f"piece {number}" for number in range(12)]
PLACES = [(int(RNG.integers(12)), int(RNG.integers(137))) for _ in range(100)]
HELD = nearest_windows(UNSEEN, TRAIN, PIECES, MEL)


def learnt_by_heart() -> np.ndarray:
    """Training windows that begin anywhere, louder, with something of another one and noise in them."""
    windows = np.stack([LEARNT[example, start : start + FRAMES] for example, start in PLACES])
    return 0.9 * windows + 0.1 * windows[::-1] + 3 + RNG.normal(0, 4, windows.shape)


def test_copies_are_found_with_their_place() -> None:
    found = nearest_windows(learnt_by_heart(), TRAIN, PIECES, MEL)
    answer = copies(found, HELD, 100)
    assert answer.found and answer.drawn.mean() > 0.95 and answer.held.sum() == 1
    np.testing.assert_array_equal(found.examples, [example for example, _ in PLACES])
    assert np.abs(found.starts - [start for _, start in PLACES]).max() <= 1
    assert np.median(found.relative) < 0.5 < np.quantile(HELD.relative, 0.01)


def test_some_copies_among_others_are_found() -> None:
    drawn = music(100, FRAMES)
    drawn[:15] = learnt_by_heart()[:15]
    answer = copies(nearest_windows(drawn, TRAIN, PIECES, MEL), HELD, 100)
    assert answer.found and answer.drawn[:15].all() and answer.drawn[15:].mean() < 0.1


def test_what_is_blurred_is_nearer_and_no_copy() -> None:
    blurred = nearest_windows(np.stack([gaussian_filter(one, (6, 2)) for one in UNSEEN]), TRAIN, PIECES, MEL)
    assert np.median(blurred.distances) < 0.9 * np.median(HELD.distances)
    assert not copies(blurred, HELD, 100).found


def test_other_real_music_is_no_copy() -> None:
    assert not copies(nearest_windows(music(100, FRAMES), TRAIN, PIECES, MEL), HELD, 100).found


def test_windows_of_one_piece_may_be_alike() -> None:
    twice = np.concatenate([LEARNT, LEARNT])
    train = Examples(Rows(twice), np.arange(24), np.full(24, 200), np.zeros((24, 0), np.float32), FRAMES)
    asked = learnt_by_heart()[:20]
    same = nearest_windows(asked, train, PIECES * 2, MEL)
    assert np.median(same.relative) < 0.5
    other = nearest_windows(asked, train, [f"piece {number}" for number in range(24)], MEL)
    assert np.median(other.relative) == pytest.approx(1)
    np.testing.assert_allclose(same.distances, other.distances)


def test_of_one_piece_alone_nothing_is_a_copy() -> None:
    one = nearest_windows(UNSEEN[:5], TRAIN, ["all"] * 12, MEL)
    np.testing.assert_array_equal(one.relative, 1)
    assert not copies(nearest_windows(learnt_by_heart(), TRAIN, ["all"] * 12, MEL), one, 5).found
    np.testing.assert_allclose(one.distances, HELD.distances[:5])


def test_levels_do_not_count() -> None:
    louder = nearest_windows(UNSEEN + 7, TRAIN, PIECES, MEL)
    np.testing.assert_allclose(louder.distances, HELD.distances, rtol=1e-3)


def test_silence_is_no_copy_of_silence() -> None:
    """Several pieces are silent somewhere, so that some unseen windows are as near to them as can be."""
    learnt = LEARNT.copy()
    learnt[:3, :80] = -100
    train = Examples(Rows(learnt), np.arange(12), np.full(12, 200), np.zeros((12, 0), np.float32), FRAMES)
    silent = np.full((10, FRAMES, 32), -100.0)
    found = nearest_windows(silent, train, PIECES, MEL)
    np.testing.assert_array_equal(found.relative, 1)
    held = nearest_windows(np.concatenate([UNSEEN, silent]), train, PIECES, MEL)
    drawn = nearest_windows(
        learnt_by_heart()[[place for place, one in enumerate(PLACES) if one[0] > 2]], train, PIECES, MEL
    )
    assert copies(drawn, held, 110).found


def test_many_windows_of_few_clips_tell_little_of_what_is_usual() -> None:
    relative = np.r_[np.full(12, 0.5), np.linspace(0.7, 1, 88)]
    drawn = Nearest(relative, relative, *(np.zeros(100, int) for _ in range(2)))
    held = drawn.of(slice(12, None))
    assert copies(drawn, held, 88).found
    assert not copies(drawn, held, 6).found
