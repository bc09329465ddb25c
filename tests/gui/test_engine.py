"""The child that answers, with TensorFlow and a real artifact; one child for all, since each takes 5 s to start."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fstmuse.errors import AudioError
from gui.core.messages import Cancel, Failed, Load, Loaded, Progress, Ready, Refused, Result, Run, Saving, Started, Stop
from gui.work import engine as engine_module
from tests.artifact_fixtures import tone_artifact, write_tone
from tests.generate_fixtures import small_creator

__all__ = ["small_creator", "tone_artifact"]


@pytest.fixture
def nothing_left() -> None:
    """The engine outlives each test; its own fixture sees it end."""


class Engine:
    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self.process = context.Process(target=engine_module.main, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()

    def say(self, *messages: object) -> None:
        for message in messages:
            self._connection.send(message)

    def hear(self, until: type | tuple[type, ...], seconds: float = 60.0) -> list:
        """Messages up to the first of a kind."""
        heard, deadline = [], time.monotonic() + seconds
        while not heard or not isinstance(heard[-1], until):
            assert self._connection.poll(deadline - time.monotonic()), f"no {until}, only {heard}"
            heard.append(self._connection.recv())
        return heard

    def ask(self, artifact: Path | str, sound: Path | str, job: int = 1, verb: str = "classify", save=None, **options):
        """The messages about a question."""
        self.say(Run(job, str(artifact), verb, str(sound), options, save))
        return self.hear((Result, Failed))


@pytest.fixture(scope="module")
def started() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.say(Stop())
    engine.process.join(2.0)
    ended, code = not engine.process.is_alive(), engine.process.exitcode
    engine.process.kill()
    engine.process.join()
    assert ended and code == 0


@pytest.fixture
def engine(started: Engine) -> Iterator[Engine]:
    if not hasattr(started, "ready"):
        (started.ready,) = started.hear(Ready)
    yield started
    assert not started._connection.poll(0), f"left over: {started._connection.recv()}"


def test_it_says_what_computes(engine):
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert "GPU" in engine.ready.device or engine.ready.device.startswith(f"CPU, {cores} core")
    assert set(engine.ready.versions) == {"fstmuse", "tensorflow", "keras"}


def test_a_loaded_network_answers_rightly_and_is_loaded_once(engine, tone_artifact, tones):
    engine.say(Load(str(tone_artifact)), Load(str(tone_artifact)))
    assert engine.hear(Loaded) == [Loaded(str(tone_artifact))]
    for job, (name, label) in enumerate((("low.wav", "Low"), ("high.wav", "High"), ("middle.flac", "Middle"))):
        started, *between, result = engine.ask(tone_artifact, tones / name, job, along_time=True)
        assert started == Started(job, str(tone_artifact))
        assert all(isinstance(message, Progress) for message in between)
        assert (result.job, result.artifact, result.files, result.unsaved) == (job, str(tone_artifact), (), "")
        assert result.result.label == label and len(result.result.times_s) == 3
        assert 0 < result.seconds < 2


def test_part_of_a_clip(engine, tone_artifact, tones):
    result = engine.ask(tone_artifact, tones / "low.wav", start_s=1.0, duration_s=1.0)[-1]
    assert result.result.duration_s == pytest.approx(1.0)


def test_what_is_wrong_with_a_clip_is_told_in_words(engine, tone_artifact, broken, tmp_path):
    for file in (broken, tmp_path / "missing.wav"):
        failed = engine.ask(tone_artifact, file, 7)[-1]
        assert (failed.job, failed.kind, failed.details) == (7, AudioError.__name__, "")
        assert str(file) in failed.message


def test_music_is_made_without_a_clip(engine, small_creator, tmp_path):
    save = Saving(str(tmp_path), ("wav",), draft=True)
    options = {"seconds": 0.3, "label": "Rock", "seed": 7, "truncation": 1.0, "towards": 9, "share": 0.5}
    result = engine.ask(small_creator, "", 3, "generate", save, **options)[-1]
    assert (result.result.label, result.result.seconds, result.unsaved) == ("Rock", 0.3, "")
    assert [Path(file).name for file in result.files] == ["Rock-seed7-towards9-0500.creator.wav"]


def test_what_a_network_cannot_do_is_told(engine, tone_artifact, tones):
    failed = engine.ask(tone_artifact, tones / "low.wav", verb="sing")[-1]
    assert failed.kind == "ArtifactError" and "cannot sing" in failed.message
    failed = engine.ask(tone_artifact, tones / "low.wav", loudly=True)[-1]
    assert failed.kind == "TypeError" and "loudly" in failed.message and "Traceback" in failed.details


def test_an_artifact_that_cannot_be_trusted_is_refused_with_its_reason(engine, tone_artifact, tones, tmp_path):
    bad = shutil.copytree(tone_artifact, tmp_path / "bad")
    (bad / "network.keras").write_bytes(b"no network")
    refused, failed = engine.ask(bad, tones / "low.wav")
    assert isinstance(refused, Refused) and refused.artifact == str(bad)
    assert (failed.kind, failed.message, failed.details) == ("ArtifactError", refused.reason, "")
    engine.say(Load(str(tmp_path / "nothing")))
    (refused,) = engine.hear(Refused)
    assert "nothing" in refused.reason


def test_an_artifact_that_was_trained_again_is_loaded_again(engine, tone_artifact, tones, tmp_path):
    folder = shutil.copytree(tone_artifact, tmp_path / "changing")
    assert [type(message) for message in engine.ask(folder, tones / "low.wav")][:2] == [Loaded, Started]
    assert type(engine.ask(folder, tones / "low.wav")[0]) is Started
    os.utime(folder / "card.json", ns=(1, 1))
    assert type(engine.ask(folder, tones / "low.wav")[0]) is Loaded
    shutil.rmtree(folder)
    assert type(engine.ask(folder, tones / "low.wav")[0]) is Refused


def test_results_are_saved_never_over_a_file(engine, tone_artifact, tones, tmp_path):
    save = Saving(str(tmp_path / "new" / "out"), ("csv", "json", "labels"))
    first, second = (engine.ask(tone_artifact, tones / "low.wav", save=save, along_time=True)[-1] for _ in range(2))
    files = [*first.files, *second.files]
    assert len(set(files)) == 6 and all(Path(file).stat().st_size for file in files)
    assert Path(first.files[0]).name == "low.wav.tones.csv" and "(2)" in second.files[0]
    assert first.unsaved == ""


def test_a_result_that_cannot_be_saved_is_still_a_result(engine, tone_artifact, tones, tmp_path):
    (tmp_path / "file").write_text("in the way")
    result = engine.ask(tone_artifact, tones / "low.wav", save=Saving(str(tmp_path / "file"), ("csv",)))[-1]
    assert result.result.label == "Low" and result.files == ()
    assert str(tmp_path / "file") in result.unsaved


def test_cancelling_stops_a_clip_and_no_later_one(engine, tone_artifact, tmp_path):
    long = write_tone(tmp_path / "long.wav", "Low", 1800.0)
    engine.say(Run(5, str(tone_artifact), "classify", str(long)))
    heard = engine.hear(Progress)
    began = time.monotonic()
    engine.say(Cancel(5))
    *between, failed = engine.hear((Result, Failed))
    assert time.monotonic() - began < 1.0
    assert (failed.job, failed.kind) == (5, "Cancelled")
    fractions = [message.fraction for message in [*heard, *between] if isinstance(message, Progress)]
    assert fractions == sorted(fractions) and fractions[-1] < 1
    engine.say(Cancel(5))
    assert isinstance(engine.ask(tone_artifact, write_tone(tmp_path / "short.wav", "Low"), 5)[-1], Result)


def test_cancelling_while_files_are_written_keeps_the_answer_and_the_engine(engine, tone_artifact, tmp_path):
    """The picture of a long clip takes seconds, above all the first one, for which matplotlib is imported."""
    long, out = write_tone(tmp_path / "long.wav", "Low", 1800.0), tmp_path / "out"
    options = {"along_time": True}
    engine.say(Run(5, str(tone_artifact), "classify", str(long), options, Saving(str(out), ("csv", "png"))))
    deadline = time.monotonic() + 30
    while not list(out.glob(".*.part")):  # the table; the picture follows
        assert time.monotonic() < deadline
    began = time.monotonic()
    engine.say(Cancel(5))
    result = engine.hear((Result, Failed))[-1]
    assert time.monotonic() - began < 0.8
    assert result.result.label == "Low" and result.files == () and result.unsaved.startswith("Cancelled")
    short = write_tone(tmp_path / "short.wav", "High")
    result = engine.ask(tone_artifact, short, 6, save=Saving(str(out), ("csv", "png")), **options)[-1]
    assert [Path(file).name for file in result.files] == ["short.wav.tones.csv", "short.wav.tones.png"]
    assert sorted(file.name for file in out.iterdir()) == ["short.wav.tones.csv", "short.wav.tones.png"]


def test_a_question_cancelled_before_its_turn_is_not_asked(engine, tone_artifact, tmp_path):
    long, short = write_tone(tmp_path / "long.wav", "Low", 600.0), write_tone(tmp_path / "short.wav", "High")
    engine.say(Run(1, str(tone_artifact), "classify", str(long)), Run(2, str(tone_artifact), "classify", str(short)))
    engine.say(Cancel(2), Cancel(1))
    assert engine.hear(Failed)[-1].job == 1
    assert [(type(message), message.job) for message in engine.hear(Failed)] == [(Failed, 2)]


def test_progress_is_told_about_twenty_times_a_second(engine, tone_artifact, tmp_path):
    long = write_tone(tmp_path / "long.wav", "Low", 1800.0)
    heard = engine.ask(tone_artifact, long)
    told = [message for message in heard if isinstance(message, Progress)]
    assert 2 <= len(told) <= 20 * heard[-1].seconds + 2


def test_the_least_recently_used_network_is_let_go(tone_artifact, tmp_path):
    sessions = engine_module._Sessions()
    folders = [str(shutil.copytree(tone_artifact, tmp_path / str(number))) for number in range(engine_module.KEPT + 1)]
    for folder in folders[:-1]:
        sessions.load(folder)
    first = sessions.get(folders[0])
    sessions.load(folders[-1])
    assert sessions.get(folders[0]) is first is not None
    assert [sessions.get(folder) is not None for folder in folders] == [True, False, *[True] * (len(folders) - 2)]


def test_a_lack_of_memory_is_told_in_words():
    import tensorflow as tf

    for error in (MemoryError(), tf.errors.ResourceExhaustedError(None, None, "OOM when allocating")):
        assert engine_module._in_words(error).startswith("There is not enough memory.")
    assert engine_module._in_words(KeyError("x")) == "KeyError: 'x'"
