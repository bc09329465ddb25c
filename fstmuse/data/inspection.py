"""Looking at audio files one by one, in several processes: do they decode, how long are they, are they silent.

What a file does to its reader stays a finding: a broken file, and even one that kills its
process, becomes a line of text and stops nothing.
"""

from __future__ import annotations

import hashlib
import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from fstmuse.data.clip import absence
from fstmuse.errors import AudioError
from fstmuse.interrupt import follow_parent

Progress = Callable[[int, int], None]
"""Called with what is done and what there is to do."""

SILENCE = 1e-4
"""Peak below which sound counts as silent: -80 dB relative to full scale."""

FEW = 16
"""So many files are looked at sooner in this process than new ones start."""

SPARE_S = 1.0
"""Files longer than their clip by no more than this, in seconds, are taken from their start: seeking gains nothing."""

BLOCK = 1 << 18
"""Samples decoded at once where only length and peak are wanted."""


@dataclass(frozen=True)
class Task:
    """What to look at.

    Args:
        file: the audio file.
        start_s: where the clip starts in seconds; None: so that the clip lies in the middle of the file.
        duration_s: the clip's length in seconds; None: until the end.
        algorithm: of the checksum (sha1, sha256); empty: none is wanted.
    """

    file: Path
    start_s: float | None = 0.0
    duration_s: float | None = None
    algorithm: str = ""


@dataclass(frozen=True)
class Finding:
    """What a file turned out to be.

    Args:
        found: whether there is a plain file.
        checksum: "sha1:..." or "sha256:..."; empty: not asked for.
        start_s: where the clip starts, in seconds.
        duration_s: seconds that could be decoded from there, at most those asked for.
        peak: largest absolute sample.
        error: why the clip cannot be used; empty: it can.
    """

    found: bool
    checksum: str = ""
    start_s: float = 0.0
    duration_s: float = 0.0
    peak: float = 0.0
    error: str = ""

    @property
    def silent(self) -> bool:
        """Whether the clip decodes to silence."""
        return not self.error and self.peak < SILENCE


def inspect(task: Task) -> Finding:
    """Looks at one file. Never raises for what the file holds."""
    from fstmuse.audio.decode import decode, probe, stream

    if reason := absence(task.file):
        return Finding(found=False, error=reason)
    checksum = ""
    try:
        if task.algorithm:
            with task.file.open("rb") as file:
                checksum = f"{task.algorithm}:{hashlib.file_digest(file, task.algorithm).hexdigest()}"
        info = probe(task.file)
        start = task.start_s
        if start is None:
            spare = info.duration_s - task.duration_s if task.duration_s else 0.0
            start = round(spare / 2, 3) if spare > SPARE_S else 0.0
        if start == 0 and task.duration_s is None:
            samples, peak = 0, 0.0
            for block in stream(task.file, sample_rate=info.sample_rate, block_samples=BLOCK):
                samples += len(block)
                peak = max(peak, float(abs(block).max(initial=0.0)))
        else:
            sound = decode(task.file, sample_rate=info.sample_rate, start_s=start, duration_s=task.duration_s)
            samples, peak = len(sound), float(abs(sound).max(initial=0.0))
    except AudioError as error:
        return Finding(found=True, checksum=checksum, error=_reason(str(error), task.file))
    except OSError as error:
        return Finding(found=True, checksum=checksum, error=f"cannot be read ({error.strerror})")
    if samples == 0:
        return Finding(found=True, checksum=checksum, start_s=start, error="holds no audio")
    seconds = samples / info.sample_rate
    return Finding(True, checksum, start, seconds, peak)


def inspect_all(tasks: Sequence[Task], *, workers: int = 2, progress: Progress | None = None) -> list[Finding]:
    """Looks at many files.

    Args:
        tasks: what to look at.
        workers: processes; 0 and 1 work in this one.
        progress: called after each file.

    Returns:
        A finding for each task, in their order, the same for any number of workers.
    """
    report = progress or (lambda done, total: None)
    findings: dict[int, Finding] = {}
    if workers <= 1 or len(tasks) <= FEW:
        for index, task in enumerate(tasks):
            findings[index] = inspect(task)
            report(index + 1, len(tasks))
        return [findings[index] for index in range(len(tasks))]
    missing = list(range(len(tasks)))
    while missing:
        _run(tasks, missing, findings, workers, report)
        missing = [index for index in missing if index not in findings]
        # A process died, and with it the pool and all it still had to do. Files are begun in their order, so
        # the culprit is among the first ones left: each alone in a pool of its own shows which it was.
        for index in missing[: 2 * workers + 2]:
            _run(tasks, [index], findings, 1, report)
            findings.setdefault(index, Finding(found=True, error="its decoder crashed"))
        missing = [index for index in missing if index not in findings]
    return [findings[index] for index in range(len(tasks))]


def _run(
    tasks: Sequence[Task], indices: Sequence[int], findings: dict[int, Finding], workers: int, report: Progress
) -> None:
    """Fills `findings`; those of a pool that died stay missing."""
    futures: dict[Future[Finding], int] = {}
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), follow_parent)
    try:
        for index in indices:
            futures[pool.submit(inspect, tasks[index])] = index
        for future in as_completed(futures):
            findings[futures[future]] = future.result()
            report(len(findings), len(tasks))
    except BrokenProcessPool:
        done = [future for future in futures if future.done() and not future.cancelled() and not future.exception()]
        findings |= {futures[future]: future.result() for future in done}
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _reason(message: str, file: Path) -> str:
    """The cause alone: the message of an AudioError starts with the file's path, which a manifest has already."""
    return message.removeprefix(f"{file}: ").strip().rstrip(".")
