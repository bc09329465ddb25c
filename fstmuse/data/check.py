"""Comparing a manifest with the files: present, unharmed, decodable, as long as it says."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from fstmuse.data.csv_rows import write_rows
from fstmuse.data.inspection import Finding, Progress, Task, inspect_all
from fstmuse.data.manifest import Clip, Manifest

OK, KNOWN_BAD, FAILED, MISSING = "ok", "known bad", "failed", "missing"
COLUMNS = ("clip_id", "path", "found", "checksum", "duration_s", "silent", "status", "reason")

TOLERANCE_S = 0.1
"""Seconds a clip may be shorter than its manifest says: lossy formats pad and trim by some frames."""


@dataclass(frozen=True)
class CheckedClip:
    """What became of one clip.

    Args:
        clip: its row.
        found: whether its file is there.
        checksum: ok, wrong, or unknown when the manifest has none or nothing could be read.
        duration_s: seconds decoded; 0 when nothing was.
        silent: whether it decodes to silence; a failure where the manifest calls it ok.
        status: ok, known bad, failed or missing.
        reason: why it is not ok.
    """

    clip: Clip
    found: bool
    checksum: str
    duration_s: float
    silent: bool
    status: str
    reason: str


@dataclass(frozen=True)
class CheckReport:
    """What became of all clips, in the order of the manifest."""

    clips: tuple[CheckedClip, ...]

    @property
    def passed(self) -> bool:
        """Whether all is as the manifest says: clips known to be bad count as such."""
        return all(clip.status in (OK, KNOWN_BAD) for clip in self.clips)

    @property
    def counts(self) -> dict[str, int]:
        """Clips by status (ok, known bad, failed, missing), and `silent` among them."""
        found = Counter(clip.status for clip in self.clips)
        return {name: found[name] for name in (OK, KNOWN_BAD, FAILED, MISSING)} | {
            "silent": sum(clip.silent for clip in self.clips)
        }

    def write(self, path: Path | str) -> None:
        """Writes a row per clip as CSV.

        Raises:
            ManifestError: the place cannot be written.
        """
        write_rows(Path(path), COLUMNS, map(_row, self.clips))


def check(manifest: Manifest, root: Path, *, workers: int = 2, progress: Progress | None = None) -> CheckReport:
    """Decodes every clip of a manifest and compares.

    Args:
        manifest: to compare; clips of one file are read each for itself.
        root: the folder its paths are relative to.
        workers: processes; 0 works in this one.
        progress: called with clips done and clips in all.

    Returns:
        The report; it is never an error that a clip fails.
    """
    tasks = [
        Task(clip.file(root), clip.start_s, clip.duration_s, clip.checksum.partition(":")[0]) for clip in manifest.clips
    ]
    findings = inspect_all(tasks, workers=workers, progress=progress)
    return CheckReport(tuple(map(_judge, manifest.clips, findings)))


def _judge(clip: Clip, finding: Finding) -> CheckedClip:
    checksum = "unknown"
    if clip.checksum and finding.checksum:
        checksum = "ok" if clip.checksum == finding.checksum else "wrong"
    status, reason = OK, ""
    if clip.status == "bad":
        status, reason = KNOWN_BAD, clip.reason
    elif not finding.found:
        status, reason = MISSING, finding.error
    elif finding.error:
        status, reason = FAILED, finding.error
    elif checksum == "wrong":
        status, reason = (
            FAILED,
            f"checksum {finding.checksum}, expected {clip.checksum}; the file was changed or damaged",
        )
    elif clip.duration_s is not None and finding.duration_s < clip.duration_s - TOLERANCE_S:
        status = FAILED
        reason = f"decoded {finding.duration_s:.1f} s from {clip.start_s:.1f} s on, expected {clip.duration_s:.1f} s"
    elif finding.silent:
        # Nothing can be learnt from it, and predict refuses it.
        status, reason = FAILED, "silent; replace the file, or set its status to bad"
    return CheckedClip(clip, finding.found, checksum, finding.duration_s, finding.silent, status, reason)


def _row(checked: CheckedClip) -> dict[str, str]:
    return {
        "clip_id": checked.clip.clip_id,
        "path": checked.clip.path,
        "found": "yes" if checked.found else "no",
        "checksum": checked.checksum,
        "duration_s": f"{checked.duration_s:.3f}",
        "silent": "yes" if checked.silent else "no",
        "status": checked.status,
        "reason": checked.reason,
    }
