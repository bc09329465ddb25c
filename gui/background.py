"""Threads for what takes long and is no matter of Qt's, that leave the window its turns."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

_SWITCH_S = 0.0005
"""The window enters and leaves Python hundreds of times in a turn, and where a thread is busy in Python, it waits so
long each time to be let in again. With Python's own 5 ms, an import in a thread makes turns of 100 ms."""


def in_background(work: Callable[[], object], name: str) -> threading.Thread:
    """Begins to do something in a thread.

    Args:
        work: must not touch Qt, and must not raise.
        name: of the thread.

    Returns:
        The thread, which ends with the process at the latest.
    """
    sys.setswitchinterval(min(sys.getswitchinterval(), _SWITCH_S))
    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    return thread
