"""The samples of a clip in a file that another process writes, and the clip as the window knows it. Free of Qt."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .picture import Picture


class Pcm:
    """Samples that may still grow: int16 little-endian mono in a file without header.

    Read from the window's thread and from the sound device's. The file may be deleted while
    this is open.

    Args:
        path: of the file, which exists.
        sample_rate: in Hz.

    Raises:
        OSError: the file cannot be opened.
    """

    def __init__(self, path: Path | str, sample_rate: int) -> None:
        self.sample_rate = sample_rate
        self.complete = False
        self._file = Path(path).open("rb", buffering=0)  # noqa: SIM115 - open as long as this lives
        self._lock = threading.Lock()

    @property
    def samples(self) -> int:
        """Samples that are there; final when `complete`."""
        return 0 if self._file.closed else os.fstat(self._file.fileno()).st_size // 2

    @property
    def duration_s(self) -> float:
        """Length in s of what is there."""
        return self.samples / self.sample_rate

    def read(self, start: int, count: int) -> np.ndarray:
        """Samples from `start` on.

        Returns:
            int16 (count,); zeros where nothing is: before 0, past the end, after `close`.
        """
        samples = np.zeros(max(0, count), "<i2")
        skipped = min(max(0, -start), len(samples))
        wanted = samples[skipped:]
        with self._lock:
            if len(wanted) and not self._file.closed:
                self._file.seek(2 * max(0, start))
                self._file.readinto(memoryview(wanted).cast("B"))
        return samples

    def close(self) -> None:
        """Lets go of the file; from now on all samples read are 0."""
        with self._lock:
            self._file.close()


@dataclass(eq=False)
class Clip:
    """A clip as far as it has been looked at.

    Args:
        path: of the sound file.
        picture: grows.
        pcm: its samples, growing likewise; None until the file could be opened.
        failed: why it cannot be seen or heard, or not to its end; empty while all is well.
    """

    path: str
    picture: Picture = field(default_factory=Picture)
    pcm: Pcm | None = None
    failed: str = ""
