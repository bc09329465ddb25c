"""Folders of rendered audio that are whole or not there: written aside, renamed, one process at a time."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from filelock import FileLock

from fstmuse.data.manifest import Manifest, read_manifest
from fstmuse.errors import DataError, ManifestError


def up_to_date(folder: Path, name: str, recipe: dict[str, Any]) -> Manifest | None:
    """The manifest of a rendered folder, or None where it was made otherwise, is damaged or not there.

    Args:
        folder: to look at.
        name: of the set; the folder holds NAME.json and NAME.csv.
        recipe: version and settings it must have been made with.
    """
    try:
        if json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) != recipe:
            return None
        manifest = read_manifest(folder / f"{name}.csv", name)
    except (OSError, ValueError, ManifestError):
        return None
    return None if manifest.present(folder)[1] else manifest


def publish(
    folder: Path, name: str, recipe: dict[str, Any], fill: Callable[[Path], None], *, reuse: bool, size: int
) -> Manifest:
    """Fills a temporary folder and puts it in the place of `folder`.

    Args:
        folder: the result's place; an older set of the same name there is replaced.
        name: of the set.
        recipe: version and settings, stored as NAME.json.
        fill: writes the audio and NAME.csv into the folder that it is given.
        reuse: keep what is there when it was made by the same recipe (by another process, say).
        size: bytes that will be written at most.

    Raises:
        DataError: the folder holds something else, cannot be written, or the disk is too small.
    """
    if reuse and (manifest := up_to_date(folder, name, recipe)):
        return manifest
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.parent / f".{folder.name}.lock"):
            if reuse and (manifest := up_to_date(folder, name, recipe)):
                return manifest
            _refuse_others(folder, name)
            _require_space(folder.parent, size)
            # The lock is ours, so what lies here was left by a process that was killed.
            fresh = folder.parent / f".{folder.name}.rendering"
            old = folder.parent / f".{folder.name}.old"
            for leftover in (fresh, old):
                shutil.rmtree(leftover, ignore_errors=True)
            fresh.mkdir()
            try:
                fill(fresh)
                (fresh / f"{name}.json").write_text(json.dumps(recipe, indent=2) + "\n", encoding="utf-8")
                if folder.exists():
                    folder.rename(old)
                fresh.rename(folder)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
                shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise DataError(
            f"{folder}: the {name} set cannot be written ({error.strerror or error}). "
            "Choose another folder by FSTMUSE_DATA or --root."
        ) from error
    return read_manifest(folder / f"{name}.csv", name)


def _refuse_others(folder: Path, name: str) -> None:
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not (folder / f"{name}.json").is_file())):
        raise DataError(
            f"{folder} exists and is no {name} set made by FstMuse (it has no {name}.json), so it is left alone. "
            "Name an empty or a new folder."
        )


def _require_space(parent: Path, size: int) -> None:
    free = shutil.disk_usage(parent).free
    if free < size:
        raise DataError(
            f"{parent}: {free / 1e6:,.0f} MB free, {size / 1e6:,.0f} MB needed. "
            "Free some, or choose another folder by FSTMUSE_DATA."
        )
