"""Manifests: which clips a data set has, where they lie, what they are called and which split they belong to.

A manifest is a CSV, UTF-8, sorted by `clip_id`. Splits are stored in it and never drawn
while training; a group (an artist, a piece) lies in one split only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from functools import cached_property
from pathlib import Path

from fstmuse.data.clip import (
    CHECKSUMS,
    COLUMNS,
    LABEL_SEPARATOR,
    REQUIRED,
    SPLITS,
    STATUSES,
    Clip,
    clip_from_row,
    row_from_clip,
)
from fstmuse.data.csv_rows import read_rows, write_rows
from fstmuse.errors import ManifestError, nearest

__all__ = ["SPLITS", "Clip", "Manifest", "read_manifest", "validate", "write_manifest"]


@dataclass(frozen=True)
class Manifest:
    """The clips of a data set, sorted by `clip_id`.

    Args:
        name: what the data set is called.
        clips: its rows, bad ones included; sorted here.
        source: the CSV they were read from, or None.
    """

    name: str
    clips: tuple[Clip, ...]
    source: Path | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "clips", tuple(sorted(self.clips, key=lambda clip: clip.clip_id)))

    def __len__(self) -> int:
        return len(self.clips)

    def split(self, name: str) -> Manifest:
        """The usable clips of one split.

        Raises:
            ManifestError: `name` is no split.
        """
        if name not in SPLITS:
            raise ManifestError(f"Unknown split '{name}'. {nearest(name, SPLITS)}")
        return self._where(lambda clip: clip.status == "ok" and clip.split == name)

    @cached_property
    def usable(self) -> Manifest:
        """The clips whose status is ok."""
        return self._where(lambda clip: clip.status == "ok")

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Every label of a usable clip, once, sorted."""
        return tuple(sorted({label for clip in self.clips if clip.status == "ok" for label in clip.labels}))

    @cached_property
    def hash(self) -> str:
        """SHA-256 (hex) over the rows' content; the CSV's name and place do not count."""
        digest = hashlib.sha256()
        for clip in self.clips:
            digest.update(json.dumps(astuple(clip)).encode() + b"\n")
        return digest.hexdigest()

    def present(self, root: Path) -> tuple[Manifest, tuple[Clip, ...]]:
        """Parts the manifest by what lies under `root`.

        Returns:
            A manifest of the clips whose file exists (bad ones included), and the clips whose file does not.
        """
        missing = tuple(clip for clip in self.clips if not clip.file(root).is_file())
        if not missing:
            return self, ()
        lost = {clip.clip_id for clip in missing}
        return self._where(lambda clip: clip.clip_id not in lost), missing

    def only_labels(self, labels: Iterable[str]) -> Manifest:
        """The clips that bear at least one of `labels`; their other labels are taken away.

        Raises:
            ManifestError: a label that no usable clip has.
        """
        wanted = self._known(labels)
        kept = []
        for clip in self.clips:
            own = tuple(label for label in clip.labels if label in wanted)
            if own:
                kept.append(replace(clip, labels=own))
        return Manifest(self.name, tuple(kept), self.source)

    def require_labels(
        self, labels: Sequence[str] | None = None, splits: Sequence[str] = ("train", "valid", "test")
    ) -> tuple[str, ...]:
        """Makes sure that each label can be learnt and measured.

        Args:
            labels: the labels to look for; None: all of the manifest.
            splits: the splits each of them must appear in.

        Returns:
            The labels, in the order given (sorted when `labels` is None).

        Raises:
            ManifestError: no clip has a label, a label is unknown, or a label is missing in a split.
        """
        if not self.labels:
            raise ManifestError(
                f"{self._where_from()}: none of {len(self.clips):,} clips is usable and has a label. "
                "Fill the column labels and set the status of usable clips to ok."
            )
        wanted = self.labels if labels is None else self._known(labels)
        for split in splits:
            found = {label for clip in self.split(split).clips for label in clip.labels}
            lost = [label for label in wanted if label not in found]
            if lost:
                names = ", ".join(f"'{label}'" for label in lost[:5]) + (" and others" if len(lost) > 5 else "")
                raise ManifestError(
                    f"{self._where_from()}: split {split} has no usable clip of {names}. Each label needs clips in "
                    f"{', '.join(splits)}: add some, leave the label out, or build the splits again."
                )
        return tuple(wanted)

    def _known(self, labels: Iterable[str]) -> tuple[str, ...]:
        wanted = tuple(labels)
        for label in wanted:
            if label not in self.labels:
                raise ManifestError(f"{self._where_from()}: unknown label '{label}'. {nearest(label, self.labels)}")
        return wanted

    def _where(self, keep: Callable[[Clip], bool]) -> Manifest:
        return Manifest(self.name, tuple(clip for clip in self.clips if keep(clip)), self.source)

    def _where_from(self) -> str:
        return str(self.source or self.name)


