"""Rows of the queue and how far it is, without Qt."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import pytest

from gui.core.answer import Answer
from gui.core.batch import Batch
from gui.core.jobs import ACTIVE, ENDED, MOVES, Job, Jobs, State
from gui.core.paths import stamp_of


def a_job(artifacts=("a", "b"), state=State.IDLE) -> Job:
    return Job(1, "/clips/one.wav", "classify", artifacts, {}, None, state)


def an_answer(artifact: str, *files: str) -> Answer:
    return Answer(artifact, artifact, "classify", {}, "result", files, 0.1)


def queue(count: int) -> Jobs:
    jobs = Jobs()
    for number in range(count):
        jobs.add(f"{number}.wav", "classify", ("a",), {}, None)
    return jobs


def paths(jobs: Jobs) -> str:
    return "".join(job.path[0] for job in jobs)


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("after", State)
def test_a_state_changes_as_the_table_says_and_not_otherwise(before, after):
    job = a_job(state=before)
    if after in MOVES[before]:
        job.move_to(after)
        assert job.state is after
    else:
        with pytest.raises(ValueError, match=f"is {before.name} and cannot become {after.name}"):
            job.move_to(after)
        assert job.state is before


def test_from_every_state_there_is_a_way_to_be_asked_and_to_end():
    assert set(MOVES) == set(State)
    for state in State:
        reached, fresh = {state}, {state}
        while fresh:
            fresh = {after for before in fresh for after in MOVES[before]} - reached
            reached |= fresh
        assert reached >= {State.WAITING, State.DONE, State.FAILED, State.CANCELLED}
    assert not ACTIVE & ENDED


def test_asking_keeps_all_answers_until_others_take_their_place():
    job = a_job(("a", "b"), State.FAILED)
    for artifact in ("a", "b", "c"):
        job.answers["classify", artifact] = an_answer(artifact)
    job.answers["tag", "a"] = an_answer("a")
    job.fraction, job.reason, job.details, job.began = 0.5, "why", "where", 3.0
    job.ask(("b",))
    assert set(job.answers) == {("classify", "a"), ("classify", "b"), ("classify", "c"), ("tag", "a")}
    assert (job.state, job.pending, job.missing()) == (State.WAITING, ["b"], ["b"])
    assert (job.fraction, job.reason, job.details, job.began) == (0.0, "", "", None)
    job.take(fresh := an_answer("b"))
    assert job.answers["classify", "b"] is fresh and job.missing() == []


def test_answers_about_a_file_that_has_changed_go_when_it_is_asked_again(tmp_path):
    clip = tmp_path / "one.wav"
    clip.write_bytes(b"first")
    job = a_job(("a",), State.DONE)
    job.path = str(clip)
    job.take(dataclasses.replace(an_answer("a"), stamp=stamp_of(str(clip))))
    job.take(an_answer("b"))
    job.ask(("a",))
    assert set(job.answers) == {("classify", "a"), ("classify", "b")}
    clip.write_bytes(b"another one")
    job.ask(("a",))
    assert set(job.answers) == {("classify", "b")}


def test_the_fraction_covers_all_who_are_asked_and_never_falls():
    job = a_job(("a", "b"))
    job.ask(("a", "b"))
    job.reach(0.5)
    assert job.fraction == 0.25
    job.reach(0.25)
    assert job.fraction == 0.25
    job.pending.pop(0)
    job.reach(0.5)
    assert job.fraction == 0.75


def test_time_left_of_a_row():
    job = a_job(("a",), State.RUNNING)
    assert job.time_left_s(100.0) is None
    job.began = 100.0
    assert job.time_left_s(110.0) is None
    job.fraction = 0.25
    assert job.time_left_s(100.1) is None
    assert job.time_left_s(110.0) == pytest.approx(30.0)
    job.state = State.DONE
    assert job.time_left_s(110.0) is None


def test_failures_of_several_models_are_told_apart_and_one_of_the_clip_is_told_once():
    job = a_job(("a", "b"))
    job.note_failure("a", "is damaged", "")
    job.note_failure("b", "is missing", "trace")
    assert job.failures == {("classify", "a"): "is damaged", ("classify", "b"): "is missing"}
    assert job.reason == "a: is damaged\nb: is missing"
    assert job.details == "trace"
    job = a_job(("a", "b"))
    job.note_failure("a", "/clips/one.wav: no sound", "")
    job.note_failure("b", "/clips/one.wav: no sound", "")
    assert job.reason == "/clips/one.wav: no sound"


def test_files_of_a_row():
    job = a_job()
    job.answers["classify", "a"] = an_answer("a", "1.csv", "1.json")
    job.answers["classify", "b"] = an_answer("b", "2.csv")
    assert job.files == ["1.csv", "1.json", "2.csv"]
    assert job.name == "one.wav"


def test_rows_keep_their_order_and_numbers_are_not_used_again():
    jobs = queue(3)
    first, second, third = jobs
    assert [jobs.index(job.id) for job in jobs] == [0, 1, 2]
    assert jobs.remove([second.id]) == [second] and jobs.remove([second.id]) == []
    assert len(jobs) == 2 and second.id not in jobs and jobs.get(second.id) is None
    assert jobs.index(third.id) == 1 and jobs.at(1) is third
    added = jobs.add("x.wav", "classify", ("a", "b", "a"), {}, None)
    assert added.id not in {first.id, second.id, third.id}
    assert added.artifacts == ("a", "b") and jobs.index(added.id) == 2
    with pytest.raises(KeyError):
        jobs.index(second.id)


@pytest.mark.parametrize(
    ("chosen", "offset", "expected"),
    [
        ("2", -1, "02134"),
        ("2", 1, "01324"),
        ("0", -1, "01234"),
        ("4", 1, "01234"),
        ("01", -1, "01234"),
        ("13", -1, "10324"),
        ("13", 1, "02143"),
        ("34", -2, "03412"),
        ("34", -9, "34012"),
        ("0", 9, "12340"),
    ],
)
def test_moving_rows(chosen, offset, expected):
    jobs = queue(5)
    ids = {job.id for job in jobs if job.path[0] in chosen}
    assert jobs.move(ids, offset) == (expected != "01234")
    assert paths(jobs) == expected
    assert [jobs.index(job.id) for job in jobs] == list(range(5))


def test_the_first_row_that_waits_comes_next():
    jobs = queue(3)
    assert jobs.next_waiting() is None
    jobs.at(2).ask(("a",))
    jobs.at(1).ask(("a",))
    assert jobs.next_waiting() is jobs.at(1)
    jobs.move({jobs.at(2).id}, -2)
    assert jobs.next_waiting().path == "2.wav"


def test_progress_of_the_queue_and_its_time_left():
    jobs, batch = queue(4), Batch()
    assert batch.progress(jobs, 0.0) == (0, 0, 0.0)
    for job in jobs:
        job.ask(("a",))
    batch.asked([job.id for job in jobs], fresh=True)
    assert batch.progress(jobs, 5.0) == (0, 4, None)
    batch.started(10.0)
    batch.started(12.0)
    jobs.at(0).state, jobs.at(0).fraction = State.DONE, 1.0
    batch.finished()
    assert batch.progress(jobs, 12.0) == (1, 4, pytest.approx(6.0))
    jobs.at(1).fraction = 0.5
    assert batch.progress(jobs, 13.0) == (1, 4, pytest.approx(5.0))
    # A cancelled row takes no time, and says nothing about speed.
    jobs.at(3).state = State.CANCELLED
    assert batch.progress(jobs, 13.0) == (2, 4, pytest.approx(3.0))
    jobs.remove([jobs.at(2).id])
    assert batch.progress(jobs, 13.0) == (2, 3, pytest.approx(1.0))


def test_a_long_clip_after_short_ones_is_not_taken_for_a_short_one():
    jobs, batch = queue(5), Batch()
    for job in jobs:
        job.ask(("a",))
    batch.asked([job.id for job in jobs], fresh=True)
    batch.started(0.0)
    for job in list(jobs)[:4]:
        job.state = State.DONE
        batch.finished()
    long = jobs.at(4)
    long.state, long.began, long.fraction = State.RUNNING, 1.0, 0.1
    assert long.time_left_s(11.0) == pytest.approx(90.0)
    assert batch.progress(jobs, 11.0) == (4, 5, pytest.approx(90.0))


def test_an_empty_queue_begins_to_count_anew():
    jobs, batch = queue(2), Batch()
    batch.asked([jobs.at(0).id], fresh=True)
    jobs.at(0).state = State.DONE
    batch.started(0.0)
    batch.finished()
    assert batch.progress(jobs, 1.0) == (1, 1, 0.0)
    jobs.at(1).ask(("a",))
    batch.asked([jobs.at(1).id], fresh=True)
    assert batch.progress(jobs, 100.0) == (0, 1, None)


def test_neither_jobs_nor_the_child_s_modules_bring_in_qt_or_tensorflow():
    program = (
        "import sys, gui.core.jobs, gui.core.batch, gui.work.engine, gui.work.channel;"
        "print([name for name in ('PySide6', 'tensorflow', 'keras', 'matplotlib', 'scipy') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
