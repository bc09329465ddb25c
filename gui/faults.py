"""What nobody caught: it goes to the log and to a dialog, and the window goes on."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

from fstmuse.errors import FstMuseError

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_log = logging.getLogger(__name__)


class Faults(QObject):
    """Takes over Python's hooks for uncaught exceptions, in all threads, and Qt's messages.

    Args:
        parent: Qt parent.
    """

    happened = Signal(str, str)
    """What happened in words, and the traceback; in the Qt thread."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._before, self._before_in_threads = sys.excepthook, threading.excepthook
        sys.excepthook = self._caught
        threading.excepthook = lambda given: self._caught(given.exc_type, given.exc_value, given.exc_traceback)
        self._qt_before = qInstallMessageHandler(_from_qt)

    def close(self) -> None:
        """Gives the hooks back."""
        sys.excepthook, threading.excepthook = self._before, self._before_in_threads
        qInstallMessageHandler(self._qt_before)

    def _caught(self, kind: type[BaseException], error: BaseException | None, where: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt | SystemExit):
            return
        details = "".join(traceback.format_exception(kind, error, where))
        _log.error("not caught: %s", details)
        if issubclass(kind, FstMuseError):
            words = str(error)
        elif issubclass(kind, MemoryError):
            words = self.tr("The memory does not suffice for this. Close other programs and try again.")
        else:
            words = self.tr("Something in FstMuse went wrong that should not: {0}: {1}").format(kind.__name__, error)
        self.happened.emit(words, details)
        # The terminal is told, too: before there is a window, nobody else is.
        self._before(kind, error, where)


def _from_qt(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    logging.getLogger(context.category or "qt").log(_LEVELS.get(kind, logging.WARNING), "%s", text)
