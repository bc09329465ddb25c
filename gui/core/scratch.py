"""A folder for files that live as long as the window does, and no longer. Free of Qt."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

import filelock

_PREFIX = "gui-"
_LOCK = "lock"


class Scratch:
    """A new folder, locked as long as it is used; what killed windows left beside it is thrown away.

    Args:
        place: where the folder is made; made itself when it is missing.

    Raises:
        OSError: it cannot be made there.
    """

    def __init__(self, place: Path) -> None:
        place.mkdir(parents=True, exist_ok=True)
        _sweep(place)
        self.folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=place))
        self._lock = filelock.FileLock(self.folder / _LOCK)
        # Where the disk knows no locks, nobody else can take this one either, and nothing is swept.
        with contextlib.suppress(OSError, NotImplementedError):
            self._lock.acquire(timeout=0)

    @property
    def there(self) -> bool:
        """Nobody has thrown the folder away, as those do who tidy up folders of caches."""
        return self.folder.is_dir()

    def remove(self) -> None:
        """Throws the folder away with all that is in it."""
        self._lock.release()
        shutil.rmtree(self.folder, ignore_errors=True)


def _sweep(place: Path) -> None:
    """Removes folders whose lock nobody holds: a lock ends with its process, however that ends."""
    for path in place.glob(f"{_PREFIX}*/{_LOCK}"):
        lock = filelock.FileLock(path)
        try:
            lock.acquire(timeout=0)
        except (filelock.Timeout, OSError, NotImplementedError):
            continue
        lock.release()
        shutil.rmtree(path.parent, ignore_errors=True)
