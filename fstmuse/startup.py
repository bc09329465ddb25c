"""Ctrl-C while a command's packages load: the command ends at once, with a word.

Python's own answer, an exception, comes as a traceback from the middle of an import, or is printed and forgotten in a
callback that runs while a package loads. Nothing has begun by then that would have to be finished.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

INTERRUPTED = 130
"""Exit code after Ctrl-C."""


def is_command() -> bool:
    """Whether this process was started as one of this package's commands, and not by somebody who imports it."""
    name = os.path.basename(sys.argv[0] if sys.argv else "")  # noqa: PTH119 - pathlib takes longer than all of this
    if name.startswith("fstmuse-"):
        return not name.startswith("fstmuse-gui")
    arguments = sys.orig_argv
    return "-m" in arguments[:-1] and arguments[arguments.index("-m") + 1].startswith("fstmuse.")


class _End:
    """What Ctrl-C does: tells on what is standard error now, if there is one (not after `2>&-`), and ends."""

    def __init__(self) -> None:
        try:
            self._stderr = os.dup(2)
        except OSError:
            self._stderr = None

    def __call__(self, number: int, frame: object) -> None:
        if self._stderr is not None:
            os.write(self._stderr, b"Interrupted.\n")
        os._exit(INTERRUPTED)


def end_at_once() -> None:
    """From now on Ctrl-C ends the process, with a word."""
    if threading.current_thread() is not threading.main_thread():
        return
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        return  # whoever started this process wants something else
    signal.signal(signal.SIGINT, _End())


def raise_again() -> None:
    """From now on Ctrl-C is an exception, as Python has it, if it ended the process until now."""
    if isinstance(signal.getsignal(signal.SIGINT), _End):
        signal.signal(signal.SIGINT, signal.default_int_handler)
