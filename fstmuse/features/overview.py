"""The log-mel spectrogram of a sound of any length in as many columns as a picture has, in bounded memory."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fstmuse.audio.decode import probe, stream
from fstmuse.audio.windows import windows
from fstmuse.features.mel import LogMel
from fstmuse.spec import MelSpec

COLUMNS = 1000
_MOST_FRAMES = 8
"""Frames looked at in each column: enough for what lasts, and hours of sound take no longer than minutes."""
_WINDOW_S = 0.07
"""Least length of a frame; the power of two above tells neighbouring tones apart down to the bass."""
_HIGHEST_HZ = 16000.0


@dataclass(frozen=True, eq=False)
class Overview:
    """A sound at a glance.

    Args:
        picture: float32 (columns, n_mels) in dB relative to full scale, evenly spread from `start_s` to `end_s`.
        mel: what its rows are; frames overlap by less than it says.
        start_s: where in the file it begins, in s.
        end_s: where in the file it ends, in s.
    """

    picture: np.ndarray
    mel: MelSpec
    start_s: float
    end_s: float


def overview(path: Path | str, start_s: float, duration_s: float, columns: int = COLUMNS) -> Overview:
    """Draws a file, or a part of it, at its own sample rate; each column is the loudest of some frames in it.

    Args:
        path: of a sound file.
        start_s: where the part begins, in s.
        duration_s: its length, in s; where the file ends sooner, the rest stays at the floor.
        columns: the most there may be; short sounds have fewer.

    Returns:
        The picture. Two hours take the time of decoding them and 0.5 s more.

    Raises:
        AudioError: the file cannot be read, or has no such part.
    """
    rate = probe(path).sample_rate
    n_fft = 2 ** math.ceil(math.log2(_WINDOW_S * rate))
    # Frames that stand side by side, so that any frames of a column can be put into one waveform.
    spec = MelSpec(rate, n_fft, n_fft, 128, 0.0, min(_HIGHEST_HZ, rate / 2), scale="tfio")
    samples = max(1, round(duration_s * rate))
    column = max(n_fft // 4, math.ceil(samples / columns))
    count = math.ceil(samples / column)
    size = max(column, n_fft)
    frames = min(_MOST_FRAMES, math.ceil(column / (n_fft // 4)))
    firsts = np.linspace(0, size - n_fft, frames).astype(int)
    draw = LogMel(spec)
    picture = np.full((count, spec.n_mels), spec.floor_db, np.float32)
    # Frames longer than a column stand in its middle; silence at either end lets all columns have theirs.
    before, behind = np.zeros((size - column) // 2, np.float32), np.zeros(size, np.float32)
    sound = itertools.chain([before], stream(path, start_s=start_s, duration_s=duration_s), [behind])
    for first, window in windows(sound, size, column, "zero"):
        if first % column or first // column >= count:
            continue
        picked = np.concatenate([window[start : start + n_fft] for start in firsts])
        picture[first // column] = draw(picked).max(axis=0)
    return Overview(picture, spec, start_s, start_s + samples / rate)
