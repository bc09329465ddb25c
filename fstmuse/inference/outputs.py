"""Results as files of their own: what a result can be written as, and new files that never replace one.

A result has a `path` (of the clip), a `part` (of the clip, as `fstmuse.inference.results.part_name` calls it; empty
for all of it) and says itself what it can be written as: a module with a new kind of result registers it with
`outputs`, beside its class, and `save_result` serves it too.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import itertools
import os
import re
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from functools import partial, singledispatch
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from fstmuse.errors import Cancelled, ConfigError, DataError, nearest
from fstmuse.inference.reports import csv_columns, csv_rows, csv_text, json_object, json_text, label_track, shown
from fstmuse.inference.results import Classification

if TYPE_CHECKING:
    from fstmuse.interrupt import Cancel

FORMATS = ("csv", "json", "labels", "png")
"""What a classification can be written as."""

Writer = Callable[[Path, str], object]
"""Writes a result to a path at which nothing is; the second argument is the name of the model that gave it."""

_LONGEST = 240
"""Bytes of a file's name without its number; most file systems hold 255."""
_LONGEST_MODEL = 80

_ABANDONED_S = 3600.0
"""Nobody writes on a file that has not changed for so long."""


class Result(Protocol):
    """What `save_result` must know of a result."""

    path: str
    part: str


@singledispatch
def outputs(result: Result) -> dict[str, Writer]:
    """What a result can be written as, by format.

    Args:
        result: of a kind that has been registered.

    Raises:
        ConfigError: results of this kind cannot be written.
    """
    raise ConfigError(f"Received {type(result).__name__}; expected a result that can be written, such as of classify.")


@outputs.register
def _(result: Classification) -> dict[str, Writer]:
    return {
        "csv": partial(_write_csv, result),
        "json": partial(_write_json, result),
        "labels": partial(_write_labels, result),
        "png": partial(_write_png, result),
    }


def save_result(
    result: Result, folder: Path | str, formats: Iterable[str], model: str, cancel: Cancel | None = None
) -> list[Path]:
    """Writes a result to new files; what is there already stays as it is.

    A file is called `CLIP.MODEL.SUFFIX`, for a part of a clip `CLIP.PART.MODEL.SUFFIX`. Where one of the names is
    taken, all of them get a number: ` (2)`, ` (3)` and so on. Safe with several processes at once: each name is given
    to one of them. Files appear whole, and either all of them or, after an error, none.

    Args:
        result: of one clip.
        folder: made when it is missing.
        formats: some of those that the result has; for a classification of `FORMATS`.
        model: name or signature of the model, kept in the files; the checksum of a signature is left out of the name.
        cancel: looked at between files, and once more before they get their names.

    Returns:
        The files, in the order of `formats`.

    Raises:
        ConfigError: the result has no such format, or lacks the windows that it needs.
        DataError: the folder cannot be written.
        AudioError: the clip is needed (for its picture) and can no longer be read.
        Cancelled: `cancel` was set; no file is left.
    """
    folder, writers = Path(folder), outputs(result)
    formats = list(dict.fromkeys(formats))
    for format in formats:
        if format not in writers:
            raise ConfigError(f"Received the format '{format}'. {nearest(format, writers)}")
    stem = _stem(result, model)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as stack:
            parts = {}
            # In one order for all processes, so that the first name decides between two of them.
            for format in sorted(formats):
                _go_on(cancel)
                parts[suffix_of(format)] = stack.enter_context(written(writers[format], folder, model))
            _go_on(cancel)
            named = _place_all(parts, folder / stem)
    except OSError as error:
        raise unwritable(folder, error) from None
    return [named[suffix_of(format)] for format in formats]


def save_as(result: Result, file: Path | str, format: str, model: str) -> Path:
    """Writes a result to a file that somebody has named; one that is there is replaced once the new one is whole.

    Args:
        result: of one clip.
        file: with its suffix, in a folder that is there.
        format: one that the result has.
        model: as for `save_result`.

    Returns:
        The file.

    Raises:
        ConfigError: the result has no such format, or lacks the windows that it needs.
        DataError: the file cannot be written.
        AudioError: the clip is needed (for its picture) and can no longer be read.
    """
    file, writers = Path(file), outputs(result)
    if format not in writers:
        raise ConfigError(f"Received the format '{format}'. {nearest(format, writers)}")
    try:
        with written(writers[format], file.parent, model) as part:
            part.replace(file)
    except OSError as error:
        raise unwritable(file, error) from None
    return file


def name_for(result: Result, format: str, model: str) -> str:
    """What `save_result` calls the file of a format while nothing has that name."""
    return _stem(result, model) + suffix_of(format)


def _go_on(cancel: Cancel | None) -> None:
    if cancel is not None and cancel.is_set():
        raise Cancelled("Cancelled before the files were written.")


