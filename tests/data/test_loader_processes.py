"""The loader's processes: killed, interrupted, left early; light, and nothing left behind."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fstmuse.data import pool as pool_module
from fstmuse.data.loader import load
from fstmuse.errors import DataError
from fstmuse.features.mel import LogMel
from fstmuse.spec import MelSpec
from tests.data import loader_transforms as transforms
from tests.data.loader_support import CLIPS, RATE, SPEC, alive, make_clips, memory_of, wait_until

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def root(tmp_path):
    return make_clips(tmp_path)


@pytest.fixture(autouse=True)
def nothing_left_behind():
    yield
    assert multiprocessing.active_children() == []
    assert memory_of(os.getpid()) == []


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
    assert [row.clip.clip_id for row in rows if row.retryable] == ["c6"]


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
from tests.data import loader_transforms as transforms
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
    script.write_text(
        CONSUMER.format(tests=str(Path(__file__).parents[2]), root=str(root), transform=transform, body=body)
    )
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
