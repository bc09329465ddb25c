"""Loading in worker processes: order, equality, broken clips, killed workers, nothing left behind."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import loader_transforms as transforms
import numpy as np
import pytest
import soundfile

from fstmuse.data import pool as pool_module
from fstmuse.data.clip import Clip
from fstmuse.data.loader import load
from fstmuse.errors import DataError
from fstmuse.features.mel import LogMel
from fstmuse.spec import AudioSpec, MelSpec

RATE = 8000
SPEC = AudioSpec(RATE, 0.25)
ROOT = Path(__file__).resolve().parents[2]


def tone(level: float, seconds: float, rate: int = RATE) -> np.ndarray:
    """Starts at `level`, so that a test knows a clip by its first sample."""
    return (level * np.cos(2 * np.pi * 220 * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


@pytest.fixture
def root(tmp_path):
    """Nine clips of level 0.1, 0.2 ... of various lengths; number 4 is broken, number 6 starts the kills."""
    for number in range(9):
        path = tmp_path / f"clip {number}.wav"
        soundfile.write(path, tone((number + 1) / 10, 0.1 + 0.05 * number), RATE, subtype="FLOAT")
    (tmp_path / "clip 4.wav").write_bytes(b"RIFF but no sound")
    return tmp_path


CLIPS = [Clip(f"c{number}", f"clip {number}.wav") for number in range(9)]


def memory_of(pid: int) -> list[Path]:
    """Shared memory that a process has made for its workers (Linux)."""
    return list(Path("/dev/shm").glob(f"fstmuse-{pid}-*"))


@pytest.fixture(autouse=True)
def nothing_left_behind():
    yield
    assert multiprocessing.active_children() == []
    assert memory_of(os.getpid()) == []


def wait_until(holds, seconds=10):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def plain(rows):
    return [(row.index, row.clip.clip_id, row.samples, row.error, row.array) for row in rows]


def same(one, other):
    assert len(one) == len(other)
    for left, right in zip(plain(one), plain(other), strict=True):
        assert left[:4] == right[:4]
        assert (left[4] is None) == (right[4] is None)
        if left[4] is not None:
            assert left[4].dtype == right[4].dtype
            np.testing.assert_array_equal(left[4], right[4])


def test_same_rows_in_the_same_order_for_any_number_of_workers(root):
    none = list(load(CLIPS, root, SPEC, workers=0))
    assert [row.index for row in none] == list(range(9))
    assert [row.clip for row in none] == CLIPS
    for number in (1, 3):
        same(none, list(load(CLIPS, root, SPEC, workers=number)))


def test_windows_and_true_lengths(root):
    rows = list(load(CLIPS, root, SPEC, workers=2))
    for number, row in enumerate(rows):
        if number == 4:
            continue
        length = min(round((0.1 + 0.05 * number) * RATE), SPEC.samples)
        assert row.samples == length
        assert row.array.shape == (SPEC.samples,) and row.array.dtype == np.float32
        expected = np.resize(tone((number + 1) / 10, 0.1 + 0.05 * number), SPEC.samples)
        np.testing.assert_allclose(row.array[:length], expected[:length], atol=1e-6)
        if length < SPEC.samples:
            np.testing.assert_allclose(row.array[length:], row.array[: SPEC.samples - length])


def test_start_and_duration_of_the_clip_are_heeded(root):
    clip = Clip("part", "clip 8.wav", start_s=0.1, duration_s=0.05)
    (row,) = load([clip], root, AudioSpec(RATE, 0.25, pad="zero"), workers=1)
    assert row.samples == 400
    np.testing.assert_allclose(row.array[:400], tone(0.9, 0.5)[800:1200], atol=1e-6)
    assert not row.array[400:].any()


def test_resampled_window_is_full_without_padding(tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(0.5, 2, 44100), 44100)
    (row,) = load([Clip("a", "a.wav")], tmp_path, AudioSpec(22050, 1.00003), workers=0)
    assert row.samples == row.array.shape[0] == round(22050 * 1.00003)


def test_broken_and_missing_clips_are_rows_with_an_error(root):
    clips = [CLIPS[4], Clip("lost", "no such.wav"), CLIPS[0]]
    for workers in (0, 2):
        broken, lost, good = load(clips, root, SPEC, workers=workers)
        assert broken.array is None and broken.samples == 0
        assert "clip 4.wav" in broken.error
        assert "no such.wav" in lost.error
        assert good.error is None and good.array is not None


def test_transforms_run_in_the_workers_not_here(root):
    clips = [clip for clip in CLIPS if clip.clip_id != "c4"]
    pids = {int(row.array[0]) for row in load(clips, root, SPEC, workers=2, transform=transforms.Pid())}
    assert len(pids) == 2 and os.getpid() not in pids


def test_transform_of_another_type_and_shape(root):
    rows = list(load(CLIPS[:3], root, SPEC, workers=2, transform=transforms.Halve()))
    assert all(row.array.dtype == np.float16 for row in rows)
    np.testing.assert_allclose(rows[2].array[0], 0.15, atol=1e-3)


def test_array_larger_than_a_slot_comes_all_the_same(root):
    same(
        list(load(CLIPS, root, SPEC, workers=0, transform=transforms.Grow())),
        list(load(CLIPS, root, SPEC, workers=2, transform=transforms.Grow())),
    )


def test_works_through_pipes_where_shared_memory_is_short(root, monkeypatch):
    sizes = []
    real = pool_module._shared_memory

    def short(size):
        sizes.append(size)
        return None if len(sizes) == 1 else real(size)

    monkeypatch.setattr(pool_module, "_shared_memory", short)
    same(list(load(CLIPS, root, SPEC, workers=2)), list(load(CLIPS, root, SPEC, workers=0)))
    assert len(sizes) == 2 and sizes[1] < sizes[0]


def test_more_shared_memory_than_there_is_is_not_had():
    if not Path("/dev/shm").is_dir():
        pytest.skip("no /dev/shm here")
    status = os.statvfs("/dev/shm")
    assert pool_module._shared_memory(2 * status.f_frsize * status.f_blocks) is None


def test_log_mels_are_bit_equal_with_and_without_workers(root):
    mel = LogMel(MelSpec(RATE, 512, 128, 40, 0.0, 4000.0))
    same(
        list(load(CLIPS, root, SPEC, workers=0, transform=mel)),
        list(load(CLIPS, root, SPEC, workers=2, transform=mel)),
    )


def test_arrays_may_be_kept_and_changed(root):
    clips = [clip for clip in CLIPS if clip.clip_id != "c4"] * 4
    for workers in (0, 2):
        for row in load(clips[:2], root, SPEC, workers=workers):
            row.array[:] = 0
    rows = [(row.clip.clip_id, row.array, row.array.copy()) for row in load(clips, root, SPEC, workers=2)]
    for clip_id, array, then in rows:
        np.testing.assert_array_equal(array, then)
        assert abs(array[0] - (int(clip_id[1:]) + 1) / 10) < 1e-5


def test_error_inside_a_transform_is_named(root):
    for workers in (0, 1):
        (row,) = load(CLIPS[:1], root, SPEC, workers=workers, transform=transforms.Fail())
        assert "clip 0.wav" in row.error and "ZeroDivisionError: one by none" in row.error


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_killed_worker_is_replaced_and_its_clip_tried_again(root, tmp_path, number):
    rows = list(load(CLIPS, root, SPEC, workers=2, transform=transforms.KillOnce(tmp_path / "mark", number)))
    assert (tmp_path / "mark").exists()
    assert [row.clip.clip_id for row in rows if row.error] == ["c4"]
    assert [round(float(row.array[0]), 1) for row in rows if row.array is not None] == [
        *(0.1, 0.2, 0.3, 0.4),
        *(0.6, 0.7, 0.8, 0.9),
    ]


def test_a_clip_that_kills_twice_is_a_row_with_an_error(root):
    rows = list(load(CLIPS, root, SPEC, workers=2, transform=transforms.KillAlways()))
    assert [row.clip.clip_id for row in rows if row.error] == ["c4", "c6"]
    assert "clip 6.wav" in rows[6].error and "SIGSEGV" in rows[6].error and "twice" in rows[6].error


def test_workers_killed_from_outside_at_any_moment_lose_nothing(root):
    clips = [clip for clip in CLIPS if clip.clip_id != "c4"] * 3
    rows = load(clips, root, SPEC, workers=2, transform=transforms.Slow(0.02))
    seen = []
    for row in rows:
        seen.append(row)
        if row.index in (1, 9):
            os.kill(multiprocessing.active_children()[0].pid, signal.SIGKILL)
    assert [row.index for row in seen] == list(range(24))
    assert all(row.error is None for row in seen)


def test_workers_that_cannot_start_end_in_one_clear_error(root, capfd):
    with pytest.raises(DataError, match=r"exit code 7.*__main__.*workers=0"):
        list(load(CLIPS, root, SPEC, workers=2, transform=transforms.DieAtStart()))
    with pytest.raises(DataError, match=r"ValueError: invalid literal"):
        list(load(CLIPS, root, SPEC, workers=2, transform=transforms.RaiseAtStart()))


def test_what_cannot_be_sent_to_a_worker_is_refused(root):
    with pytest.raises(DataError, match=r"cannot be sent to a worker process.*workers=0"):
        list(load(CLIPS, root, SPEC, workers=1, transform=lambda waveform: waveform))
    assert len(list(load(CLIPS, root, SPEC, workers=0, transform=lambda waveform: waveform))) == 9


def test_negative_workers_are_refused_at_once(root):
    with pytest.raises(DataError, match="workers=-1"):
        load(CLIPS, root, SPEC, workers=-1)


def test_no_clips():
    assert list(load([], ".", SPEC, workers=2)) == []


def test_progress_counts_every_clip(root):
    calls = []
    list(load(CLIPS, root, SPEC, workers=2, progress=lambda done, total: calls.append((done, total))))
    assert calls == [(n, 9) for n in range(1, 10)]


def test_closing_early_ends_the_workers(root):
    rows = load(CLIPS * 20, root, SPEC, workers=2, transform=transforms.Slow(0.05))
    next(rows)
    processes = multiprocessing.active_children()
    pids = [process.pid for process in processes]
    assert len(pids) == 2
    started = time.monotonic()
    rows.close()
    assert time.monotonic() - started < 2
    assert not any(alive(pid) for pid in pids)


def test_an_exception_in_the_consumer_ends_the_workers(root):
    with pytest.raises(RuntimeError):
        for _ in load(CLIPS, root, SPEC, workers=2):
            raise RuntimeError


def test_look_ahead_is_bounded(root, tmp_path):
    (tmp_path / "calls").mkdir()
    clips = [clip for clip in CLIPS if clip.clip_id != "c4"] * 10
    rows = load(clips, root, SPEC, workers=1, transform=transforms.Count(tmp_path / "calls"))
    next(rows)
    time.sleep(0.3)
    # The first, and those handed out before it was taken; never the other 70.
    assert 1 < len(list((tmp_path / "calls").iterdir())) <= 1 + 2 * pool_module.DEPTH
    rows.close()


CONSUMER = """
import sys, time
sys.path.insert(0, {tests!r})
import loader_transforms as transforms
from fstmuse.data.clip import Clip
from fstmuse.data.loader import load
from fstmuse.spec import AudioSpec

