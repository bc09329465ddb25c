"""One way in for clips, wherever they come from, that never holds up the window."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable
from functools import partial
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import QMimeData, QObject, QTimer, QUrl, Signal

from .background import in_background
from .core.intake import Intake, Refusal, sift

_TICK_MS = 10
_PREPARE_MS = 1500
_CHUNK = 8  # files handed on at a time
_BUDGET_S = 0.005  # of a tick; what is found beyond it waits for the next one


class Intaking(QObject):
    """Looks at files and folders in a thread and hands on what it finds, a few at a time.

    Args:
        known: says which paths are in the queue, absolute.
        parent: owner.

    The thread never touches Qt: a timer fetches what it has found, so that a thousand clips come in at a pace that
    leaves the window its turns.
    """

    began = Signal()
    """Something was taken in hand."""

    taken = Signal(object)
    """An `Intake` with the next few clips and refusals, a share of what `finished` will hold."""

    finished = Signal(object)
    """The whole `Intake` of one call of `take`, after its last share."""

    def __init__(self, known: Callable[[], Collection[str]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._known = known
        self._waiting: deque[list[str]] = deque()
        self._search: _Search | None = None
        self._total = Intake()
        self._closed = False
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._fetch)
        QTimer.singleShot(_PREPARE_MS, self, self._prepare)

    @property
    def busy(self) -> bool:
        """Whether files are still being looked at."""
        return self._search is not None

    @property
    def total(self) -> Intake:
        """What has been handed on of the paths that are being looked at, or were last."""
        return self._total

    def take(self, paths: Iterable[str]) -> None:
        """Looks at files and folders; those given earlier come first.

        Args:
            paths: files, folders, or addresses, which are refused. None at all is no act.
        """
        given = [str(path) for path in paths]
        if given:
            self._waiting.append(given)
            self._next()

    def stop(self) -> None:
        """Leaves it at what was found so far."""
        self._waiting.clear()
        if self._search is not None:
            self._search.stop()

    def close(self) -> None:
        """Stops without another signal and waits for the thread, unless a dead network disk holds it."""
        self._closed = True
        self.stop()
        self._timer.stop()
        if self._search is not None:
            self._search.thread.join(1.0)
            self._search = None

    def _prepare(self) -> None:
        """Loads the decoders before they are needed: the interpreter stands still while their libraries are read."""
        if not self._closed:
            in_background(_load_decoders, "decoders")

    def _next(self) -> None:
        if self._search is None and self._waiting:
            self._total = Intake()
            # What is known is asked for only now: clips that were found just before are in the queue by then.
            self._search = _Search(self._waiting.popleft(), frozenset(self._known()))
            self._timer.start()
            self.began.emit()

    def _fetch(self) -> None:
        search = self._search
        # The first clip is shown at once, which takes a turn by itself.
        until = time.perf_counter() + (_BUDGET_S if len(self._total) else 0.0)
        while search is self._search:
            ended = not search.thread.is_alive()  # asked before the look into the queue, else the last might be missed
            share = Intake()
            while search.found and len(share) < _CHUNK:
                share.add(search.found.popleft())
            if len(share):
                self._total.extend(share)
                self.taken.emit(share)
            if not search.found:
                if ended:
                    self._end()
                return
            if time.perf_counter() > until:
                return

    def _end(self) -> None:
        self._timer.stop()
        self._search = None
        self.finished.emit(self._total)
        self._next()


class _Search:
    """A thread that fills `found`."""

    def __init__(self, paths: list[str], known: Collection[str]) -> None:
        self.found: deque[str | Refusal] = deque()
        self._stopped = threading.Event()
        self.thread = in_background(partial(self._run, paths, known), "intake")

    def stop(self) -> None:
        self._stopped.set()

    def _run(self, paths: list[str], known: Collection[str]) -> None:
        for item in sift(paths, known, self._stopped.is_set):
            self.found.append(item)
            if self._stopped.is_set():
                return


def _load_decoders() -> None:
    import av  # noqa: F401

    import fstmuse.audio.decode  # noqa: F401


def paths_in(mime: QMimeData | None) -> list[str]:
    """Paths of what was dropped or pasted.

    Args:
        mime: of a drop or of the clipboard: addresses of files, or text with a path on each line. None: an empty one.

    Returns:
        Paths for `Intaking.take`; addresses that are no files stay addresses, so that they are refused by name.
        Empty when there is nothing of the kind.
    """
    if mime is None:
        return []
    if mime.hasUrls():
        return [_local(url) if url.isLocalFile() else url.toString() for url in mime.urls()]
    lines = [line.strip().strip("'\"") for line in mime.text().splitlines()]
    return [_local(QUrl(line)) if line.startswith("file://") else line for line in lines if _is_path(line)]


def _local(url: QUrl) -> str:
    path = url.toLocalFile()
    if "\ufffd" not in path:
        return path
    # A name that is no UTF-8, as old disks have them: Qt reads its bytes as signs that no file has.
    return os.fsdecode(unquote_to_bytes(url.path(QUrl.ComponentFormattingOption.FullyEncoded)))


def _is_path(line: str) -> bool:
    """Whether a line of text was meant as a path: sentences that happen to be in the clipboard are left alone."""
    return line.startswith(("file://", "/", "~", "\\\\")) or line[1:3] in (":\\", ":/")
