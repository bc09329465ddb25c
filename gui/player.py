"""Plays the samples of a clip, and says where it is: by the clock of the sound device, or by the computer's."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from .core.feed import Feed, SmoothClock, loop_samples
from .core.pcm import Pcm
from .player_silent import Output, SilentOutput

_TICK_MS = 16


class Player(QObject):
    """Plays one clip at a time; all that does not depend on where the sound goes.

    A clip that is still being decoded plays as far as it is there, waits silently, and goes
    on. At the end the player stops and stays there; `play` then begins at the start.

    Args:
        make_output: gives what takes the sound, or None when there is no such thing now.
        parent: owner of this object.
        now: time in s.
    """

    positionChanged = Signal(float)
    """Place in the clip in s, about 60 times a second while it plays; rises but where a loop begins again."""

    playingChanged = Signal(bool)

    deviceLost = Signal(str)
    """The sound device is gone, and why; playing goes on unheard, and `play` looks for a device again."""

    def __init__(
        self,
        make_output: Callable[[], Output | None],
        parent: QObject | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._make_output = make_output
        self._now = now
        self._pcm: Pcm | None = None
        self._position = 0.0
        self._loop: tuple[float, float] | None = None
        self._volume = 1.0
        self._playing = False
        self._sought = self._eager = False
        self._feed: Feed | None = None
        self._clock = SmoothClock(now)
        self._output: Output = SilentOutput(self, now)
        self._find_output()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)

    @property
    def position(self) -> float:
        """Place in the clip in s."""
        return self._position

    @property
    def playing(self) -> bool:
        """True between `play` and `pause` or the end of the clip, also while it waits for samples."""
        return self._playing

    @property
    def duration(self) -> float:
        """Length in s of what can be played now; 0 without a clip."""
        return self._pcm.duration_s if self._pcm else 0.0

    @property
    def has_device(self) -> bool:
        """What is played can be heard."""
        return self._output.audible

    @property
    def volume(self) -> float:
        """0 (silent) to 1 (full), as a person hears it."""
        return self._volume

    @volume.setter
    def volume(self, volume: float) -> None:
        self._volume = min(1.0, max(0.0, volume))
        self._output.set_volume(self._volume)

    def set_pcm(self, pcm: Pcm | None, keep_position: bool = False) -> None:
        """Takes another clip.

        Args:
            pcm: its samples; None for no clip.
            keep_position: go on at the same place, playing if it plays, and keep the loop: to
                compare. Else the player stands at the start, without a loop.
        """
        if pcm is self._pcm:
            return
        if pcm is None or not keep_position:
            self.pause()
            self._pcm, self._loop = pcm, None
            self._move(0.0)
            return
        before, self._pcm = self._pcm, pcm
        if not self._playing:
            self._move(self._within(self._position))
            if self._eager:
                self.play()
        elif before.sample_rate == pcm.sample_rate:
            self._feed.switch(pcm)
        else:
            self._sought = True

    def play(self) -> None:
        """Plays from here, or with a loop from its start unless this is in it; a clip to come once it is there."""
        self._eager = self._pcm is None
        if self._playing or self._eager:
            return
        start = self._position
        if self._loop is not None:
            start = start if self._loop[0] <= start < self._loop[1] else self._loop[0]
        elif self._pcm.complete and start >= self.duration:
            start = 0.0
        if not self._output.audible:
            self._find_output()
        self._playing = True
        self._move(self._within(start))
        self._begin()
        self._timer.start()
        self.playingChanged.emit(True)

    def pause(self) -> None:
        """Stops here."""
        self._eager = False
        if not self._playing:
            return
        self._playing = False
        self._timer.stop()
        self._output.stop()
        self._feed = None
        self.playingChanged.emit(False)

    def toggle(self) -> None:
        """Plays or pauses."""
        if self._playing or self._eager:
            self.pause()
        else:
            self.play()

    def seek(self, s: float) -> None:
        """Goes to a place in s, playing on if it plays; one that is not decoded yet is waited for."""
        if self._pcm is None:
            return
        self._move(self._within(s))
        # While someone drags, a place comes with each movement: the next tick begins at the last of them.
        self._sought = self._playing

    def set_loop(self, start_s: float | None, end_s: float | None) -> None:
        """Repeats a part as soon as its end is reached, without a gap; None for no loop. At least 20 ms."""
        self._loop = None if start_s is None or end_s is None else (start_s, end_s)
        if self._feed is not None:
            self._feed.set_loop(self._loop_samples())

    def close(self) -> None:
        """Stops, and lets go of clip and device."""
        self.set_pcm(None)
        self._output.stop()

    def _find_output(self) -> None:
        """Takes a device where there is one."""
        output = self._make_output()
        if output is None:
            return
        self._output.deleteLater()
        self._output = output
        output.setParent(self)
        output.lost.connect(self._lost)
        output.set_volume(self._volume)

    def _lost(self, reason: str) -> None:
        lost, self._output = self._output, SilentOutput(self, self._now)
        lost.lost.disconnect(self._lost)
        lost.stop()
        lost.deleteLater()
        if self._playing:
            self._begin()
        self.deviceLost.emit(reason)

    def _begin(self) -> None:
        """Starts the output at the position."""
        self._sought = False
        self._feed = Feed(self._pcm, round(self._position * self._pcm.sample_rate), self._loop_samples())
        self._clock = SmoothClock(self._now)
        self._output.start(self._feed, self._pcm.sample_rate)

    def _tick(self) -> None:
        if self._sought:
            self._output.stop()
            self._begin()
            return
        rate = self._pcm.sample_rate
        output = self._output
        output_s = output.heard_s()
        if output is not self._output:
            return  # it was lost, and another one has begun
        position = self._feed.locate(self._clock.read(output_s) * rate) / rate
        if self._feed.ended((output_s - output.tail_s) * rate):
            self.pause()
            position = self.duration
        self._move(position)

    def _move(self, position: float) -> None:
        if position != self._position:
            self._position = position
            self.positionChanged.emit(position)

    def _within(self, s: float) -> float:
        """A place of the clip; while it is not known to its end, any place may be."""
        return max(0.0, min(s, self.duration) if self._pcm and self._pcm.complete else s)

    def _loop_samples(self) -> tuple[int, int] | None:
        return loop_samples(*self._loop, self._pcm.sample_rate) if self._loop is not None else None


class SilentPlayer(Player):
    """Plays to nobody: for machines without sound, and for tests."""

    def __init__(self, parent: QObject | None = None, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(lambda: None, parent, now)


def make_player(parent: QObject | None = None) -> Player:
    """A player for this machine; where there is no sound device, it plays silently until there is one."""
    try:
        from .player_audio import AudioPlayer
    except ImportError:  # Qt's multimedia part needs libraries of the system that servers lack
        return SilentPlayer(parent)
    return AudioPlayer(parent)
