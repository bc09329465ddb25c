"""Clips that come by the menu's dialogs and with the command; those that are dropped and pasted are in test_window."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from gui.settings import Settings
from gui.window import Window
from tests.gui.window_fixtures import all_done, names, window

__all__ = ["window"]

ROOT = Path(__file__).resolve().parents[2]


def _dialog(window: Window, action: str) -> QFileDialog:
    window.context.actions[action].trigger()
    [dialog] = window.findChildren(QFileDialog)
    return dialog


def test_files_by_the_menu(qtbot, window: Window, tones: Path, settings: Settings) -> None:
    dialog = _dialog(window, "open_files")
    sound, everything = dialog.nameFilters()
    assert sound.startswith("Sound: aac, ") and ", mp3, " in sound and "*.mp3" in sound and "*.MP3" in sound
    assert everything == "All files (*)"
    dialog.filesSelected.emit([str(tones / "low.wav"), str(tones / "high.wav")])
    dialog.reject()
    qtbot.waitUntil(lambda: all_done(window, 2))
    assert sorted(names(window)) == ["high.wav", "low.wav"]
    assert settings.open_folder == str(tones), "the next dialog begins there"


def test_a_folder_by_the_menu(qtbot, window: Window, tones: Path) -> None:
    dialog = _dialog(window, "open_folder")
    assert dialog.fileMode() == QFileDialog.FileMode.Directory
    dialog.fileSelected.emit(str(tones))
    dialog.reject()
    qtbot.waitUntil(lambda: all_done(window, 3))


@pytest.mark.parametrize("action", ["open_files", "open_folder"])
def test_a_dialog_that_is_left_adds_nothing(qtbot, window: Window, action: str) -> None:
    dialog = _dialog(window, action)
    dialog.reject()
    qtbot.waitUntil(lambda: not window.findChildren(QFileDialog))
    assert names(window) == [] and not window.status.currentMessage()


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent otherwise there")
def test_clips_of_the_command(models_folder: Path, tones: Path, tmp_path: Path) -> None:
    file = tmp_path / "settings.ini"
    file.write_text("[choices]\nsave_results=false\nrun_on_drop=false\n", "utf-8")
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "FSTMUSE_CACHE": str(tmp_path / "cache")}
    environment["XDG_DATA_HOME"] = str(tmp_path / "data")
    relative = os.path.relpath(tones / "high.wav", ROOT)
    command = [sys.executable, "-m", "gui", "--new", "--settings", str(file), relative, str(tones / "low.wav")]
    started = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 30
        while "low.wav" not in file.read_text("utf-8"):  # recent clips; Qt writes them within the second
            assert started.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        assert str(tones / "high.wav") in file.read_text("utf-8")
        started.send_signal(signal.SIGINT)
        _, words = started.communicate(timeout=30)
        assert started.returncode == 0, words
    finally:
        started.kill()
        started.wait()
