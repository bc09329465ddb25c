"""Loads one clip: what a worker process, or the caller's own process, does for each row of a manifest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from fstmuse.audio.decode import decode
from fstmuse.audio.shape import fit_length
from fstmuse.data.clip import Clip
from fstmuse.errors import FstMuseError
from fstmuse.spec import AudioSpec

Transform = Callable[[np.ndarray], np.ndarray]
"""From a waveform, float32 (spec.samples,), to the array wanted; can be pickled."""

_MARGIN_S = 0.05
"""Decoded beyond the window, so that no rounding between sample rates leaves its last sample to be padded."""


def load_one(
    clip: Clip, root: Path, spec: AudioSpec, transform: Transform | None
) -> tuple[np.ndarray | None, int, str | None]:
    """Decodes a clip to the window of `spec`, and transforms it.

    Args:
        clip: its start and, where shorter than the window, its duration are heeded.
        root: folder that `clip.path` is relative to.
        spec: sample rate, length and padding of the window.
        transform: applied to the window; None leaves it.

    Returns:
        The array; the samples of the window that are sound and not padding; and None.
        Or None, 0 and what is wrong with the clip: nothing that a file holds is raised.
    """
    path = root / clip.path
    duration = spec.seconds + _MARGIN_S
    if clip.duration_s is not None:
        duration = min(duration, clip.duration_s)
    try:
        waveform = decode(path, sample_rate=spec.sample_rate, start_s=clip.start_s, duration_s=duration)
        window = fit_length(waveform, spec)
        array = window if transform is None else np.asarray(transform(window))
    except FstMuseError as error:
        return None, 0, str(error)
    except Exception as error:
        # Whatever a damaged file brings a decoder to raise belongs to this clip, not to the whole run.
        return None, 0, f"{path}: {type(error).__name__}: {error}. Decode it by itself to see more, or leave it out."
    return array, min(len(waveform), spec.samples), None
