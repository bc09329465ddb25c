"""Answers as a table that grows line by line: a long run shows what it has, a broken-off one leaves it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from fstmuse.inference.reports import clock, shown
from fstmuse.inference.results import Classification, Skipped, segments

WIDEST_LABEL = 24
NARROWEST_NAME = 20
WHOLE = "whole"
"""Stands where a stretch of time has its beginning."""


class Table:
    """Prints a line per file, and along time one more per stretch of time with one label.

    The columns' widths follow from names and labels, which are known before the first answer.

    Args:
        stream: what to print to.
        names: of the files to come.
        labels: of the network.
        along_time: the stretches of time follow each file.
        part: parts of the files were asked about; each line says where its part begins and ends.
        top: likeliest labels shown of each file; on a terminal as many of them as its width holds.
    """

    def __init__(
        self,
        stream: TextIO,
        names: Iterable[str],
        labels: Sequence[str],
        along_time: bool,
        top: int,
        part: bool = False,
    ) -> None:
        self._console = Console(file=stream, highlight=False, soft_wrap=True)
        self._name = max((cell_len(shown(name)) for name in names), default=4)
        self._label = min(WIDEST_LABEL, max(5, *(cell_len(label) for label in labels)))
        self._along_time, self._top, self._from_to = along_time, top, along_time or part
        if self._console.is_terminal:
            others = (9 + 2) * (2 if self._from_to else 1) + self._label + 6 + 4
            others += (self._label + 9) * min(top - 1, len(labels) - 1)
            self._name = min(self._name, max(NARROWEST_NAME, self._console.width - others))
        self._empty = True

    def add(self, item: Classification | Skipped) -> None:
        """Prints the lines of one file; skipped ones have none."""
        if isinstance(item, Skipped):
            return
        if self._empty:
            self._empty = False
            times = ("From", "To") if self._from_to else ("Length",)
            self._line("File", times, "Label", "Prob.", ["Next"] if self._top > 1 else [], "bold")
        others = [f"{label} {share:.1%}" for label, share in item.top(self._top)[1:]]
        begin = clock(item.start_s) if item.part else WHOLE
        times = (begin, clock(item.end_s)) if self._from_to else (clock(item.duration_s),)
        self._line(shown(item.path), times, item.label, f"{item.confidence:.1%}", others)
        for part in segments(item) if self._along_time else ():
            self._line("", (clock(part.start_s), clock(part.end_s)), part.label, f"{part.confidence:.1%}")

    def _line(
        self, name: str, times: Sequence[str], label: str, share: str, others: Sequence[str] = (), style: str = ""
    ) -> None:
        cells = [_left(name, self._name), *(f"{time:>9}" for time in times), _left(label, self._label), f"{share:>6}"]
        line = "  ".join(cells).rstrip()
        for place, other in enumerate(others):
            longer = line + (", " if place else "  ") + other
            if self._console.is_terminal and cell_len(longer) > self._console.width:
                break
            line = longer
        self._console.print(Text(line, style=style))


def _left(text: str, width: int) -> str:
    """Filled up to `width` cells; what is too long loses its beginning, for names tell apart by their ends."""
    if cell_len(text) > width:
        while cell_len(text) >= width:
            text = text[1:]
        text = f"…{text}"
    return text + " " * (width - cell_len(text))
