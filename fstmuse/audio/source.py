"""Opens a sound file by its content: libsndfile first, then FFmpeg, else an error that says what the file is."""

from __future__ import annotations

import codecs
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

from fstmuse.audio.libav import LibavSource
from fstmuse.audio.mp3 import Survey, survey
from fstmuse.errors import AudioError

_BLOCK_VALUES = 1 << 18  # read at once, all channels together: 1 MB of float32
_MP3_PREROLL = 20 * 1152  # samples; an MP3 frame leans on bytes of many before it, more than libsndfile goes back for
_RATES = (1000, 1_000_000)  # Hz; beyond, a damaged header would ask for gigabytes of resampled sound


class _ForwardFile(soundfile.SoundFile):
    """A file that is read on and on.

    After each read of a seekable file, soundfile seeks to where it already is. In MP3 this
    empties the decoder: about 5,000 wrong samples follow wherever a new block begins.
    """

    def seekable(self) -> bool:
        """No, as far as soundfile's `read` is concerned; `seek` works all the same."""
        return False


class SndfileSource:
    """A sound file opened by libsndfile.

    Args:
        path: a regular file.

    Raises:
        soundfile.LibsndfileError: libsndfile does not know the content.
    """

    def __init__(self, path: Path) -> None:
        # By descriptor, so that libsndfile sees no suffix: it takes any x.gsm or x.raw for sound.
        self._descriptor = -1 if os.name == "nt" else os.open(path, os.O_RDONLY)
        try:
            self._file = _ForwardFile(str(path) if os.name == "nt" else self._descriptor, closefd=False)
        except BaseException:
            self._close_descriptor()
            raise
        self.sample_rate: int = self._file.samplerate
        self.channels: int = self._file.channels
        self.frames: int = self._file.frames
        self.format = f"{self._file.format} {self._file.subtype}".lower()

    def close(self) -> None:
        """Closes the file."""
        self._file.close()
        self._close_descriptor()

    def duration_s(self) -> float:
        """Seconds of sound."""
        return self.frames / self.sample_rate

    def blocks(self, start: int, samples: int | None, mono: bool = True) -> Iterator[np.ndarray]:
        """Sound from sample `start` on, at most `samples` of it, at the file's own rate.

        Yields:
            float32 (n,), the mean of the channels, or (n, channels) where not `mono`; n > 0.

        Raises:
            soundfile.LibsndfileError: the file is damaged from here on.
        """
        left = max(0, self.frames - start) if samples is None else min(samples, max(0, self.frames - start))
        if left == 0:
            return
        # Some headers promise more than memory holds: the buffer follows the block, not the file.
        buffer = np.empty((min(left, max(1024, _BLOCK_VALUES // self.channels)), self.channels), np.float32)
        weights = np.full(self.channels, 1 / self.channels, np.float32)
        if start:
            preroll = min(start, _MP3_PREROLL) if self._file.format == "MP3" else 0
            self._file.seek(start - preroll)
            self._file.read(preroll, dtype="float32")
        while left:
            block = self._file.read(out=buffer[: min(left, len(buffer))])
            if not len(block):
                return
            left -= len(block)
            if not mono:
                yield block.copy()
                continue
            # The product is ten times faster than numpy.mean; one channel only needs to leave the buffer.
            yield block @ weights if self.channels > 1 else block[:, 0].copy()

    def _close_descriptor(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


Source = SndfileSource | LibavSource


def open_source(path: Path) -> Source:
    """Opens the sound file at `path`, whatever its suffix says.

    Raises:
        AudioError: it is no regular file, cannot be read, is empty, or is of no known kind.
    """
    size = _require_file(path)
    try:
        frames = survey(path)
    except OSError as error:
        raise AudioError(_unreadable(path, error)) from None
    source = _open_sndfile(path, frames) or _open_libav(path, size)
    low, high = _RATES
    if not low <= source.sample_rate <= high:
        source.close()
        raise AudioError(
            f"{path}: its header says {source.sample_rate} Hz, expected {low} to {high} Hz. "
            "The header is damaged; get the file again."
        )
    return source


def open_fallback(path: Path) -> LibavSource:
    """Opens the file at `path` by FFmpeg, which leaves out damaged parts where libsndfile stops.

    Raises:
        AudioError: FFmpeg reads none of it.
    """
    return _open_libav(path, path.stat().st_size)


def _open_sndfile(path: Path, frames: Survey | None) -> SndfileSource | None:
    """The source, or None where FFmpeg should try."""
    if frames is not None and not frames.regular:
        return None
    try:
        source = SndfileSource(path)
    except (soundfile.LibsndfileError, OSError):
        return None
    if frames is not None and frames.samples > source.frames:
        source.close()
        return None
    return source


def _open_libav(path: Path, size: int) -> LibavSource:
    import av

    try:
        return LibavSource(path)
    except (av.error.FFmpegError, ValueError, LookupError, OSError) as error:
        raise AudioError(_unknown(path, size, error)) from None


def _require_file(path: Path) -> int:
    """Size in bytes of the regular, non-empty file at `path`.

    Raises:
        AudioError: it is anything else. A named pipe is refused before it is opened, which would wait for ever.
    """
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise AudioError(_unreadable(path, error)) from None
    if stat.S_ISDIR(status.st_mode):
        raise AudioError(f"{path}: is a folder, expected a sound file. Give the files inside it.")
    if not stat.S_ISREG(status.st_mode):
        kind = "a named pipe" if stat.S_ISFIFO(status.st_mode) else "a device or socket"
        raise AudioError(f"{path}: is {kind}, expected a sound file. Save the sound to a file first.")
    if status.st_size == 0:
        raise AudioError(f"{path}: is empty (0 bytes), expected a sound file. Get or copy it again.")
    return status.st_size


def _unreadable(path: Path, error: OSError | ValueError) -> str:
    """Says why the operating system does not give the file."""
    number = getattr(error, "errno", None)
    if number in (errno.ENOENT, errno.ENOTDIR):
        return f"{path}: no such file. Check the path."
    if number == errno.ELOOP:
        return f"{path}: is a symbolic link that leads back to itself. Delete the link or point it at the sound file."
    if number in (errno.EACCES, errno.EPERM):
        return f"{path}: you have no permission to read it. Run chmod +r on it, and chmod +x on the folders above."
    return f"{path}: cannot be read ({getattr(error, 'strerror', None) or error}). Check the path and the disk."


def _unknown(path: Path, size: int, error: Exception) -> str:
    """Says what a file is of which no sound could be had."""
    try:
        with path.open("rb") as file:
            head = file.read(1024)
    except OSError as unreadable:
        return _unreadable(path, unreadable)
    if _is_text(head):
        return f"{path}: holds text ({_bytes(size)}), not sound. Replace it by the sound file, or leave it out."
    if head[4:8] == b"ftyp":
        return (
            f"{path}: an MP4 file without a readable index or sound ({_plain(error)}). "
            "It was cut off or is copy-protected; get it again."
        )
    if isinstance(error, LookupError):
        return f"{path}: {_plain(error)}. Extract or convert the sound to WAV or FLAC first."
    return (
        f"{path}: neither libsndfile nor FFmpeg finds sound in its {_bytes(size)} ({_plain(error)}). "
        "It is damaged or no sound file; get it again, or convert it to WAV or FLAC."
    )


def _is_text(head: bytes) -> bool:
    try:
        # Incremental, for the last character may be cut in two by the end of the sample.
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character in "\t\n\r\f\x1b" for character in text)


def _bytes(size: int) -> str:
    return f"{size:,} bytes"


def _plain(error: Exception) -> str:
    """The words of an error without numbers and call names."""
    words = getattr(error, "strerror", None) or (error.args[0] if error.args else "")
    return str(words) or type(error).__name__
