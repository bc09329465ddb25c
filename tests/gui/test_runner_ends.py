"""The queue: cancelled rows, and engines that are killed, hang or cannot start. None of them needs TensorFlow."""

from __future__ import annotations

import os
import signal
import time

import pytest
from PySide6.QtCore import QTimer

from gui import turns
from gui.core.jobs import ENDED, State

from . import targets
from .queue_fixtures import A, B, make, queue

__all__ = ["make", "queue"]


def test_cancelling_one_row_leaves_the_others_and_the_engine(queue):
    first, second, third = queue.add("wait1.wav", "wait2.wav", "three.wav")
    queue.until_state(first, State.RUNNING)
    pid = queue.runner.engine_pid
    queue.runner.cancel(second)
    assert queue.state(second) is State.CANCELLED
    queue.runner.cancel(first)
    assert queue.state(first) is State.CANCELLING
    queue.until_idle()
    assert [queue.state(id) for id in (first, second, third)] == [State.CANCELLED, State.CANCELLED, State.DONE]
    assert queue.runner.engine_pid == pid
    queue.runner.cancel(third)
    queue.runner.cancel(999)
    assert queue.state(third) is State.DONE


@pytest.mark.parametrize(("artifacts", "state"), [((A,), State.DONE), ((A, B), State.CANCELLED)])
def test_an_answer_that_was_on_its_way_when_its_row_was_cancelled_is_kept(queue, artifacts, state):
    (id,) = queue.add("late.wav", artifacts=artifacts)
    queue.until_state(id, State.RUNNING)
    queue.runner.cancel(id)
    queue.until_idle()
    assert queue.state(id) is state
    assert {artifact for _, artifact in queue.jobs.get(id).answers} == {A}


def test_an_engine_that_does_not_let_go_is_ended_within_a_second_and_that_is_no_failure(queue):
    stubborn, other = queue.add("stubborn.wav", "two.wav")
    queue.until_state(stubborn, State.RUNNING)
    pid, began = queue.runner.engine_pid, time.monotonic()
    queue.runner.cancel(stubborn)
    queue.until_state(stubborn, State.CANCELLED)
    assert time.monotonic() - began < 1.0
    queue.until_idle()
    assert queue.state(other) is State.DONE
    assert queue.runner.engine_pid != pid
    assert queue.jobs.get(stubborn).reason == ""


def test_a_row_cancelled_while_the_engine_starts_is_cancelled_at_once(queue):
    first, second = queue.add("one.wav", "two.wav")
    pid = queue.runner.engine_pid
    queue.runner.cancel(first)
    assert [queue.state(first), queue.state(second)] == [State.CANCELLED, State.LOADING]
    queue.until_idle()
    assert queue.state(second) is State.DONE and queue.runner.engine_pid == pid


def test_what_comes_of_a_row_cancelled_while_its_model_is_loaded_is_for_nobody(queue):
    queue.until(lambda: queue.runner.engine_state == "ready")
    (id,) = queue.add("one.wav")  # sent, but the answer is still to be read
    assert queue.state(id) is State.LOADING
    queue.runner.cancel(id)
    assert queue.state(id) is State.CANCELLED and queue.runner.busy
    queue.runner.retry([id])
    queue.until_idle()
    assert queue.result(id) == "ONE.WAV by a"
    assert queue.states[id][-4:] == [State.WAITING, State.LOADING, State.RUNNING, State.DONE]
    assert [told for told in queue.told if told[0] == "answered"] == [("answered", id, A)]


def test_an_engine_that_hangs_while_it_loads_does_not_hold_up_the_queue(queue, monkeypatch):
    monkeypatch.setattr(turns, "_LOADING_MS", 300)
    queue.until(lambda: queue.runner.engine_state == "ready")
    stubborn, other = queue.add("stubborn.wav", "two.wav")
    queue.runner.cancel(stubborn)
    queue.until_idle()
    assert [queue.state(stubborn), queue.state(other)] == [State.CANCELLED, State.DONE]


