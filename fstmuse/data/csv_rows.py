"""Tables as CSV: strict reading with line numbers, writing in one move."""

from __future__ import annotations

import csv
import math
import uuid
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from fstmuse.errors import ManifestError, nearest

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
"""What may separate columns, the likeliest first: spreadsheets of many countries write semicolons."""

FROM_CSV = "add it, or make the manifest from your CSV by `python -m fstmuse.datasets build --csv`."


def read_rows(
    path: Path, *, required: tuple[str, ...], known: tuple[str, ...] | None, hint: str = FROM_CSV
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV with a header: (line number, values by column).

    Args:
        path: UTF-8, with or without byte order mark, separated by commas, semicolons or tabs.
        required: columns that must be there; "label|labels": one of the two.
        known: columns that may be there; None: any.
        hint: what to do where columns are missing.

    Raises:
        ManifestError: the file is missing, is no UTF-8 or no CSV, lacks a column, has an unknown or repeated
            one, or a row has too many or too few cells.
    """
    if not path.is_file():
        raise ManifestError(f"{path}: no such file. Give the path of a CSV, or a data set's name from `datasets list`.")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            delimiter = _delimiter(file.readline(1 << 16), required)
            file.seek(0)
            reader = csv.reader(file, strict=True, delimiter=delimiter)
            header = [cell.strip() for cell in next(reader, [])]
            _require_columns(path, header, required, known, hint)
            for cells in reader:
                if not cells:
                    continue
                if len(cells) != len(header):
                    raise ManifestError(
                        f"{path}, line {reader.line_num}: {len(cells)} cells, expected {len(header)}. "
                        f"Put values that hold a {DELIMITERS[delimiter]} into double quotes."
                    )
                yield reader.line_num, dict(zip(header, cells, strict=True))
    except UnicodeDecodeError as error:
        raise ManifestError(f"{path}: not UTF-8 text ({error.reason}). Save it as 'CSV UTF-8'.") from None
    except csv.Error as error:
        raise ManifestError(f"{path}, line {reader.line_num}: no valid CSV ({error}). Save it again as CSV.") from None
    except OSError as error:
        raise ManifestError(f"{path}: cannot be read ({error.strerror}).") from None


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[dict[str, str]]) -> None:
    """Writes a CSV beside its place and then moves it there.

    Raises:
        ManifestError: the folder cannot be written, or a value is no Unicode text.
    """
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("x", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="", extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        temporary.replace(path)
    except (OSError, UnicodeEncodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ManifestError(f"{path}: cannot be written ({reason}). Choose another place.") from None
    finally:
        temporary.unlink(missing_ok=True)


def parse_seconds(text: str, column: str, where: str) -> float | None:
    """A length or a place in seconds; None when the cell is empty.

    Raises:
        ManifestError: no number, negative, or not finite.
    """
    if not text.strip():
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise ManifestError(f"{where}: {column} is '{text}', expected seconds, 0 or more, such as 12.5.")
    return value


def _delimiter(line: str, required: tuple[str, ...]) -> str:
    """What separates the columns: whatever shows most of the columns wanted; a comma where that says nothing."""

    def shown(delimiter: str) -> tuple[int, int]:
        header = [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
        return sum(any(part in header for part in name.split("|")) for name in required), len(header)

    return max(DELIMITERS, key=shown)


def _require_columns(
    path: Path, header: list[str], required: tuple[str, ...], known: tuple[str, ...] | None, hint: str
) -> None:
    if not header:
        raise ManifestError(f"{path}: the file is empty; expected the columns {_names(required)} and a row per clip.")
    missing = [name for name in required if not any(part in header for part in name.split("|"))]
    if missing:
        lacks = " and ".join("no column " + " or ".join(f"'{part}'" for part in name.split("|")) for name in missing)
        raise ManifestError(f"{path}: {lacks}; it has {', '.join(header)}. Expected {_names(required)}: {hint}")
    for position, name in enumerate(header):
        if name in header[:position]:
            raise ManifestError(f"{path}: column '{name}' appears twice. Keep one of them.")
        if known is not None and name not in known:
            raise ManifestError(f"{path}: unknown column '{name}'. {nearest(name, known)}")


def _names(required: tuple[str, ...]) -> str:
    return ", ".join(name.replace("|", " or ") for name in required)


def format_seconds(value: float) -> str:
    """A number of seconds as text, `12.5` or `30`."""
    # repr gives a float back exactly, so that reading a written manifest leaves its hash as it was.
    return repr(float(value)).removesuffix(".0")
