"""A clip, the row of a manifest, and how it is written as text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from fstmuse.data.csv_rows import format_seconds, parse_seconds
from fstmuse.errors import ManifestError

SPLITS = ("train", "valid", "test")
STATUSES = ("ok", "bad")
LABEL_SEPARATOR = "|"
CHECKSUMS = {"sha256": 64, "sha1": 40}
"""Columns of checksums, the one to prefer first, and their hexadecimal digits."""

REQUIRED = ("clip_id", "path", "labels", "split")
COLUMNS = (
    *("clip_id", "path", "start_s", "duration_s", "labels", "split", "group"),
    *("sha1", "sha256", "status", "reason"),
)


@dataclass(frozen=True)
class Clip:
    """One row of a manifest.

    Args:
        clip_id: unique name.
        path: of the file, in posix form, relative to the data set's root (or absolute).
        start_s: where the clip starts in its file, in seconds.
        duration_s: length of the clip in seconds; None: until the end of the file.
        labels: what the clip is; none, one or several.
        split: train, valid or test; empty: in none.
        group: what must stay within one split (artist, piece); empty: nothing known.
        checksum: of the whole file, "sha1:..." or "sha256:..."; empty: not known.
        status: ok, or bad for a clip that is known to be unusable.
        reason: why it is bad.
    """

    clip_id: str
    path: str
    start_s: float = 0.0
    duration_s: float | None = None
    labels: tuple[str, ...] = ()
    split: str = ""
    group: str = ""
    checksum: str = ""
    status: str = "ok"
    reason: str = ""

    def file(self, root: Path) -> Path:
        """Where the file lies when the data set lies under `root`."""
        return root / self.path


def absence(file: Path) -> str:
    """Why there is no plain file at a place; empty where there is one."""
    if file.is_file():
        return ""
    if file.is_dir():
        return "is a folder"
    return "not a plain file" if file.exists() else "no such file"


def clip_from_row(row: dict[str, str], where: str) -> Clip:
    """The clip of a row of a manifest.

    Args:
        row: text by column; the columns REQUIRED are there.
        where: file and line, for the messages.

    Raises:
        ManifestError: clip_id or path is empty, a number is none, or a checksum is malformed.
    """
    for column in ("clip_id", "path"):
        if not row[column].strip():
            raise ManifestError(f"{where}: {column} is empty. Each clip needs one.")
    status = row.get("status", "").strip() or "ok"
    duration = parse_seconds(row.get("duration_s", ""), "duration_s", where)
    if duration == 0 and status == "ok":
        raise ManifestError(f"{where}: duration_s is 0. Leave it empty to use the whole file, or set status to bad.")
    return Clip(
        clip_id=row["clip_id"],
        path=row["path"],
        start_s=parse_seconds(row.get("start_s", ""), "start_s", where) or 0.0,
        duration_s=duration,
        labels=split_labels(row["labels"]),
        split=row["split"].strip(),
        group=row.get("group", "").strip(),
        checksum=_checksum(row, where),
        status=status,
        reason=row.get("reason", "").strip(),
    )


def split_labels(text: str) -> tuple[str, ...]:
    """The labels of a cell in their order, each once."""
    return tuple(dict.fromkeys(label.strip() for label in text.split(LABEL_SEPARATOR) if label.strip()))


def _checksum(row: dict[str, str], where: str) -> str:
    for name, digits in CHECKSUMS.items():
        value = row.get(name, "").strip().lower()
        if value:
            if not re.fullmatch(f"[0-9a-f]{{{digits}}}", value):
                raise ManifestError(f"{where}: {name} is '{value}', expected {digits} hexadecimal digits.")
            return f"{name}:{value}"
    return ""


def row_from_clip(clip: Clip) -> dict[str, str]:
    """Text by column; of the columns of checksums only the one used."""
    row = {
        "clip_id": clip.clip_id,
        "path": clip.path,
        "start_s": format_seconds(clip.start_s),
        "duration_s": "" if clip.duration_s is None else format_seconds(clip.duration_s),
        "labels": LABEL_SEPARATOR.join(clip.labels),
        "split": clip.split,
        "group": clip.group,
        "status": clip.status,
        "reason": clip.reason,
    }
    if clip.checksum:
        name, value = clip.checksum.split(":", 1)
        row[name] = value
    return row
