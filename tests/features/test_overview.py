"""A sound at a glance: what is heard when, in few columns, whatever its length."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from fstmuse.errors import AudioError
from fstmuse.features.overview import COLUMNS, overview

RATE = 8000
HERTZ = (300.0, 1000.0, 3000.0)


def write_steps(path: Path, seconds_each: float, silence_s: float = 0.0) -> Path:
    """Silence, then three tones one after another, streamed to the file."""
    with soundfile.SoundFile(path, "w", RATE, 2) as file:
        file.write(np.zeros((round(silence_s * RATE), 2)))
        for hertz in HERTZ:
            second = 0.5 * np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE)
            for _ in range(int(seconds_each)):
                file.write(np.stack([second, second], axis=1))
    return path


def hertz_of(found) -> np.ndarray:
    """Middle of the loudest band of each column, in Hz: float (columns,)."""
    spec = found.mel
    mels = np.linspace(0, 1127 * np.log1p(spec.fmax / 700), spec.n_mels + 2)[1:-1]
    return 700 * np.expm1(mels / 1127)[found.picture.argmax(axis=1)]


@pytest.mark.parametrize("seconds_each", [2, 30, 2400])
def test_tones_stand_in_their_place(tmp_path: Path, seconds_each: int) -> None:
    """Two hours are 2400 s of each tone: as few columns as 30 s."""
    found = overview(write_steps(tmp_path / "steps.flac", seconds_each), 0.0, 3.0 * seconds_each)
    columns = len(found.picture)
    assert (columns == 188) if seconds_each == 2 else (COLUMNS - 4 <= columns <= COLUMNS)
    assert (found.start_s, found.end_s) == (0.0, 3.0 * seconds_each)
    middles = (np.arange(columns) + 0.5) / columns * 3
    heard, clear = hertz_of(found), np.abs(middles - np.round(middles)) > 0.05
    expected = np.array(HERTZ)[np.clip(middles.astype(int), 0, 2)]
    np.testing.assert_allclose(heard[clear], expected[clear], rtol=0.05)
    # A sine of half of full scale; a short sound's first and last frames reach into the silence around it.
    np.testing.assert_allclose(found.picture[8:-8].max(axis=1), -6, atol=3.5)
    assert found.picture.max() < -5 and found.picture.dtype == np.float32


def test_a_part_and_an_end_that_comes_sooner(tmp_path: Path) -> None:
    path = write_steps(tmp_path / "steps.wav", 2)
    found = overview(path, 2.0, 2.0)
    np.testing.assert_allclose(hertz_of(found)[4:-4], HERTZ[1], rtol=0.05)
    assert (found.start_s, found.end_s) == (2.0, 4.0)
    longer = overview(path, 4.0, 4.0)
    half = len(longer.picture) // 2
    np.testing.assert_allclose(hertz_of(longer)[4 : half - 4], HERTZ[2], rtol=0.05)
    assert (longer.picture[half + 4 :] == longer.mel.floor_db).all()


def test_a_click_stands_in_the_middle_of_its_frames(tmp_path: Path) -> None:
    sound = np.zeros(RATE)
    sound[RATE // 2] = 0.9
    soundfile.write(tmp_path / "click.wav", sound, RATE)
    found = overview(tmp_path / "click.wav", 0.0, 1.0)
    loud = np.flatnonzero(found.picture.max(axis=1) > found.mel.floor_db)
    centre = (loud.mean() + 0.5) / len(found.picture) * (found.end_s - found.start_s)
    assert centre == pytest.approx(0.5, abs=0.04)


def test_a_single_sample(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "one.wav", np.array([0.5]), RATE)
    assert overview(tmp_path / "one.wav", 0.0, 1 / RATE).picture.shape == (1, 128)


def test_what_cannot_be_heard(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match=r"none\.wav"):
        overview(tmp_path / "none.wav", 0.0, 1.0)
