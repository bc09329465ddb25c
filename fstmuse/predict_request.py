"""What the command predict was asked for, checked before anything is heard. Free of TensorFlow."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path

from fstmuse.command_line import require_folder_of
from fstmuse.errors import ConfigError, nearest
from fstmuse.inference.results import Skipped, part_name
from fstmuse.inference.resumable import FILE_EACH

FORMATS = ("table", "json", "jsonl", "csv", *FILE_EACH)


@dataclass(frozen=True)
class Request:
    """What was asked for.

    Args:
        format: one of `FORMATS`.
        along_time: answers for the windows are wanted, too.
        start_s: where in each file the part to hear begins, in s.
        duration_s: length of that part, in s; None goes to the file's end.
        out: the report; None: standard output.
        existing: what to do with a report that is there, as in `ResumableReport`.
        top: likeliest labels that the table shows.
    """

    format: str
    along_time: bool
    start_s: float
    duration_s: float | None
    out: Path | None
    existing: str
    top: int

    @property
    def part(self) -> str:
        """Name of the part; empty for whole files."""
        return part_name(self.start_s, self.duration_s)


def read_request(
    format: str | None,
    along_time: bool,
    start_s: float,
    duration_s: float | None,
    out: Path | None,
    resume: bool,
    overwrite: bool,
    top: int,
) -> Request:
    """Puts the options together.

    Raises:
        ConfigError: they do not go together, or the report's place does not do.
    """
    if format is None:
        by_suffix = {".csv": "csv", ".json": "json", ".jsonl": "jsonl"}
        format = "table" if out is None else by_suffix.get(out.suffix.lower())
        if format is None:
            raise ConfigError(f"--out {out}: its suffix names no format. Add --format csv, json, jsonl, labels or png.")
    if format not in FORMATS:
        raise ConfigError(f"Unknown format '{format}'. {nearest(format, FORMATS)}")
    if format == "table" and out is not None:
        raise ConfigError("A table is for the screen. Write a file by --format csv, json, jsonl, labels or png.")
    if format == "png" and out is None:
        raise ConfigError("A picture does not go to the screen. Give --out FOLDER, too; it gets one for each file.")
    if not math.isfinite(start_s):
        raise ConfigError(f"--start-s {start_s}: expected a number of seconds. Leave it out to begin at the beginning.")
    if duration_s is not None and not duration_s > 0:
        raise ConfigError(f"--duration-s {duration_s:g}: expected more than 0 s. Leave it out to go to the end.")
    if resume and overwrite:
        raise ConfigError("--resume keeps the report at --out, --overwrite replaces it. Give one of them.")
    if (resume or overwrite) and out is None:
        raise ConfigError(f"{'--resume' if resume else '--overwrite'} needs the report: give --out FILE, too.")
    if resume and format == "json":
        raise ConfigError("A JSON document is written in one piece and cannot be resumed. Choose jsonl or csv.")
    if out is not None:
        require_folder_of(out)
    existing = "resume" if resume else "overwrite" if overwrite else "refuse"
    if format == "json" and out is not None and out.exists() and not overwrite:
        raise ConfigError(f"{out} exists already. Replace it (--overwrite) or choose another name.")
    return Request(format, along_time or format in FILE_EACH, start_s, duration_s, out, existing, top)


def gather(sounds: list[Path]) -> list[Path | Skipped]:
    """The files that were named and those in the folders that were, each once, and the reasons for what is not there.

    Args:
        sounds: files and folders.

    Returns:
        Files as they were typed, in order.
    """
    from fstmuse.audio.decode import find_audio

    files: dict[str, Path | Skipped] = {}
    for sound in sounds:
        if os.path.isdir(sound):  # noqa: PTH112 - Path.is_dir raises where a folder above may not be read
            found = find_audio(sound) or [Skipped(str(sound), "no sound file in this folder. Check the path.")]
        elif _is_missing(sound):
            found = [Skipped(str(sound), "no such file. Check the path.")]
        else:
            found = [sound]
        for file in found:
            path = file.path if isinstance(file, Skipped) else file
            files.setdefault(os.path.abspath(path), file)  # noqa: PTH100 - resolve() would take two links for one file
    return list(files.values())


def _is_missing(file: Path) -> bool:
    """Whether nothing is there, not even something that may not be looked at."""
    try:
        file.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False
