"""The process that decodes clips and draws their mel spectrograms, tile by tile. Free of TensorFlow and Qt.

Memory is that of one tile, however long a clip is. What was asked for last is done first:
an earlier clip waits and goes on afterwards, and only the oldest of more than three waiting
ones is given up, which `Failed` of kind `Cancelled` says. A `Look` with the number of one
that waits brings it to the front.
"""

from __future__ import annotations

import math
import os
import queue
import traceback
from collections.abc import Iterator
from multiprocessing.connection import Connection

import numpy as np

from fstmuse.errors import AudioError, FstMuseError
from fstmuse.spec import MelSpec

from ..core.messages import Failed, Look, Looked, Opened, Stop, Tile
from ..core.picture import LEVELS, PEAKS_PER_COLUMN, TILE_COLUMNS, pool
from .channel import Channel, settle

FLOOR_DB = -100.0

_WINDOW_S = 0.093
_HIGHEST_HZ = 16000.0
_MOST_MELS = 128
_MOST_COLUMNS = 1 << 20  # with its coarser levels 190 MB in the window: what it keeps of all clips together
_AT_ONCE = 3
_BLOCK_SAMPLES = 1 << 18  # at once decoded and written; with several channels libsndfile reads as much of them


def main(connection: Connection) -> None:
    """Answers each `Look` with `Opened`, its `Tile`s and `Looked`, or with `Failed`, until `Stop`."""
    settle()
    if hasattr(os, "nice"):
        # Before any other thread begins, for each has its own: an hour of sound in the background must not hold up
        # the window's painting.
        os.nice(10)
    channel = Channel(connection)
    # Now, while nobody waits, and not with this module, which the window imports, too.
    import fstmuse.audio.decode
    import fstmuse.features.mel  # noqa: F401

    looks: list[tuple[int, Iterator]] = []  # the last one is worked on
    while True:
        try:
            message = channel.inbox.get(block=not looks)
        except queue.Empty:
            if not _go_on(channel, *looks[-1]):
                looks.pop()
            continue
        if isinstance(message, Stop):
            return
        known = [look for look in looks if look[0] == message.request]
        looks = [look for look in looks if look not in known] + (known or [(message.request, look_at(message))])
        if len(looks) > _AT_ONCE:
            request, steps = looks.pop(0)
            steps.close()
            channel.send(Failed(request, "", "Cancelled", "Others were asked for since."))


def look_at(look: Look) -> Iterator[Opened | Tile | Looked | None]:
    """Does what `look` asks, step by step.

    Yields:
        messages for the window, and None after each block that completes none. Samples are
        in the file before the tile that shows them is yielded.

    Raises:
        FstMuseError: the clip cannot be read, or its samples cannot be written.
    """
    from fstmuse.audio.decode import probe, stream
    from fstmuse.features.mel import LogMel

    info = probe(look.path)
    spec = picture_spec(info.sample_rate, info.duration_s)
    drawing = _Drawing(look.request, LogMel(spec))
    samples = 0
    with _Samples(look) as file:
        yield Opened(
            look.request,
            info.sample_rate,
            info.duration_s,
            spec.hop_length,
            spec.n_mels,
            _centres_hz(spec),
            FLOOR_DB,
        )
        step = min(_BLOCK_SAMPLES, TILE_COLUMNS * spec.hop_length)
        for block in stream(look.path, block_samples=step, broken=True):
            known = np.isfinite(block)
            block[~known] = 0  # heard as silence
            file.write(block)
            samples += len(block)
            yield from drawing.add(block, ~known)
            yield None
        yield from drawing.finish()
    yield Looked(look.request, samples)


