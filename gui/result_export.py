"""Writes results to files without holding up the window: pictures are drawn with matplotlib, which takes seconds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from fstmuse.errors import FstMuseError

from .background import in_background

_TICK_MS = 30


class ResultExport(QObject):
    """Writes results, one export at a time, in a thread that never touches Qt."""

    finished = Signal(list, str)
    """Paths of the files that were written, and why others were not; empty when all were."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: threading.Thread | None = None
        self._files: list[str] = []
        self._reason = ""
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._look)

    @property
    def busy(self) -> bool:
        """Files are being written."""
        return self._thread is not None

    def start(self, results: Sequence[tuple[Any, str]], folder: str, formats: Sequence[str]) -> bool:
        """Begins to write.

        Args:
            results: what sessions returned, each with the name or signature of its model.
            folder: made when it is missing; nothing in it is replaced.
            formats: some of `fstmuse.inference.outputs.FORMATS`.

        Returns:
            False while an earlier export is still being written.
        """
        return self.begin(partial(_save_all, list(results), folder, tuple(formats)))

    def begin(self, write: Callable[[], Iterable[str]]) -> bool:
        """Begins to write whatever it is.

        Args:
            write: called in the thread, which it must not mind; gives the paths of the files as they are written.

        Returns:
            False while an earlier export is still being written.
        """
        if self.busy:
            return False
        self._files, self._reason = [], ""
        self._thread = in_background(partial(self._write, write), "export")
        self._timer.start()
        return True

    def _write(self, write: Callable[[], Iterable[str]]) -> None:
        try:
            for file in write():
                self._files.append(file)
        except (FstMuseError, OSError) as error:
            self._reason = str(error)
        except Exception as error:
            self._reason = f"{type(error).__name__}: {error}"

    def _look(self) -> None:
        if not self._thread.is_alive():
            self._timer.stop()
            self._thread = None
            self.finished.emit(self._files, self._reason)


def _save_all(results: list[tuple[Any, str]], folder: str, formats: tuple[str, ...]) -> Iterator[str]:
    from fstmuse.inference.outputs import save_result

    for result, model in results:
        yield from map(str, save_result(result, folder, formats, model))
