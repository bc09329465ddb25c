"""Loads one clip: what a worker process, or the caller's own process, does for each row of a manifest."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

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

_PASSING = frozenset(
    getattr(errno, name)
    for name in (
        *("EACCES", "EPERM", "ENOENT", "ENOTDIR", "EIO", "ENOMEM", "EMFILE", "ENFILE", "EAGAIN", "EBUSY", "EINTR"),
        *("ESTALE", "ETIMEDOUT", "ENODEV", "ENXIO", "ENOTCONN", "EHOSTDOWN", "EHOSTUNREACH", "ENETDOWN"),
        *("ENETUNREACH", "ECONNRESET", "ECONNABORTED", "EREMOTEIO", "ENOMEDIUM"),
    )
    if hasattr(errno, name)  # not all of them on every system
)
"""Errors of the system and its disks, not of what a file holds."""


class Outcome(NamedTuple):
    """What became of a clip.

    Args:
        array: what was made of it; None where it could not be loaded.
        samples: of the window, how many are sound and not padding; 0 where it could not be loaded.
        error: why it could not be loaded; else None.
        retryable: whether the same file may be loaded another time: what failed was memory,
            a permission or a disk.
    """

    array: np.ndarray | None
    samples: int
    error: str | None
    retryable: bool


def load_one(clip: Clip, root: Path, spec: AudioSpec, transform: Transform | None) -> Outcome:
    """Decodes a clip to the window of `spec`, and transforms it.

    Silence is an error here as it is when a sound is classified: its picture says nothing
    of its label.

    Args:
        clip: its start and, where shorter than the window, its duration are heeded.
        root: folder that `clip.path` is relative to.
        spec: sample rate, length and padding of the window.
        transform: applied to the window; None leaves it.

    Returns:
        The array, or what is wrong with the clip: nothing that a file holds is raised.
    """
    path = root / clip.path
    outer = sys.exception()
    duration = spec.seconds + _MARGIN_S
    if clip.duration_s is not None:
        duration = min(duration, clip.duration_s)
    try:
        waveform = decode(path, sample_rate=spec.sample_rate, start_s=clip.start_s, duration_s=duration)
        heard = waveform[: spec.samples]
        if (heard == heard[0]).all():
            return Outcome(None, 0, _silent(path, len(heard) / spec.sample_rate, clip.start_s), False)
        window = fit_length(waveform, spec)
        array = window if transform is None else np.asarray(transform(window))
    except FstMuseError as error:
        return Outcome(None, 0, str(error), _may_pass(error, outer))
    except Exception as error:
        # Whatever a damaged file brings a decoder to raise belongs to this clip, not to the whole run.
        why = f"{path}: {type(error).__name__}: {error}. Decode it by itself to see more, or leave it out."
        return Outcome(None, 0, why, _may_pass(error, outer))
    return Outcome(array, len(heard), None, False)


def _silent(path: Path, seconds: float, start_s: float) -> str:
    return (
        f"{path}: {seconds:.2f} s from {start_s:g} s on are silent from beginning to end; expected music. "
        "Replace the file, or set the clip's status to bad."
    )


def _may_pass(error: BaseException | None, outer: BaseException | None) -> bool:
    """Whether the system stands behind an error, be it that a decoder has put it into words of its own.

    Args:
        error: what was raised.
        outer: what the caller was handling before, which Python counts among the causes.
    """
    while error is not None and error is not outer:
        if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno in _PASSING):
            return True
        error = error.__cause__ or error.__context__
    return False
