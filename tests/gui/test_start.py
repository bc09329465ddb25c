"""Starting the window: arguments, refusals, handing over, Ctrl-C. Each in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fstmuse.errors import ConfigError
from gui import platform_check
from gui.platform_check import _missing, require_qt

ROOT = Path(__file__).parents[2]


def _run(*arguments: str, **changes: str) -> subprocess.CompletedProcess:
    environment = {name: text for name, text in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment | changes,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_and_version_need_neither_qt_nor_tensorflow() -> None:
    done = _run("-X", "importtime", "-m", "gui", "--help")
    assert done.returncode == 0 and "--models" in done.stdout and "--smoke" in done.stdout
    imported = set(re.findall(r"\| +([\w.]+)$", done.stderr, re.MULTILINE))
    assert "typer" in imported
    assert not {"PySide6", "tensorflow", "keras", "numpy", "matplotlib"} & imported
    assert _run("-m", "gui", "--version").stdout.startswith("FstMuse ")


def test_child_processes_that_import_the_start_again_get_nothing_heavy() -> None:
    done = _run("-X", "importtime", "-c", "import gui.start, gui.__main__")
    imported = set(re.findall(r"\| +([\w.]+)$", done.stderr, re.MULTILINE))
    assert not {"PySide6", "tensorflow", "keras", "numpy", "librosa", "scipy", "pandas", "matplotlib"} & imported


def test_the_window_itself_imports_nothing_heavy() -> None:
    done = _run("-X", "importtime", "-c", "import gui.window, gui.smoke", QT_QPA_PLATFORM="offscreen")
    assert done.returncode == 0, done.stderr[-2000:]
    imported = set(re.findall(r"\| +([\w.]+)$", done.stderr, re.MULTILINE))
    assert "PySide6.QtWidgets" in imported
    assert not {"tensorflow", "keras", "librosa", "scipy", "pandas", "matplotlib", "sklearn"} & imported


@pytest.mark.skipif(sys.platform != "linux", reason="displays are named so there alone")
@pytest.mark.parametrize("platform", ["", "xcb"])
def test_without_a_display_it_says_so(platform: str) -> None:
    done = _run("-m", "gui", QT_QPA_PLATFORM=platform)
    assert done.returncode == 2
    assert "There is no display" in done.stderr and "Traceback" not in done.stderr


def test_without_pyside_it_says_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "PySide6").mkdir()
    (tmp_path / "PySide6" / "__init__.py").write_text("raise ModuleNotFoundError('No module', name='PySide6')\n")
    done = _run("-m", "gui", PYTHONPATH=str(tmp_path))
    assert done.returncode == 2
    assert "pip install 'fstmuse[gui]'" in done.stderr and "Traceback" not in done.stderr


def test_a_missing_library_is_named_with_its_package(tmp_path: Path) -> None:
    (tmp_path / "PySide6").mkdir()
    (tmp_path / "PySide6" / "__init__.py").write_text("raise ImportError('libEGL.so.1: cannot open shared object')\n")
    done = _run("-m", "gui", PYTHONPATH=str(tmp_path))
    assert done.returncode == 2 and "apt-get install libegl1" in done.stderr
    assert "libxcb-cursor0" in _missing("libxcb-cursor.so.0: cannot open shared object file")
    assert "libegl1" in _missing("libother.so.9: cannot open shared object file")


def test_libraries_named_are_those_that_are_installed() -> None:
    """What .ci/qt installs and what messages name agree."""
    text = (ROOT / ".ci" / "qt").read_text("utf-8")
    pairs = dict(re.findall(r"(lib[\w.+-]+\.so\.\d+)=(lib[\w.+-]+)", text))
    assert len(pairs) > 20
    assert {name: platform_check._PACKAGES.get(name) for name in pairs} == pairs


def test_offscreen_is_a_display(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    require_qt()
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    with pytest.raises(ConfigError, match="no display"):
        require_qt()


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent otherwise there")
def test_a_second_start_hands_over_and_ctrl_c_closes(models_folder: Path, tones: Path, tmp_path: Path) -> None:
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_RUNTIME_DIR": str(runtime),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "FSTMUSE_CACHE": str(tmp_path / "cache"),
    }
    settings = str(tmp_path / "settings.ini")
    Path(settings).write_text("[choices]\nsave_results=false\nrun_on_drop=false\n", "utf-8")
    command = [sys.executable, "-m", "gui", "--settings", settings]
    first = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 30
        while not [path for path in runtime.glob("fstmuse-*") if path.is_socket()]:
            assert first.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        second = subprocess.run(
            [*command, str(tones / "low.wav")], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
        )
        assert second.returncode == 0 and "takes over" in second.stderr
        first.send_signal(signal.SIGINT)
        _, words = first.communicate(timeout=30)
        assert first.returncode == 0, words
        assert "low.wav" in Path(settings).read_text("utf-8"), "the first window took it, and remembers it"
    finally:
        first.kill()
        first.wait()


_INTERRUPTED = """
import signal, sys
from gui.window import Window
real = getattr(Window, sys.argv[1])

def interrupted(window, *given):
    real(window, *given)
    signal.raise_signal(signal.SIGINT)

setattr(Window, sys.argv[1], interrupted)
from gui.start import main
sys.argv[1:] = ["--settings", sys.argv[2]]
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent otherwise there")
@pytest.mark.parametrize("moment", ["__init__", "show", "_start_children"])
def test_ctrl_c_while_the_window_opens_closes_it(moment: str, models_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "runtime").mkdir(mode=0o700)
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_RUNTIME_DIR": str(tmp_path / "runtime"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "FSTMUSE_CACHE": str(tmp_path / "cache"),
    }
    command = [sys.executable, "-c", _INTERRUPTED, moment, str(tmp_path / "settings.ini")]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
    assert not [path for path in (tmp_path / "runtime").glob("fstmuse-*") if path.suffix != ".lock"]
    assert not list((tmp_path / "cache").glob("gui-*"))
