"""Children: their messages and every way in which they end."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from gui.child import Child, how_it_ended
from gui.core.messages import Load

from . import targets


class Heard:
    """A child and what came from it."""

    def __init__(self, target: Callable, *arguments: object) -> None:
        self.child = Child(target, *arguments, name="tested")
        self.messages, self.codes, self.threads = [], [], set()
        self.child.received.connect(self._hear)
        self.child.ended.connect(self.codes.append)
        self.child.start()

    def _hear(self, message: object) -> None:
        self.messages.append(message)
        self.threads.add(threading.current_thread())


@pytest.fixture
def hear(qtbot) -> Iterator[Callable[..., Heard]]:
    """Starts children, and ends them after the test."""
    started, threads = [], set(threading.enumerate())

    def begin(target: Callable, *arguments: object) -> Heard:
        started.append(Heard(target, *arguments))
        return started[-1]

    yield begin
    for heard in started:
        heard.child.close()
    assert set(threading.enumerate()) <= threads


def test_messages_go_both_ways_in_order_and_arrive_in_the_thread_of_qt(hear, qtbot):
    heard = hear(targets.echo, "argument", 7)
    for number in range(50):
        assert heard.child.send(Load(str(number)))
    qtbot.waitUntil(lambda: len(heard.messages) == 51, timeout=10_000)
    assert heard.messages == [("argument", 7), *(Load(str(number)) for number in range(50))]
    assert heard.threads == {threading.main_thread()}
    assert heard.child.alive and heard.child.pid


def test_a_large_array_arrives_whole(hear, qtbot):
    heard = hear(targets.echo)
    array = np.arange(2_000_000, dtype=np.float32)
    heard.child.send(array)
    qtbot.waitUntil(lambda: len(heard.messages) == 2, timeout=10_000)
    np.testing.assert_array_equal(heard.messages[1], array)


def test_a_stopped_child_makes_nobody_wait_and_hears_all_in_order_later(hear, qtbot):
    heard = hear(targets.echo)
    qtbot.waitUntil(lambda: bool(heard.messages), timeout=10_000)
    os.kill(heard.child.pid, signal.SIGSTOP)
    load, began = bytes(1_000_000), time.monotonic()
    changing = [0]
    for number in range(20):
        changing[0] = number
        assert heard.child.send((changing, load))
    assert time.monotonic() - began < 1.0
    os.kill(heard.child.pid, signal.SIGCONT)
    qtbot.waitUntil(lambda: len(heard.messages) == 21, timeout=10_000)
    assert [number for [number], _ in heard.messages[1:]] == list(range(20))


@pytest.mark.parametrize("end", ["close", "kill"])
def test_a_stopped_child_with_a_full_pipe_can_be_ended(hear, qtbot, end):
    heard = hear(targets.echo)
    qtbot.waitUntil(lambda: bool(heard.messages), timeout=10_000)
    os.kill(heard.child.pid, signal.SIGSTOP)
    for _ in range(5):
        heard.child.send(bytes(1_000_000))
    began = time.monotonic()
    if end == "close":
        heard.child.close(0.2)
    else:
        heard.child.kill()
        qtbot.waitUntil(lambda: heard.codes == [-signal.SIGKILL], timeout=2000)
    assert time.monotonic() - began < 1.5
    assert not heard.child.send("x") and not heard.child._writer.is_alive()


def test_what_cannot_be_sent_is_told_to_whom_it_concerns(hear):
    heard = hear(targets.echo)
    with pytest.raises((AttributeError, pickle.PicklingError)):
        heard.child.send(lambda: None)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_a_killed_child_is_told_once(hear, qtbot, number):
    heard = hear(targets.echo)
    qtbot.waitUntil(lambda: bool(heard.messages), timeout=10_000)
    os.kill(heard.child.pid, number)
    qtbot.waitUntil(lambda: bool(heard.codes), timeout=5000)
    assert heard.codes == [-number]
    assert not heard.child.alive and heard.child.pid is None
    assert not heard.child.send(Load("x"))
    heard.child.close()
    assert heard.codes == [-number]


def test_ctrl_c_in_the_terminal_leaves_children_alone(hear, qtbot):
    heard = hear(targets.echo)
    os.kill(heard.child.pid, signal.SIGINT)  # while it starts
    qtbot.waitUntil(lambda: bool(heard.messages), timeout=10_000)
    os.kill(heard.child.pid, signal.SIGINT)
    heard.child.send("still there?")
    qtbot.waitUntil(lambda: "still there?" in heard.messages, timeout=5000)
    assert heard.codes == []


def test_last_words_arrive_before_the_end_is_told(hear, qtbot):
    heard = hear(targets.fail)
    heard.child.ended.connect(lambda code: heard.messages.append("ended"))
    qtbot.waitUntil(lambda: bool(heard.codes), timeout=10_000)
    assert heard.codes == [3]
    assert heard.messages == [*range(100), "ended"]


def test_kill_ends_even_a_deaf_child(hear, qtbot):
    heard = hear(targets.deaf)
    qtbot.waitUntil(lambda: bool(heard.messages), timeout=10_000)
    heard.child.kill()
    qtbot.waitUntil(lambda: bool(heard.codes), timeout=2000)
    assert heard.codes == [-signal.SIGKILL]


def test_a_child_that_talks_nonsense_is_ended(hear, qtbot, caplog):
    heard = hear(targets.unreadable)
    qtbot.waitUntil(lambda: bool(heard.codes), timeout=10_000)
    assert heard.codes == [-signal.SIGKILL]
    assert "cannot be read" in caplog.text


def test_a_child_that_closes_its_pipe_but_does_not_end_is_ended(hear, qtbot):
    heard = hear(targets.lingering)
    qtbot.waitUntil(lambda: bool(heard.codes), timeout=10_000)
    assert heard.codes == [-signal.SIGKILL]


def test_a_child_that_ends_while_another_is_started_has_its_exit_code(hear, qtbot):
    """Starting a process asks for the exit codes of all others, in another thread than the one that waits for it."""
    dying = [hear(targets.fail) for _ in range(4)]
    for _ in range(200):
        multiprocessing.active_children()
    qtbot.waitUntil(lambda: all(heard.codes for heard in dying), timeout=15_000)
    assert [heard.codes for heard in dying] == [[3]] * 4


def test_close_lets_a_child_end_by_itself(hear, qtbot):
    heard = hear(targets.echo)
    qtbot.waitUntil(lambda: bool(heard.messages), timeout=10_000)
    process = heard.child._process
    process_end = []
    release, heard.child._release = heard.child._release, lambda: (process_end.append(process.exitcode), release())
    heard.child.close(5.0)
    assert process_end == [0]


def test_close_ends_a_deaf_child_in_time_and_tells_nothing(hear, qtbot):
    heard = hear(targets.deaf)
    qtbot.waitUntil(lambda: bool(heard.messages), timeout=10_000)
    began = time.monotonic()
    heard.child.close(0.2)
    assert time.monotonic() - began < 1.5
    qtbot.wait(50)
    assert heard.codes == []
    assert not heard.child.alive


def test_close_right_after_the_start_leaves_nothing(hear):
    for _ in range(3):
        heard = hear(targets.deaf)
        pid = heard.child.pid
        heard.child.close(0.0)
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_child_that_was_not_started_can_be_closed(qtbot):
    child = Child(targets.echo, name="never")
    assert not child.alive and not child.send("x")
    child.kill()
    child.close()


def test_the_channel_sorts_what_arrives_and_notices_that_the_window_has_gone(tmp_path: Path):
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    file = tmp_path / "gone.txt"
    process = multiprocessing.get_context("spawn").Process(target=targets.receiver, args=(theirs, str(file)))
    process.start()
    theirs.close()
    for number in (1, 0, 2):
        ours.send(number)
    assert [ours.recv(), ours.recv()] == [2, 4]
    ours.close()
    process.join(5)
    assert process.exitcode == 0
    assert file.read_text() == "gone"


def test_children_end_with_a_window_that_is_killed(tmp_path: Path):
    program = (
        "import sys, time\n"
        "from PySide6.QtCore import QCoreApplication\n"
        "from gui.child import Child\n"
        "from tests.gui import targets\n"
        "if __name__ == '__main__':\n"
        "    app = QCoreApplication([])\n"
        "    child = Child(targets.receiver, sys.argv[1], name='orphan')\n"
        "    child.received.connect(lambda message: print(message, flush=True))\n"
        "    child.start()\n"
        "    child.send(1)\n"
        "    app.exec()\n"
    )
    script, file = tmp_path / "window.py", tmp_path / "gone.txt"
    script.write_text(program)
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    window = subprocess.Popen([sys.executable, script, file], stdout=subprocess.PIPE, text=True, env=environment)
    assert window.stdout.readline() == "2\n"
    window.kill()
    window.wait()
    window.stdout.close()
    deadline = time.monotonic() + 5
    while not file.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert file.exists()


def test_ends_in_words():
    assert how_it_ended(-9) == "was killed (SIGKILL)"
    assert how_it_ended(-11) == "crashed (SIGSEGV)"
    assert how_it_ended(-99) == "crashed (99)"
    assert how_it_ended(1) == "ended by itself (exit code 1)"
