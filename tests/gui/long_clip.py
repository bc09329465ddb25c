"""Clips that take a while to look at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

HOURS_S = 7200
RATE = 8000


def write_minutes(path: Path, minutes: int) -> Path:
    """Noise at 8 kHz that is louder each minute."""
    noise = np.random.default_rng(0).integers(-100, 100, 60 * RATE, dtype=np.int16)
    with soundfile.SoundFile(path, "w", RATE, 1, "PCM_16") as file:
        for minute in range(minutes):
            file.write(noise * np.int16(1 + minute))
    return path


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Two hours; deleted with the last test of its file."""
    path = write_minutes(tmp_path_factory.mktemp("long") / "two hours.wav", HOURS_S // 60)
    yield path
    path.unlink()
