"""Plays through the sound device, and tells the time by it."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QIODevice, QObject
from PySide6.QtMultimedia import QAudio, QAudioDevice, QAudioFormat, QAudioSink, QMediaDevices, QtAudio

from .core.feed import Feed
from .core.sounding import Sounding
from .player import Player
from .player_silent import Output

_BUFFER_S = 0.15
"""Handed over ahead: as long as the window may be busy without a gap in the sound."""

_LATENCY_S = 0.1
"""After the last frame was handed to the system, it may sound so much later; so long a clip's end is not cut off."""

_PATIENCE_S = 3.0
"""Qt says nothing when a sound server dies: a device that takes nothing for so long counts as gone."""

SinkFactory = Callable[[QAudioDevice, QAudioFormat], QAudioSink]


class AudioPlayer(Player):
    """Plays through the system's default device as it is when `play` is called.

    Args:
        parent: owner of this object.
        devices: knows the sound devices and says when they change; None: those of the system.
        make_sink: makes what takes the sound.
        now: time in s.
    """

    def __init__(
        self,
        parent: QObject | None = None,
        devices: QMediaDevices | None = None,
        make_sink: SinkFactory = QAudioSink,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        devices = devices or QMediaDevices()

        def make_output() -> AudioOutput | None:
            return None if devices.defaultAudioOutput().isNull() else AudioOutput(devices, make_sink, now)

        super().__init__(make_output, parent, now)


class AudioOutput(Output):
    """A sink of the system, made anew for each start, so that a device plugged in meanwhile is used.

    The sink takes frames from a buffer of its own, which it fills from the `Feed` in the
    window's thread. `processedUSecs` counts those that have left this buffer for the system,
    so that nothing need be taken off for it (measured with Qt 6.12 and PulseAudio).

    Args:
        devices: as in `AudioPlayer`.
        make_sink: as in `AudioPlayer`.
        now: time in s.
    """

    tail_s = _LATENCY_S

    def __init__(self, devices: QMediaDevices, make_sink: SinkFactory, now: Callable[[], float]) -> None:
        super().__init__()
        self._devices = devices
        self._make_sink = make_sink
        self._now = now
        self._heard_s = self._moved = 0.0
        self._sink: QAudioSink | None = None
        self._source: _Source | None = None
        self._volume = 1.0
        devices.audioOutputsChanged.connect(self._devices_changed)

    def start(self, feed: Feed, sample_rate: int) -> None:
        """Plays `feed` from its first frame on."""
        self.stop()
        device = self._devices.defaultAudioOutput()
        if device.isNull():
            self.lost.emit(self.tr("There is no sound device."))
            return
        form = _format_of(device)
        floating = form.sampleFormat() == QAudioFormat.SampleFormat.Float
        sounding = Sounding(feed, sample_rate, form.sampleRate(), form.channelCount(), floating)
        self._source = _Source(sounding, self)
        self._sink = self._make_sink(device, form)
        self._sink.setParent(self)  # else, at the end of the program, it may speak to what is already gone
        self._sink.setBufferSize(form.bytesForDuration(round(1e6 * _BUFFER_S)))
        self._sink.setVolume(_linear(self._volume))
        # Without an argument: Qt for Python 6.12 cannot pass on the one that the signal has.
        self._sink.stateChanged.connect(self._state_changed)
        self._heard_s, self._moved = 0.0, self._now()
        self._sink.start(self._source)
        self._state_changed()

    def stop(self) -> None:
        """Drops what is in the buffer."""
        if self._sink is None:
            return
        sink, self._sink = self._sink, None
        sink.stateChanged.disconnect(self._state_changed)
        sink.reset()
        self._source.close()
        sink.deleteLater()
        self._source.deleteLater()

    def heard_s(self) -> float:
        """Time that the sink has handed to the system, in s; also notices when it hands over nothing any more."""
        if self._sink is None:
            return self._heard_s
        before, self._heard_s = self._heard_s, self._sink.processedUSecs() / 1e6
        if self._heard_s != before:
            self._moved = self._now()
        elif self._now() - self._moved > _PATIENCE_S:
            self.lost.emit(self.tr("The sound device takes no more sound. Is its server or driver still running?"))
        return self._heard_s

    def set_volume(self, volume: float) -> None:
        """0 to 1, as a person hears it."""
        self._volume = volume
        if self._sink is not None:
            self._sink.setVolume(_linear(volume))

    def _state_changed(self) -> None:
        if self._sink is None or self._sink.state() != QAudio.State.StoppedState:
            return
        if self._sink.error() != QAudio.Error.NoError:
            self.lost.emit(
                self.tr("The sound device has failed ({0}). Is it still plugged in?").format(self._sink.error().name)
            )

    def _devices_changed(self) -> None:
        if self._devices.defaultAudioOutput().isNull():
            self.lost.emit(self.tr("The sound device is gone, and there is no other."))


class _Source(QIODevice):
    """What a sink reads from."""

    def __init__(self, sounding: Sounding, parent: QObject) -> None:
        super().__init__(parent)
        self._sounding = sounding
        # A buffer of its own would be read far ahead.
        self.open(QIODevice.OpenModeFlag.ReadOnly | QIODevice.OpenModeFlag.Unbuffered)

    def readData(self, size: int) -> bytes:
        return self._sounding.read(size)

    def isSequential(self) -> bool:
        return True

    def bytesAvailable(self) -> int:
        return 1 << 20  # there is always more


def _format_of(device: QAudioDevice) -> QAudioFormat:
    """What the device prefers, int16 or float32.

    Clips are brought to its rate here and not by the system: PulseAudio keeps a buffer of so
    many bytes however low the rate, and at 8 kHz sound came 80 ms later than it said.
    """
    form = device.preferredFormat()
    if form.sampleFormat() != QAudioFormat.SampleFormat.Int16:
        form.setSampleFormat(QAudioFormat.SampleFormat.Float)
    return form


def _linear(volume: float) -> float:
    scales = QtAudio.VolumeScale
    return QtAudio.convertVolume(volume, scales.LogarithmicVolumeScale, scales.LinearVolumeScale)
