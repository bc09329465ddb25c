"""Fetching a data set: download, check, unpack, each step resumable and none done twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from fstmuse.data.download import download, require_space
from fstmuse.data.registry import Archive, get_dataset, shipped_manifest
from fstmuse.data.unpack import bytes_to_unpack, unpack
from fstmuse.errors import DataError
from fstmuse.places import data_dir

Progress = Callable[[str, int, int], None]
"""Called with what is being done ("downloading", "checking", "unpacking"), bytes done and bytes in all."""


def fetch(
    name: str,
    root: Path | str | None = None,
    *,
    url: str | None = None,
    keep_archive: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Fetches a known data set from where it is published.

    Args:
        name: of the data set.
        root: the folder to unpack in; None: the folder of data sets (FSTMUSE_DATA).
        url: a mirror to use in place of the published address; the checksum stays the published one.
        keep_archive: leave the archive beside what was unpacked.
        progress: called while working.

    Returns:
        The folder that the manifest's paths start from.

    Raises:
        DataError: the data set is unknown or has no archive, the server cannot be reached or serves something
            else, the archive is unsafe, or the disk is too full.
    """
    dataset = get_dataset(name)
    root = Path(root).expanduser() if root is not None else data_dir()
    if dataset.by_hand:
        raise DataError(
            f"Data set '{name}' has no archive that could be fetched by program. Get it by hand as {dataset.homepage} "
            f"says, put its files into {root / name}, and run `python -m fstmuse.datasets check {name} --root {root}`."
        )
    if not dataset.archives:
        raise DataError(f"Data set '{name}' is not fetched: FstMuse makes it on first use, by --data {name}.")
    if url and len(dataset.archives) > 1:
        raise DataError(f"Data set '{name}' has {len(dataset.archives)} archives; --url can stand for one only.")
    home = root / dataset.archives[0].folder
    manifest = shipped_manifest(dataset)
    for folder in (home, root):
        # Files appear under their names only when whole, so what is there needs no second download.
        if folder.is_dir() and not manifest.present(folder)[1]:
            return folder
    for archive in dataset.archives:
        fetch_archive(replace(archive, url=url) if url else archive, root, keep_archive=keep_archive, progress=progress)
    return home


def fetch_archive(
    archive: Archive, root: Path, *, keep_archive: bool = False, progress: Progress | None = None
) -> None:
    """Downloads one archive into `root`, checks it, and unpacks it there if it is a zip.

    Args:
        archive: what to fetch.
        root: the folder to unpack in; made when missing.
        keep_archive: leave the zip when it has been unpacked. Other files always stay.
        progress: called while working.

    Raises:
        DataError: as `fetch`.
    """
    from filelock import FileLock, Timeout

    report = progress or (lambda step, done, total: None)
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{root} cannot be made ({error.strerror}). Choose another --root.") from None
    lock = FileLock(root / f".{archive.file_name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise DataError(
            f"Another fetch of {archive.file_name} into {root} is at work. Wait until it has ended."
        ) from None
    try:
        _fetch_locked(archive, root, keep_archive, report)
    finally:
        lock.release()


def _fetch_locked(archive: Archive, root: Path, keep_archive: bool, report: Progress) -> None:
    target = root / archive.file_name
    packed = target.suffix.lower() == ".zip"
    download(
        archive.url,
        target,
        archive.checksum,
        size=archive.size,
        unpacks=packed,
        progress=report,
    )
    if not packed:
        return
    require_space(root, bytes_to_unpack(target, root), f"to unpack {target.name}")
    unpack(target, root, progress=lambda done, total: report("unpacking", done, total))
    if not keep_archive:
        target.unlink()
