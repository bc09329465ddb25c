"""The queue: rows that are asked, in turn and again. With an engine that needs no TensorFlow."""

from __future__ import annotations

import os
import signal
import time

from gui.core.jobs import State

from .queue_fixtures import A, B, make, queue

__all__ = ["make", "queue"]


def test_rows_are_answered_in_order_and_the_engine_is_told_of(queue):
    assert queue.runner.engine_state == "starting"
    ids = queue.add("one.wav", "two.wav")
    assert queue.state(ids[0]) is State.LOADING and queue.state(ids[1]) is State.WAITING
    assert queue.jobs.get(ids[0]).text == "Loading TensorFlow"
    queue.until_idle()
    assert [queue.result(id) for id in ids] == ["ONE.WAV by a", "TWO.WAV by a"]
    assert [told for told in queue.told if told[0] in ("added", "answered")] == [
        ("added", ids),
        ("answered", ids[0], A),
        ("answered", ids[1], A),
    ]
    walk = [State.LOADING, State.RUNNING, State.DONE]
    assert [queue.states[id][-3:] for id in ids] == [walk, walk]
    assert (queue.runner.engine_state, queue.runner.engine_text) == ("ready", "Ready (nothing)")
    assert [queue.jobs.get(id).fraction for id in ids] == [1.0, 1.0]
    assert queue.runner.progress() == (2, 2, 0.0)


def test_rows_added_before_the_start_are_answered_after_it(make):
    queue = make(start=False)
    (id,) = queue.add("one.wav")
    assert queue.state(id) is State.LOADING and queue.runner.engine_pid is None
    queue.runner.start()
    queue.until_state(id, State.DONE)


def test_rows_added_by_whoever_hears_that_the_engine_is_ready_are_asked_once(queue):
    ids = []

    def add() -> None:
        if queue.runner.engine_state == "ready" and not ids:
            ids.extend(queue.add("count1.wav", "count2.wav", artifacts=(A, B)))

    queue.runner.engineChanged.connect(add)
    queue.until(lambda: ids and not queue.runner.busy)
    assert [queue.result(id, artifact) for id in ids for artifact in (A, B)] == [1, 2, 3, 4]


def test_without_a_model_or_not_to_be_run_a_row_is_idle(queue):
    (alone,) = queue.add("one.wav", artifacts=())
    (later,) = queue.add("two.wav", run=False)
    assert queue.state(alone) is State.IDLE and queue.state(later) is State.IDLE
    assert not queue.runner.busy and queue.runner.progress() == (0, 0, 0.0)
    queue.ask([alone, later])
    queue.until_idle()
    assert [queue.result(alone), queue.result(later)] == ["ONE.WAV by a", "TWO.WAV by a"]


def test_adding_nothing_tells_nothing(queue):
    assert queue.add() == []
    assert queue.told == []


def test_several_models_are_asked_in_turn(queue):
    (id,) = queue.add("one.wav", artifacts=(A, B))
    queue.until_idle()
    assert [queue.result(id, A), queue.result(id, B)] == ["ONE.WAV by a", "ONE.WAV by b"]
    assert [told for told in queue.told if told[0] == "answered"] == [("answered", id, A), ("answered", id, B)]
    assert queue.state(id) is State.DONE


def test_a_failure_is_its_row_s_alone(queue):
    bad, good = queue.add("bad.wav", "good.wav", artifacts=(A, B))
    queue.until_idle()
    job = queue.jobs.get(bad)
    assert job.state is State.FAILED and job.reason == "/clips/bad.wav: no sound." and "where it was" in job.details
    assert job.answers == {}
    assert queue.state(good) is State.DONE


