"""What `python -m fstmuse.datasets` shows: tables, lists of files, progress."""

from __future__ import annotations

import contextlib
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table

SHOWN = 10
"""Bad or skipped files printed before the rest is counted."""


def listing(what: str, rows: list[tuple[str, str]], noun: str = "clip") -> None:
    """Prints the first of some files with reasons, and how many there are; nothing for none.

    Args:
        what: said of them, such as "marked bad".
        rows: pairs of path and reason.
        noun: what they are.
    """
    from fstmuse.data.wording import counted

    if not rows:
        return
    typer.echo(f"{counted(len(rows), noun)} {what}:")
    for path, reason in rows[:SHOWN]:
        typer.echo(f"  {path}: {reason}")
    if len(rows) > SHOWN:
        typer.echo(f"  and {len(rows) - SHOWN:,} more")


@contextlib.contextmanager
def counting(title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar that counts files, gone when they are done; silent where stderr is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    with bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextlib.contextmanager
def transferring() -> Iterator[Callable[[str, int, int], None]]:
    """A bar that counts bytes, one for each step of a fetch; silent where stderr is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(binary_units=True), TimeRemainingColumn())
    console = Console(stderr=True)
    bar = Progress(*columns, console=console, disable=not console.is_terminal)
    tasks: dict[str, Any] = {}

    def update(step: str, done: int, total: int) -> None:
        if step not in tasks:
            tasks[step] = bar.add_task(step, total=total or None)
        bar.update(tasks[step], completed=done, total=total or None)

    with bar:
        yield update


def new_table(*columns: tuple[str, Any]) -> Table:
    """An empty table without lines, of columns with a heading and a side (left, right)."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading, side in columns:
        table.add_column(heading, justify=side, overflow="fold")
    return table


def show(table: Table) -> None:
    """Prints a table."""
    from rich.console import Console

    # In a file or a pipe there is no edge to break names at.
    Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 10_000).print(table)


def wrapped(text: str) -> str:
    """Indented, and on a terminal broken at its edge, but never within a word: an address stays whole."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 10_000
    return textwrap.fill(
        text, width, initial_indent="  ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