if __name__ == "__main__":
    clips = [Clip(str(n), "clip 0.wav") for n in range(1000)]
    for row in load(clips, {root!r}, AudioSpec(8000, 0.25), workers=2, transform=transforms.{transform}):
        print(int(row.array[0]), flush=True)
        {body}
"""


def consumer(root: Path, transform: str, body: str) -> subprocess.Popen:
    script = root / "consumer.py"
    script.write_text(CONSUMER.format(tests=str(Path(__file__).parent), root=str(root), transform=transform, body=body))
    return subprocess.Popen(
        [sys.executable, script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )


def first_pids(process: subprocess.Popen, count: int = 2) -> set[int]:
    pids: set[int] = set()
    while len(pids) < count:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        pids.add(int(line))
    return pids


@pytest.mark.parametrize(("body", "name"), [("pass", "waiting"), ("time.sleep(0.1)", "working")])
def test_ctrl_c_ends_all_and_leaves_no_memory(root, body, name):
    process = consumer(root, "Pid()", body)
    pids = first_pids(process)
    assert not Path("/dev/shm").is_dir() or len(memory_of(process.pid)) == 1
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the parent and to its workers
    _, errors = process.communicate(timeout=20)
    assert process.returncode == -signal.SIGINT
    assert errors.count("Traceback") == 1 and "leaked" not in errors, errors
    assert not any(alive(pid) for pid in pids)
    wait_until(lambda: not memory_of(process.pid))


def test_a_killed_parent_takes_its_workers_and_memory_along(root):
    process = consumer(root, "Pid()", "pass")
    pids = first_pids(process)
    process.kill()
    process.communicate(timeout=20)
    wait_until(lambda: not any(alive(pid) for pid in pids))
    wait_until(lambda: not memory_of(process.pid))


def test_leaving_the_interpreter_in_the_middle_is_quiet(root):
    process = consumer(root, "Pid()", "if row.index == 50: sys.exit(3)")
    out, errors = process.communicate(timeout=20)
    assert process.returncode == 3
    assert errors == ""
    assert not any(alive(int(pid)) for pid in set(out.split()))


def test_workers_import_little_and_use_one_thread(root):
    rows = list(load(CLIPS[:2], root, SPEC, workers=1, transform=transforms.Modules()))
    assert rows[0].array.tolist() == [0] * len(transforms.Modules.NAMES) + [1]


def test_worker_module_and_a_pickled_mel_bring_no_heavy_import():
    blob = pickle.dumps(LogMel(MelSpec(RATE, 512, 128, 20, 0.0, 4000.0)))
    code = (
        f"import sys, pickle; import fstmuse.data.worker; assert 'numpy' not in sys.modules;"
        f"import fstmuse.data.one_clip; pickle.loads({blob!r});"
        "sys.exit(bool({'tensorflow', 'keras', 'librosa', 'pandas', 'av', 'scipy.signal'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], check=False, env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert result.returncode == 0
