"""What runs in the process that exports: the command `fstmuse.export`, which ends with the window.

A program by its path, not a module: it imports nothing of the window, and FstMuse as `PYTHONPATH` finds it.
Its input is the window's; the end of that is the end of the window.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time
from pathlib import Path

GRACE_S = 5.0
"""What the command may take to clean up behind itself once the window has gone."""


def main() -> None:
    """Runs the command with the arguments of this program."""
    # Modules beside this file are none of the command's.
    here = Path(__file__).resolve().parent
    sys.path[:] = [place for place in sys.path if Path(place).resolve() != here]
    threading.Thread(target=_watch, args=(threading.main_thread().ident,), name="window-gone", daemon=True).start()
    runpy.run_module("fstmuse.export", run_name="__main__", alter_sys=True)


def _watch(thread: int) -> None:
    """Waits for the end of the window; then breaks the command off as Ctrl-C does, at last by force."""
    while os.read(0, 1):
        pass
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(thread, signal.SIGINT)
    else:
        signal.raise_signal(signal.SIGINT)
    time.sleep(GRACE_S)
    os._exit(1)


if __name__ == "__main__":
    main()
