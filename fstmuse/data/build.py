"""Making a manifest of one's own music: from folders, from tags, or from a simple CSV."""

from __future__ import annotations

import shlex
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from fstmuse.data.build_drafts import (
    LOOSE,
    Draft,
    Sources,
    drafts_of_csv,
    drafts_of_folders,
    drafts_of_music,
    drafts_of_tags,
)
from fstmuse.data.build_rare import LEFT_OUT, drop_rare, group_key, member, merge_labels, refuse_rare
from fstmuse.data.build_splits import Fractions, draw_splits
from fstmuse.data.clip import LABEL_SEPARATOR
from fstmuse.data.inspection import Finding, Progress, Task, inspect_all
from fstmuse.data.manifest import Clip, Manifest, validate
from fstmuse.data.wording import counted
from fstmuse.errors import ConfigError, DataError, ManifestError, nearest

GROUP_BY = ("artist", "album", "folder", "none")

SILENT = "silent"
"""Reason of a clip that decodes to silence."""


@dataclass(frozen=True)
class BuildOptions:
    """How a manifest is made.

    Args:
        fractions: sizes of the splits.
        seed: of their draw.
        group_by: what stays within one split: `artist` (its tag, else the folder below the label's, else the
            file), `album` (likewise), `folder` (the folder below the label's), `none` (each file for itself).
        clip_seconds: clips of longer files are cut from their middle to this length, in seconds; 0 takes files whole.
        checksums: whether to store SHA-256 sums.
        drop_rare: mark clips as bad whose label has too few groups, where otherwise the build is refused.
        merge: pairs of an old label and the one that replaces it, before anything else is done.
        workers: processes that look at the files.
    """

    fractions: Fractions = field(default_factory=Fractions)
    seed: int = 0
    group_by: str = "artist"
    clip_seconds: float = 30.0
    checksums: bool = False
    drop_rare: bool = False
    merge: tuple[tuple[str, str], ...] = ()
    workers: int = 2

    def __post_init__(self) -> None:
        if self.group_by not in GROUP_BY:
            raise ConfigError(f"Unknown group-by '{self.group_by}'. {nearest(self.group_by, GROUP_BY)}")
        if not 0 <= self.clip_seconds < float("inf"):
            raise ConfigError(f"clip-seconds is {self.clip_seconds}, expected 0 (whole files) or more.")


@dataclass(frozen=True)
class Built:
    """A manifest and what the one who asked for it should know.

    Args:
        manifest: not yet written.
        skipped: files that became no row: (path, reason).
        notes: other remarks, a sentence each.
    """

    manifest: Manifest
    skipped: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]

    @property
    def counts(self) -> dict[str, Counter[str]]:
        """Usable clips by split, by label."""
        table: dict[str, Counter[str]] = {label: Counter() for label in self.manifest.labels}
        for clip in self.manifest.usable.clips:
            for label in clip.labels:
                table[label][clip.split] += 1
        return table

    @property
    def bad(self) -> tuple[Clip, ...]:
        """Rows of clips that cannot be used."""
        return tuple(clip for clip in self._not_ok if not clip.reason.startswith(LEFT_OUT))

    @property
    def left_out(self) -> tuple[Clip, ...]:
        """Rows of clips that could be used, but whose label has too few groups."""
        return tuple(clip for clip in self._not_ok if clip.reason.startswith(LEFT_OUT))

    @property
    def _not_ok(self) -> tuple[Clip, ...]:
        return tuple(clip for clip in self.manifest.clips if clip.status == "bad")


def build_folders(
    root: Path | str, options: BuildOptions, *, name: str = "", progress: Progress | None = None
) -> Built:
    """A manifest of one folder per label: `root/LABEL/[artist or album/...]/file`.

    Args:
        root: holds the labels' folders; the manifest's paths are relative to it.
        options: how to make it.
        name: of the data set; empty: the folder's.
        progress: called with files looked at and files in all.

    Raises:
        DataError: no folder at `root`, or no audio in it.
        ManifestError: no file is usable, or the labels cannot be split.
    """
    root = _folder(root)
    sources = drafts_of_folders(root, options.group_by)
    if not sources.drafts and any(reason == LOOSE for _, reason in sources.skipped):
        raise DataError(
            f"The audio of {root} lies in no label's folder, expected one folder per label in it. If {root.name} is "
            f"itself a label, give the folder above it: --folders {shlex.quote(str(root.parent))}; "
            "--id3 takes the labels from genre tags instead."
        )
    return _finish(name or root.name, root, sources, options, progress)


def build_music(root: Path | str, options: BuildOptions, *, name: str = "", progress: Progress | None = None) -> Built:
    """A manifest of any music below a folder, flat or nested, without labels; otherwise as `build_folders`."""
    root = _folder(root)
    sources = drafts_of_music(root, options.group_by, len(options.fractions.wanted))
    return _finish(name or root.name, root, sources, options, progress)


