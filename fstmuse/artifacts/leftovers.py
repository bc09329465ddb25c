"""Where artifacts are made: what a save that was killed leaves beside them. Free of TensorFlow.

An artifact NAME is written to `.NAME.PID.part`. To replace one of the same name, that one
steps aside as `.NAME.PID.old` for the moment between two renames. `.NAME.lock` is held
meanwhile, so whoever holds it knows that leftovers belong to nobody.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fstmuse.errors import ArtifactError

_PATIENCE_S = 5.0


def artifacts_in(folder: Path, card: str) -> list[str]:
    """Names of the artifacts in a folder, those that have a card; leftovers are hidden folders and none of them."""
    try:
        return sorted(path.name for path in folder.iterdir() if path.name[0] != "." and (path / card).is_file())
    except OSError:
        return []


@contextmanager
def workplace(artifact: Path) -> Iterator[Path]:
    """An empty folder to write an artifact into, as long as nobody else writes one of this name.

    Leftovers of earlier saves are thrown away, the folder itself at the end.

    Raises:
        ArtifactError: another process is writing it.
        OSError: the folder cannot be made.
    """
    import filelock

    artifact.parent.mkdir(parents=True, exist_ok=True)
    try:
        with _lock(artifact):
            _restore(artifact)
            for left in _leftovers(artifact, "part|old"):
                shutil.rmtree(left, ignore_errors=True)
            part = _beside(artifact, "part")
            part.mkdir()
            try:
                yield part
            finally:
                shutil.rmtree(part, ignore_errors=True)
    except filelock.Timeout:
        raise ArtifactError(
            f"{artifact}: another process is writing it. Wait for it, or choose another name."
        ) from None


def replace(part: Path, artifact: Path) -> None:
    """Gives what was written in a `workplace` its name; an artifact that has it goes."""
    if not artifact.exists():
        part.rename(artifact)
        return
    old = _beside(artifact, "old")
    artifact.rename(old)
    try:
        part.rename(artifact)
    except OSError:
        old.rename(artifact)
        raise
    old.rename(part)  # from here on it is rubbish, which `put_back` must not take for the artifact


def discard(artifact: Path) -> None:
    """Throws an artifact away, with all that saves of it have left; a kill in between leaves rubbish alone.

    Raises:
        ArtifactError: another process is writing it.
        OSError: it cannot be removed.
    """
    import filelock

    try:
        with _lock(artifact, 0.0):
            for left in _leftovers(artifact, "part|old"):  # an old one would be put back in its place
                shutil.rmtree(left)
            if artifact.is_symlink():  # what it points to belongs to others
                artifact.unlink()
                return
            part = _beside(artifact, "part")
            artifact.rename(part)
            shutil.rmtree(part)
    except filelock.Timeout:
        raise ArtifactError(f"{artifact}: another process is writing it. Wait for it, then delete it.") from None


def put_back_all(folder: Path) -> None:
    """`put_back` for every artifact in a folder, without waiting for others that are at work."""
    with contextlib.suppress(OSError):
        for path in list(folder.iterdir()):
            if left := re.fullmatch(r"\.(.+)\.\d+\.old", path.name):
                put_back(folder / left[1], 0.0)


def put_back(artifact: Path, patience_s: float | None = None) -> None:
    """Gives an artifact its name back that a kill between the two renames has left without.

    Args:
        artifact: folder that it had.
        patience_s: how long to wait for another process that is writing it, in s; None: as long as a save does.
    """
    if os.path.exists(artifact) or not _leftovers(artifact, "old"):  # noqa: PTH110 - Path.exists may raise
        return
    import filelock

    # Where nothing may be written, or another process is at work in this moment, there is nothing to mend.
    with contextlib.suppress(OSError, filelock.Timeout), _lock(artifact, patience_s):
        _restore(artifact)


def _restore(artifact: Path) -> None:
    old = _leftovers(artifact, "old")
    if old and not artifact.exists():
        old[-1].rename(artifact)


def _leftovers(artifact: Path, kinds: str) -> list[Path]:
    """Folders beside the artifact, the last one touched last."""
    pattern = re.compile(rf"\.{re.escape(artifact.name)}\.\d+\.({kinds})")
    try:
        found = [path for path in artifact.parent.iterdir() if pattern.fullmatch(path.name) and path.is_dir()]
        return sorted(found, key=lambda path: path.stat().st_mtime_ns)
    except (OSError, ValueError):  # no such folder, or no name that a folder could have
        return []


def _beside(artifact: Path, kind: str) -> Path:
    return artifact.with_name(f".{artifact.name}.{os.getpid()}.{kind}")


def _lock(artifact: Path, patience_s: float | None = None):
    import filelock

    patience_s = _PATIENCE_S if patience_s is None else patience_s
    return filelock.FileLock(artifact.with_name(f".{artifact.name}.lock"), timeout=patience_s)
