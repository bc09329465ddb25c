"""Transforms for the loader's tests, in a light module of their own that worker processes import."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import numpy as np

KILL = 0.7
"""A waveform whose first sample is near this kills its worker."""


class Halve:
    """Half of each sample, as float16."""

    def __call__(self, waveform):
        return (waveform / 2).astype(np.float16)


class Pid:
    """The process that runs it."""

    def __call__(self, waveform):
        return np.array([os.getpid()])


class Modules:
    """1 for each heavy module that the process has imported, and the BLAS threads it may use."""

    NAMES = ("tensorflow", "keras", "librosa", "pandas", "matplotlib", "sklearn", "scipy.signal")

    def __call__(self, waveform):
        import threadpoolctl

        threads = [info["num_threads"] for info in threadpoolctl.threadpool_info()]
        return np.array([int(name in sys.modules) for name in self.NAMES] + [max(threads, default=1)])


class Grow:
    """More than any slot holds."""

    def __call__(self, waveform):
        return np.tile(waveform, 3).reshape(3, -1)


class Fail:
    """An error of its own."""

    def __call__(self, waveform):
        raise ZeroDivisionError("one by none")


class Slow:
    """A moment per clip."""

    def __init__(self, seconds):
        self.seconds = seconds

    def __call__(self, waveform):
        time.sleep(self.seconds)
        return waveform[:4]


class Count:
    """Leaves a file for each call."""

    def __init__(self, folder):
        self.folder, self.calls = folder, 0

    def __call__(self, waveform):
        self.calls += 1
        (self.folder / str(self.calls)).touch()
        return waveform[:4]


class KillOnce:
    """Kills its worker at loud clips, until a file `marker` is there."""

    def __init__(self, marker, number=signal.SIGKILL):
        self.marker, self.number = Path(marker), number

    def __call__(self, waveform):
        if abs(waveform[0] - KILL) < 0.01 and not self.marker.exists():
            self.marker.touch()
            os.kill(os.getpid(), self.number)
        return waveform[:4]


class KillAlways:
    """Kills its worker at loud clips."""

    def __call__(self, waveform):
        if abs(waveform[0] - KILL) < 0.01:
            os.kill(os.getpid(), signal.SIGSEGV)
        return waveform[:4]


class Starving:
    """A picture whose making kills the worker at sounds beyond full scale, until a file `marker` is there."""

    def __init__(self, mel, marker):
        self.mel, self.spec, self.marker = mel, mel.spec, Path(marker)

    def __call__(self, waveform):
        if abs(waveform).max() > 1.2 and not self.marker.exists():
            os.kill(os.getpid(), signal.SIGKILL)
        return self.mel(waveform)


class DieAtStart:
    """Cannot be unpickled: ends the worker before it is ready."""

    def __reduce__(self):
        return os._exit, (7,)


class RaiseAtStart:
    """Cannot be unpickled."""

    def __reduce__(self):
        return int, ("no number",)
