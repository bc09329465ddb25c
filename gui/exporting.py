"""Exports of models: the command `fstmuse.export` in a process of its own; converters take TensorFlow and time."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import time
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

import fstmuse
from fstmuse.artifacts.exports import part_of
from fstmuse.artifacts.shelf import Model

from .core.wording import of_the_window
from .work import exporter

_PATIENCE_MS = 1000
"""How long a cancelled export may take to clean up behind itself."""


class Exporter(QObject):
    """Writes one model at a time in another form.

    Attributes:
        model: what is exported now; None between exports.
        kind: its format, one of `fstmuse.artifacts.exports.SUFFIXES`.
        out: the file or folder that is written.
    """

    changed = Signal()
    """`model` has changed, or another second has gone by."""
    written = Signal(str, str)
    """Path, and what the command says of it."""
    failed = Signal(str, str)
    """Why nothing was written, in words; the process's last words, empty when the reason was foreseen."""
    cancelled = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.model: Model | None = None
        self.kind = self.out = ""
        self._began, self._was_there, self._asked = 0.0, False, False
        self._process = QProcess(self)
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._error)
        self._second = QTimer(self, interval=1000)
        self._second.timeout.connect(self.changed)
        self._patience = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._patience.timeout.connect(self._process.kill)

    @property
    def seconds(self) -> float:
        """Since the export began."""
        return time.monotonic() - self._began

    def start(self, model: Model, kind: str, out: str, *, overwrite: bool = False) -> None:
        """Begins an export; `written`, `failed` or `cancelled` follows.

        Args:
            model: to export.
            kind: one of `fstmuse.artifacts.exports.SUFFIXES`.
            out: file to write, for savedmodel a folder.
            overwrite: replace a file that is there.

        Raises:
            RuntimeError: another export is going on.
        """
        if self.model is not None:
            raise RuntimeError("an export is going on")
        self.model, self.kind, self.out = model, kind, out
        self._began, self._was_there, self._asked = time.monotonic(), os.path.lexists(out), False
        self._process.setProcessEnvironment(_environment())
        # Its input stays open for as long as the window lives; that is what the process watches.
        arguments = [exporter.__file__, model.path, "--format", kind, "--out", out]
        self._process.start(sys.executable, arguments + ["--overwrite"] * overwrite)
        self._second.start()
        self.changed.emit()

    def cancel(self) -> None:
        """Stops the export; `cancelled` follows, within a second or two."""
        if self.model is None or self._asked:
            return
        self._asked = True
        if os.name == "posix" and self._process.processId():
            # As Ctrl-C: the command cleans up. One that does not hear it is killed.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.processId(), signal.SIGINT)
            self._patience.start()
        else:
            self._process.kill()

    def close(self) -> None:
        """Stops the export at once, without a word."""
        self._process.blockSignals(True)
        if self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.kill()
            self._process.waitForFinished(2000)
            self._tidy(broken_off=True)
        self._process.blockSignals(False)
        self._end()

    def _error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:  # all others are followed by `finished`
            reason = self._process.errorString()
            self._end()
            self.failed.emit(self.tr("{0} could not be started: {1}.").format(sys.executable, reason), "")

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        out, asked = self.out, self._asked
        said = _text(self._process.readAllStandardOutput())
        errors = _text(self._process.readAllStandardError())
        done = status == QProcess.ExitStatus.NormalExit and code == 0
        if not done:
            self._tidy(broken_off=asked or status != QProcess.ExitStatus.NormalExit)
        self._end()
        if done:
            self.written.emit(out, said.removeprefix(f"{out}: "))
        elif asked:
            self.cancelled.emit()
        elif code == 2 and "Error: " in errors:
            self.failed.emit(of_the_window(errors.rpartition("Error: ")[2]), "")
        else:
            killed = status != QProcess.ExitStatus.NormalExit
            how = self.tr("it was killed") if killed else self.tr("exit code {0}").format(code)
            last = errors.splitlines()[-1:] or [self.tr("it left no message")]
            text = self.tr("The export ended before it was done ({0}): {1}").format(how, last[0])
            self.failed.emit(text, errors or text)

    def _end(self) -> None:
        self._second.stop()
        self._patience.stop()
        if self.model is not None:
            self.model = None
            self.changed.emit()

    def _tidy(self, broken_off: bool) -> None:
        """Takes away what was written half. What was there before is left alone."""
        with contextlib.suppress(OSError):
            part_of(Path(self.out), self.kind).unlink()
        if broken_off and not self._was_there:
            with contextlib.suppress(OSError):
                Path(self.out).unlink()
            if Path(self.out).is_dir():
                shutil.rmtree(self.out, ignore_errors=True)


def _environment() -> QProcessEnvironment:
    """Ours, in which this very FstMuse is found."""
    environment = QProcessEnvironment.systemEnvironment()
    root = str(Path(fstmuse.__file__).resolve().parents[1])
    environment.insert("PYTHONPATH", os.pathsep.join(filter(None, (root, environment.value("PYTHONPATH")))))
    environment.insert("PYTHONIOENCODING", "utf-8")
    return environment


def _text(data) -> str:
    return bytes(data.data()).decode("utf-8", "replace").strip()
