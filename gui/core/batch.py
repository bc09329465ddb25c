"""How far the queue is, and how long the rest will take. Free of Qt."""

from __future__ import annotations

from collections.abc import Iterable

from .jobs import ENDED, Jobs

# Before this, speed is a guess that would jump about.
_SURE_ROWS, _SURE_S = 0.05, 0.5


class Batch:
    """The rows that were asked since the queue was last empty."""

    def __init__(self) -> None:
        self._ids: set[int] = set()
        self._began: float | None = None
        self._finished = 0

    def asked(self, ids: Iterable[int], fresh: bool) -> None:
        """Notes rows that were put into the queue.

        Args:
            ids: which.
            fresh: the queue was empty before; what came before them no longer counts.
        """
        if fresh:
            self._ids.clear()
            self._began, self._finished = None, 0
        self._ids.update(ids)

    def started(self, now: float) -> None:
        """Notes that a row is being answered; the first one starts the clock.

        Args:
            now: of a monotonic clock, in s.
        """
        if self._began is None:
            self._began = now

    def finished(self) -> None:
        """Notes that a row has come to its end by being asked, not by being cancelled."""
        self._finished += 1

    def progress(self, jobs: Jobs, now: float) -> tuple[int, int, float | None]:
        """Rows that have ended, rows in all, and the time that the others will take, in s.

        Args:
            jobs: the queue; rows that were removed from it no longer count.
            now: of the clock of `started`, in s.

        Returns:
            The time is None while no speed is known, and 0 when nothing is left.
        """
        rows = [job for job in map(jobs.get, self._ids) if job is not None]
        left = [job for job in rows if job.state not in ENDED]
        done, total = len(rows) - len(left), len(rows)
        if not left:
            return done, total, 0.0
        worked = self._finished + sum(job.fraction for job in left)
        if self._began is None or worked < _SURE_ROWS or now - self._began < _SURE_S:
            return done, total, None
        left_s = (now - self._began) / worked * sum(1.0 - job.fraction for job in left)
        # After many short clips a long one is no average clip: it takes at least its own time.
        return done, total, max(left_s, *(job.time_left_s(now) or 0.0 for job in left))
