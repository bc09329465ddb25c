"""A folder of music so small that a training of it takes seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from fstmuse.audio.write import write
from tests.training.lessons import RATE, sound

SETTINGS = {"epochs": 1, "batch_size": 4, "workers": 1, "clip_seconds": 6.0, "jit_compile": False, "masks": 0}


def make_folder(folder: Path, count: int = 4) -> Path:
    """A folder per label, `noise` and `tones`, with one-second clips."""
    for kind in ("noise", "tones"):
        (folder / kind).mkdir(parents=True)
        for number in range(count):
            write(folder / kind / f"{number}.wav", sound(kind, number), RATE)
    return folder


@pytest.fixture
def lesson_folder(tmp_path: Path) -> Path:
    """Two labels, four clips each."""
    return make_folder(tmp_path / "lesson")