def test_cancel_all(queue):
    ids = queue.add("wait.wav", "two.wav", "three.wav")
    queue.until_state(ids[0], State.RUNNING)
    queue.runner.cancel_all()
    queue.until_idle()
    assert [queue.state(id) for id in ids] == [State.CANCELLED] * 3
    assert not any(told[0] == "answered" for told in queue.told)


def test_a_killed_engine_fails_its_row_in_words_and_the_queue_goes_on(queue):
    running, other = queue.add("wait.wav", "two.wav")
    queue.until_state(running, State.RUNNING)
    pid = queue.runner.engine_pid
    os.kill(pid, signal.SIGKILL)
    queue.until_state(running, State.FAILED)
    assert "was killed (SIGKILL)" in queue.jobs.get(running).reason
    queue.until_idle()
    assert queue.state(other) is State.DONE
    assert queue.runner.engine_pid != pid and queue.runner.engine_state == "ready"


def test_an_engine_that_is_killed_after_a_cancel_was_asked_has_not_failed(queue):
    (id,) = queue.add("stubborn.wav")
    queue.until_state(id, State.RUNNING)
    queue.runner.cancel(id)
    os.kill(queue.runner.engine_pid, signal.SIGKILL)
    queue.until_state(id, State.CANCELLED)
    queue.until(lambda: queue.runner.engine_state == "ready")


def test_an_engine_killed_while_it_starts_costs_no_row(queue):
    (id,) = queue.add("one.wav")
    os.kill(queue.runner.engine_pid, signal.SIGKILL)
    queue.until_state(id, State.DONE)


def test_after_three_deaths_in_a_row_the_rows_wait_until_the_engine_is_started_again(queue):
    ids = queue.add("die1.wav", "die2.wav", "die3.wav", "four.wav")
    queue.until(lambda: queue.runner.engine_state == "dead")
    assert [queue.state(id) for id in ids] == [State.FAILED] * 3 + [State.WAITING]
    assert "3 times in a row" in queue.runner.engine_text and "SIGKILL" in queue.runner.engine_text
    assert not queue.runner.busy and queue.runner.engine_pid is None
    queue.runner.start()
    queue.until_state(ids[3], State.DONE)


def test_deaths_between_answers_do_not_add_up(queue):
    ids = queue.add("die1.wav", "die2.wav", "one.wav", "die3.wav", "die4.wav", "two.wav")
    queue.until_idle()
    assert [queue.state(id) for id in ids] == [State.FAILED, State.FAILED, State.DONE] * 2


def test_an_engine_that_cannot_start_says_why(make):
    queue = make(targets.unready_engine)
    (id,) = queue.add("one.wav")
    queue.until(lambda: queue.runner.engine_state == "dead")
    assert queue.state(id) is State.WAITING
    assert "ImportError: no TensorFlow here" in queue.runner.engine_text


def test_removing_a_row_that_does_not_let_go(queue):
    stubborn, other = queue.add("stubborn.wav", "two.wav")
    queue.until_state(stubborn, State.RUNNING)
    queue.runner.remove([stubborn])
    queue.until_idle()
    assert queue.state(other) is State.DONE


@pytest.mark.parametrize("target", [targets.slow_engine, targets.engine])
def test_closing_in_the_middle_of_a_row(make, target):
    queue = make(target)
    (id,) = queue.add("wait.wav")
    if target is targets.engine:
        queue.until_state(id, State.RUNNING)
    queue.runner.close()
    told = len(queue.told)
    queue.runner.close()
    queue.runner.start()
    assert queue.runner.engine_pid is None and not queue.runner.busy
    assert not any(timer.isActive() for timer in queue.runner.findChildren(QTimer))
    queue.add("two.wav")
    assert [told[0] for told in queue.told[told:]] == ["added"]
    assert not any(job.state in ENDED for job in queue.jobs)
