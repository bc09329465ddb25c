"""Sound files become mono waveforms: decode, downmix, resample.

A file is known by its content, never by its suffix. `decode` and `stream` run through
the same steps, so that a long file streamed in constant memory gives the samples that
decoding it at once gives.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

from fstmuse.audio.source import SndfileSource, Source, open_fallback, open_source
from fstmuse.errors import AudioError

AUDIO_SUFFIXES = frozenset(
    f".{suffix}"
    for suffix in (
        *("wav", "wave", "w64", "rf64", "aif", "aiff", "aifc", "au", "snd", "caf"),
        *("flac", "ogg", "oga", "opus", "mp3", "mp2", "m4a", "m4b", "aac", "wma", "mp4", "webm", "mka"),
    )
)


@dataclass(frozen=True)
class AudioInfo:
    """What a sound file says of itself.

    Args:
        sample_rate: in Hz.
        channels: 1 or more.
        duration_s: in seconds; of lossy files it may be off by some tens of milliseconds.
        format: container and codec, such as `wav pcm_16`, `mp3 mpeg_layer_iii` or `mov aac`.
    """

    sample_rate: int
    channels: int
    duration_s: float
    format: str


def probe(path: Path | str) -> AudioInfo:
    """Rate, channels and length of a sound file, without decoding it.

    Raises:
        AudioError: it cannot be read as sound, or holds none.
    """
    path = Path(path)
    source = open_source(path)
    try:
        duration_s = source.duration_s()
        if duration_s <= 0:
            raise AudioError(_silence_of_nothing(path))
        return AudioInfo(source.sample_rate, source.channels, duration_s, source.format)
    finally:
        source.close()


def decode(
    path: Path | str, *, sample_rate: int | None = None, start_s: float = 0.0, duration_s: float | None = None
) -> np.ndarray:
    """A sound file, or a part of it, as one mono waveform.

    Args:
        path: of any kind of file that libsndfile or FFmpeg reads.
        sample_rate: of the waveform, in Hz; None keeps the file's own.
        start_s: where the part begins, in seconds. The file is sought, not decoded up to there.
        duration_s: length of the part in seconds; None goes to the end. Where the file
            ends sooner, the waveform is as short as what there is.

    Returns:
        float32 (samples,), the mean of the channels, in [-1, 1] but for small overshoots
        of lossy codecs and of resampling. Never empty.

    Raises:
        AudioError: the file cannot be read as sound, ends before `start_s`, or holds NaN
            or infinite samples.
    """
    blocks = list(_resampled(Path(path), sample_rate, start_s, duration_s, broken=False))
    return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)


def stream(
    path: Path | str,
    *,
    sample_rate: int | None = None,
    block_samples: int = 65536,
    start_s: float = 0.0,
    duration_s: float | None = None,
    broken: bool = False,
) -> Iterator[np.ndarray]:
    """What `decode` gives, in blocks and in constant memory, for files of any length.

    Args:
        path: as for `decode`.
        sample_rate: as for `decode`.
        block_samples: length of each block but the last, in samples at `sample_rate`.
        start_s: as for `decode`.
        duration_s: as for `decode`.
        broken: at the file's own rate, give samples that are NaN or infinite as they are, in place of an error.

    Yields:
        float32 (block_samples,), the last one shorter but never empty. Together they
        equal `decode` with the same arguments.

    Raises:
        AudioError: as for `decode`; damage is met when its place is reached.
    """
    if block_samples < 1:
        raise AudioError(f"{path}: asked for blocks of {block_samples} samples, expected at least 1. Ask for more.")
    kept: list[np.ndarray] = []
    count = 0
    for block in _resampled(Path(path), sample_rate, start_s, duration_s, broken):
        kept.append(block)
        count += len(block)
        if count < block_samples:
            continue
        joined = np.concatenate(kept)
        whole = count - count % block_samples
        for start in range(0, whole, block_samples):
            # Copies, so that a block kept by the caller does not keep its neighbours alive.
            yield joined[start : start + block_samples].copy()
        kept, count = [joined[whole:].copy()], count - whole
    if count:
        yield np.concatenate(kept)


def find_audio(folder: Path | str) -> list[Path]:
    """All files under `folder` whose suffix is that of a sound file, sorted by path.

    Hidden files and folders are left out. Links to folders are followed, each real folder
    once, so that a loop of links ends. Broken links and pipes with such a suffix are
    listed: decoding them says what is wrong with them. A folder that may not be read is
    logged as a warning.

    Raises:
        AudioError: `folder` is no folder.
    """

    def warn(error: OSError) -> None:
        logging.getLogger(__name__).warning("%s: left out, cannot be read: %s", error.filename, error.strerror)

    return sorted(walk_audio(folder, warn))


def walk_audio(folder: Path | str, unreadable: Callable[[OSError], object]) -> Iterator[Path]:
    """What `find_audio` finds, one by one as it is found: the files of a folder, then those of the folders in it.

    Args:
        folder: to search.
        unreadable: called for each folder that may not be read.

    Raises:
        AudioError: `folder` is no folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise AudioError(f"{folder}: is no folder. Check the path, or give the file itself.")
    seen: set[tuple[int, int]] = set()
    for root, folders, files in os.walk(folder, followlinks=True, onerror=unreadable):
        status = Path(root).stat()
        if (status.st_dev, status.st_ino) in seen:
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(root, name) for name in sorted(files) if not name.startswith(".") and _is_audio_name(name))


