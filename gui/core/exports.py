"""Answers about many clips in one table. Free of Qt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from fstmuse.inference.outputs import unwritable, written
from fstmuse.inference.reports import csv_columns, csv_rows, csv_text
from fstmuse.inference.results import Classification

from .jobs import Job

Answered = tuple[Classification, str]
"""A result, and the name or signature of the model that gave it."""


def answers_of(jobs: Iterable[Job], verb: str, along_time: bool) -> list[Answered]:
    """What can stand in a table.

    Args:
        jobs: rows of the queue.
        verb: what was asked.
        along_time: only those with windows.

    Returns:
        Results in order of the rows, each with the signature of its model.
    """
    found = [answer for job in jobs for (asked, _), answer in job.answers.items() if asked == verb]
    return [
        (answer.result, answer.signature or answer.name)
        for answer in found
        if isinstance(answer.result, Classification) and (not along_time or answer.result.along_time is not None)
    ]


def table(results: Sequence[Answered], along_time: bool) -> list[list[str]]:
    """One table of all: the columns are those of `fstmuse.predict`, with all labels of all models.

    Args:
        results: at least one; for `along_time` with windows.
        along_time: a row for each window in place of one for each clip and model.

    Returns:
        The header and the rows; a cell is empty where a model does not know the label.
    """
    labels = dict.fromkeys(label for result, _ in results for label in result.labels)
    part = next((result.part for result, _ in results if result.part), "")
    header = csv_columns(labels, along_time, part)
    rows = []
    for result, model in results:
        columns = csv_columns(result.labels, along_time, result.part)
        for row in csv_rows(result, along_time, model):
            cells = dict(zip(columns, row, strict=True))
            rows.append([cells.get(column, "") for column in header])
    return [header, *rows]


def write_table(results: Sequence[Answered], file: Path | str, along_time: bool) -> int:
    """Writes `table` as CSV. A file that is there is replaced, as soon as the new one is whole.

    Returns:
        How many rows there are below the header.

    Raises:
        DataError: the file cannot be written.
    """
    file, rows = Path(file), table(results, along_time)
    # A name that is no UTF-8 keeps its bytes, so that the row still names the file.
    content = csv_text(rows).encode("utf-8", "surrogateescape")
    try:
        with written(lambda part, model: part.write_bytes(content), file.parent, "") as part:
            part.replace(file)
    except OSError as error:
        raise unwritable(file, error) from None
    return len(rows) - 1
