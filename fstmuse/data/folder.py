"""A folder of music as a data set, with one folder per label in it or without labels; its manifest is made once."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from fstmuse.data.build import BuildOptions, Built, build_folders, build_music
from fstmuse.data.manifest import Manifest, read_manifest, write_manifest
from fstmuse.data.wording import counted, folder_name
from fstmuse.errors import DataError, FstMuseError, ManifestError
from fstmuse.places import data_dir

FORMAT = 1
"""Raised when such manifests are made in another way: older ones are then made again."""

_SHOWN = 3
"""Files named for each reason why files were left out."""


def folder_manifest(
    root: Path | str,
    *,
    group_by: str = "artist",
    drop_rare: bool = False,
    labelled: bool = True,
    progress: Callable[[int, int], None] | None = None,
    say: Callable[[str], None] | None = None,
) -> Manifest:
    """The manifest of a folder that holds one folder per label, or of one with any music.

    It is written into the folder of data sets (FSTMUSE_DATA), so that its splits stay as they were drawn. It is used
    again, for the same options, while the folder holds the same files, of the same sizes and times of change.

    Args:
        root: the folder; the manifest's paths are relative to it.
        group_by: what is kept together in one split, as `BuildOptions` has it.
        drop_rare: leave out labels of too few groups, as `BuildOptions` has it.
        labelled: the folders in it are labels; otherwise clips have none, and lie in it flat or nested.
        progress: called with files looked at and files in all while the manifest is made.
        say: called with sentences: what was left out, where the manifest lies.

    Raises:
        DataError: no audio lies in a label's folder, or the manifest cannot be written.
        ManifestError: no file is usable, or the labels cannot be split.
    """
    root = Path(root).expanduser().resolve()
    options, name = BuildOptions(group_by=group_by, drop_rare=drop_rare), folder_name(root)
    place = hashlib.sha256(str(root).encode(errors="surrogateescape")).hexdigest()[:12]
    variant = (
        ("" if labelled else "-music")
        + ("" if group_by == "artist" else f"-{group_by}")
        + ("-without-rare" if drop_rare else "")
    )
    file = data_dir() / "manifests" / f"{name}-{place}{variant}.csv"
    state = _state(root)
    known = _known(file, name, state)
    if known is not None:
        manifest, remarks = known
    else:
        built = _build(root, options, name, labelled, progress)
        manifest, remarks = built.manifest, _remarks(built)
        changed = file.is_file()
        _write(file, manifest, {"root": str(root), "state": state, "hash": manifest.hash, "remarks": remarks})
        if say is not None:
            again = "The folder has changed: its splits are drawn anew. " if changed else ""
            say(f"{again}{counted(len(manifest.usable), 'clip')} of {root}; manifest: {file}")
    if say is not None:
        for remark in remarks:
            say(remark)
    return manifest


def _state(root: Path) -> str:
    """A hash of what the system says of the audio files below `root`."""
    from fstmuse.audio.decode import find_audio

    digest = hashlib.sha256(f"{FORMAT}".encode())
    for path in find_audio(root):
        try:
            status = path.stat()
            seen = [status.st_size, status.st_mtime_ns]
        except OSError:
            seen = []
        name = path.relative_to(root).as_posix().encode(errors="surrogateescape").hex()
        digest.update(json.dumps([name, *seen]).encode() + b"\n")
    return digest.hexdigest()


def _known(file: Path, name: str, state: str) -> tuple[Manifest, list[str]] | None:
    """The manifest that was made of this state of the folder, with the remarks on it."""
    try:
        note = json.loads(_note(file).read_text("utf-8"))
        manifest = read_manifest(file, name)
    except (OSError, ValueError, ManifestError):
        return None
    # A kill may have come between the two files.
    return (manifest, note["remarks"]) if (note.get("state"), note.get("hash")) == (state, manifest.hash) else None


def _build(
    root: Path, options: BuildOptions, name: str, labelled: bool, progress: Callable[[int, int], None] | None
) -> Built:
    try:
        return (build_folders if labelled else build_music)(root, options, name=name, progress=progress)
    except FstMuseError as error:
        if "--" not in str(error):
            raise
        folder = shlex.quote(str(root))
        kind = ManifestError if isinstance(error, ManifestError) else DataError
        raise kind(
            f"{error}\n--drop-rare and --group-by are options of `train`, too; all are options of `python -m "
            f"fstmuse.datasets build --folders {folder} --out my.csv`: then train with --data my.csv --root {folder}."
        ) from None


def _remarks(built: Built) -> list[str]:
    """What the one who trains should know: files left out by reason, and the builder's notes."""
    remarks = list(built.notes)
    lost = [(clip.path, clip.reason) for clip in built.bad] + list(built.skipped)
    for reason, count in Counter(reason for _, reason in lost).most_common():
        names = [path for path, why in lost if why == reason]
        more = f" and {count - _SHOWN:,} more" if count > _SHOWN else ""
        remarks.append(f"Left out, {reason}: {', '.join(names[:_SHOWN])}{more}.")
    return remarks


def _write(file: Path, manifest: Manifest, note: dict[str, object]) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_manifest(manifest, file)
        _note(file).write_text(json.dumps(note, indent=2) + "\n", "utf-8")
    except (OSError, ManifestError) as error:
        why = getattr(error, "strerror", "") or error
        raise DataError(
            f"{file}: the manifest cannot be written ({why}). Set FSTMUSE_DATA to a folder that can be written to."
        ) from None


def _note(file: Path) -> Path:
    return file.with_suffix(".json")
