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
