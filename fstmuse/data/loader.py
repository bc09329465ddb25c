"""From clips to arrays: decoded, cut to a window and transformed, in worker processes or in this one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fstmuse.data.clip import Clip
from fstmuse.data.one_clip import Transform, load_one
from fstmuse.data.pool import DEPTH, Pool, Result
from fstmuse.errors import DataError
from fstmuse.spec import AudioSpec

Progress = Callable[[int, int], None]
"""Called with the clips done and the clips in all."""

_LOOK_AHEAD = 2 * DEPTH
"""Clips per worker that may be loaded before their turn comes, while an earlier one takes long."""


@dataclass(frozen=True, eq=False, slots=True)
class Loaded:
    """A clip that was loaded, or could not be.

    Args:
        index: its place in the clips asked for.
        clip: the clip.
        array: the transform's array, or float32 (spec.samples,); None for a clip that could not be loaded.
        samples: of the window, how many are sound and not padding; 0 for a clip that could not be loaded.
        error: why it could not be loaded, with its path and how to mend it; else None.
        retryable: whether another time may do: its workers were killed, or memory, a
            permission or a disk was lacking.
    """

    index: int
    clip: Clip
    array: np.ndarray | None
    samples: int
    error: str | None
    retryable: bool


def load(
    clips: Sequence[Clip],
    root: Path | str,
    spec: AudioSpec,
    *,
    workers: int = 2,
    transform: Transform | None = None,
    progress: Progress | None = None,
) -> Iterator[Loaded]:
    """Loads clips in their order, whatever the number of workers.

    A clip that cannot be loaded, or whose samples are all alike (silence), is a row with
    an error, never an exception. A worker that is killed is replaced; its clip is tried
    once more and then becomes a row with an error. Closing the iterator, or leaving it by
    an exception, ends the workers.

    Args:
        clips: what to load. Each one's first `spec.seconds` are taken, fewer where its
            duration says so, and filled up as `spec.pad` says.
        root: folder that the clips' paths are relative to.
        spec: sample rate, length and padding of the window.
        workers: processes; 0 loads in this one, without any copies. They start by
            `spawn`, which imports the caller's main module again: keep it light, and
            guard it by `if __name__ == "__main__":`.
        transform: from float32 (spec.samples,) to the array wanted, in the worker. Must
            be one that can be pickled, unless `workers` is 0.
        progress: called after each clip with the clips done and the clips in all.

    Yields:
        One row per clip. The arrays are the caller's to keep and to change.

    Raises:
        DataError: `workers` is negative, the transform cannot be pickled, or no worker starts.
    """
    if workers < 0:
        raise DataError(f"workers={workers}; expected 0 (load in this process) or more.")
    clips, root = tuple(clips), Path(root)
    if workers == 0 or not clips:
        results = _here(clips, root, spec, transform)
    else:
        results = _in_workers(clips, root, spec, transform, min(workers, len(clips)))
    return _rows(clips, results, progress)


def _rows(clips: Sequence[Clip], results: Iterator[Result], progress: Progress | None) -> Iterator[Loaded]:
    try:
        for index, array, samples, error, retryable in results:
            if progress is not None:
                progress(index + 1, len(clips))
            yield Loaded(index, clips[index], array, samples, error, retryable)
    finally:
        results.close()


def _here(clips: Sequence[Clip], root: Path, spec: AudioSpec, transform: Transform | None) -> Iterator[Result]:
    import threadpoolctl

    # One thread as in a worker: a product of matrices split among threads rounds differently.
    threads = threadpoolctl.ThreadpoolController()
    for index, clip in enumerate(clips):
        with threads.limit(limits=1):
            outcome = load_one(clip, root, spec, transform)
        yield Result(index, *outcome)


def _in_workers(
    clips: Sequence[Clip], root: Path, spec: AudioSpec, transform: Transform | None, workers: int
) -> Iterator[Result]:
    slot_bytes = spec.samples * np.dtype(np.float32).itemsize  # what a waveform takes; pictures are smaller
    pool = Pool((root, spec, transform), workers, slot_bytes)
    early: dict[int, Result] = {}
    given = 0

    def give(turn: int) -> None:
        nonlocal given
        while given < min(len(clips), turn + _LOOK_AHEAD * workers) and pool.has_room():
            pool.submit(given, clips[given])
            given += 1

    try:
        for turn in range(len(clips)):
            give(turn)
            while turn not in early:
                early |= {result.index: result for result in pool.receive()}
                give(turn)
            # The workers shall have clips to work on while the caller uses this one.
            early |= {result.index: result for result in pool.receive(block=False)}
            give(turn + 1)
            yield early.pop(turn)
    finally:
        pool.close()
