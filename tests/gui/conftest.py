"""Fixtures for the window's tests: a real artifact, real sound files, settings of their own, nothing left behind."""

from __future__ import annotations

import gc
import multiprocessing
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from tests.artifact_fixtures import tone_artifact, write_tone
from tests.infill_fixtures import small_filler

__all__ = ["small_filler", "tone_artifact"]


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """Each test ends with the threads, child processes and running timers that it began with."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 5
    while left := _left(before):
        if time.monotonic() > deadline:
            for child in multiprocessing.active_children():
                child.kill()
            pytest.fail(f"left running: {', '.join(left)}")
        # What is only kept by a circle of references is as good as gone; collecting takes a second of TensorFlow's.
        gc.collect()
        if QApplication.instance():
            QApplication.processEvents()  # a timer that fires but once has its chance
        time.sleep(0.02)


def _left(before: set[threading.Thread]) -> list[str]:
    threads = [thread.name for thread in threading.enumerate() if thread not in before and not thread.daemon]
    children = [child.name for child in multiprocessing.active_children()]
    tops = QApplication.topLevelWidgets() if QApplication.instance() else []
    timers = [
        f"{timer.interval()} ms timer of {timer.parent()}"
        for top in tops
        for timer in top.findChildren(QTimer)
        if timer.isActive()
    ]
    return threads + children + timers


@pytest.fixture
def models_folder(tone_artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of models that holds one, `tones`, which tells low, middle and high tones apart."""
    folder = tmp_path / "models"
    shutil.copytree(tone_artifact, folder / "tones")
    monkeypatch.setenv("FSTMUSE_MODELS", str(folder))
    return folder


@pytest.fixture
def tones(tmp_path: Path) -> Path:
    """A folder with low.wav, high.wav and middle.flac, 3 s each."""
    folder = tmp_path / "clips"
    write_tone(folder / "low.wav", "Low", 3.0)
    write_tone(folder / "high.wav", "High", 3.0, 44100, 2)
    write_tone(folder / "middle.flac", "Middle", 3.0, 22050)
    return folder


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A file that claims to be sound and is none."""
    file = tmp_path / "broken.mp3"
    file.write_text("this is no sound\n" * 100)
    return file


@pytest.fixture
def settings(tmp_path: Path):
    """Settings of a test's own, never the developer's."""
    from gui.settings import Settings

    made = Settings(tmp_path / "settings.ini")
    made.output_folder = str(tmp_path / "results")
    return made