def suffix_of(format: str) -> str:
    """The suffix of files of a format, such as `.csv`."""
    return ".txt" if format == "labels" else f".{format}"


@contextlib.contextmanager
def written(writer: Writer, folder: Path, model: str) -> Iterator[Path]:
    """A finished file in a folder under a hidden name, for the caller to give it a name that people see.

    Raises:
        OSError: the folder cannot be written.
    """
    _sweep(folder)
    part = folder / f".{uuid.uuid4().hex}.part"
    try:
        writer(part, model)
        yield part
    finally:
        part.unlink(missing_ok=True)


@functools.cache
def _sweep(folder: Path) -> None:
    """Removes what killed processes have left half written; a process looks into each folder once."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if re.fullmatch(r"\.[0-9a-f]{32}\.part", entry.name) and time.time() - entry.stat().st_mtime > _ABANDONED_S:
                Path(entry.path).unlink()


def fitted(name: str, rest: str = "", longest: int = _LONGEST) -> str:
    """A file's name that file systems take: `name` is cut where it and `rest` are too long together.

    Args:
        name: the part that may be cut; then its checksum tells it from others that begin alike.
        rest: what stands behind it.
        longest: bytes in UTF-8.

    Returns:
        `name` and `rest`, `longest` bytes at most.
    """
    room, raw = longest - len(os.fsencode(rest)), os.fsencode(name)
    if len(raw) <= room:
        return name + rest
    mark = f"~{hashlib.sha256(raw).hexdigest()[:8]}"
    return raw[: room - len(mark)].decode("utf-8", "ignore") + mark + rest


def unwritable(place: Path, error: OSError, then: str = "") -> DataError:
    """The error for people when something cannot be written; `then` ends the advice."""
    return DataError(f"{place}: {error.strerror or error}. Free space or choose another place{then}.")


def _stem(result: Result, model: str) -> str:
    model = fitted(plain_name(re.sub(r" [0-9a-f]{12}$", "", model)), longest=_LONGEST_MODEL)
    rest = f"{f'.{result.part}' if result.part else ''}{f'.{model}' if model else ''}"
    longest = _LONGEST - max(map(len, map(suffix_of, outputs(result))))
    return fitted(plain_name(Path(result.path).name) or "result", rest, longest)


def plain_name(name: str) -> str:
    """A name with nothing in it that a file system, a shell or a screen could stumble over, nor hidden."""
    plain = "".join("_" if sign in '<>:"/\\|?*' or not sign.isprintable() else sign for sign in name)
    return f"_{plain[1:]}" if plain.startswith(".") else plain


def _place_all(parts: dict[str, Path], stem: Path) -> dict[str, Path]:
    """Gives files, known by suffix, names with the first number that is free for all of them."""
    for number in itertools.count(1):
        numbered = f" ({number})" if number > 1 else ""
        placed: dict[str, Path] = {}
        try:
            for suffix, part in parts.items():
                target = stem.with_name(f"{stem.name}{numbered}{suffix}")
                _place(part, target)
                placed[suffix] = target
        except OSError as error:
            for path in placed.values():
                path.unlink(missing_ok=True)
            if not isinstance(error, FileExistsError):
                raise
        else:
            break
    return placed


def _place(part: Path, target: Path) -> None:
    """Gives a file a name that nothing has; of two processes one gets FileExistsError."""
    try:
        target.hardlink_to(part)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):
        # FAT and some shared folders know no links: an empty file holds the name until the full one takes it over.
        target.open("xb").close()
        try:
            part.replace(target)
        except OSError:
            target.unlink()
            raise


def _write_csv(result: Classification, path: Path, model: str) -> None:
    """Windows along time where there are any, else one row."""
    along_time = result.along_time is not None
    columns = csv_columns(result.labels, along_time, result.part)
    # A name that is no UTF-8 keeps its bytes, so that the row still names the file.
    path.write_bytes(csv_text([columns, *csv_rows(result, along_time, model)]).encode("utf-8", "surrogateescape"))


def _write_json(result: Classification, path: Path, model: str) -> None:
    path.write_text(json_text(json_object(result, model)) + "\n", encoding="utf-8", newline="\n")


def _write_labels(result: Classification, path: Path, model: str) -> None:
    path.write_text(label_track(result), encoding="utf-8", newline="\n")


def _write_png(result: Classification, path: Path, model: str) -> None:
    result.require_windows()
    # Matplotlib and SciPy take most of a second to import; reports do without.
    from fstmuse.features.overview import overview
    from fstmuse.tasks.classification_figure import classification_figure

    classification_figure(
        overview(result.path, result.start_s, result.duration_s),
        result.labels,
        result.probabilities,
        result.times_s,
        result.along_time,
        path,
        title=shown(Path(result.path).name),
        model=shown(model),
    )
