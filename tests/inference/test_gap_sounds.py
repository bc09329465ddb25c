"""Gaps of an evaluation as sound: what is hidden, and that pictures of the result are those of the clip."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from fstmuse.artifacts.card import Card
from fstmuse.data.manifest import read_manifest
from fstmuse.errors import DataError
from fstmuse.features.mel import LogMel
from fstmuse.features.presets import HIFI, REPORT
from fstmuse.inference.gap_sounds import refilled
from fstmuse.inference.gap_stretches import FRAMES, Stretches, read_stretches
from fstmuse.spec import AudioSpec, MelSpec
from fstmuse.tasks.gap_metrics import in_range
from tests.training.filling import make_pieces


def stretches(folder: Path, mel: MelSpec = REPORT, seconds: float = 3.0, fixed: int | None = None) -> Stretches:
    csv = make_pieces(folder)
    card = Card("mine", "gapnet", "infill", (), AudioSpec(mel.sample_rate, 1.0), mel, 1.0)
    return read_stretches(card, fixed, read_manifest(csv), folder, "valid", seconds, 0)


@pytest.mark.parametrize(("mel", "fixed"), [(REPORT, None), (REPORT, 64), (HIFI, 41)])
def test_a_gap_hides_all_that_its_frames_cover_and_no_more(tmp_path: Path, mel: MelSpec, fixed: int | None) -> None:
    parts = stretches(tmp_path, mel, fixed=fixed)
    assert len(parts) == 2 and len(parts.pictures[0]) == (fixed or 130) < FRAMES
    truth = dict(parts.sounds([0, 1]))
    seen = []

    def honest(sound: np.ndarray, rate: int, start: int, end: int) -> np.ndarray:
        number = len(seen)
        seen.append((start, end))
        assert rate == mel.sample_rate and not sound[start:end].any()
        np.testing.assert_array_equal(np.delete(sound, np.s_[start:end]), np.delete(truth[number], np.s_[start:end]))
        return truth[number][start:end]

    found = refilled(parts, {"honest": honest}, {("honest", 10): (0, 1)})["honest", 10]
    start, stop = parts.gap(0, 10)
    assert seen == [(start * mel.hop_length, (stop - 1) * mel.hop_length + mel.n_fft)] * 2
    for number, one in enumerate(found):
        # Pictures of the cache are of half precision.
        np.testing.assert_allclose(one.picture, parts.pictures[number][start:stop], atol=0.05)
        assert one.snr > 100


def test_pictures_and_sounds_are_of_the_same_part_of_a_clip(tmp_path: Path) -> None:
    parts = stretches(tmp_path, fixed=30)
    assert parts.firsts[0] == (130 - 30) // 2
    for number, sound in parts.sounds([0, 1]):
        picture = parts.pictures[number]
        np.testing.assert_allclose(in_range(LogMel(REPORT)(sound)[:30], like=picture), picture, atol=0.1)


def test_only_what_is_asked_for_is_filled(tmp_path: Path) -> None:
    parts = stretches(tmp_path)
    ways = {name: lambda sound, rate, start, end: np.zeros(end - start) for name in ("a", "b")}
    shares: list[float] = []
    found = refilled(parts, ways, {("a", 1): (1,), ("a", 40): (0, 1), ("b", 7): ()}, 0, shares.append)
    assert {key: len(rows) for key, rows in found.items()} == {("a", 1): 1, ("a", 40): 2, ("b", 7): 0}
    assert found["a", 40][0].picture.shape == (40, 64) and found["a", 1][0].snr == pytest.approx(0)
    assert shares == [0.5, 1.0]


@pytest.mark.parametrize("floor_db", [-100.0, -100.03])
def test_a_gap_without_sound_is_known(tmp_path: Path, floor_db: float) -> None:
    parts = stretches(tmp_path, dataclasses.replace(REPORT, floor_db=floor_db))
    assert parts.audible(10) == [0, 1]
    start, stop = parts.gap(1, 10)
    parts.pictures[1][start:stop] = parts.pictures[1].max() - 80
    assert parts.audible(10) == [0]
    assert parts.audible(12) == [0, 1]
    # The same of a clip so soft that the floor of the pictures lies within the range.
    parts.pictures[1][:] = -60
    # As it comes out of a cache, in half precision: the second floor as -100.
    parts.pictures[1][start:stop] = np.float16(floor_db)
    assert parts.audible(10) == [0]
    assert parts.audible(12) == [0, 1]


def test_a_clip_that_is_gone_is_told(tmp_path: Path) -> None:
    parts = stretches(tmp_path)
    (tmp_path / parts.clips[1].path).unlink()
    with pytest.raises(DataError, match=r"d1\.wav: no such file"):
        list(parts.sounds([0, 1]))
