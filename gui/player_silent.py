"""Where sound goes: the interface, and the output that plays to nobody by the computer's clock."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from .core.feed import Feed


class Output(QObject):
    """Takes frames from a `Feed` and knows how many were heard."""

    lost = Signal(str)
    """Nothing is heard any more, and why."""

    audible = True
    tail_s = 0.0
    """How much of what `heard_s` counts may not have left the loudspeaker yet."""

    def start(self, feed: Feed, sample_rate: int) -> None:
        """Begins anew with the first frame of `feed`, which has `sample_rate` frames a second."""
        raise NotImplementedError

    def stop(self) -> None:
        """Falls silent at once."""
        raise NotImplementedError

    def heard_s(self) -> float:
        """Time since `start` by the clock of what sounds, in s."""
        raise NotImplementedError

    def set_volume(self, volume: float) -> None:
        """0 to 1, as a person hears it; holds for what is started later, too."""
        raise NotImplementedError


class SilentOutput(Output):
    """Takes frames as a device would, and forgets them.

    Args:
        now: time in s.
    """

    audible = False

    def __init__(self, parent: QObject | None = None, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._now = now
        self._feed: Feed | None = None
        self._rate = self._taken = 0
        self._began = 0.0

    def start(self, feed: Feed, sample_rate: int) -> None:
        """Begins to count."""
        self._feed, self._rate, self._taken, self._began = feed, sample_rate, 0, self._now()

    def stop(self) -> None:
        """Counts no more."""
        self._feed = None

    def heard_s(self) -> float:
        """Time since `start`; takes the frames that would have sounded meanwhile."""
        heard_s = self._now() - self._began
        if self._feed is not None:
            due = int(heard_s * self._rate) + 1
            self._feed.take(due - self._taken)
            self._taken = due
        return heard_s

    def set_volume(self, volume: float) -> None:
        """Nothing is heard at any volume."""
