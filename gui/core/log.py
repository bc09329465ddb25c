"""The log file of the window and its children: kept small, and complete when something crashes. Free of Qt."""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import sys
from collections import deque
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

_BYTES = 1_000_000
_OLD = 3
_FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class LogFile:
    """Writes what is logged to a file, and what the interpreter says when it crashes to one beside it.

    Where the folder cannot be written, lines go to standard error: no window stays shut for want of a log.

    Args:
        folder: made when it is missing.

    Attributes:
        path: of the file; None when it cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self.path: Path | None = folder / "fstmuse.log"
        self._crashes: IO[str] | None = None
        self._handler: logging.Handler
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # A file's name may be no UTF-8: what cannot be written as such is written as a code.
            self._handler = RotatingFileHandler(
                self.path, maxBytes=_BYTES, backupCount=_OLD, encoding="utf-8", errors="backslashreplace"
            )
            self._crashes = (folder / "crash.log").open("a", encoding="utf-8")
        except OSError as error:
            self.path = None
            self._handler = logging.StreamHandler(sys.stderr)
            print(f"No log is written: {folder}: {error.strerror or error}.", file=sys.stderr)
        self._handler.setFormatter(logging.Formatter(_FORM))
        self._root = logging.getLogger()
        self._level = self._root.level
        self._root.addHandler(self._handler)
        self._root.setLevel(logging.INFO)
        if self._crashes is not None:
            faulthandler.enable(self._crashes)

    def last_lines(self, count: int = 60) -> str:
        """The last lines of the file.

        Args:
            count: how many.

        Returns:
            The lines; empty without a file.
        """
        if self.path is None:
            return ""
        with contextlib.suppress(OSError), self.path.open(encoding="utf-8", errors="replace") as file:
            return "".join(deque(file, count))
        return ""

    def close(self) -> None:
        """Ends it; what is logged afterwards goes where it went before."""
        self._root.removeHandler(self._handler)
        self._root.setLevel(self._level)
        self._handler.close()
        if self._crashes is not None:
            faulthandler.disable()
            self._crashes.close()