def build_tags(root: Path | str, options: BuildOptions, *, name: str = "", progress: Progress | None = None) -> Built:
    """A manifest whose labels are the files' genre tags (ID3, FLAC, Ogg, MP4, WMA); as `build_folders`."""
    root = _folder(root)
    return _finish(name or root.name, root, drafts_of_tags(root, options.group_by), options, progress)


def build_csv(
    table: Path | str,
    root: Path | str,
    options: BuildOptions,
    *,
    name: str = "",
    progress: Progress | None = None,
) -> Built:
    """A manifest from a CSV with the columns path and label (or labels), and perhaps split, group, start_s, duration_s.

    What the CSV lacks is added: lengths, splits where none are given, groups from tags where splits are drawn.

    Args:
        table: the CSV.
        root: the folder its relative paths start from.
        options: how to make it.
        name: of the data set; empty: the CSV's.
        progress: called with files looked at and files in all.

    Raises:
        DataError: no folder at `root`, or none of the files is in it.
        ManifestError: the CSV cannot be read, no file is usable, or the labels cannot be split.
    """
    root, table = _folder(root), Path(table).expanduser()
    sources = drafts_of_csv(table, root, options.group_by)
    if sources.drafts and not any(draft.file.is_file() for draft in sources.drafts):
        raise DataError(
            f"None of {counted(len(sources.drafts), 'file')} of {table} is there: looked for "
            f"{sources.drafts[0].file} first. Give --root the folder that its paths are relative to."
        )
    return _finish(name or table.stem, root, sources, options, progress)


def _folder(root: Path | str) -> Path:
    root = Path(root).expanduser()
    if not root.is_dir():
        raise DataError(f"No folder at {root}. Give the folder that holds the audio.")
    # The data set is named by its last part, which "." and ".." lack.
    return root.resolve()


def _finish(name: str, root: Path, sources: Sources, options: BuildOptions, progress: Progress | None) -> Built:
    """Looks at the files, draws splits where there are none, and puts the manifest together."""
    drafts = sources.drafts
    if not drafts:
        reasons = Counter(reason for _, reason in sources.skipped)
        why = "; ".join(f"{counted(count, 'file')}: {reason}" for reason, count in reasons.most_common(3))
        raise DataError(f"Nothing to build from under {root}. {why or 'No audio file was found there.'}")
    for draft in drafts:
        for label in draft.labels:
            if LABEL_SEPARATOR in label:
                raise ManifestError(f"{draft.path}: label '{label}' holds '|', which separates labels. Rename it.")
    for draft, labels in zip(drafts, merge_labels([draft.labels for draft in drafts], options.merge), strict=True):
        draft.labels = labels
    algorithm = "sha256" if options.checksums else ""
    tasks = [
        Task(draft.file, draft.start_s, draft.duration_s or options.clip_seconds or None, algorithm) for draft in drafts
    ]
    findings = inspect_all(tasks, workers=options.workers, progress=progress)
    clips = [_clip(draft, finding) for draft, finding in zip(drafts, findings, strict=True)]
    if all(clip.status == "bad" for clip in clips):
        raise ManifestError(
            f"None of {counted(len(clips), 'file')} under {root} can be used; the first, {clips[0].path}: "
            f"{clips[0].reason}."
        )
    notes = list(sources.notes)
    if options.drop_rare:
        clips = drop_rare(clips, options.fractions)
    clips = _split(clips, options)
    manifest = Manifest(name, tuple(clips))
    if len(manifest.labels) == 1:
        notes.append(f"There is only one label, '{manifest.labels[0]}'; telling labels apart needs two or more.")
    validate(manifest)
    return Built(manifest, tuple(sources.skipped), tuple(notes))


def _clip(draft: Draft, finding: Finding) -> Clip:
    # Silence decodes, but teaches nothing, and predict refuses it.
    reason = finding.error or (SILENT if finding.silent else "")
    return Clip(
        clip_id=draft.clip_id or draft.path,
        path=draft.path,
        start_s=draft.start_s or 0.0 if finding.error else finding.start_s,
        duration_s=None if finding.error else round(finding.duration_s, 3),
        labels=draft.labels,
        split=draft.split,
        group=draft.group,
        checksum=finding.checksum,
        status="bad" if reason else "ok",
        reason=reason,
    )


def _split(clips: list[Clip], options: BuildOptions) -> list[Clip]:
    """Draws the splits of usable clips that have none; a group that has one keeps it."""
    usable = [clip for clip in clips if clip.status == "ok"]
    given = {group_key(clip): clip.split for clip in usable if clip.split}
    if usable and len(given) == len({group_key(clip) for clip in usable}):
        drawn = given
    else:
        if not given:
            refuse_rare(usable, options.fractions)
        drawn = draw_splits([member(clip) for clip in usable], options.fractions, options.seed, given)
    return [
        replace(clip, split=clip.split or drawn[group_key(clip)]) if clip.status == "ok" else clip for clip in clips
    ]
