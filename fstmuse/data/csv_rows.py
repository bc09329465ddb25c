"""Tables as CSV: strict reading with line numbers, writing in one move."""

from __future__ import annotations

import csv
import math
import uuid
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from fstmuse.errors import ManifestError, nearest


def read_rows(
    path: Path, *, required: tuple[str, ...], known: tuple[str, ...] | None
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV with a header: (line number, values by column).

    Args:
        path: UTF-8, with or without byte order mark, separated by commas.
        required: columns that must be there.
        known: columns that may be there; None: any.

    Raises:
        ManifestError: the file is missing, is no UTF-8 or no CSV, lacks a column, has an unknown or repeated
            one, or a row has too many or too few cells.
    """
    if not path.is_file():
        raise ManifestError(f"{path}: no such file. Give the path of a CSV, or a data set's name from `datasets list`.")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = [cell.strip() for cell in next(reader, [])]
            _require_columns(path, header, required, known)
            for cells in reader:
                if not cells:
                    continue
                if len(cells) != len(header):
                    raise ManifestError(
                        f"{path}, line {reader.line_num}: {len(cells)} cells, expected {len(header)}. "
                        "Put values that hold a comma into double quotes."
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


def _require_columns(path: Path, header: list[str], required: tuple[str, ...], known: tuple[str, ...] | None) -> None:
    if not header:
        raise ManifestError(
            f"{path}: the file is empty; expected the columns {', '.join(required)} and a row per clip."
        )
    if len(header) == 1 and any(sign in header[0] for sign in ";\t"):
        raise ManifestError(f"{path}: its columns are not separated by commas. Save it as comma-separated CSV.")
    for name in required:
        if name not in header:
            raise ManifestError(
                f"{path}: no column '{name}'; it has {', '.join(header)}. Expected {', '.join(required)}: add it, "
                "or make the manifest from your CSV by `python -m fstmuse.datasets build --csv`."
            )
    for position, name in enumerate(header):
        if name in header[:position]:
            raise ManifestError(f"{path}: column '{name}' appears twice. Keep one of them.")
        if known is not None and name not in known:
            raise ManifestError(f"{path}: unknown column '{name}'. {nearest(name, known)}")


def format_seconds(value: float) -> str:
    """A number of seconds as text, `12.5` or `30`."""
    # repr gives a float back exactly, so that reading a written manifest leaves its hash as it was.
    return repr(float(value)).removesuffix(".0")
