"""Sound through FFmpeg's libraries (PyAV): m4a, aac, wma, mp4, webm, and damaged files of other kinds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

# Only containers of sound: FFmpeg also reads playlists, which name other files and hosts to open.
_CONTAINERS = "mov,asf,aac,matroska,ogg,mp3,wav,w64,aiff,au,flac,caf,ac3,eac3,amr,ape,wv,tta,mpc,mpc8,dsf,mpegts,avi"
_INDEXED = ("mov", "asf", "matroska")  # where a seek lands at a known time; elsewhere it is a guess from the bit rate
_PREROLL_S = 1.0  # decoded and thrown away after a seek: codecs lean on the frames before
_BLOCK_SAMPLES = 65536
_PATIENCE = 8  # damaged packets allowed beyond the good ones before the file is given up


class LibavSource:
    """A sound file opened by PyAV; its first audio stream.

    Args:
        path: a regular file.

    Raises:
        av.error.FFmpegError: FFmpeg does not know the content, or nothing of it decodes.
        LookupError: it holds no audio stream, or none whose sound can be decoded.
    """

    def __init__(self, path: Path) -> None:
        self._url = "file:" + os.fspath(path)
        self._open()
        try:
            frames = self._frames()
            first = next(frames, None)
            if first is None:
                raise LookupError("no sound in its audio stream could be decoded")
            self._set_clock(first, next(frames, first))
        except BaseException:
            self.close()
            raise
        # What the decoder gives counts, not what the container says: HE-AAC says half the rate.
        self.sample_rate: int = first.sample_rate
        self.channels: int = first.layout.nb_channels
        self._container_name: str = self._container.format.name.split(",")[0]
        self.format = f"{self._container_name} {self._stream.codec_context.name}"
        self._fresh = False

    def close(self) -> None:
        """Closes the file."""
        self._container.close()

    def duration_s(self) -> float:
        """Seconds of sound, exact where the container counts them, else by going through the packets."""
        if self._container_name in _INDEXED:
            if self._stream.duration is not None:
                return float(self._stream.duration * self._stream.time_base)
            if self._container.duration is not None:
                return self._container.duration / 1e6
        self._reopen()
        self._fresh = False
        ticks = sum(packet.duration or 0 for packet in self._packets())
        return float(ticks * self._stream.time_base)

    def blocks(self, start: int, samples: int | None, mono: bool = True) -> Iterator[np.ndarray]:
        """Sound from sample `start` on, at most `samples` of it, at the file's own rate.

        Yields:
            float32 (n,), the mean of the channels, or (n, channels) where not `mono`; n > 0.

        Raises:
            av.error.FFmpegError: more of the file is damaged than sound.
            ValueError: the sample rate changes on the way, or the samples are of an unknown kind.
        """
        skip = self._seek(start)
        left = samples
        kept: list[np.ndarray] = []
        count = 0
        pack = _packer(self.channels)
        for frame in self._frames():
            block = self._channels(frame, pack)
            if mono:
                block = block @ np.full(self.channels, 1 / self.channels, np.float32)
            if skip:
                block, skip = block[skip:], max(0, skip - len(block))
            if left is not None:
                block = block[:left]
                left -= len(block)
            kept.append(block)
            count += len(block)
            if count >= _BLOCK_SAMPLES:
                yield np.concatenate(kept)
                kept, count = [], 0
            if left == 0:
                break
        if count:
            yield np.concatenate(kept)

    def _open(self) -> None:
        import av

        # Tags in an old encoding must not make the sound unreadable.
        self._container = av.open(
            self._url,
            metadata_errors="replace",
            options={"protocol_whitelist": "file", "format_whitelist": _CONTAINERS},
        )
        if not self._container.streams.audio:
            self._container.close()
            raise LookupError("it holds no audio stream")
        self._stream = self._container.streams.audio[0]
        if self._stream.codec_context is None:
            self._container.close()
            raise LookupError("its audio stream is of a codec that FFmpeg cannot decode")
        self._fresh = True

    def _set_clock(self, first: Any, second: Any) -> None:
        """Learns when frames begin; by the second one, for the first may have been cut without a change of its time."""
        self._tick = float(self._stream.time_base * first.sample_rate)  # samples
        self._first_samples: int = first.samples
        self._frame_samples: int = second.samples
        self._second_pts: int | None = second.pts if second is not first else None

    def _sample_of(self, frame: Any) -> int | None:
        """Which sample of the file a frame begins with; None where that cannot be told."""
        if frame is None or frame.pts is None or self._second_pts is None:
            return None
        at = round((frame.pts - self._second_pts) * self._tick) + self._first_samples
        # Clocks of wma and webm tick in milliseconds, but most codecs' frames are of one length.
        whole = round((at - self._first_samples) / self._frame_samples) * self._frame_samples + self._first_samples
        return whole if abs(whole - at) <= self._tick else at

    def _reopen(self) -> None:
        if not self._fresh:
            self._container.close()
            self._open()

    def _seek(self, start: int) -> int:
        """Goes near sample `start`; returns how many samples to throw away before it."""
        before = start / self.sample_rate - _PREROLL_S
        if before > 0 and self._container_name in _INDEXED:
            ticks = (self._second_pts or 0) + int(before / self._stream.time_base)
            self._container.seek(ticks, stream=self._stream, backward=True)
            at = self._sample_of(next(self._frames(), None))
            if at is not None and at <= start:
                # The frame that told the time is gone from the decoder: come again for it.
                self._container.seek(ticks, stream=self._stream, backward=True)
                return start - at
        self._reopen()
        return start

    def _packets(self) -> Iterator[Any]:
        """All packets of the stream; a container cut short ends where it was cut."""
        import av

        packets = self._container.demux(self._stream)
        while True:
            try:
                yield next(packets)
            except (StopIteration, av.error.FFmpegError):
                return

    def _frames(self) -> Iterator[Any]:
        """Decoded frames; damaged packets are left out unless they are the greater part."""
        import av

        self._fresh = False
        good = bad = 0
        damage: Exception | None = None
        for packet in self._packets():
            try:
                frames = packet.decode()
            except av.error.FFmpegError as error:
                damage, bad = error, bad + 1
                if bad > good + _PATIENCE:
                    raise
                continue
            good += len(frames)
            yield from frames
        if damage is not None and bad > good:
            raise damage

    def _channels(self, frame: Any, pack: Callable[[Any], Any]) -> np.ndarray:
        """A frame's channels as float32 (samples, channels)."""
        received, expected = (
            (frame.sample_rate, frame.layout.nb_channels),
            (self.sample_rate, self.channels),
        )
        if received != expected:
            raise ValueError(f"it changes from {expected} to {received} (sample rate in Hz, channels) on the way")
        return _floats(pack(frame)).T


