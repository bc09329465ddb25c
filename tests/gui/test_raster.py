"""Strips for drawing hold what the picture holds, at every zoom."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gui.core.pcm import Clip
from gui.core.picture import LEVELS
from gui.core.raster import peak_strip, picture_strip, stretch_rows, window_borders, window_strip
from tests.artifact_fixtures import write_tone
from tests.gui.view_fixtures import long_clip, look


@pytest.fixture
def low(tmp_path: Path) -> Clip:
    return look(write_tone(tmp_path / "low.wav", "Low", 3.0), tmp_path)


def test_one_pixel_per_column_is_the_picture(low: Clip) -> None:
    picture = low.picture
    strip, known = picture_strip(picture, 0.0, 40 * picture.column_s, 40)
    assert np.array_equal(strip, picture.tile(0, 0)[:40].T[::-1]) and known.all()


@pytest.mark.parametrize("level", range(LEVELS))
def test_a_pixel_is_the_loudest_of_its_columns(level: int) -> None:
    picture = long_clip(200.0).picture
    columns = np.concatenate([picture.tile(index, 0) for index in range(picture.tiles)])
    width = 5
    strip, _ = picture_strip(picture, 0.0, width * 4**level * picture.column_s, width)
    expected = columns[: width * 4**level].reshape(width, 4**level, -1).max(axis=1)
    assert np.array_equal(strip, expected.T[::-1])


def test_close_views_blend_between_columns(low: Clip) -> None:
    column_s = low.picture.column_s
    strip, _ = picture_strip(low.picture, 4 * column_s, 8 * column_s, 400)
    steps = np.abs(np.diff(strip.astype(int), axis=1))
    source = np.abs(np.diff(low.picture.tile(0, 0)[3:9].astype(int), axis=0))
    assert steps.max() <= source.max() / 50 + 1


def test_what_is_not_there_yet_is_unknown() -> None:
    clip = long_clip(100.0)
    looked = clip.picture.looked_s
    strip, known = picture_strip(clip.picture, 0.0, 100.0, 1000)
    assert known.sum() == pytest.approx(10 * looked, abs=2) and not strip[:, ~known].any()
    peaks = peak_strip(clip.picture, None, 0.0, 100.0, 1000)
    assert np.isnan(peaks[:, 0]).sum() == pytest.approx(1000 - 10 * looked, abs=2)


def test_rows_are_blended_up_and_pooled_down() -> None:
    strip = np.array([[0], [100], [200], [40]], np.uint8)
    assert stretch_rows(strip, 4)[:, 0].tolist() == [0, 100, 200, 40]
    assert stretch_rows(strip, 2)[:, 0].tolist() == [100, 200]
    up = stretch_rows(strip, 400)[:, 0].astype(int)
    assert up[0] == 0 and up[-1] == 40 and up.max() >= 198 and np.abs(np.diff(up)).max() <= 2


def test_peaks_enclose_the_samples_at_every_zoom(low: Clip) -> None:
    samples = low.pcm.read(0, low.pcm.samples) / 32767
    rate = low.pcm.sample_rate
    for span in (3.0, 0.5, 0.05):
        strip = peak_strip(low.picture, low.pcm, 0.0, span, 100)
        whole = samples[: int(span * rate)]
        assert strip[:, 0].min() == pytest.approx(whole.min(), abs=0.02)
        assert strip[:, 1].max() == pytest.approx(whole.max(), abs=0.02)


def test_each_window_stands_around_its_centre() -> None:
    starts = np.arange(0.0, 5.0, 0.5)
    borders = window_borders(np.stack([starts, starts + 1.5], axis=1))
    centres = starts + 0.75
    assert borders[0] == 0 and borders[-1] == 6.0 and (np.diff(borders) > 0).all()
    assert (np.searchsorted(borders, centres, "right") - 1).tolist() == list(range(10))
    assert borders[1:-1] == pytest.approx((centres[:-1] + centres[1:]) / 2)
    apart = window_borders(np.array([[0.0, 1.0], [3.0, 4.0], [4.0, 5.0]]))
    assert apart.tolist() == [0, 3, 4, 5]


def test_windows_reach_to_the_next_one() -> None:
    values = np.array([[0.1, 0.9], [0.2, 0.8], [0.3, 0.7]], np.float32)
    starts = np.array([1.0, 2.0, 3.0])
    strip = window_strip(values, starts, 5.0, np.linspace(0, 6, 13))
    row = strip[0]
    assert np.isnan(row[:2]).all() and np.isnan(row[10:]).all()
    assert row[2:10] == pytest.approx([0.1, 0.1, 0.2, 0.2, 0.3, 0.3, 0.3, 0.3])
    assert strip[1, 2:4] == pytest.approx([0.9, 0.9])


def test_a_pixel_of_many_windows_shows_the_largest() -> None:
    values = np.zeros((1000, 1), np.float32)
    values[777] = 1
    strip = window_strip(values, np.arange(1000.0), 1000.0, np.linspace(0, 1000, 11))
    assert strip[0].tolist() == [0, 0, 0, 0, 0, 0, 0, 1, 0, 0]


def test_few_samples_in_a_pixel_make_a_line_without_gaps(low: Clip) -> None:
    strip = peak_strip(low.picture, low.pcm, 1.0, 1.2, 1600 * 5 // 11)
    assert (strip[:-1, 1] >= strip[1:, 0]).all() and (strip[:-1, 0] <= strip[1:, 1]).all()
    end = peak_strip(low.picture, low.pcm, 2.9, 3.1, 700)
    assert np.isnan(end[351:]).all() and not np.isnan(end[:349]).any()
