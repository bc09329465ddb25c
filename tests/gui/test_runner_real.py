"""The queue with the real engine: TensorFlow, a trained network, sound files, SIGKILL."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile

from gui.core.jobs import State
from gui.core.messages import Saving
from gui.runner import Runner
from tests.artifact_fixtures import tone


@pytest.fixture
def runner(qtbot) -> Iterator[Runner]:
    threads = set(threading.enumerate())
    runner = Runner()
    yield runner
    runner.close()
    assert runner.engine_pid is None
    assert set(threading.enumerate()) <= threads


@pytest.fixture
def two_hours(tmp_path: Path) -> Path:
    """Two hours at 8 kHz: 4 s of a tone, then silence that takes no place on the disk."""
    file = tmp_path / "two hours.wav"
    soundfile.write(file, tone("Low", 4.0), 8000, subtype="PCM_16")
    size = 2 * 3600 * 8000 * 2
    with file.open("r+b") as out:
        head = out.read(44)
        assert head[36:40] == b"data"
        out.seek(0)
        out.write(head[:4] + (size + 36).to_bytes(4, "little") + head[8:40] + size.to_bytes(4, "little"))
        out.truncate(44 + size)
    assert soundfile.info(file).duration == 7200.0
    return file


def test_killed_cancelled_and_saved(runner, qtbot, tone_artifact, tones, broken, two_hours, tmp_path):
    """One engine for the whole story: each start of TensorFlow takes 5 s."""
    artifact, options = str(tone_artifact), {"along_time": True}
    out = Saving(str(tmp_path / "out"), ("csv", "labels"))
    state = lambda id: runner.jobs.get(id).state  # noqa: E731
    runner.start()
    runner.preload([artifact])

    # The engine is killed in the middle of a job: that row fails in words, and the others are answered.
    clips = [str(two_hours), str(tones / "low.wav"), str(broken), str(tones / "high.wav")]
    long, low, bad, high = runner.add(clips, "classify", (artifact,), options, out, True)
    assert state(long) is State.LOADING
    qtbot.waitUntil(lambda: state(long) is State.RUNNING and runner.jobs.get(long).fraction > 0, timeout=60_000)
    os.kill(runner.engine_pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: state(long) is State.FAILED, timeout=2000)
    assert "was killed (SIGKILL)" in runner.jobs.get(long).reason
    with qtbot.waitSignal(runner.modelLoaded, timeout=60_000):
        pass
    qtbot.waitUntil(lambda: not runner.busy, timeout=60_000)
    assert [state(id) for id in (low, bad, high)] == [State.DONE, State.FAILED, State.DONE]
    answer = runner.jobs.get(low).answers["classify", artifact]
    assert (answer.result.label, answer.name, answer.options) == ("Low", "tones", options)
    assert [Path(file).name for file in answer.files] == ["low.wav.tones.csv", "low.wav.tones.txt"]
    assert all(Path(file).exists() for file in runner.jobs.get(high).files)
    assert str(broken) in runner.jobs.get(bad).reason

    # A two-hour clip is cancelled within a second, and by the network itself: the engine lives on.
    pid = runner.engine_pid
    runner.retry([long])
    qtbot.waitUntil(lambda: state(long) is State.RUNNING and runner.jobs.get(long).fraction > 0, timeout=10_000)
    began = time.monotonic()
    runner.cancel(long)
    qtbot.waitUntil(lambda: state(long) is State.CANCELLED, timeout=5000)
    assert time.monotonic() - began < 1.0
    assert runner.engine_pid == pid

    # Warm, a clip is answered at once.
    began = time.monotonic()
    with qtbot.waitSignal(runner.answered, timeout=5000):
        runner.add([str(tones / "middle.flac")], "classify", (artifact,), options, None, True)
    assert time.monotonic() - began < 1.0

    # The window is closed in the middle of a job.
    runner.retry([long])
    qtbot.waitUntil(lambda: state(long) is State.RUNNING, timeout=10_000)
    began = time.monotonic()
    runner.close()
    assert time.monotonic() - began < 2.5
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_closing_while_tensorflow_is_loaded(runner, qtbot, tone_artifact, tones):
    runner.start()
    pid = runner.engine_pid
    (id,) = runner.add([str(tones / "low.wav")], "classify", (str(tone_artifact),), {}, None, True)
    libraries = Path(f"/proc/{pid}/maps")
    if libraries.exists():
        qtbot.waitUntil(lambda: "tensorflow" in libraries.read_text(), timeout=20_000)
    assert runner.engine_state == "starting"
    runner.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert runner.jobs.get(id).state is State.LOADING
