"""Pictures and samples of clips: asks the process that makes them, and keeps those of the last few clips."""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from fstmuse.places import cache_dir

from .child import Child, how_it_ended
from .core.messages import Failed, Look, Looked, Opened, Tile
from .core.paths import stamp_of
from .core.pcm import Clip, Pcm
from .core.scratch import Scratch
from .work import looker

BUDGET_BYTES = 200_000_000
"""Of tiles that are kept; samples on the disk take about twelve times as much."""

_KEPT_ANYWAY = 2  # the clip that is shown, and the one that it is compared with


@dataclass(eq=False)
class _Look:
    """A clip, and what was asked for it.

    Args:
        clip: what the window sees.
        stamp: time of change and size of its file when it was asked for; None: no such file.
        request: number that the answers carry.
        pcm: file of its samples.
        deaths: processes that ended while they worked on it.
    """

    clip: Clip
    stamp: tuple[int, int] | None
    request: int
    pcm: Path
    deaths: int = 0


class Looking(QObject):
    """Gives pictures and samples of clips, which grow while they are read.

    Args:
        parent: owner of this object.
        budget_bytes: memory for tiles; clips not shown for the longest time are forgotten first.
    """

    grew = Signal(str)
    """Path of a clip that has been opened, or has more tiles and samples."""

    finished = Signal(str)
    """Path of a clip that is there as a whole."""

    failed = Signal(str, str)
    """Path of a clip that cannot be read (on), and the reason, which is in `Clip.failed`, too."""

    _refused = Signal(object, str)

    def __init__(self, parent: QObject | None = None, budget_bytes: int = BUDGET_BYTES) -> None:
        super().__init__(parent)
        self._budget_bytes = budget_bytes
        self._scratch: Scratch | None = None
        self._child: Child | None = None
        self._numbers = itertools.count(1)
        self._looks: dict[str, _Look] = {}  # the one shown last is at the end
        self._waiting: list[_Look] = []  # as in the process: the last one is worked on
        # Queued: whoever asks for a clip has it in hand before he hears that it failed.
        self._refused.connect(self._fail, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Starts the process, so that the first clip need not wait for it; an error shows with the first clip."""
        with contextlib.suppress(OSError):
            self._start()

    def close(self) -> None:
        """Ends the process and deletes all samples on the disk."""
        if self._child is not None:
            self._child.close()
            self._child.deleteLater()
            self._child = None
        self._waiting.clear()
        for look in self._looks.values():
            if look.clip.pcm is not None:
                look.clip.pcm.close()
        self._looks.clear()
        if self._scratch is not None:
            self._scratch.remove()
            self._scratch = None

    def show(self, path: str) -> Clip:
        """What there is of a clip now; more follows. A file that has changed since is looked at anew.

        Args:
            path: of the sound file.

        Returns:
            the same object as long as the file is the same and its clip has not failed.
        """
        look = self._looks.pop(path, None)
        stamp = stamp_of(path)
        if look is not None and (look.stamp != stamp or look.clip.failed):
            self._forget(look)
            look = None
        if look is not None and look not in self._waiting:
            self._looks[path] = look
            return look.clip
        try:
            self._start()
            if look is None:
                request = next(self._numbers)
                look = _Look(Clip(path), stamp, request, self._scratch.folder / f"{request}.pcm")
        except OSError as error:
            look = _Look(Clip(path), stamp, 0, Path())
            self._refused.emit(
                look,
                self.tr("{0}: cannot be looked at ({1}). Make room in {2} and in memory, or set FSTMUSE_CACHE.").format(
                    path, error.strerror or error, cache_dir()
                ),
            )
        else:
            self._ask(look)
        self._looks[path] = look
        self._trim()
        return look.clip

    def outdated(self, path: str) -> bool:
        """A clip was looked at, and its file has changed or gone since.

        Args:
            path: of the sound file.
        """
        look = self._looks.get(path)
        return look is not None and look.stamp != stamp_of(path)

    @property
    def pid(self) -> int | None:
        """Number of the process; None while there is none."""
        return self._child.pid if self._child is not None else None

    def _start(self) -> None:
        if self._scratch is not None and not self._scratch.there:
            self._scratch.remove()
            self._scratch = None
        if self._scratch is None:
            self._scratch = Scratch(cache_dir())
        if self._child is None:
            child = Child(looker.main, name="looker", parent=self)
            child.received.connect(self._receive)
            child.ended.connect(self._ended)
            child.start()
            self._child = child

    def _ask(self, look: _Look) -> None:
        """Puts a clip before all others."""
        if look in self._waiting:
            self._waiting.remove(look)
        self._waiting.append(look)
        # A process that is gone cannot hear it; its successor is told about all that wait.
        self._child.send(Look(look.request, look.clip.path, str(look.pcm)))

    def _receive(self, message: object) -> None:
        look = next((each for each in self._waiting if each.request == getattr(message, "request", None)), None)
        if isinstance(message, Failed):
            look = next((each for each in self._waiting if each.request == message.job), None)
        if look is None:
            return  # of a clip that has been forgotten since
        path, picture = look.clip.path, look.clip.picture
        if isinstance(message, Opened):
            try:
                look.clip.pcm = look.clip.pcm or Pcm(look.pcm, message.sample_rate)
            except OSError as error:
                self._fail(look, self.tr("{0}: its samples cannot be read ({1}).").format(path, error))
                return
            picture.open(message)
            self.grew.emit(path)
        elif isinstance(message, Tile):
            picture.add(message)
            self._trim()
            self.grew.emit(path)
        elif isinstance(message, Looked):
            picture.finish(message.samples)
            look.clip.pcm.complete = True
            self._waiting.remove(look)
            self._trim()
            self.finished.emit(path)
        elif isinstance(message, Failed) and message.kind == "Cancelled":
            self._forget(look)
        elif isinstance(message, Failed):
            self._fail(look, message.message)

    def _fail(self, look: _Look, reason: str) -> None:
        if look in self._waiting:
            self._waiting.remove(look)
        look.clip.failed = reason
        if look.clip.pcm is not None:
            look.clip.pcm.complete = True  # nothing will follow, and a player need not wait for it
        self.failed.emit(look.clip.path, reason)

    def _ended(self, code: int) -> None:
        """The process died: the clip that it worked on is tried once more, those behind it go on."""
        self._child.deleteLater()
        self._child = None
        if not self._waiting:
            return  # the next clip starts another one
        current = self._waiting[-1]
        current.deaths += 1
        reason = ""
        if current.deaths > 1:
            reason = self.tr(
                "{0}: the process that reads it {1}, twice. It may be damaged: convert it to WAV or FLAC."
            ).format(current.clip.path, how_it_ended(code))
            self._fail(current, reason)
        try:
            self._start()
        except OSError as error:
            for look in list(self._waiting):
                self._fail(look, self.tr("{0}: cannot be looked at ({1}).").format(look.clip.path, error))
            return
        for look in list(self._waiting):
            look.request = next(self._numbers)
            self._ask(look)

    def _trim(self) -> None:
        """Forgets clips until the budget is kept."""
        left = sum(look.clip.picture.size_bytes for look in self._looks.values())
        for look in list(self._looks.values())[:-_KEPT_ANYWAY]:
            if left <= self._budget_bytes:
                return
            if look not in self._waiting:
                left -= look.clip.picture.size_bytes
                self._forget(look)

    def _forget(self, look: _Look) -> None:
        if self._looks.get(look.clip.path) is look:
            del self._looks[look.clip.path]
        if look in self._waiting:
            self._waiting.remove(look)
        # Who still holds the clip can read on; where open files cannot be deleted, `close` does it.
        with contextlib.suppress(OSError):
            look.pcm.unlink(missing_ok=True)
