"""What the loader's tests share: nine clips, and a look at what is left behind."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import soundfile

from fstmuse.data.clip import Clip
from fstmuse.spec import AudioSpec

RATE = 8000
SPEC = AudioSpec(RATE, 0.25)
CLIPS = [Clip(f"c{number}", f"clip {number}.wav") for number in range(9)]


def tone(level: float, seconds: float, rate: int = RATE) -> np.ndarray:
    """Starts at `level`, so that a test knows a clip by its first sample."""
    return (level * np.cos(2 * np.pi * 220 * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def make_clips(folder: Path) -> Path:
    """Nine clips of level 0.1, 0.2 ... of various lengths; number 4 is broken, number 6 starts the kills."""
    for number in range(9):
        path = folder / f"clip {number}.wav"
        soundfile.write(path, tone((number + 1) / 10, 0.1 + 0.05 * number), RATE, subtype="FLOAT")
    (folder / "clip 4.wav").write_bytes(b"RIFF but no sound")
    return folder


def memory_of(pid: int) -> list[Path]:
    """Shared memory that a process has made for its workers (Linux)."""
    return list(Path("/dev/shm").glob(f"fstmuse-{pid}-*"))


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
