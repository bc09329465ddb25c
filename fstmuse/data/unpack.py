"""Unpacking a zip into a folder it cannot leave, each file whole or not at all."""

from __future__ import annotations

import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath, PureWindowsPath

from fstmuse.errors import DataError


def unpack(archive: Path, root: Path, *, progress: Callable[[int, int], None] | None = None) -> None:
    """Unpacks a zip; files that are there with the right length are left as they are.

    Args:
        archive: the zip.
        root: the folder to unpack in.
        progress: called with bytes done and bytes in all.

    Raises:
        DataError: the zip is damaged, holds a link or a name that leads out of `root`, or cannot be written;
            in the first two cases nothing is written that the zip should not hold.
    """
    report = progress or (lambda done, total: None)
    try:
        with zipfile.ZipFile(archive) as packed:
            members = _members(archive, packed, root)
            total, done = sum(info.file_size for info in members), 0
            for info in members:
                target = root / info.filename
                if not _whole(target, info):
                    _extract(packed, info, target)
                done += info.file_size
                report(done, total)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise DataError(f"{archive} cannot be unpacked ({error}). Remove it and fetch again.") from None
    except OSError as error:
        raise DataError(f"{archive} cannot be unpacked: {error.filename or root}: {error.strerror}.") from None


def bytes_to_unpack(archive: Path, root: Path) -> int:
    """Bytes of the files that `unpack` would still write.

    Raises:
        DataError: as `unpack`.
    """
    try:
        with zipfile.ZipFile(archive) as packed:
            members = _members(archive, packed, root)
            return sum(info.file_size for info in members if not _whole(root / info.filename, info))
    except zipfile.BadZipFile as error:
        raise DataError(f"{archive} cannot be unpacked ({error}). Remove it and fetch again.") from None


def _members(archive: Path, packed: zipfile.ZipFile, root: Path) -> list[zipfile.ZipInfo]:
    """The files of a zip, once all its names have been found to stay under `root`."""
    files = []
    inside = root.resolve()
    for info in packed.infolist():
        name = info.filename
        linked = stat.S_ISLNK(info.external_attr >> 16)
        path, windows = PurePosixPath(name), PureWindowsPath(name)
        leads_out = path.is_absolute() or ".." in path.parts or "\\" in name or bool(windows.drive)
        # The folder itself may hold links, made by whoever owns it; they must not lead the files elsewhere.
        if linked or leads_out or not (root / name).resolve().is_relative_to(inside):
            raise DataError(
                f"{archive}: '{name}' is {'a link' if linked else 'a name'} that leads out of {root}. Nothing was "
                "unpacked; such an archive is not to be trusted."
            )
        if not info.is_dir():
            files.append(info)
    return files


def _whole(target: Path, info: zipfile.ZipInfo) -> bool:
    return target.is_file() and target.stat().st_size == info.file_size


def _extract(packed: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    try:
        with packed.open(info) as source, part.open("wb") as sink:
            shutil.copyfileobj(source, sink, 1 << 20)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
