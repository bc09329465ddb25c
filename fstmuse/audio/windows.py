"""Cutting sound of any length into the windows that a network hears.

`window_starts` says where the windows of a sound of known length lie; `windows` cuts
the same windows out of a stream whose length is known only at its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from fstmuse.audio.shape import fit_length
from fstmuse.errors import AudioError, SpecError
from fstmuse.spec import AudioSpec

LEAST_NEW = 20
"""A last window off the grid is worth its time where it hears at least one part in so many of a window anew."""


def window_starts(n_samples: int, window: int, hop: int) -> list[int]:
    """Where the windows of a sound begin.

    Windows begin at 0, hop, 2 hop and so on while they fit; where at least 1/`LEAST_NEW` of
    a window would stay unheard behind the last of them, one more ends exactly with the sound.
    A shorter rest is left out: the window would be all but the same as the one before.

    Args:
        n_samples: length of the sound, in samples, at least 1.
        window: length of a window, in samples.
        hop: samples between the starts of two windows, 1 to `window`.

    Returns:
        First sample of each window, rising; `[0]` for sound not longer than the window.

    Raises:
        AudioError: the sound is empty.
        SpecError: `window` or `hop` is out of its range.
    """
    _check(window, hop)
    if n_samples < 1:
        raise _empty()
    if n_samples <= window:
        return [0]
    last = n_samples - window
    starts = list(range(0, last + 1, hop))
    return [*starts, last] if (last - starts[-1]) * LEAST_NEW >= window else starts


def windows(blocks: Iterable[np.ndarray], window: int, hop: int, pad: str) -> Iterator[tuple[int, np.ndarray]]:
    """The windows of a stream, in constant memory: those of `window_starts` on the whole.

    Args:
        blocks: float (samples,) mono pieces of the sound, each of any length.
        window: length of a window, in samples.
        hop: samples between the starts of two windows, 1 to `window`.
        pad: how sound shorter than the window is filled up, as in `AudioSpec.pad`.

    Yields:
        First sample of the window, and the window: float32 (window,), the caller's own.

    Raises:
        AudioError: the stream is empty, or a block is not mono.
        SpecError: `window`, `hop` or `pad` is out of its range.
    """
    _check(window, hop)
    # One second at `window` Hz: a spec that is `window` samples long whatever the true rate.
    spec = AudioSpec(sample_rate=window, seconds=1.0, pad=pad)
    return _windows(blocks, window, hop, spec)


def _windows(blocks: Iterable[np.ndarray], window: int, hop: int, spec: AudioSpec) -> Iterator[tuple[int, np.ndarray]]:
    # Only the last `window` samples can still be needed (hop <= window). With room for twice
    # as many they are moved to the front once per window, so tiny blocks cost no more than large ones.
    buffer = np.empty(2 * window, np.float32)
    first = 0  # position in the sound of buffer[0]
    held = 0
    following = 0  # start of the next window on the grid
    emitted = -1
    for block in blocks:
        if np.ndim(block) != 1:
            raise AudioError(f"Received a block of shape {np.shape(block)}, expected (samples,). Mix it down to mono.")
        taken = 0
        while taken < len(block):
            if held == len(buffer):
                buffer[:window] = buffer[window:]
                first += window
                held = window
            piece = block[taken : taken + len(buffer) - held]
            buffer[held : held + len(piece)] = piece
            held += len(piece)
            taken += len(piece)
            while following + window <= first + held:
                yield following, buffer[following - first : following - first + window].copy()
                emitted = following
                following += hop
    n_samples = first + held
    if n_samples == 0:
        raise _empty()
    if n_samples < window:
        yield 0, fit_length(buffer[:held], spec)
    elif (n_samples - window - emitted) * LEAST_NEW >= window:
        yield n_samples - window, buffer[held - window : held].copy()


class CountedBlocks:
    """Passes blocks on and counts their samples: the length of a stream, known at its end.

    Args:
        blocks: arrays of shape (samples,).

    Attributes:
        samples: how many samples went through so far.
    """

    def __init__(self, blocks: Iterable[np.ndarray]) -> None:
        self._blocks = blocks
        self.samples = 0

    def __iter__(self) -> Iterator[np.ndarray]:
        for block in self._blocks:
            self.samples += len(block)
            yield block


def window_times(starts: list[int] | np.ndarray, window: int, n_samples: int, sample_rate: int) -> np.ndarray:
    """When the windows begin and end.

    Args:
        starts: first sample of each window.
        window: length of a window, in samples.
        n_samples: length of the sound, in samples; a padded window ends with the sound.
        sample_rate: in Hz.

    Returns:
        float64 (windows, 2): start and end of each window, in s.
    """
    first = np.asarray(starts, np.int64)
    return np.stack([first, np.minimum(first + window, n_samples)], axis=1) / sample_rate


def _check(window: int, hop: int) -> None:
    if window < 1:
        raise SpecError(f"Received a window of {window} samples; expected at least 1.")
    if not 1 <= hop <= window:
        raise SpecError(
            f"Received a hop of {hop} samples; expected 1 to {window}, the window. A longer one leaves sound unheard."
        )


def _empty() -> AudioError:
    return AudioError("Received 0 samples, expected at least 1. The file holds no audio; leave it out.")
