"""Ctrl-C: the first asks, the second insists."""

from __future__ import annotations

import multiprocessing
import signal
import subprocess
import sys
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from fstmuse.interrupt import interrupts_held_back, until_interrupted


def test_a_second_ctrl_c_stops_at_once() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), until_interrupted() as stop:
        assert not stop.is_set()
        signal.raise_signal(signal.SIGINT)
        assert stop.is_set()
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def tell_what_is_held_back(connection: Connection) -> None:
    """Runs in a process of its own."""
    connection.send(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ()))


def spawn_two() -> None:
    """Runs in an interpreter that has spawned nothing yet."""
    context = multiprocessing.get_context("spawn")
    for _ in range(2):
        ours, theirs = context.Pipe()
        with interrupts_held_back():
            context.Process(target=tell_what_is_held_back, args=(theirs,)).start()
        print(ours.recv(), signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ()))


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="Windows has no masks of signals")
def test_a_process_comes_up_without_ctrl_c_the_very_first_one_too() -> None:
    command = [sys.executable, "-c", "from tests.test_interrupt import spawn_two; spawn_two()"]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["True False"] * 2
