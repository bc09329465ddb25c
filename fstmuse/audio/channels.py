"""Sound files with all their channels, sample by sample as they are stored: for mending, where nothing may change."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from fstmuse.audio.decode import ffmpeg_errors
from fstmuse.audio.source import Source, open_fallback, open_source
from fstmuse.errors import AudioError

MOST_VALUES = 1 << 29
"""Samples times channels: 2 GB of float32, 100 minutes of stereo at 44,100 Hz."""


def decode_channels(path: Path | str) -> tuple[np.ndarray, int]:
    """A sound file at its own rate with its own channels.

    NaN and infinite samples stay in: finding them is what this is for. Where libsndfile meets damage, FFmpeg goes on.

    Args:
        path: of any kind of file that libsndfile or FFmpeg reads.

    Returns:
        float32 (samples, channels), not empty, and the rate in Hz. Samples of up to 24 bits are kept exactly.

    Raises:
        AudioError: the file cannot be read as sound, holds none, or more than `MOST_VALUES`.
    """
    path = Path(path)
    source = open_source(path)
    try:
        blocks: list[np.ndarray] = []
        try:
            _gather(path, source, blocks)
        except (soundfile.LibsndfileError, *ffmpeg_errors()) as error:
            _go_on(path, source, blocks, error)
        if not blocks:
            raise AudioError(f"{path}: a sound file that holds no samples. Get it again, or leave it out.")
        return np.ascontiguousarray(np.concatenate(blocks)), source.sample_rate
    finally:
        source.close()


def _gather(path: Path, source: Source, blocks: list[np.ndarray]) -> None:
    heard = sum(map(len, blocks))
    for block in source.blocks(heard, None, mono=False):
        blocks.append(block)
        heard += len(block)
        if heard * source.channels > MOST_VALUES:
            minutes = MOST_VALUES / source.channels / source.sample_rate / 60
            raise AudioError(f"{path}: longer than {minutes:.0f} minutes. Cut out the part that is to be mended.")


def _go_on(path: Path, source: Source, blocks: list[np.ndarray], error: Exception) -> None:
    """What FFmpeg still finds behind damage; what came before it is good sound."""
    try:
        rest = open_fallback(path)
        try:
            if (rest.sample_rate, rest.channels) == (source.sample_rate, source.channels):
                _gather(path, rest, blocks)
        finally:
            rest.close()
    except (AudioError, *ffmpeg_errors()):
        if not blocks:
            words = getattr(error, "strerror", None) or error
            raise AudioError(f"{path}: damaged ({words}); nothing of it can be decoded. Get the file again.") from None
