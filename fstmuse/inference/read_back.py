"""What a report holds already: files with complete rows, up to where a kill tore it off."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from fstmuse.errors import ConfigError
from fstmuse.inference.reports import csv_columns


@dataclass(frozen=True)
class Rows:
    """Reads the rows of a report back, and refuses those of another report.

    Args:
        path: of the report, for messages.
        labels: names of the model's outputs.
        model: in each row.
        along_time: rows stand for windows.
        part: of the files, as in `fstmuse.inference.results.Classification`.
    """

    path: Path
    labels: tuple[str, ...]
    model: str
    along_time: bool
    part: str

    @property
    def columns(self) -> list[str]:
        """The header of a CSV report."""
        return csv_columns(self.labels, self.along_time, self.part)

    def in_csv(self, file: BinaryIO) -> Iterator[tuple[int, list[str]]]:
        """Where the header and the last row of each file end (in bytes), and which file that is.

        Raises:
            ConfigError: a row is not of such a report.
        """
        before = None  # the row above, while its file lacks windows
        columns = self.columns
        known = {1: self.model} | ({2: self.part} if self.part else {})
        window = columns.index("window") if self.along_time else 0
        for number, (line, end, record) in enumerate(_records(file)):
            try:
                row = next(csv.reader([record], strict=True))
            except csv.Error:
                raise self._foreign(line) from None
            if number == 0:
                if row != columns:
                    raise self._foreign(line)
                yield end, []
                continue
            if len(row) != len(columns) or any(row[place] != value for place, value in known.items()):
                raise self._foreign(line)
            if self.along_time:
                expected = [row[0], "1"] if before is None else [before[0], str(int(before[window]) + 1)]
                if [row[0], row[window]] != expected:
                    raise self._foreign(line)
                before = row
                if row[window] != row[window + 1]:
                    continue
                before = None
            yield end, [row[0]]

    def in_json_lines(self, file: BinaryIO) -> Iterator[tuple[int, list[str]]]:
        """Where each line ends (in bytes), and which file it stands for.

        Raises:
            ConfigError: a line is not of such a report.
        """
        end = 0
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                return
            end += len(line)
            try:
                row = json.loads(line)
                same = tuple(row["probabilities"]) == self.labels and row["model"] == self.model
                same = same and ("along_time" in row) == self.along_time and row.get("part", "") == self.part
                path = row["path"]
            except (ValueError, KeyError, TypeError, AttributeError):
                raise self._foreign(number) from None
            if not same:
                raise self._foreign(number)
            yield end, [path]

    def _foreign(self, line: int) -> ConfigError:
        return ConfigError(
            f"{self.path}: line {line} is not of a report by {self.model or 'this model'} with labels "
            f"{', '.join(self.labels)}{' along time' if self.along_time else ''}"
            f"{f' of the part {self.part} of each file' if self.part else ''}. "
            "Resume with the same model and options, or choose another name."
        )


def _records(file: BinaryIO) -> Iterator[tuple[int, int, str]]:
    """Complete CSV records: number of the first line, first byte after it, text. A torn last one is left out."""
    number, end, record = 1, 0, b""
    for count, line in enumerate(file, 1):
        record += line
        end += len(line)
        # Inside quotes a line end belongs to a name; quotes within quotes are doubled, hence the parity.
        if record.count(b'"') % 2 == 0 and record.endswith(b"\n"):
            yield number, end, record.decode("utf-8", "surrogateescape")
            number, record = count + 1, b""