def _is_audio_name(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in AUDIO_SUFFIXES  # noqa: PTH122 - ten times faster than Path.suffix


def _resampled(
    path: Path, sample_rate: int | None, start_s: float, duration_s: float | None, broken: bool
) -> Iterator[np.ndarray]:
    """Blocks of the mono waveform at `sample_rate`, none of them empty, at least one."""
    if sample_rate is not None and sample_rate < 1:
        raise AudioError(f"{path}: asked for {sample_rate} Hz, expected more than 0. Give a sample rate such as 22050.")
    if not 0 <= start_s < float("inf"):
        raise AudioError(f"{path}: asked to start at {start_s} s, expected 0 s or later. Mend start_s.")
    if duration_s is not None and not duration_s > 0:
        raise AudioError(f"{path}: asked for {duration_s} s, expected more than 0 s. Mend duration_s or leave it out.")
    source = open_source(path)
    try:
        native = source.sample_rate
        samples = None if duration_s is None or duration_s == float("inf") else max(1, round(duration_s * native))
        blocks = _unbroken(path, source, round(start_s * native), samples)
        resampler = None
        resamples = sample_rate not in (None, native)
        if resamples or not broken:  # one such sample would spread over all that a resampler gives
            blocks = _checked(path, blocks)
        if resamples:
            resampler = soxr.ResampleStream(native, sample_rate, 1, dtype="float32", quality="HQ")
        heard = given = 0
        for block in blocks:
            heard += len(block)
            out = block if resampler is None else resampler.resample_chunk(block)
            given += len(out)
            if len(out):
                yield out
        if resampler is not None and heard:
            # An empty last block makes the resampler give what it still holds.
            out = resampler.resample_chunk(np.zeros(0, np.float32), last=True)
            given += len(out)
            if len(out):
                yield out
        if not heard:
            raise AudioError(_nothing_there(path, source, start_s))
        if not given:
            raise AudioError(
                f"{path}: its {heard} samples at {native} Hz are too few for one at {sample_rate} Hz. "
                "Leave the file out."
            )
    finally:
        source.close()


def _unbroken(path: Path, source: Source, start: int, samples: int | None) -> Iterator[np.ndarray]:
    """The source's blocks; where libsndfile meets damage, FFmpeg goes on from there."""
    position = start
    try:
        for block in source.blocks(start, samples):
            position += len(block)
            yield block
        return
    except soundfile.LibsndfileError:
        if not isinstance(source, SndfileSource):
            raise
    except ffmpeg_errors() as error:
        raise AudioError(_damaged(path, position / source.sample_rate, error)) from None
    left = None if samples is None else samples - (position - start)
    rate = source.sample_rate
    rest = None
    try:
        rest = open_fallback(path)
        if rest.sample_rate == rate:
            for block in rest.blocks(position, left):
                position += len(block)
                yield block
    except (AudioError, *ffmpeg_errors()) as error:
        # What came before the damage is good sound; only a file without any is an error.
        if position == start:
            raise AudioError(_damaged(path, position / rate, error)) from None
    finally:
        if rest is not None:
            rest.close()


def ffmpeg_errors() -> tuple[type[Exception], ...]:
    """What PyAV raises on damage; asked for only then, since importing it costs each worker 40 ms."""
    import av

    return av.error.FFmpegError, ValueError


def _checked(path: Path, blocks: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """The blocks, each made sure to be finite."""
    for block in blocks:
        # One product finds NaN and infinity; only where it does are the samples looked at one by one.
        with np.errstate(over="ignore"):
            energy = block @ block
        if not np.isfinite(energy) and not np.isfinite(block).all():
            count = int(np.count_nonzero(~np.isfinite(block)))
            raise AudioError(
                f"{path}: {count} samples are NaN or infinite, expected numbers about -1 to 1. "
                "Write the file again from finite samples."
            )
        yield block


def _nothing_there(path: Path, source: Source, start_s: float) -> str:
    duration_s = source.duration_s()
    if start_s > 0 and duration_s > 0:
        return f"{path}: asked to start at {start_s:g} s, but its sound ends at {duration_s:.2f} s. Mend start_s."
    return _silence_of_nothing(path)


def _silence_of_nothing(path: Path) -> str:
    return f"{path}: a sound file that holds no samples. Get it again, or leave it out."


def _damaged(path: Path, at_s: float, error: Exception) -> str:
    words = getattr(error, "strerror", None) or error
    return f"{path}: damaged at {at_s:.2f} s ({words}), and too little after it can be decoded. Get the file again."