def _packer(channels: int) -> Callable[[Any], Any]:
    """What makes a frame safe to take values from.

    PyAV counts the planes of a frame up to the first missing one; with eight channels or
    more there is none missing where it looks, and it reads past the end (seen in 18.1:
    the process dies). One packed plane is counted rightly.
    """
    if channels < 8:
        return lambda frame: frame
    import av

    resampler: list[Any] = []

    def pack(frame: Any) -> Any:
        if not resampler:
            resampler.append(av.AudioResampler(format="flt", layout=frame.layout, rate=frame.sample_rate))
        # Without a time the frame is not taken for late after a seek.
        frame.pts = None
        (packed,) = resampler[0].resample(frame)
        return packed

    return pack


def _floats(frame: Any) -> np.ndarray:
    """Float32 (channels, samples), whatever a frame's samples are kept as."""
    channels = frame.layout.nb_channels
    values = frame.to_ndarray()
    if not frame.format.is_planar:
        values = values.reshape(-1, channels).T
    if values.dtype == np.uint8:
        values = values.astype(np.float32) / 128 - 1
    elif values.dtype.kind == "i":
        values = values * np.float32(2.0 ** (1 - 8 * values.dtype.itemsize))
    elif values.dtype.kind != "f":
        raise ValueError(f"its samples are {values.dtype}, expected integers or floats")
    return values.astype(np.float32, copy=False)
