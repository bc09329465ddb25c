"""Reports over thousands of files that survive a kill and go on where they stopped.

A file's rows are appended as soon as it ends. When such a report is opened again to
resume, what a kill left half-written is cut off, and files with complete rows are `done`,
however their paths were typed (relative ones start from the present folder).
Skipped files are tried again and listed anew, with the reason, in a CSV beside the report.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from fstmuse.errors import ConfigError, DataError, nearest
from fstmuse.inference.reports import csv_columns, csv_rows, csv_text, json_object, json_text, label_track
from fstmuse.inference.results import Classification, Skipped

FORMATS = ("csv", "jsonl", "labels")
EXISTING = ("refuse", "resume", "overwrite")


class ResumableReport:
    """A report that takes one file after another; a context manager.

    Args:
        path: the CSV or JSON lines file, or for `labels` the folder of label tracks.
        labels: names of the model's outputs.
        format: one of `FORMATS`: `csv`, `jsonl` (JSON lines) or `labels` (an Audacity label track per file).
        along_time: results have windows; needed for `labels`.
        model: name of the model, kept in each row; a report is resumed only by the same.
        existing: what to do with a report that is there already: one of `EXISTING`.
        root: the folder that was searched; label tracks are laid out as the files below it.

    Attributes:
        added: results written since it was opened.
        skipped: skipped files since it was opened.
        skipped_path: the CSV of skipped files; written only when there are any.

    Raises:
        ConfigError: an option is unknown, the report exists, or it was not made by this model.
        DataError: the report cannot be read or written.
    """

    def __init__(
        self,
        path: Path,
        labels: Iterable[str],
        *,
        format: str,
        along_time: bool = False,
        model: str = "",
        existing: str = "refuse",
        root: Path | None = None,
    ) -> None:
        _require_known("format", format, FORMATS)
        _require_known("existing", existing, EXISTING)
        if format == "labels" and not along_time:
            raise ConfigError("Label tracks need results along time. Add --along-time, or choose csv or jsonl.")
        self.path, self.format, self.along_time, self.model = Path(path), format, along_time, model
        self._labels, self._root = tuple(labels), root
        self._columns = csv_columns(self._labels, along_time)
        self._done: set[str] = set()
        self._file: BinaryIO | None = None
        self.added = self.skipped = 0
        folder = self.path if format == "labels" else self.path.parent
        name = "skipped.csv" if format == "labels" else f"{self.path.stem}.skipped.csv"
        self.skipped_path = folder / name
        try:
            self._open(folder, existing)
        except OSError as error:
            raise _unwritable(self.path, error) from None

    def _open(self, folder: Path, existing: str) -> None:
        taken = any(self.path.iterdir()) if self.format == "labels" and self.path.is_dir() else self.path.exists()
        if taken and existing == "refuse":
            raise ConfigError(
                f"{self.path} exists already. Resume it (--resume), replace it (--overwrite) or choose another name."
            )
        folder.mkdir(parents=True, exist_ok=True)
        self.skipped_path.unlink(missing_ok=True)
        if self.format == "labels":
            self._redo = existing == "overwrite"
            return
        complete = 0
        if taken and existing == "resume":
            reader = self._read_csv if self.format == "csv" else self._read_json_lines
            with self.path.open("rb") as file:
                for end, finished in reader(file):
                    complete = end
                    self._done.update(map(os.path.abspath, finished))
        self._file = self.path.open("r+b" if taken else "w+b", buffering=0)
        self._file.truncate(complete)
        self._file.seek(complete)
        if self.format == "csv" and complete == 0:
            self._append(self._file, csv_text([self._columns]))

    def done(self, path: str) -> bool:
        """Whether the file has its complete rows in the report and need not be heard again."""
        if self.format == "labels":
            return not self._redo and self.track_path(path).is_file()
        return os.path.abspath(path) in self._done  # noqa: PTH100 - resolve() would take two links for one file

    def add(self, item: Classification | Skipped) -> None:
        """Appends the rows of one file, or lists it as skipped.

        Raises:
            ConfigError: the result's labels are not those of the report, or it lacks windows.
            DataError: the disk is full or the report cannot be written.
        """
        try:
            if isinstance(item, Skipped):
                self._add_skipped(item)
                return
            if item.labels != self._labels:
                raise ConfigError(
                    f"{item.path}: received labels {', '.join(item.labels)}; expected {', '.join(self._labels)}. "
                    "Open another report for another model."
                )
            if self.format == "labels":
                write_label_track(item, self.track_path(item.path))
            elif self.format == "csv":
                self._append(self._file, csv_text(csv_rows(item, self.along_time, self.model)))
            else:
                self._append(self._file, json_text(json_object(item, self.model)) + "\n")
        except OSError as error:
            raise _unwritable(self.path, error) from None
        self._done.add(os.path.abspath(item.path))  # noqa: PTH100
        self.added += 1

    def track_path(self, path: str) -> Path:
        """Where the label track of a file goes: the same folders below the report's, `.txt` behind the name."""
        full = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links out of the root
        root = Path(os.path.abspath(self._root)) if self._root is not None else None  # noqa: PTH100
        if root is not None and full.is_relative_to(root) and full != root:
            below = full.relative_to(root)
        else:
            below = Path("elsewhere", *full.parts[1:])
        return self.path / below.with_name(below.name + ".txt")

    def close(self) -> None:
        """Closes the report; it can be resumed later."""
        if self._file is not None:
            self._file.close()

    def __enter__(self) -> ResumableReport:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _add_skipped(self, item: Skipped) -> None:
        new = not self.skipped_path.exists()
        with self.skipped_path.open("ab", buffering=0) as file:
            self._append(file, csv_text([["path", "reason"]] * new + [[item.path, item.reason]]))
        self.skipped += 1

    @staticmethod
    def _append(file: BinaryIO, text: str) -> None:
        # Names that are no UTF-8 keep their bytes, so that the row still names the file.
        rest = memoryview(text.encode("utf-8", "surrogateescape"))
        before = file.tell()
        try:
            while rest:
                rest = rest[file.write(rest) :]
        except OSError:
            # A full disk takes half a row; what follows later must not be glued to it.
            with contextlib.suppress(OSError):
                file.truncate(before)
                file.seek(before)
            raise

    def _read_csv(self, file: BinaryIO) -> Iterator[tuple[int, list[str]]]:
        """Where the header and the last row of each file end (in bytes), and which file that is."""
        before = None  # the row above, while its file lacks windows
        for number, (line, end, record) in enumerate(_records(file)):
            try:
                row = next(csv.reader([record], strict=True))
            except csv.Error:
                raise self._foreign(line) from None
            if number == 0:
                if row != self._columns:
                    raise self._foreign(line)
                yield end, []
                continue
            if len(row) != len(self._columns) or row[1] != self.model:
                raise self._foreign(line)
            if self.along_time:
                expected = [row[0], "1"] if before is None else [before[0], str(int(before[2]) + 1)]
                if [row[0], row[2]] != expected:
                    raise self._foreign(line)
                before = row
                if row[2] != row[3]:
                    continue
                before = None
            yield end, [row[0]]

    def _read_json_lines(self, file: BinaryIO) -> Iterator[tuple[int, list[str]]]:
        """Where each line ends (in bytes), and which file it stands for."""
        end = 0
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                return
            end += len(line)
            try:
                row = json.loads(line)
                same = tuple(row["probabilities"]) == self._labels and row["model"] == self.model
                same = same and ("along_time" in row) == self.along_time
                path = row["path"]
            except (ValueError, KeyError, TypeError):
                raise self._foreign(number) from None
            if not same:
                raise self._foreign(number)
            yield end, [path]

    def _foreign(self, line: int) -> ConfigError:
        return ConfigError(
            f"{self.path}: line {line} is not of a report by {self.model or 'this model'} with labels "
            f"{', '.join(self._labels)}{' along time' if self.along_time else ''}. "
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


def write_label_track(result: Classification, path: Path) -> None:
    """Writes the Audacity label track of one result; a kill leaves no half-written one.

    Args:
        result: with windows.
        path: the file; folders that lack are made.

    Raises:
        ConfigError: the result has no windows.
    """
    text = label_track(result)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _require_known(option: str, value: str, known: Iterable[str]) -> None:
    if value not in known:
        raise ConfigError(f"Received {option} '{value}'. {nearest(value, known)}")


def _unwritable(path: Path, error: OSError) -> DataError:
    return DataError(
        f"{path}: {error.strerror or error}. Free space or choose another place, then run again to resume."
    )
