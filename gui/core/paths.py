"""Paths as people type them."""

from __future__ import annotations

import os
from pathlib import Path


def full_path(path: str | Path) -> str:
    """A path that means the same from any folder; links stay links.

    Args:
        path: `~` and `~name` at its start are the home of a user; where there is no such user, part of the name.
    """
    return os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111 - Path.expanduser raises without the user


def file_uri(path: str | Path) -> bytes:
    """The address of a file, for QUrl.fromEncoded: names that are no UTF-8 keep their bytes.

    Args:
        path: of a file or folder; need not exist.
    """
    return Path(os.path.abspath(path)).as_uri().encode("ascii")  # noqa: PTH100 - Path.resolve follows links


def stamp_of(path: str) -> tuple[int, int] | None:
    """Changes when a file does: time of change in ns and size in bytes; None: no such file."""
    try:
        status = os.stat(path)  # noqa: PTH116 - asked of each of thousands of clips
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size
