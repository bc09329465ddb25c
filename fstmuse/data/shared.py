"""Shared memory that can be relied on."""

from __future__ import annotations

import os
import secrets
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

FOLDER = Path("/dev/shm")
"""Where Linux keeps shared memory."""


def shared_memory(size: int) -> SharedMemory | None:
    """Shared memory whose every byte is really there, or None where there is not so much.

    Args:
        size: in bytes.
    """
    # Named after its owner, for whoever looks into /dev/shm.
    name = f"fstmuse-{os.getpid()}-{secrets.token_hex(4)}"
    try:
        memory = SharedMemory(name, create=True, size=size)
    except OSError:
        return None
    backing = FOLDER / memory.name.lstrip("/")
    try:
        if backing.exists() and hasattr(os, "posix_fallocate"):
            # Without this, a full /dev/shm would kill the worker that first writes there.
            with backing.open("r+b") as file:
                os.posix_fallocate(file.fileno(), 0, size)
    except OSError:
        memory.close()
        memory.unlink()
        return None
    return memory
