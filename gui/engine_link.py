"""The child that answers, kept alive: started, started again when it dies, given up when it dies too often."""

from __future__ import annotations

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from .child import Child, how_it_ended
from .core.messages import Load, Log, Ready
from .work import engine

_log = logging.getLogger(__name__)

_DEATHS = 3


class EngineLink(QObject):
    """Owner of the engine's process.

    Args:
        parent: owner of this object.
        target: what runs in the process.

    Attributes:
        state: `starting` (also before `start`), `ready` or `dead`.
        text: the state in words, for the status bar.
    """

    changed = Signal()
    """State or text."""

    received = Signal(object)
    """A message of the engine, but for `Log`."""

    died = Signal(str)
    """The engine has ended without being told to; how, in words that follow its name. A new one is not started yet."""

    def __init__(self, parent: QObject | None = None, target: Callable = engine.main) -> None:
        super().__init__(parent)
        self._target = target
        self._child: Child | None = None
        self._restarting = False
        self._closed = False
        self._deaths = 0
        self._trouble = ""
        self._preload: list[str] = []
        self.state, self.text = "starting", self.tr("Loading TensorFlow…")

    @property
    def pid(self) -> int | None:
        """Number of the engine's process; None while there is none."""
        return self._child.pid if self._child is not None else None

    def start(self) -> None:
        """Starts the engine, also once it was given up; does nothing while there is one."""
        if self._child is None and not self._closed:
            self._deaths = 0
            self._start()

    def close(self) -> None:
        """Ends the engine, whatever it does. It is not started again."""
        self._closed = True
        self.state = "dead"
        if self._child is not None:
            self._child.close()
            self._child = None

    def send(self, message: object) -> bool:
        """Sends a message; False when there is no engine to hear it."""
        return self._child is not None and not self._restarting and self._child.send(message)

    def preload(self, artifacts: list[str]) -> None:
        """Has networks loaded before they are asked, now and after every start; as many as are kept loaded."""
        known, self._preload = self._preload, artifacts[: engine.KEPT]
        if self.state == "ready":
            for artifact in self._preload:
                if artifact not in known:
                    self.send(Load(artifact))

    def restart(self) -> None:
        """Ends the engine by force and starts another; for one that does not let go of what was cancelled."""
        if self._child is not None:
            self._restarting = True
            self._child.kill()
            self._change("starting", self.tr("Restarting the engine…"))

    def answered(self) -> None:
        """The engine has done what it is for; earlier deaths no longer count."""
        self._deaths = 0

    def _start(self) -> None:
        self._restarting, self._trouble = False, ""
        self._child = Child(self._target, name="fstmuse-engine", parent=self)
        self._child.received.connect(self._hear)
        self._child.ended.connect(self._ended)
        try:
            self._child.start()
        except OSError as error:
            self._child.deleteLater()
            self._child = None
            self._change("dead", self.tr("The engine cannot be started: {0}").format(error))
            return
        self._change("starting", self.tr("Loading TensorFlow…"))

    def _change(self, state: str, text: str) -> None:
        self.state, self.text = state, text
        self.changed.emit()

    def _hear(self, message: object) -> None:
        if isinstance(message, Log):
            _log.log(message.level, "engine: %s", message.text)
            if message.level >= logging.ERROR:
                self._trouble = message.text.strip().splitlines()[-1]
        elif self._restarting:
            return
        elif isinstance(message, Ready):
            _log.info("engine: %s, %s", message.device, message.versions)
            self._change("ready", self.tr("Ready ({0})").format(message.device))
            self.received.emit(message)
            # After what was waiting for it: questions come first.
            for artifact in self._preload:
                self.send(Load(artifact))
        else:
            self.received.emit(message)

    def _ended(self, code: int) -> None:
        self._child.deleteLater()
        self._child = None
        if self._restarting:
            self._start()
            return
        how = how_it_ended(code)
        self._deaths += 1
        _log.error("The engine %s (%d in a row)", how, self._deaths)
        self.died.emit(how)
        if self._closed or self._child is not None:
            return  # whoever was told has closed or started it
        if self._deaths < _DEATHS:
            self._start()
            return
        text = self.tr("The engine {0}, {1} times in a row.").format(how, self._deaths)
        self._change("dead", f"{text} {self._trouble}".strip())
