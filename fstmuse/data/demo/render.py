"""The demo set on disk: clips as FLAC, their manifest, their tags.

A folder of the set holds `audio/`, `demo.csv` (labels are the styles), `demo_tags.csv` (the
same clips, labels are what can be heard in them) and `demo.json` (version and settings).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from fstmuse.data.demo.cast import SLUGS, STYLES, artist_of
from fstmuse.data.demo.storage import publish
from fstmuse.data.manifest import Clip, Manifest, write_manifest
from fstmuse.errors import DataError
from fstmuse.interrupt import follow_parent

VERSION = 1  # goes up with every change that can be heard, so that older folders are made anew
CLIPS_PER_STYLE, SECONDS, SAMPLE_RATE = 90, 12.0, 22_050
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class _Job:
    """One clip to make: what a rendering process is sent."""

    folder: Path
    style: str
    index: int
    seed: int
    seconds: float
    sample_rate: int


def render_demo(
    folder: Path | str,
    *,
    seed: int = 0,
    clips_per_style: int = CLIPS_PER_STYLE,
    seconds: float = SECONDS,
    sample_rate: int = SAMPLE_RATE,
    workers: int = 2,
    progress: Progress | None = None,
) -> Manifest:
    """Synthesises the demo set, in the place of an older one.

    Args:
        folder: the set's folder; appears only when it is complete.
        seed: 0 or more; the same seed gives the same samples on one machine.
        clips_per_style: at least 3, one for each split; two thirds go into training.
        seconds: length of a clip, at least 1.
        sample_rate: in Hz, at least 8000.
        workers: processes; 0 renders in this one.
        progress: called with the clips done and the clips in all.

    Returns:
        The manifest; paths are relative to `folder`, groups are the fictional artists.

    Raises:
        DataError: a setting is out of its range, the folder holds something else or cannot be
            written, the disk is too small, or a rendering process was killed.
    """
    return _publish(Path(folder), False, seed, clips_per_style, seconds, sample_rate, workers, progress)


def ensure_demo(
    folder: Path | str,
    *,
    seed: int = 0,
    clips_per_style: int = CLIPS_PER_STYLE,
    seconds: float = SECONDS,
    sample_rate: int = SAMPLE_RATE,
    workers: int = 2,
    progress: Progress | None = None,
) -> Manifest:
    """The demo set, synthesised where it is missing, incomplete or of another version or setting.

    Safe when several processes ask at once: one renders, the others wait for it. Arguments,
    result and errors are those of `render_demo`.
    """
    return _publish(Path(folder), True, seed, clips_per_style, seconds, sample_rate, workers, progress)


def _publish(
    folder: Path,
    reuse: bool,
    seed: int,
    clips_per_style: int,
    seconds: float,
    sample_rate: int,
    workers: int,
    progress: Progress | None,
) -> Manifest:
    for name, value, least in (
        ("seed", seed, 0),
        ("clips_per_style", clips_per_style, 3),
        ("seconds", seconds, 1),
        ("sample_rate", sample_rate, 8000),
        ("workers", workers, 0),
    ):
        if value < least:
            raise DataError(f"Demo set: received {name}={value}, expected at least {least}. Give a larger one.")
    recipe = {
        "version": VERSION,
        "seed": seed,
        "clips_per_style": clips_per_style,
        "seconds": float(seconds),
        "sample_rate": sample_rate,
    }

    def fill(fresh: Path) -> None:
        (fresh / "audio").mkdir()
        jobs = [
            _Job(fresh, style, index, seed, seconds, sample_rate)
            for index in range(clips_per_style)
            for style in STYLES
        ]
        clips, tagged = [], []
        for clip, tags in _run(jobs, workers):
            clips.append(clip)
            tagged.append(replace(clip, labels=tags))
            if progress is not None:
                progress(len(clips), len(jobs))
        write_manifest(Manifest("demo", tuple(clips)), fresh / "demo.csv")
        write_manifest(Manifest("demo_tags", tuple(tagged)), fresh / "demo_tags.csv")

    size = round(2.2 * len(STYLES) * clips_per_style * seconds * sample_rate)
    return publish(folder, "demo", recipe, fill, reuse=reuse, size=size)


def _run(jobs: list[_Job], workers: int) -> Iterator[tuple[Clip, tuple[str, ...]]]:
    if workers == 0:
        yield from map(_make, jobs)
        return
    try:
        # Spawned: a fork of a process that runs TensorFlow's threads may hang.
        with ProcessPoolExecutor(min(workers, len(jobs)), get_context("spawn"), follow_parent) as pool:
            futures = [pool.submit(_make, job) for job in jobs]
            try:
                for future in as_completed(futures):
                    yield future.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
    except BrokenProcessPool:
        raise DataError(
            "Demo set: a rendering process ended early; it was killed, or a script without "
            '`if __name__ == "__main__":` started it. Run again, or with workers=0.'
        ) from None


def _make(job: _Job) -> tuple[Clip, tuple[str, ...]]:
    """Renders and writes one clip; runs in a rendering process."""
    # Not at the top: a set that is there already is used without loading scipy.
    from threadpoolctl import threadpool_limits

    from fstmuse.audio.write import write
    from fstmuse.data.demo.studio import make_clip

    # One thread of BLAS for each process: faster with several of them, and sums in one order.
    with threadpool_limits(1, "blas"):
        samples, tags = make_clip(job.style, job.index, seed=job.seed, seconds=job.seconds, sample_rate=job.sample_rate)
    artist = artist_of(job.seed, job.style, job.index)
    clip_id = f"demo-{SLUGS[job.style]}-{job.index + 1:04d}"
    path = f"audio/{clip_id}.flac"
    write(job.folder / path, samples, job.sample_rate)
    digest = hashlib.sha256((job.folder / path).read_bytes()).hexdigest()
    clip = Clip(
        clip_id=clip_id,
        path=path,
        duration_s=len(samples) / job.sample_rate,
        labels=(job.style,),
        split=artist.split,
        group=artist.group,
        checksum=f"sha256:{digest}",
    )
    return clip, tags
