"""Worker processes whose parent is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.artifact_fixtures import write_tone

_INSPECT = """
from fstmuse.data.inspection import Task, inspect_all
inspect_all([Task(Path(sys.argv[1]))] * 100_000, workers=2, progress=tell)
"""
_RENDER = """
from fstmuse.data.demo import render
render._publish(Path(sys.argv[1]).parent / "demo", False, 0, 500, 1.0, 8000, 2, tell)
"""
_TELL = """
import multiprocessing, sys
from pathlib import Path

def tell(done, total):
    print(*(worker.pid for worker in multiprocessing.active_children()), flush=True)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="looks for processes as Linux has them")
@pytest.mark.parametrize("work", [_INSPECT, _RENDER], ids=["looking at files", "rendering the demo set"])
def test_workers_of_a_killed_process_end(work: str, tmp_path: Path) -> None:
    file = write_tone(tmp_path / "a.wav", "Low", 1.0)
    command = [sys.executable, "-c", _TELL + work, str(file)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True) as parent:
        workers = [int(word) for word in parent.stdout.readline().split()]
        parent.kill()
    assert workers
    try:
        deadline = time.monotonic() + 10
        while any(map(_there, workers)):
            assert time.monotonic() < deadline, "workers outlive the process that they worked for"
            time.sleep(0.02)
    finally:
        for worker in filter(_there, workers):
            os.kill(worker, signal.SIGKILL)


def _there(pid: int) -> bool:
    """Runs still; where nobody collects the dead, they are there as zombies."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
