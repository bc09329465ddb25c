"""Reports over thousands of files that survive a kill and go on where they stopped.

A file's rows are appended as soon as it ends. When such a report is opened again to
resume, what a kill left half-written is cut off, and files with complete rows are `done`,
however their paths were typed (relative ones start from the present folder).
Skipped files are tried again and listed anew, with the reason, in a CSV beside the report.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from fstmuse.errors import ConfigError, nearest
from fstmuse.inference.outputs import fitted, outputs, suffix_of, unwritable, written
from fstmuse.inference.read_back import Rows
from fstmuse.inference.reports import csv_rows, csv_text, json_object, json_text
from fstmuse.inference.results import Classification, Skipped

FORMATS = ("csv", "jsonl", "labels", "png")
FILE_EACH = ("labels", "png")
"""Formats of a folder with a file per sound; they need results along time."""
EXISTING = ("refuse", "resume", "overwrite")

_RESUME = ", then run again to resume"


class ResumableReport:
    """A report that takes one file after another; a context manager.

    Args:
        path: the CSV or JSON lines file, or for `FILE_EACH` the folder.
        labels: names of the model's outputs.
        format: one of `FORMATS`: `csv`, `jsonl` (JSON lines), `labels` (an Audacity label track per file) or `png`
            (a picture per file).
        along_time: results have windows; needed for `FILE_EACH`.
        model: name of the model, kept in each row; a report is resumed only by the same.
        existing: what to do with a report that is there already: one of `EXISTING`.
        root: the folder that was searched; for `FILE_EACH` files are laid out as the sounds below it.
        part: of each file, as in `Classification`; empty: all of it. It stands in every row or name of a file, and
            a report is resumed only with the same.

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
        part: str = "",
    ) -> None:
        _require_known("format", format, FORMATS)
        _require_known("existing", existing, EXISTING)
        if format in FILE_EACH and not along_time:
            raise ConfigError(f"{format} needs results along time. Add --along-time, or choose csv or jsonl.")
        self.path, self.format, self.along_time, self.model = Path(path), format, along_time, model
        self._root, self._part = root, part
        self._rows = Rows(self.path, tuple(labels), model, along_time, part)
        self._done: set[str] = set()
        self._file: BinaryIO | None = None
        self.added = self.skipped = 0
        folder = self.path if format in FILE_EACH else self.path.parent
        name = "skipped.csv" if format in FILE_EACH else f"{self.path.stem}.skipped.csv"
        self.skipped_path = folder / name
        try:
            self._open(folder, existing)
        except OSError as error:
            raise unwritable(self.path, error, _RESUME) from None

    def _open(self, folder: Path, existing: str) -> None:
        taken = any(self.path.iterdir()) if self.format in FILE_EACH and self.path.is_dir() else self.path.exists()
        if taken and existing == "refuse":
            raise ConfigError(
                f"{self.path} exists already. Resume it (--resume), replace it (--overwrite) or choose another name."
            )
        folder.mkdir(parents=True, exist_ok=True)
        self.skipped_path.unlink(missing_ok=True)
        if self.format in FILE_EACH:
            self._redo = existing == "overwrite"
            return
        complete = 0
        if taken and existing == "resume":
            reader = self._rows.in_csv if self.format == "csv" else self._rows.in_json_lines
            with self.path.open("rb") as file:
                for end, finished in reader(file):
                    complete = end
                    self._done.update(map(os.path.abspath, finished))
        self._file = self.path.open("r+b" if taken else "w+b", buffering=0)
        self._file.truncate(complete)
        self._file.seek(complete)
        if self.format == "csv" and complete == 0:
            self._append(self._file, csv_text([self._rows.columns]))

    def done(self, path: str) -> bool:
        """Whether the file has its complete rows in the report and need not be heard again."""
        if self.format in FILE_EACH:
            return not self._redo and self.file_of(path).is_file()
        return os.path.abspath(path) in self._done  # noqa: PTH100 - resolve() would take two links for one file

    def add(self, item: Classification | Skipped) -> None:
        """Appends the rows of one file, or lists it as skipped.

        Raises:
            ConfigError: the result's labels or its part are not those of the report, or it lacks windows.
            DataError: the disk is full or the report cannot be written.
        """
        labels = self._rows.labels
        try:
            if isinstance(item, Skipped):
                self._add_skipped(item)
                return
            if item.labels != labels:
                raise ConfigError(
                    f"{item.path}: received labels {', '.join(item.labels)}; expected {', '.join(labels)}. "
                    "Open another report for another model."
                )
            if item.part != self._part:
                raise ConfigError(
                    f"{item.path}: received the part '{item.part}'; expected '{self._part}'. "
                    "Open another report for another part."
                )
            if self.format in FILE_EACH:
                self._write_file(item)
            elif self.format == "csv":
                self._append(self._file, csv_text(csv_rows(item, self.along_time, self.model)))
            else:
                self._append(self._file, json_text(json_object(item, self.model)) + "\n")
        except OSError as error:
            raise unwritable(self.path, error, _RESUME) from None
        self._done.add(os.path.abspath(item.path))  # noqa: PTH100
        self.added += 1

    def file_of(self, path: str) -> Path:
        """Where that of a sound goes: the same folders below the report's, part and suffix behind the name."""
        full = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links out of the root
        root = Path(os.path.abspath(self._root)) if self._root is not None else None  # noqa: PTH100
        if root is not None and full.is_relative_to(root) and full != root:
            below = full.relative_to(root)
        else:
            below = Path("elsewhere", *full.parts[1:])
        rest = (f".{self._part}" if self._part else "") + suffix_of(self.format)
        return self.path / below.with_name(fitted(below.name, rest))

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

    def _write_file(self, item: Classification) -> None:
        file = self.file_of(item.path)
        file.parent.mkdir(parents=True, exist_ok=True)
        with written(outputs(item)[self.format], file.parent, self.model) as part:
            part.replace(file)

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


def _require_known(option: str, value: str, known: Iterable[str]) -> None:
    if value not in known:
        raise ConfigError(f"Received {option} '{value}'. {nearest(value, known)}")
