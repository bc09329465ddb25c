"""How far a command is: a bar where standard error is a terminal, else a line now and then."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console

_FIRST_S, _EVERY_S = 10.0, 30.0

_FORESEEN_S, _FORESEEN_SHARE = 5.0, 0.05
"""How long it takes is foreseen from so much on: the beginning, with files to open and graphs to trace, says little."""


class Meter:
    """Counts files on standard error; a context manager. Standard output is left to results.

    Args:
        title: what is going on, such as "predicting".
        total: files there are.

    Attributes:
        results: where results are written meanwhile: standard output, above the bar where both are on a terminal.
    """

    def __init__(self, title: str, total: int) -> None:
        self._title, self._total = title, total
        self._done = 0
        self._began = time.monotonic()
        self._next_line = self._began + _FIRST_S
        self._bar = _bar() if sys.stderr.isatty() else None
        shared = self._bar is not None and sys.stdout.isatty()
        self.results: TextIO | _Above = _Above(self._bar.console, sys.stdout) if shared else sys.stdout

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
        if isinstance(self.results, _Above):
            self.results.end()

    def at(self, done: float) -> None:
        """Says how many files are done, with the fraction of the present one."""
        whole = int(done + 1e-6)  # shares of a total come back a rounding error short
        if self._bar is not None:
            self._bar.update(self._task, completed=done, files=f"{whole:,}/{self._total:,}")
        elif (now := time.monotonic()) >= self._next_line:
            self._next_line = now + _EVERY_S
            passed_s = now - self._began
            left_s = passed_s * (self._total - done) / done if _foreseen(passed_s, done, self._total) else 0.0
            left = f", about {left_s / 60:.0f} min left" if left_s >= 60 else ""
            print(f"{self._title}: {whole:,} of {self._total:,}{left}", file=sys.stderr, flush=True)

    def share(self, part: float) -> None:
        """Says how much of the present file is done, 0 to 1."""
        self.at(self._done + part)

    def advance(self) -> None:
        """Says that the present file is done."""
        self._done += 1
        self.at(self._done)


class _Above:
    """A text stream to a terminal that has a bar in its last line: whole lines appear above the bar.

    Args:
        console: that the bar is drawn by.
        terminal: the stream below.
    """

    def __init__(self, console: Console, terminal: TextIO) -> None:
        self._console, self._terminal = console, terminal
        self._begun = ""

    def write(self, text: str) -> int:
        """Shows the lines that are whole, and keeps the beginning of the next one."""
        *whole, self._begun = (self._begun + text).split("\n")
        if whole:
            self._console.out("\n".join(whole), highlight=False)
        return len(text)

    def writelines(self, lines) -> None:
        """Writes one after the other."""
        for line in lines:
            self.write(line)

    def end(self) -> None:
        """Writes what has no line end, once the bar is gone."""
        self._terminal.write(self._begun)
        self._begun = ""

    def __getattr__(self, name: str) -> object:
        return getattr(self._terminal, name)


def _foreseen(passed_s: float, done: float, total: float) -> bool:
    return passed_s >= _FORESEEN_S and 0 < _FORESEEN_SHARE * total <= done


def _bar():
    from rich.console import Console
    from rich.progress import BarColumn, Progress, Task, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Left(TimeRemainingColumn):
        def render(self, task: Task) -> Text:
            known = _foreseen(task.elapsed or 0.0, task.completed, task.total or 0.0)
            return super().render(task) if known else Text("")

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[files]}"), Left())
    # Results that come to a terminal, too, must know of the bar; piped ones must not.
    console = Console(file=sys.stdout) if sys.stdout.isatty() else Console(stderr=True)
    return Progress(*columns, console=console, transient=True, redirect_stdout=False)
