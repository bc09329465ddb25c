"""What the window keeps of a clip: tiles of its picture, and its samples in a growing file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gui.core.messages import Opened, Tile
from gui.core.pcm import Pcm
from gui.core.picture import LEVELS, PEAKS_PER_COLUMN, TILE_COLUMNS, Picture, pool

MELS = 6
CENTRES = np.array([100, 200, 400, 800, 1600, 3200], np.float32)


def opened(duration_s: float = 10.0) -> Opened:
    return Opened(1, 8000, duration_s, 80, MELS, CENTRES, -100.0)  # columns of 10 ms


def tile(index: int, columns: int = TILE_COLUMNS, value: int = 0) -> Tile:
    levels = [np.full((columns, MELS), value, np.uint8)]
    peaks = [np.zeros((PEAKS_PER_COLUMN * columns, 2), np.int8)]
    for _ in range(LEVELS - 1):
        levels.append(pool(levels[-1]))
        peaks.append(pool(peaks[-1]))
    return Tile(1, index, tuple(levels), tuple(peaks))


def test_pool_keeps_the_loudest_of_four_and_of_what_is_left():
    values = np.array([[1], [9], [2], [3], [4], [4], [7], [0], [5], [6]], np.uint8)

    assert pool(values).ravel().tolist() == [9, 7, 6]
    assert pool(values, np.minimum).ravel().tolist() == [1, 0, 5]
    assert pool(values).dtype == np.uint8


def test_a_picture_without_anything_has_nothing():
    picture = Picture()

    assert (picture.columns, picture.tiles, picture.duration_s, picture.column_s) == (0, 0, 0, 0)
    assert picture.tile(0, 0) is None
    assert picture.peaks(0, 0) is None
    assert picture.value_db(0.0, 0) is None
    assert (picture.hz(0.5), picture.row_of_hz(440.0)) == (0.0, 0.0)


def test_a_picture_grows_tile_by_tile():
    picture = Picture()
    picture.open(opened(15.0))
    picture.add(tile(0))

    assert (picture.columns, picture.tiles) == (1024, 1)
    assert picture.duration_s == 15.0
    assert picture.looked_s == pytest.approx(10.24)

    picture.add(tile(1, 200))
    picture.finish(97_901)

    assert (picture.columns, picture.tiles) == (1224, 2)
    assert picture.duration_s == picture.looked_s == pytest.approx(97_901 / 8000)
    assert [picture.tile(1, level).shape[0] for level in range(LEVELS)] == [200, 50, 13, 4, 1]
    assert [len(picture.peaks(0, level)) for level in range(LEVELS)] == [8192, 2048, 512, 128, 32]
    assert picture.tile(2, 0) is None
    assert picture.tile(-1, 0) is None


def test_a_picture_longer_than_its_file_said_is_as_long_as_it_is():
    picture = Picture()
    picture.open(opened(3.0))
    picture.add(tile(0))

    assert picture.duration_s == pytest.approx(10.24)


def test_a_tile_that_comes_again_takes_the_place_of_the_first():
    picture = Picture()
    picture.open(opened())
    picture.add(tile(0, value=10))
    before = picture.size_bytes
    picture.add(tile(0, value=20))

    assert (picture.tiles, picture.columns, picture.size_bytes) == (1, 1024, before)
    assert picture.tile(0, 0)[5, 0] == 20


def test_tiles_count_their_memory():
    picture = Picture()
    picture.add(tile(0))

    assert picture.size_bytes == MELS * (1024 + 256 + 64 + 16 + 4) + 2 * (8192 + 2048 + 512 + 128 + 32)


def test_a_missing_tile_is_refused():
    picture = Picture()
    with pytest.raises(ValueError, match="tile 1 after 0"):
        picture.add(tile(1))


@pytest.mark.parametrize(("per_pixel", "level"), [(0.01, 0), (3.9, 0), (4, 1), (15, 1), (16, 2), (256, 4), (1e6, 4)])
def test_the_level_has_at_least_a_column_for_each_pixel(per_pixel: float, level: int):
    assert Picture().level_for(per_pixel) == level
    assert Picture().peak_level_for(per_pixel / PEAKS_PER_COLUMN) == level


def test_values_in_decibels():
    picture = Picture()
    picture.open(opened())
    picture.add(tile(0, value=0))
    picture.add(tile(1, 10, value=255))

    assert picture.value_db(10.235, 0) == -100.0
    assert picture.value_db(10.245, 5) == 0.0
    assert picture.value_db(10.345, 0) is None
    assert picture.value_db(-0.1, 0) is None
    assert picture.value_db(1.0, MELS) is None


def test_heights_and_frequencies_are_inverse():
    picture = Picture()
    picture.open(opened())

    for row, centre in enumerate(CENTRES):
        assert picture.hz((row + 0.5) / MELS) == pytest.approx(centre)
    for height in (0.1, 0.33, 0.5, 0.9):
        assert picture.row_of_hz(picture.hz(height)) == pytest.approx(height)
    assert picture.hz(0.0) == 100.0
    assert picture.hz(1.0) == 3200.0


@pytest.fixture
def pcm(tmp_path: Path):
    (tmp_path / "clip.pcm").write_bytes(np.arange(100, dtype="<i2").tobytes())
    pcm = Pcm(tmp_path / "clip.pcm", 50)
    yield pcm
    pcm.close()


def test_samples_are_read_with_silence_around_them(pcm: Pcm):
    assert (pcm.samples, pcm.duration_s) == (100, 2.0)
    assert pcm.read(10, 3).tolist() == [10, 11, 12]
    assert pcm.read(98, 4).tolist() == [98, 99, 0, 0]
    assert pcm.read(-2, 4).tolist() == [0, 0, 0, 1]
    assert pcm.read(-9, 4).tolist() == [0, 0, 0, 0]
    assert pcm.read(500, 2).tolist() == [0, 0]
    assert len(pcm.read(0, 0)) == len(pcm.read(0, -5)) == 0


def test_samples_grow_with_their_file_and_half_a_sample_is_none(pcm: Pcm, tmp_path: Path):
    with (tmp_path / "clip.pcm").open("ab") as file:
        file.write(np.array([7], "<i2").tobytes() + b"\x01")

    assert pcm.samples == 101
    assert pcm.read(99, 2).tolist() == [99, 7]


def test_samples_stay_when_their_file_is_deleted_and_go_with_close(pcm: Pcm, tmp_path: Path):
    (tmp_path / "clip.pcm").unlink()
    assert pcm.read(10, 2).tolist() == [10, 11]

    pcm.close()
    assert pcm.samples == 0
    assert pcm.read(10, 2).tolist() == [0, 0]