def validate(manifest: Manifest, lines: dict[str, int] | None = None) -> None:
    """Refuses a manifest that breaks a rule of the house.

    Args:
        manifest: to look at.
        lines: line of the CSV by clip_id, for the messages; None: no lines are named.

    Raises:
        ManifestError: no clips, a repeated clip_id, an unknown split or status, a label that holds `|`, or
            a group or a file whose usable clips lie in several splits.
    """
    where = str(manifest.source or manifest.name)
    if not manifest.clips:
        raise ManifestError(
            f"{where}: the manifest is empty; at least one clip is needed. See data_manifests/README.md."
        )

    def at(clip: Clip) -> str:
        return f"{where}, line {lines[clip.clip_id]}" if lines and clip.clip_id in lines else where

    for before, clip in zip(manifest.clips, manifest.clips[1:], strict=False):
        if before.clip_id == clip.clip_id:
            raise ManifestError(f"{at(clip)}: clip_id '{clip.clip_id}' appears twice. Give each clip its own.")
    homes: dict[tuple[str, str], Clip] = {}
    for clip in manifest.clips:
        if clip.split and clip.split not in SPLITS:
            raise ManifestError(f"{at(clip)}: unknown split '{clip.split}'. {nearest(clip.split, SPLITS)}")
        if clip.status not in STATUSES:
            raise ManifestError(f"{at(clip)}: unknown status '{clip.status}'. {nearest(clip.status, STATUSES)}")
        for label in clip.labels:
            if LABEL_SEPARATOR in label or not label.strip():
                raise ManifestError(f"{at(clip)}: label '{label}' is empty or holds '|', which separates labels.")
        if clip.status != "ok" or not clip.split:
            continue
        for kind, key in (("group", clip.group), ("file", clip.path)):
            home = homes.setdefault((kind, key), clip)
            if key and home.split != clip.split:
                raise ManifestError(
                    f"{at(clip)}: {kind} '{key}' lies in {home.split} (clip {home.clip_id}) and in {clip.split} (clip "
                    f"{clip.clip_id}). Put it into one split, or what is tested has been heard in training."
                )


def read_manifest(path: Path | str, name: str | None = None) -> Manifest:
    """Reads and checks a manifest.

    Args:
        path: a CSV with the columns clip_id, path, labels, split and any of start_s, duration_s, group, sha1,
            sha256, status, reason.
        name: what to call the data set; None: the file's stem.

    Raises:
        ManifestError: the file is missing, is no such CSV, or `validate` refuses it; names the line.
    """
    path = Path(path)
    clips, lines = [], {}
    for line, row in read_rows(path, required=REQUIRED, known=COLUMNS):
        clip = clip_from_row(row, f"{path}, line {line}")
        if clip.clip_id in lines:
            raise ManifestError(
                f"{path}, line {line}: clip_id '{clip.clip_id}' was used in line {lines[clip.clip_id]}. "
                "Give each clip its own."
            )
        clips.append(clip)
        lines[clip.clip_id] = line
    manifest = Manifest(name or path.stem, tuple(clips), path)
    validate(manifest, lines)
    return manifest


def write_manifest(manifest: Manifest, path: Path | str) -> None:
    """Writes a manifest, so that a reader sees the old file or the whole new one.

    Raises:
        ManifestError: `validate` refuses it, or the folder cannot be written.
    """
    validate(manifest)
    path = Path(path)
    used = [name for name in CHECKSUMS if any(clip.checksum.startswith(f"{name}:") for clip in manifest.clips)]
    columns = [name for name in COLUMNS if name not in CHECKSUMS or name in (used or ["sha1"])]
    write_rows(path, columns, (row_from_clip(clip) for clip in manifest.clips))
