"""A folder of music that `tone_artifact` knows, and the command predict that is asked about it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from fstmuse import predict
from tests.artifact_fixtures import write_tone

REPOSITORY = Path(__file__).resolve().parent.parent

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(run_command: Callable) -> Command:
    """Runs the command in this process: exit code, stdout, stderr."""
    return partial(run_command, predict)


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """Five files that can be heard, of several rates and channels, and three that cannot."""
    folder = tmp_path / "music"
    write_tone(folder / "a.wav", "Low", 2.5)
    write_tone(folder / "b 🎸 é.flac", "Middle", 0.7, 44100, 2)
    write_tone(folder / "deep" / "er" / "c.wav", "High", 1.0, 48000, 6)
    write_tone(folder / "deep" / "d, [red].wav", "Low", 3.0)
    write_tone(folder / "e.wav", "High", 1.0)
    (folder / "empty.wav").touch()
    (folder / "text.mp3").write_text("words")
    (folder / "notes.txt").write_text("not looked at")
    return folder


ANSWERS = {
    "a.wav": "Low",
    "b 🎸 é.flac": "Middle",
    "deep/er/c.wav": "High",
    "deep/d, [red].wav": "Low",
    "e.wav": "High",
}
BAD = {"empty.wav": "is empty", "text.mp3": "holds text"}


def expected(folder: Path) -> dict[str, str]:
    return {str(folder / name): label for name, label in ANSWERS.items()}


def csv_rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))
