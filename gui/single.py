"""One window for each user: a second start gives its clips to the first and ends."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, QTimer, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from .core.paths import full_path

_LONGEST = 4_000_000  # bytes of a message
_PATIENCE_MS = 3000


def address(settings_file: str = "") -> str:
    """Where the first window listens.

    Args:
        settings_file: windows with other settings are others.
    """
    owner = f"{Path.home()}|{settings_file}"
    name = f"fstmuse-{hashlib.sha256(owner.encode()).hexdigest()[:12]}"
    runtime = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.RuntimeLocation)
    # In the user's own folder nobody else can lie in wait; Windows has names instead of files.
    return name if sys.platform == "win32" or not runtime else str(Path(runtime) / name)


def listen_or_hand_over(where: str, paths: list[str]) -> Single | None:
    """Makes this start the window, or gives its clips to the one that is there.

    Of several starts at one moment, as file managers make them for several files, one becomes the window: it listens
    before it builds it, and the others look for it after that.

    Args:
        where: `address`.
        paths: as for `hand_over`.

    Returns:
        What listens for later starts; None: another window took the clips.
    """
    import filelock

    with contextlib.ExitStack() as stack:
        # Where there can be no lock, or somebody holds it for ever, there are two windows at worst.
        with contextlib.suppress(OSError, NotImplementedError):
            lock = filelock.FileLock(Path(tempfile.gettempdir(), f"{where}.lock"), timeout=3 * _PATIENCE_MS / 1000)
            stack.enter_context(lock)
        return None if hand_over(where, paths) else Single(where)


def hand_over(where: str, paths: list[str]) -> bool:
    """Gives clips to the window that is there.

    Args:
        where: `address`.
        paths: files and folders; relative ones are meant from here.

    Returns:
        Whether a window took them; False: there is none.
    """
    socket = QLocalSocket()
    socket.connectToServer(where)
    if not socket.waitForConnected(_PATIENCE_MS):
        return False
    message = json.dumps([absolute(path) for path in paths]).encode() + b"\n"
    socket.write(message)
    # It answers when it has read all; one that hangs does not, and then this start opens its own window.
    taken = socket.waitForReadyRead(_PATIENCE_MS) and bytes(socket.readAll()) == b"taken\n"
    socket.disconnectFromServer()
    return taken


def absolute(path: str) -> str:
    """A path that means the same from any folder; addresses such as https://... stay."""
    return path if "://" in path else full_path(path)


class Single(QObject):
    """Listens for later starts.

    Args:
        where: `address`.
        parent: Qt parent.

    Attributes:
        listening: False when the system does not let it; the window works without.
    """

    received = Signal(list)
    """Absolute paths that a later start was given; may be empty."""

    def __init__(self, where: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._connected)
        self._parts: dict[QLocalSocket, bytes] = {}
        if not self._server.listen(where):
            # Left by a window that was killed: whoever asked before has found that nobody answers there.
            QLocalServer.removeServer(where)
            self._server.listen(where)

    @property
    def listening(self) -> bool:
        """Whether later starts can reach this one."""
        return self._server.isListening()

    def close(self) -> None:
        """Listens no more and removes its socket."""
        self._server.close()
        for socket in list(self._parts):
            socket.abort()

    def _connected(self) -> None:
        while socket := self._server.nextPendingConnection():
            self._parts[socket] = b""
            socket.readyRead.connect(lambda socket=socket: self._read(socket))
            socket.disconnected.connect(lambda socket=socket: self._gone(socket))
            self._read(socket)

    def _read(self, socket: QLocalSocket) -> None:
        if socket not in self._parts:
            return
        self._parts[socket] += bytes(socket.readAll())
        if len(self._parts[socket]) > _LONGEST:
            QTimer.singleShot(0, socket, socket.abort)
        elif self._parts[socket].endswith(b"\n"):
            text, self._parts[socket] = self._parts[socket], b""
            with contextlib.suppress(ValueError):
                paths = json.loads(text)
                if isinstance(paths, list):
                    # Not flushed: were the other end gone, the socket would be closed while it reads, and Qt crash.
                    socket.write(b"taken\n")
                    self.received.emit([path for path in paths if isinstance(path, str)])

    def _gone(self, socket: QLocalSocket) -> None:
        self._parts.pop(socket, None)
        socket.deleteLater()
