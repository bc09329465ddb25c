"""Whether sound was recorded or made too loud: runs of samples at full scale. Free of TensorFlow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from fstmuse.audio.decode import ffmpeg_errors
from fstmuse.audio.source import open_source
from fstmuse.errors import AudioError

FULL = 0.999
"""Of full scale: what lies there or beyond counts. Lossy codecs make more than full scale of what was clipped."""

RUN = 4
"""So many such samples in a row are clipped; the round top of a full-scale wave has fewer above some 3 kHz alone."""

OFTEN = 0.001
"""Share of samples in such runs from which on sound counts as clipped: a millisecond of each second."""


def clipped_share(samples: np.ndarray) -> float:
    """How many samples lie in runs at full scale.

    Args:
        samples: float (samples, channels); more than none.

    Returns:
        Their share, that of the worst channel.
    """
    return max(_in_runs(channel >= FULL) + _in_runs(channel <= -FULL) for channel in samples.T) / len(samples)


def is_clipped(path: Path, start_s: float, duration_s: float) -> bool:
    """Whether a part of a sound file is clipped; a part that cannot be read is not.

    Args:
        path: any kind of file that libsndfile or FFmpeg reads.
        start_s: where the part begins, in seconds.
        duration_s: its length, in seconds.
    """
    try:
        source = open_source(path)
        try:
            first, count = (round(seconds * source.sample_rate) for seconds in (start_s, duration_s))
            # A source may give the same memory again.
            blocks = [block.copy() for block in source.blocks(first, count, mono=False)]
        finally:
            source.close()
    except (AudioError, OSError, soundfile.LibsndfileError, *ffmpeg_errors()):
        return False
    return bool(blocks) and clipped_share(np.concatenate(blocks)) >= OFTEN


def _in_runs(at_edge: np.ndarray) -> int:
    """How many are true with others beside them, `RUN` in a row or more."""
    steps = np.flatnonzero(np.diff(at_edge.astype(np.int8), prepend=0, append=0))
    lengths = steps[1::2] - steps[::2]
    return int(lengths[lengths >= RUN].sum())
