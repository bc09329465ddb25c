"""Which of the files and folders that were given are clips, and why the others are not. Free of Qt.

Everything that can be opened, dropped, pasted or named on a command line comes through here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fstmuse.errors import AudioError

from .paths import full_path


@dataclass(frozen=True)
class Refusal:
    """What was not taken.

    Args:
        path: as it was given, or of the file in a folder that was.
        reason: why, in words, and how to mend it.
        known: it is a clip, but in the queue already.
    """

    path: str
    reason: str
    known: bool = False


@dataclass
class Intake:
    """What came of files and folders.

    Args:
        accepted: absolute paths of clips, in the order of folders and names, each once.
        refused: everything else that was named, or has the name of a sound file in a folder that was.
    """

    accepted: list[str] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)

    def add(self, item: str | Refusal) -> None:
        """Takes the path of a clip, or the refusal of one."""
        (self.refused if isinstance(item, Refusal) else self.accepted).append(item)

    def extend(self, other: Intake) -> None:
        """Takes all that another holds."""
        self.accepted += other.accepted
        self.refused += other.refused

    def __len__(self) -> int:
        return len(self.accepted) + len(self.refused)


def gather(paths: Iterable[str | Path], known: Collection[str] = ()) -> Intake:
    """Looks at files, and at folders with all folders in them.

    Args:
        paths: of files and folders, in any mixture; a file in them is a clip by its content, whatever its suffix.
            Of a folder, files are looked at that have the suffix of a sound file.
        known: absolute paths that are in the queue already.

    Returns:
        Clips and refusals; never raises for what a path leads to.
    """
    intake = Intake()
    for item in sift(paths, known):
        intake.add(item)
    return intake


def sift(
    paths: Iterable[str | Path], known: Collection[str] = (), stopped: Callable[[], bool] = lambda: False
) -> Iterator[str | Refusal]:
    """What `gather` finds, one by one as it is found.

    Args:
        paths: as in `gather`.
        known: as in `gather`.
        stopped: looked at before each file; True ends the search.

    Yields:
        The absolute path of a clip, or a refusal.
    """
    seen: set[str] = set()
    for given in paths:
        text = os.fspath(given)
        if stopped():
            return
        if not text.strip():
            continue
        if _is_address(text):
            yield Refusal(text, "is an address, not a file on this computer. Download it and add the file.")
            continue
        # Not resolved: of two links to one clip, each is a clip by the name that the user gave it.
        path = full_path(text)
        if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises where a folder above may not be read
            yield from _folder(path, known, seen, stopped)
        elif path not in seen:
            seen.add(path)
            yield _file(path, known)


def _is_address(text: str) -> bool:
    return "://" in text and not os.path.lexists(text)


def _folder(path: str, known: Collection[str], seen: set[str], stopped: Callable[[], bool]) -> Iterator[str | Refusal]:
    from fstmuse.audio.decode import walk_audio

    locked: list[OSError] = []
    empty = True
    try:
        for file in walk_audio(path, locked.append):
            if stopped():
                return
            empty = False
            if str(file) not in seen:
                seen.add(str(file))
                yield _file(str(file), known)
    except OSError as error:  # a folder that was removed, or a disk that went, in the middle
        locked.append(error)
    for error in locked:
        yield Refusal(str(error.filename or path), f"This folder cannot be read: {error.strerror or error}.")
    if empty and not locked:
        yield Refusal(path, "No sound file in this folder, nor in the folders in it.")


def _file(path: str, known: Collection[str]) -> str | Refusal:
    from fstmuse.audio.decode import probe

    if path in known:
        return Refusal(path, "It is in the queue already.", known=True)
    try:
        probe(path)
    except AudioError as error:
        reason = str(error).removeprefix(f"{path}: ")
        return Refusal(path, reason[:1].upper() + reason[1:])
    except Exception as error:
        # Whatever a damaged file brings a decoder to raise belongs to this file, not to those beside it.
        return Refusal(path, f"{type(error).__name__}: {error}. Convert it to WAV or leave it out.")
    return path
