"""Clipped sound is told from loud sound."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from fstmuse.audio.clipping import OFTEN, clipped_share, is_clipped

RATE = 22050
TIMES = np.arange(2 * RATE) / RATE
LOUD = np.sin(2 * np.pi * 220 * TIMES) * np.sin(2 * np.pi * 0.5 * TIMES)


def test_runs_at_full_scale_are_counted_in_the_worst_channel() -> None:
    sound = np.zeros((1000, 2))
    sound[10:13, 0] = 1  # too short for a run
    sound[100:120, 1] = 1.02  # what a lossy codec makes of full scale
    sound[200:230, 1] = -1
    sound[300:340:2, 1] = 1  # peaks apart
    assert clipped_share(sound) == pytest.approx(0.05)


def test_loud_sound_is_not_clipped() -> None:
    assert clipped_share(LOUD[:, None]) < OFTEN / 3
    assert clipped_share(np.clip(1.3 * LOUD, -1, 1)[:, None]) > OFTEN


@pytest.mark.parametrize("suffix", ["wav", "mp3"])
def test_files_are_looked_at_where_asked(tmp_path: Path, suffix: str) -> None:
    quiet, spoilt = 0.5 * LOUD, np.clip(4 * LOUD, -1, 1)
    file = tmp_path / f"spoilt.{suffix}"
    soundfile.write(file, np.stack([np.concatenate([quiet, spoilt]), np.concatenate([quiet, quiet])], axis=1), RATE)
    assert is_clipped(file, 2.2, 1.0)
    assert not is_clipped(file, 0.2, 1.0)
    assert not is_clipped(file, 99.0, 1.0)  # beyond its end
    assert not is_clipped(tmp_path / "none.wav", 0, 1)
