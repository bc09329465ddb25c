"""Shards of a cache: rows of arrays in `.npy` files, each with a note of what it holds.

A shard is finished when its note is there, which is written last. All files appear under
their names at once and whole, so that a kill at any moment leaves either nothing of a
shard or all of it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

TEMPORARY = ".tmp"


@dataclass(frozen=True)
class Shard:
    """What one shard holds.

    Args:
        number: its place among the shards.
        ids: clip_id of each row.
        samples: of each row, how many samples of the window are sound and not padding.
        bad: clip_id, path and reason of each clip that has no row.
        array_bytes: size of its array file, 0 where it has no rows.
    """

    number: int
    ids: tuple[str, ...]
    samples: tuple[int, ...]
    bad: tuple[tuple[str, str, str], ...]
    array_bytes: int


def array_path(folder: Path, number: int) -> Path:
    """Where the rows of a shard lie."""
    return folder / f"rows-{number:05d}.npy"


def note_path(folder: Path, number: int) -> Path:
    """Where it is written what a shard holds."""
    return folder / f"rows-{number:05d}.json"


def write_shard(
    folder: Path,
    number: int,
    rows: np.ndarray,
    ids: tuple[str, ...],
    samples: tuple[int, ...],
    bad: tuple[tuple[str, str, str], ...],
) -> Shard:
    """Writes a shard; once it returns, the shard outlasts a loss of power.

    Args:
        folder: of the cache.
        number: of the shard.
        rows: (len(ids), ...).
        ids: as in `Shard`.
        samples: as in `Shard`.
        bad: as in `Shard`.

    Raises:
        OSError: the disk is full or cannot be written to.
    """
    size = 0
    if len(ids):
        # A file without rows could not be memory-mapped, and nobody asks for it.
        write_whole(array_path(folder, number), lambda file: np.save(file, rows))
        size = array_path(folder, number).stat().st_size
    shard = Shard(number, ids, samples, bad, size)
    text = json.dumps(asdict(shard), ensure_ascii=False)
    write_whole(note_path(folder, number), lambda file: file.write(text.encode()))
    return shard


def read_shard(folder: Path, number: int) -> Shard | None:
    """The shard's note, or None when the shard is not finished or its array is not whole."""
    try:
        fields = json.loads(note_path(folder, number).read_text(encoding="utf-8"))
        shard = Shard(
            number=fields["number"],
            ids=tuple(fields["ids"]),
            samples=tuple(fields["samples"]),
            bad=tuple((clip_id, path, reason) for clip_id, path, reason in fields["bad"]),
            array_bytes=fields["array_bytes"],
        )
        if shard.ids and array_path(folder, number).stat().st_size != shard.array_bytes:
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return shard


def write_whole(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Writes a file that appears under its name only when all of it is on the disk.

    Raises:
        OSError: the disk is full or cannot be written to; nothing is left behind.
    """
    temporary = path.with_name(f"{path.name}.{os.getpid()}{TEMPORARY}")
    try:
        with temporary.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def remove_temporary(folder: Path) -> None:
    """Removes what a killed run has left half written. Only for the one who holds the cache's lock."""
    for path in folder.glob(f"*{TEMPORARY}"):
        path.unlink(missing_ok=True)