def test_asking_again_replaces_what_is_asked_and_cancelling_keeps_it(queue):
    (id,) = queue.add("one.wav", artifacts=(A, B))
    queue.until_idle()
    queue.ask([id], (A,), {"mark": "!"})
    assert [queue.result(id, A), queue.result(id, B)] == ["ONE.WAV by a", "ONE.WAV by b"]
    queue.runner.cancel(id)
    queue.until_idle()
    job = queue.jobs.get(id)
    assert job.state is State.CANCELLED and job.missing() == [A]
    assert [queue.result(id, A), queue.result(id, B)] == ["ONE.WAV by a", "ONE.WAV by b"]
    queue.runner.retry([id])
    queue.until_idle()
    assert [queue.result(id, A), queue.result(id, B)] == ["ONE.WAV by a!", "ONE.WAV by b"]
    assert job.missing() == [] and queue.state(id) is State.DONE


def test_asking_leaves_the_row_alone_whose_turn_it_is(queue):
    running, waiting = queue.add("wait.wav", "two.wav")
    queue.until_state(running, State.RUNNING)
    queue.ask([running, waiting], (B,))
    assert queue.jobs.get(running).artifacts == (A,) and queue.jobs.get(waiting).artifacts == (B,)
    queue.ask([running, waiting], ())
    assert queue.state(running) is State.RUNNING and queue.state(waiting) is State.IDLE
    queue.runner.cancel(running)
    queue.until_idle()
    assert queue.state(waiting) is State.IDLE


def test_removing_rows(queue):
    running, second, third = queue.add("wait.wav", "two.wav", "three.wav")
    queue.until_state(running, State.RUNNING)
    queue.runner.remove([running, second])
    assert [job.id for job in queue.jobs] == [third]
    assert [told[1] for told in queue.told if told[0] == "removed"] == [[second], [running]]
    queue.until_idle()
    assert queue.state(third) is State.DONE
    assert [told for told in queue.told if told[0] == "answered"] == [("answered", third, A)]


def test_retrying_asks_what_is_missing_and_a_finished_row_afresh(queue):
    failed, done, idle = *queue.add("bad.wav", "one.wav"), *queue.add("x.wav", artifacts=())
    queue.until_idle()
    queue.told.clear()
    queue.runner.retry([failed, done, idle, 999])
    assert queue.jobs.get(done).missing() == [A] and queue.state(idle) is State.IDLE
    queue.until_idle()
    assert [queue.state(failed), queue.state(done)] == [State.FAILED, State.DONE]
    assert [told for told in queue.told if told[0] == "answered"] == [("answered", done, A)]


def test_moving_a_row_up_changes_who_is_next(queue):
    first, second, third = queue.add("wait.wav", "two.wav", "three.wav")
    queue.until_state(first, State.RUNNING)
    queue.runner.move([third], -1)
    assert [job.id for job in queue.jobs] == [first, third, second]
    queue.runner.move([first], -1)
    assert [told for told in queue.told if told[0] == "reordered"] == [("reordered",)]
    queue.runner.cancel(first)
    queue.until_idle()
    assert [told[1] for told in queue.told if told[0] == "answered"] == [third, second]


def test_models_are_loaded_beforehand_and_after_a_restart(queue):
    queue.runner.preload([A, B])
    queue.until(lambda: {told[1] for told in queue.told if told[0] == "modelLoaded"} == {A, B})
    queue.told.clear()
    os.kill(queue.runner.engine_pid, signal.SIGKILL)
    queue.until(lambda: {told[1] for told in queue.told if told[0] == "modelLoaded"} == {A, B})
    queue.told.clear()
    queue.runner.preload([A, "/models/c"])
    queue.until(lambda: queue.told)
    assert queue.told == [("modelLoaded", "/models/c")]


def test_two_hundred_rows_at_once_keep_the_event_loop_free(queue, qtbot):
    queue.until(lambda: queue.runner.engine_state == "ready")
    began = time.thread_time()
    ids = queue.add(*(f"{number}.wav" for number in range(200)))
    assert time.thread_time() - began < 0.05
    assert [told for told in queue.told if told[0] == "added"] == [("added", ids)]
    assert len([told for told in queue.told if told[0] == "changed"]) == 1
    queue.until_idle()
    assert all(queue.state(id) is State.DONE for id in ids)
    assert queue.runner.progress() == (200, 200, 0.0)
    assert len(queue.told) < 200 * 6
    began = time.thread_time()
    queue.runner.remove(ids)
    assert time.thread_time() - began < 0.05