def picture_spec(sample_rate: int, duration_s: float) -> MelSpec:
    """How the picture of a clip is drawn.

    Args:
        sample_rate: of the clip, in Hz.
        duration_s: of the clip, in s; clips of more than six hours get fewer columns a second.

    Returns:
        windows of about 93 ms, a column for each quarter of one, up to 128 bands up to 16 kHz.
    """
    n_fft = 2 ** round(math.log2(_WINDOW_S * sample_rate))
    # With fewer samples in a window there would be bands between two bins, always black.
    n_mels = min(_MOST_MELS, n_fft // 8)
    hop_length = n_fft // 4
    while duration_s * sample_rate > _MOST_COLUMNS * hop_length:
        hop_length *= 2
    return MelSpec(
        sample_rate=sample_rate,
        n_fft=max(n_fft, hop_length),
        hop_length=hop_length,
        n_mels=n_mels,
        fmin=0.0,
        fmax=min(_HIGHEST_HZ, sample_rate / 2),
        scale="tfio",
        power=2.0,
        log="db",
        floor_db=FLOOR_DB,
    )


def _go_on(channel: Channel, request: int, steps: Iterator) -> bool:
    """Takes a clip one step further; False when it is done with."""
    try:
        message = next(steps)
    except StopIteration:
        return False
    except FstMuseError as error:
        channel.send(Failed(request, "", type(error).__name__, str(error)))
        return False
    except Exception as error:
        words = "memory ran out; close other programs" if isinstance(error, MemoryError) else str(error) or repr(error)
        channel.send(Failed(request, "", type(error).__name__, f"Could not be read: {words}.", traceback.format_exc()))
        return False
    if message is not None:
        channel.send(message)
    return True


class _Samples:
    """The file of a clip's samples.

    When a clip is looked at once more, its file is written over from the start and not
    emptied first, for it may be playing.
    """

    def __init__(self, look: Look) -> None:
        self._path = look.pcm
        self._sound = look.path

    def __enter__(self) -> _Samples:
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
            self._file = os.fdopen(descriptor, "r+b", buffering=0)
        except OSError as error:
            raise self._unwritable(error) from None
        return self

    def __exit__(self, kind: type | None, *rest: object) -> None:
        if kind is None:
            self._file.truncate(self._file.tell())
        self._file.close()

    def write(self, block: np.ndarray) -> None:
        """Appends float32 (n,); what is beyond full scale is cut."""
        data = memoryview(np.rint(np.clip(block, -1, 1) * 32767).astype("<i2")).cast("B")
        try:
            while data:
                data = data[self._file.write(data) :]
        except OSError as error:
            raise self._unwritable(error) from None

    def _unwritable(self, error: OSError) -> AudioError:
        return AudioError(
            f"{self._sound}: its samples cannot be written to {self._path} ({error.strerror}), without which it cannot "
            "be played. Make room there, or set FSTMUSE_CACHE to a folder on another disk."
        )


class _Drawing:
    """Samples become tiles."""

    def __init__(self, request: int, mel) -> None:
        self._request = request
        self._mel = mel
        self._hop = mel.spec.hop_length
        # A column shows what sounds in its middle: windows reach as far before it as after it.
        self._before = (mel.spec.n_fft - self._hop) // 2
        self._needed = TILE_COLUMNS * self._hop + mel.spec.n_fft - self._hop
        self._held = np.zeros(self._before, np.float32)
        self._missing = np.zeros(self._before, bool)  # for each of `_held`
        self._index = 0

    def add(self, block: np.ndarray, missing: np.ndarray) -> Iterator[Tile]:
        """Takes float32 (n,), and which of these samples are no numbers; yields the tiles that are now complete."""
        self._held = np.concatenate([self._held, block])
        self._missing = np.concatenate([self._missing, missing])
        while len(self._held) >= self._needed:
            yield self._tile(TILE_COLUMNS, TILE_COLUMNS * self._hop)

    def finish(self) -> Iterator[Tile]:
        """Yields what is left: up to two tiles, since a window reaches over the end of its tile."""
        while (left := len(self._held) - self._before) > 0:
            columns = min(TILE_COLUMNS, math.ceil(left / self._hop))
            yield self._tile(columns, min(left, TILE_COLUMNS * self._hop))

    def _tile(self, columns: int, samples: int) -> Tile:
        decibels = self._mel(self._held[: self._needed])[:columns]
        levels = [np.clip(np.rint(255 * (1 - decibels / FLOOR_DB)), 0, 255).astype(np.uint8)]
        stretch = self._hop // PEAKS_PER_COLUMN
        sound, missing = (held[self._before : self._before + samples] for held in (self._held, self._missing))
        starts = np.arange(0, samples, stretch)
        lows, highs = (f.reduceat(sound, starts) for f in (np.minimum, np.maximum))
        peaks = [np.clip(np.rint(127 * np.stack([lows, highs], axis=1)), -127, 127).astype(np.int8)]
        absent = [np.logical_or.reduceat(missing, starts)] if missing.any() else []
        for _ in range(LEVELS - 1):
            levels.append(pool(levels[-1]))
            if absent:
                absent.append(pool(absent[-1][:, None], np.logical_or)[:, 0])
            low, high = pool(peaks[-1][:, :1], np.minimum), pool(peaks[-1][:, 1:])
            peaks.append(np.concatenate([low, high], axis=1))
        done = TILE_COLUMNS * self._hop
        self._held, self._missing = self._held[done:], self._missing[done:]
        self._index += 1
        return Tile(self._request, self._index - 1, tuple(levels), tuple(peaks), tuple(absent))


def _centres_hz(spec: MelSpec) -> np.ndarray:
    """float32 (n_mels,): the middle of each band; the tfio scale spaces them evenly in mel."""
    mels = np.linspace(0, 1127 * math.log1p(spec.fmax / 700), spec.n_mels + 2)[1:-1]
    return (700 * np.expm1(mels / 1127)).astype(np.float32)
