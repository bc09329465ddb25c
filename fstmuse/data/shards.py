"""Shards of a cache: rows of arrays in `.npy` files, each with a note of what it holds.

A shard is finished when its note is there, which is written last. All files appear under
their names at once and whole, so that a kill at any moment leaves either nothing of a
shard or all of it. A shard that may be in use is never written again: what was missing
from it and came later lies in a shard of its own behind the others.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
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
        retryable: clip_id of those among the bad that may do another time.
        array_bytes: size of its array file, 0 where it has no rows.
    """

    number: int
    ids: tuple[str, ...]
    samples: tuple[int, ...]
    bad: tuple[tuple[str, str, str], ...]
    retryable: tuple[str, ...]
    array_bytes: int = 0


def array_path(folder: Path, number: int) -> Path:
    """Where the rows of a shard lie."""
    return folder / f"rows-{number:05d}.npy"


def note_path(folder: Path, number: int) -> Path:
    """Where it is written what a shard holds."""
    return folder / f"rows-{number:05d}.json"


def write_shard(folder: Path, shard: Shard, rows: np.ndarray) -> Shard:
    """Writes a shard: its rows, then its note. Once it returns, both are on the disk under their
    names, as far as the system can sync folders.

    Args:
        folder: of the cache.
        shard: what to write; its array_bytes are found here.
        rows: (len(shard.ids), ...).

    Returns:
        The shard with its array_bytes.

    Raises:
        OSError: the disk is full or cannot be written to.
    """
    if shard.ids:
        # A file without rows could not be memory-mapped, and nobody asks for it.
        array = array_path(folder, shard.number)
        write_whole(array, lambda file: np.save(file, rows))
        shard = replace(shard, array_bytes=array.stat().st_size)
    text = json.dumps(asdict(shard), ensure_ascii=False)
    write_whole(note_path(folder, shard.number), lambda file: file.write(text.encode()))
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
            retryable=tuple(fields["retryable"]),
            array_bytes=fields["array_bytes"],
        )
        if shard.ids and array_path(folder, number).stat().st_size != shard.array_bytes:
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return shard


def later_shards(folder: Path, number: int) -> list[Shard]:
    """The shards from `number` on, up to the first that is not there or not whole."""
    found: list[Shard] = []
    while (shard := read_shard(folder, number + len(found))) is not None:
        found.append(shard)
    return found


def retryable(shards: Iterable[Shard]) -> set[str]:
    """clip_id of each clip that has no row in any of the shards and whose last failure may pass."""
    found: set[str] = set()
    rows: set[str] = set()
    for shard in shards:
        rows.update(shard.ids)
        found.difference_update(clip_id for clip_id, _, _ in shard.bad)
        found.update(shard.retryable)
    return found - rows


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
        _sync_folder(path.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    """Brings new names in a folder to the disk, where the system has a way to."""
    # Windows opens no folders, and some network disks do not sync them.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def remove_temporary(folder: Path) -> None:
    """Removes what a killed run has left half written. Only for the one who holds the cache's lock."""
    for path in folder.glob(f"*{TEMPORARY}"):
        path.unlink(missing_ok=True)
