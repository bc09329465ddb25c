"""An export and the end of the window: nothing goes on that nobody waits for."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.gui.test_exporting import DEAF

LATE = """
import pathlib, sys, time
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
try:
    out.with_suffix(".ready").touch()
    time.sleep(60)
finally:
    out.with_suffix(".cleaned").touch()
"""

WINDOW = """
import pathlib, sys
from PySide6.QtCore import QCoreApplication
from fstmuse.artifacts.shelf import Model
from gui import exporting
app = QCoreApplication([])
model = Model("none", "none", None, 0, "")
exporting.fstmuse.__file__ = sys.argv[1]
exporter = exporting.Exporter()
exporter.start(model, "onnx", sys.argv[2])
exporter._process.started.connect(lambda: print(exporter._process.processId(), flush=True))
app.exec()
"""


@pytest.mark.parametrize(("command", "left"), [(LATE, ["x.cleaned", "x.ready"]), (DEAF, [".x.part.onnx", "x.onnx"])])
def test_an_export_ends_with_a_window_that_is_killed(tmp_path: Path, command: str, left: list[str]) -> None:
    """In good order where it hears of it, else by force."""
    package, out = tmp_path / "fake" / "fstmuse", tmp_path / "out"
    package.mkdir(parents=True)
    out.mkdir()
    (package / "__init__.py").touch()
    (package / "export.py").write_text(command)
    (tmp_path / "window.py").write_text(WINDOW)
    window = subprocess.Popen(
        [sys.executable, tmp_path / "window.py", package / "__init__.py", out / "x.onnx"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    pid = int(window.stdout.readline())
    try:
        wait_for(lambda: (out / "x.ready").exists() or (package / "export.py.ready").exists())
        window.kill()
        window.wait()
        window.stdout.close()
        wait_for(lambda: not running(pid))
        assert sorted(file.name for file in out.iterdir()) == left
    finally:
        window.kill()
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def wait_for(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def running(pid: int) -> bool:
    """Not ended; one that nobody has asked for its exit code is ended, too."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
