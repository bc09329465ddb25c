"""How far a command is: a bar where standard error is a terminal, else a line now and then."""

from __future__ import annotations

import sys
import time
from types import TracebackType

_FIRST_S, _EVERY_S = 10.0, 30.0


class Meter:
    """Counts files on standard error; a context manager. Standard output is left to results.

    Args:
        title: what is going on, such as "predicting".
        total: files there are.
    """

    def __init__(self, title: str, total: int) -> None:
        self._title, self._total = title, total
        self._done = 0
        self._began = time.monotonic()
        self._next_line = self._began + _FIRST_S
        self._bar = _bar() if sys.stderr.isatty() else None

    def __enter__(self) -> Meter:
        if self._bar is not None:
            self._bar.start()
            self._task = self._bar.add_task(self._title, total=self._total, files=f"0/{self._total:,}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def at(self, done: float) -> None:
        """Says how many files are done, with the fraction of the present one."""
        whole = int(done + 1e-6)  # shares of a total come back a rounding error short
        if self._bar is not None:
            self._bar.update(self._task, completed=done, files=f"{whole:,}/{self._total:,}")
        elif (now := time.monotonic()) >= self._next_line:
            self._next_line = now + _EVERY_S
            left_s = (now - self._began) * (self._total - done) / done if done else 0.0
            left = f", about {left_s / 60:.0f} min left" if left_s >= 60 else ""
            print(f"{self._title}: {whole:,} of {self._total:,}{left}", file=sys.stderr, flush=True)

    def share(self, part: float) -> None:
        """Says how much of the present file is done, 0 to 1."""
        self.at(self._done + part)

    def advance(self) -> None:
        """Says that the present file is done."""
        self._done += 1
        self.at(self._done)


def _bar():
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[files]}"), TimeRemainingColumn())
    # On a terminal, results are printed above the bar; piped ones must go where they are sent.
    return Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=sys.stdout.isatty())
