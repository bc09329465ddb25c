"""The search for dropouts in a clip, in a process of its own."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from .child import Child, how_it_ended
from .core.messages import Dropouts, Failed
from .work import finder


class Finding(QObject):
    """Looks for dropouts in one clip at a time.

    Args:
        parent: Qt parent.
    """

    found = Signal(list)
    """Start and end in s and reason of each dropout, in order of time; none were found where it is empty."""

    failed = Signal(str)
    """Why nothing could be looked for, in words."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._child: Child | None = None
        self._last: Dropouts | Failed | None = None

    @property
    def busy(self) -> bool:
        """A clip is being looked at."""
        return self._child is not None

    def start(self, path: str) -> None:
        """Begins to look; a search that is going on is given up."""
        self.stop()
        self._last = None
        self._child = Child(finder.main, path, name="finder")
        self._child.received.connect(self._received)
        self._child.ended.connect(self._ended)
        try:
            self._child.start()
        except OSError as error:
            self._drop()
            self.failed.emit(
                self.tr("The system cannot start another process: {0}. Close other programs.").format(error)
            )

    def stop(self) -> None:
        """Gives a search up; nothing comes of it any more."""
        if self._child is not None:
            self._child.close(0.0)
            self._drop()

    def _received(self, message: object) -> None:
        self._last = message

    def _ended(self, code: int) -> None:
        self._drop()
        if isinstance(self._last, Dropouts):
            self.found.emit(list(self._last.found))
        elif isinstance(self._last, Failed):
            self.failed.emit(self._last.message)
        else:
            self.failed.emit(self.tr("The process that looks for dropouts {0}.").format(how_it_ended(code)))

    def _drop(self) -> None:
        self._child.deleteLater()
        self._child = None
