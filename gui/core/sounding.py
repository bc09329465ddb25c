"""Frames of a `Feed` in the form that a sound device takes. Free of Qt."""

from __future__ import annotations

import numpy as np

from .feed import Feed


class Sounding:
    """Bytes for a device.

    Args:
        feed: gives mono frames.
        sample_rate: of the feed, in Hz.
        device_rate: of the device, in Hz.
        channels: of the device; all get the same.
        floating: the device takes float32, not int16.
    """

    def __init__(self, feed: Feed, sample_rate: int, device_rate: int, channels: int, floating: bool) -> None:
        self._feed = feed
        self._channels = channels
        self._floating = floating
        self._ratio = sample_rate / device_rate
        self._held = np.zeros(0, "<i2")
        self._resampler = None
        if sample_rate != device_rate:
            import soxr

            self._resampler = soxr.ResampleStream(sample_rate, device_rate, 1, "int16", "HQ")

    @property
    def frame_bytes(self) -> int:
        """Size of a frame of all channels."""
        return self._channels * (4 if self._floating else 2)

    def read(self, size: int) -> bytes:
        """As many whole frames as `size` bytes hold."""
        mono = self._mono(size // self.frame_bytes)
        if self._floating:
            mono = mono.astype("<f4") / 32768
        return np.repeat(mono, self._channels).tobytes()

    def _mono(self, count: int) -> np.ndarray:
        if self._resampler is None:
            return self._feed.take(count)
        while len(self._held) < count:
            more = self._feed.take(max(64, round((count - len(self._held)) * self._ratio)))
            self._held = np.concatenate([self._held, self._resampler.resample_chunk(more)])
        given, self._held = self._held[:count], self._held[count:]
        return given
