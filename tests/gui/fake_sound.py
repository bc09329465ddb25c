"""A machine with one sound device that takes samples by a clock that the test sets.

Imported inside a fixture: Qt's multimedia part complains about missing libraries when it is imported.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtMultimedia import QAudio, QAudioFormat

RATE = 8000


class FakeDevice:
    def __init__(self, present: bool) -> None:
        self.present = present

    def isNull(self) -> bool:
        return not self.present

    def preferredFormat(self):
        form = QAudioFormat()
        form.setSampleRate(RATE)
        form.setChannelCount(1)
        form.setSampleFormat(QAudioFormat.SampleFormat.Int16)
        return form


class FakeDevices(QObject):
    """The devices of a machine that has one, until it is unplugged."""

    audioOutputsChanged = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.present = True

    def defaultAudioOutput(self) -> FakeDevice:
        return FakeDevice(self.present)


class FakeSink(QObject):
    """Takes samples as fast as time goes by."""

    stateChanged = Signal(object)

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__()
        self._now = now
        self._state, self._error = QAudio.State.IdleState, QAudio.Error.NoError
        self.played = b""
        self.volume = 0.0
        self.stuck = False
        self.source = None

    def setBufferSize(self, size: int) -> None:
        assert size == 2400

    def setVolume(self, volume: float) -> None:
        self.volume = volume

    def start(self, source) -> None:
        self.source, self._began = source, self._now()
        self._state = QAudio.State.ActiveState

    def processedUSecs(self) -> int:
        if self.source is not None and not self.stuck:
            due = 2 * round((self._now() - self._began) * RATE)
            while len(self.played) < due:
                # Qt hands out what an overridden `readData` gives in a QByteArray.
                self.played += bytes(self.source.read(min(due - len(self.played), 4096)).data())
        return len(self.played) // 2 * 1_000_000 // RATE

    def state(self):
        return self._state

    def error(self):
        return self._error

    def reset(self) -> None:
        self.source = None

    def fail(self) -> None:
        self._state, self._error = QAudio.State.StoppedState, QAudio.Error.IOError
        self.stateChanged.emit(self._state)


class Machine:
    """A sound device, and all sinks that were made for it."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.devices = FakeDevices()
        self.sinks: list[FakeSink] = []
        self._now = now

    def make_sink(self, device: FakeDevice, form) -> FakeSink:
        assert not device.isNull()
        self.sinks.append(FakeSink(self._now))
        return self.sinks[-1]

    def samples(self) -> np.ndarray:
        """What was heard since the last start."""
        return np.frombuffer(self.sinks[-1].played, "<i2")
