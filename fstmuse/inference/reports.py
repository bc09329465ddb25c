"""Results as people and programs read them: table, JSON, JSON lines, CSV, Audacity labels.

Each writer takes any iterable and writes every result as it comes, so that a generator
over thousands of files needs no more memory than one of them. Reports that survive a
kill and go on afterwards are in `fstmuse.inference.resumable`, on the rows made here.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from typing import Any, TextIO

from fstmuse.inference.results import Classification, Skipped, segments

DIGITS = 6


def csv_columns(labels: Iterable[str], along_time: bool, part: str = "") -> list[str]:
    """The header of a CSV report: what is known of each row, then one `p_LABEL` per label.

    Args:
        labels: names of the model's outputs.
        along_time: a row stands for a window instead of a file.
        part: as in `Classification`; where parts of files were heard, rows say which.

    Returns:
        Names of the columns.
    """
    known = ["path", "model", *(["part"] if part else [])]
    if along_time:
        known += ["window", "windows", "start_s", "end_s"]
    else:
        known += [*(["start_s"] if part else []), "duration_s"]
    return [*known, "label", "confidence", *(f"p_{label}" for label in labels)]


def csv_rows(result: Classification, along_time: bool, model: str = "") -> list[list[str]]:
    """The rows of one result under `csv_columns`.

    Args:
        result: of one file; with windows when `along_time`.
        along_time: one row per window (`window` counts from 1 to `windows`) instead of one per file.
        model: name of the model that gave the result.

    Returns:
        Rows of text; probabilities and seconds with six decimals.

    Raises:
        ConfigError: `along_time` and the result has no windows.
    """
    known = [result.path, model, *([result.part] if result.part else [])]
    if not along_time:
        values = (*([result.start_s] if result.part else []), result.duration_s, result.label, result.confidence)
        return [[*known, *map(_text, (*values, *result.probabilities))]]
    result.require_windows()
    rows = []
    for number, ((start, end), row) in enumerate(zip(result.times_s, result.along_time, strict=True), 1):
        best = int(row.argmax())
        values = (start, end, result.labels[best], row[best], *row)
        rows.append([*known, str(number), str(len(result.times_s)), *map(_text, values)])
    return rows


def csv_text(rows: Iterable[list[str]]) -> str:
    """Rows as lines of CSV, fields with commas, quotes or line ends quoted."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def json_object(item: Classification | Skipped, model: str = "") -> dict[str, Any]:
    """A result (or the reason for none) as plain values.

    Args:
        item: of one file.
        model: name of the model that gave the result.

    Returns:
        `path`, `model`, `duration_s`, `label`, `confidence`, `probabilities` by label, and,
        with windows, `along_time`: `times_s`, `labels` (the likeliest of each window) and
        `probabilities` (windows x labels in the order of the model's labels). Where a part of
        the file was heard, `part` and `start_s` say which, before `duration_s`.
        For a skipped file `path` and `reason`.
    """
    if isinstance(item, Skipped):
        return {"path": item.path, "reason": item.reason}
    found: dict[str, Any] = {
        "path": item.path,
        "model": model,
        **({"part": item.part, "start_s": round(float(item.start_s), DIGITS)} if item.part else {}),
        "duration_s": round(float(item.duration_s), DIGITS),
        "label": item.label,
        "confidence": round(item.confidence, DIGITS),
        "probabilities": dict(zip(item.labels, _rounded(item.probabilities), strict=True)),
    }
    if item.along_time is not None:
        found["along_time"] = {
            "times_s": [_rounded(row) for row in item.times_s],
            "labels": [item.labels[i] for i in item.along_time.argmax(axis=1)],
            "probabilities": [_rounded(row) for row in item.along_time],
        }
    return found


def json_text(value: Any) -> str:
    """One line of JSON, names as they are; a name that is not valid Unicode (old file systems) is escaped."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value, allow_nan=False)
    return text


def label_track(result: Classification) -> str:
    """A label track for Audacity: `start<TAB>end<TAB>label` lines, times in s.

    Args:
        result: a result with windows; consecutive windows of one label become one line.

    Returns:
        The text of the file.

    Raises:
        ConfigError: the result has no windows.
    """
    lines = (f"{part.start_s:.6f}\t{part.end_s:.6f}\t{' '.join(part.label.split())}\n" for part in segments(result))
    return "".join(lines)


def write_csv(
    items: Iterable[Classification | Skipped],
    stream: TextIO,
    labels: Iterable[str],
    along_time: bool = False,
    model: str = "",
    part: str = "",
) -> list[Skipped]:
    """Writes a header and the rows of each result as it comes.

    Returns:
        The skipped files, which have no rows.
    """
    skipped = []
    stream.write(csv_text([csv_columns(labels, along_time, part)]))
    for item in items:
        if isinstance(item, Skipped):
            skipped.append(item)
            continue
        rows = csv_rows(item, along_time, model)
        stream.write(csv_text([[printable(row[0]), *row[1:]] for row in rows]))
        stream.flush()
    return skipped


def write_json_lines(items: Iterable[Classification | Skipped], stream: TextIO, model: str = "") -> list[Skipped]:
    """Writes one JSON object per line as each file ends; skipped files have `path` and `reason`.

    Returns:
        The skipped files.
    """
    skipped = []
    for item in items:
        if isinstance(item, Skipped):
            skipped.append(item)
        stream.write(json_text(json_object(item, model)) + "\n")
        stream.flush()
    return skipped


def write_json(items: Iterable[Classification | Skipped], stream: TextIO, model: str = "") -> list[Skipped]:
    """Writes one JSON document, `{"results": [...], "skipped": [...]}`, a result per line.

    Returns:
        The skipped files.
    """
    skipped = []
    stream.write('{"results": [')
    separator = "\n"
    for item in items:
        if isinstance(item, Skipped):
            skipped.append(item)
            continue
        stream.write(separator + json_text(json_object(item, model)))
        stream.flush()
        separator = ",\n"
    stream.write('\n], "skipped": ' + json_text([json_object(item) for item in skipped]) + "}\n")
    return skipped


def clock(seconds: float) -> str:
    """Seconds as `m:ss.s`, or `h:mm:ss.s` from an hour on."""
    tenths = round(seconds * 10)
    minutes, tenths = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{head}:{tenths // 10:02d}.{tenths % 10}"


def printable(name: str) -> str:
    """A file's name for a screen: bytes that are no UTF-8 become question marks."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def shown(name: str) -> str:
    """A file's name on one line of a screen or picture, whatever characters it holds."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in printable(name))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else f"{float(value):.{DIGITS}f}"


def _rounded(values: Iterable[float]) -> list[float]:
    return [round(float(value), DIGITS) for value in values]
