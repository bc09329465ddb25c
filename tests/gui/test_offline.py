"""The window needs no network and uses none: nobody is told what is heard here."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Runs at the start of each Python process, the window's children, too, and cannot be taken back.
GUARD = """
import os, socket, sys

def told(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
        of = arguments[0]
        if not (isinstance(of, socket.socket) and of.family == getattr(socket, "AF_UNIX", None)):
            with open(os.environ["GUARD_TELLS"], "a") as file:
                file.write(f"{sys.argv} {event} {arguments}\\n")
            raise OSError("no network here")

sys.addaudithook(told)
with open(os.environ["GUARD_TELLS"] + ".on", "a") as file:
    file.write("on\\n")
"""


def _python(code: list[str], folder: Path, **more: str) -> subprocess.CompletedProcess:
    (folder / "sitecustomize.py").write_text(GUARD, "utf-8")
    environment = os.environ | {"PYTHONPATH": str(folder), "GUARD_TELLS": str(folder / "told"), **more}
    return subprocess.run(
        [sys.executable, *code], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=150, check=False
    )


def test_no_process_of_the_window_asks_for_the_network(models_folder: Path, tones: Path, tmp_path: Path) -> None:
    command = ["-m", "gui", "--smoke", str(tones / "low.wav"), "--models", str(models_folder)]
    done = _python(command, tmp_path, QT_QPA_PLATFORM="offscreen", FSTMUSE_CACHE=str(tmp_path / "cache"))
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "told").exists(), (tmp_path / "told").read_text()
    watched = (tmp_path / "told.on").read_text().count("on")
    assert watched >= 3, "window, engine and looker were watched"


def test_the_guard_would_notice(tmp_path: Path) -> None:
    done = _python(["-c", "import socket; socket.create_connection(('localhost', 9))"], tmp_path)
    assert done.returncode != 0
    assert "localhost" in (tmp_path / "told").read_text()


def test_qts_network_is_used_for_the_second_start_alone() -> None:
    users = {}
    for file in (ROOT / "gui").rglob("*.py"):
        for names in re.findall(r"from PySide6\.QtNetwork import (.*)|PySide6\.QtWeb\w+", file.read_text("utf-8")):
            users[file.name] = names
    assert users == {"single.py": "QLocalServer, QLocalSocket"}, "sockets of this machine, no others"
