"""A second start gives its clips to the first, in real processes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalSocket

from gui.single import Single, absolute, address, hand_over, listen_or_hand_over

_GIVE = "import sys, json; from gui.single import hand_over; print(hand_over(sys.argv[1], json.loads(sys.argv[2])))"
_DIE = (
    "import os, signal, sys; from PySide6.QtCore import QCoreApplication; app = QCoreApplication([]);"
    "from gui.single import Single; single = Single(sys.argv[1]); assert single.listening;"
    "os.kill(os.getpid(), signal.SIGKILL)"
)

_START = """
import sys, time
from PySide6.QtCore import QCoreApplication, QTimer
from gui import single
application = QCoreApplication([])
look = single.hand_over
single.hand_over = lambda *given: look(*given) or bool(time.sleep(1.5))  # so that the others come meanwhile
single = single.listen_or_hand_over(sys.argv[1], [])
took = []
if single is None:
    print("gave")
else:
    single.received.connect(took.append)
    single.received.connect(lambda paths: len(took) < 3 or QTimer.singleShot(300, application.quit))
    QTimer.singleShot(20_000, application.quit)
    application.exec()
    print("window that took", len(took))
    single.close()
"""


@pytest.fixture
def where(tmp_path: Path) -> str:
    return str(tmp_path / "here") if sys.platform != "win32" else f"fstmuse-test-{tmp_path.name}"


def _second_start(where: str, paths: list[str], folder: Path) -> subprocess.Popen:
    environment = {"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "", "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", _GIVE, where, json.dumps(paths)]
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)


def test_clips_of_a_second_start_arrive_as_absolute_paths(qtbot, where: str, tmp_path: Path) -> None:
    single = Single(where)
    try:
        assert single.listening
        other = tmp_path / "elsewhere, ä"
        other.mkdir()
        with qtbot.waitSignal(single.received, timeout=20_000) as heard:
            process = _second_start(where, ["a b.wav", "../x/ü.mp3", "/abs.flac", "https://a/b"], other)
        assert heard.args == [[str(other / "a b.wav"), str(tmp_path / "x" / "ü.mp3"), "/abs.flac", "https://a/b"]]
        qtbot.waitUntil(lambda: process.poll() is not None, timeout=20_000)
        assert (process.communicate()[0].strip(), process.returncode) == ("True", 0)
    finally:
        single.close()


def test_a_start_without_clips_only_asks_for_the_window(qtbot, where: str, tmp_path: Path) -> None:
    single = Single(where)
    try:
        with qtbot.waitSignal(single.received, timeout=20_000) as heard:
            process = _second_start(where, [], tmp_path)
        assert heard.args == [[]]
        qtbot.waitUntil(lambda: process.poll() is not None, timeout=20_000)
        assert process.communicate()[0].strip() == "True"
    finally:
        single.close()


def test_nobody_there_means_to_open_a_window(qapp, where: str) -> None:
    assert hand_over(where, ["/a.wav"]) is False


@pytest.mark.skipif(sys.platform == "win32", reason="sockets are no files there")
def test_what_a_killed_window_left_is_no_hindrance(qtbot, where: str, tmp_path: Path) -> None:
    environment = {"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": ""}
    killed = subprocess.run([sys.executable, "-c", _DIE, where], env=environment, check=False)
    assert killed.returncode < 0
    assert Path(where).exists(), "the socket is stale"
    single = listen_or_hand_over(where, ["/a.wav"])
    try:
        assert single.listening
        with qtbot.waitSignal(single.received, timeout=20_000) as heard:
            process = _second_start(where, ["/b.wav"], tmp_path)
        assert heard.args == [["/b.wav"]]
        qtbot.waitUntil(lambda: process.poll() is not None, timeout=20_000)
        assert process.communicate()[0].strip() == "True"
    finally:
        single.close()
    assert not Path(where).exists()


def test_of_starts_at_one_moment_one_becomes_the_window(where: str) -> None:
    command = [sys.executable, "-c", _START, where]
    starts = [subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE) for _ in range(4)]
    said = sorted(start.communicate(timeout=60)[0].decode().strip() for start in starts)
    assert said == ["gave"] * 3 + ["window that took 3"]


def test_a_window_that_hangs_does_not_swallow_clips(qapp, where: str, tmp_path: Path) -> None:
    single = Single(where)
    try:
        process = _second_start(where, ["/a.wav"], tmp_path)
        out, _ = process.communicate(timeout=20)  # no event loop runs meanwhile
        assert out.strip() == "False"
    finally:
        single.close()


def test_nonsense_is_left_alone(qtbot, where: str) -> None:
    single = Single(where)
    heard: list = []
    single.received.connect(heard.append)
    socket = QLocalSocket()
    try:
        socket.connectToServer(where)
        qtbot.waitUntil(lambda: socket.state() == QLocalSocket.LocalSocketState.ConnectedState)
        socket.write(b'no json\n{"a": 1}\n')
        socket.write(b'["/a.wav", 7]\n')
        qtbot.waitUntil(lambda: socket.bytesToWrite() == 0)
        socket.write(b'\n["/b.wav", 7]\n')
        socket.disconnectFromServer()
        qtbot.waitUntil(lambda: not single._parts)
    finally:
        single.close()
    assert all(paths == ["/b.wav"] for paths in heard)


def test_each_user_and_each_settings_file_has_its_own_window(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    mine = address()
    assert mine == address() != address("/other.ini")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert address() != mine


def test_paths_mean_the_same_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to("/nowhere")
    assert absolute("link") == str(tmp_path / "link"), "links stay links"
    assert absolute("a/../b.wav") == str(tmp_path / "b.wav")
    assert absolute("~/x.wav") == str(Path.home() / "x.wav")
