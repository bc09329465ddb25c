"""What folders, tags or a CSV say about files, before anybody has looked at the sound."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from fstmuse.data.build_groups import file_group, one_name
from fstmuse.data.build_tags import Tags, read_tags, same_spelling, tidy
from fstmuse.data.clip import SPLITS, split_labels
from fstmuse.data.csv_rows import parse_seconds, read_rows
from fstmuse.errors import ManifestError, nearest

SPLIT_NAMES = {name: name for name in SPLITS} | {
    **{"training": "train", "validation": "valid", "val": "valid", "dev": "valid"},
    **{"testing": "test", "evaluation": "test", "eval": "test"},
}
"""How other people's tables call the splits."""

LOOSE = "lies in no label's folder"
"""Why a file beside the labels' folders is left out."""

NOBODY = {"various artists", "various", "va", "unknown artist", "unknown", "[unknown]"}
"""Artists that are none: a group of them would throw strangers together."""

USED = ("path", "label", "labels", "split", "group", "start_s", "duration_s", "clip_id")


@dataclass
class Draft:
    """A clip to be: what is known of it without decoding.

    Args:
        path: in posix form, relative to the root where it lies under it.
        file: the same as a path of this machine.
        labels: one or several.
        group: what must stay in one split; empty: not known.
        split: as given; empty: to be drawn.
        start_s: as given, in seconds; None: the middle.
        duration_s: as given, in seconds.
        clip_id: as given; empty: the path.
    """

    path: str
    file: Path
    labels: tuple[str, ...]
    group: str = ""
    split: str = ""
    start_s: float | None = None
    duration_s: float | None = None
    clip_id: str = ""


@dataclass
class Sources:
    """All drafts, what was left out (path, reason), and remarks."""

    drafts: list[Draft] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def drafts_of_folders(root: Path, group_by: str) -> Sources:
    """One folder per label, `root/LABEL/...`."""
    sources = Sources()
    for path, file in _files(root, sources):
        label, *folders = PurePosixPath(path).parts[:-1] or ("",)
        if not label:
            sources.skipped.append((path, LOOSE))
            continue
        group = _group(path, folders, _tags(file, group_by), group_by)
        sources.drafts.append(Draft(path, file, (tidy(label),), group))
    _same_groups(sources)
    return sources


def drafts_of_music(root: Path, group_by: str, splits: int) -> Sources:
    """Any audio below a folder, flat or nested, without labels.

    Args:
        root: the folder.
        group_by: as `BuildOptions` has it, but that the folder which a file lies in stands for its artist or album
            where tags do not name them.
        splits: where the groups so found are fewer than these, files are groups instead.
    """
    sources = Sources()
    for path, file in _files(root, sources):
        folders = PurePosixPath(path).parts[:-1]
        group = _group(path, ["/".join(folders)] if folders else [], _tags(file, group_by), group_by)
        sources.drafts.append(Draft(path, file, (), group))
    _same_groups(sources)
    found = len({draft.group for draft in sources.drafts})
    if group_by != "none" and found < splits <= len(sources.drafts):
        for draft in sources.drafts:
            draft.group = file_group(draft.path)
        sources.notes.append(
            f"Fewer artists or folders ({found}) than splits: each file is a group of its own, so that one artist may "
            "be heard in training and in the test."
        )
    return sources


def drafts_of_tags(root: Path, group_by: str) -> Sources:
    """Labels from genre tags; files without one are left out and reported."""
    sources = Sources()
    for path, file in _files(root, sources):
        tags = read_tags(file)
        if not tags.genre:
            sources.skipped.append((path, "has no genre tag"))
            continue
        folders = PurePosixPath(path).parts[:-1] if group_by == "folder" else ()
        sources.drafts.append(Draft(path, file, (tags.genre,), _group(path, folders, tags, group_by)))
    spelling = same_spelling(draft.labels[0] for draft in sources.drafts)
    merged = Counter(spelling[name] for name in spelling)
    for draft in sources.drafts:
        draft.labels = (spelling[draft.labels[0]],)
    if several := sorted(name for name, count in merged.items() if count > 1):
        sources.notes.append(f"Genres that differ only in case were put together: {', '.join(several)}.")
    _same_groups(sources)
    return sources


def drafts_of_csv(table: Path, root: Path, group_by: str) -> Sources:
    """The rows of a user's CSV.

    Raises:
        ManifestError: the CSV cannot be read, has no column path or label, or a cell is wrong.
    """
    sources = Sources()
    ignored: list[str] = []
    hint = "give the columns these names in the table's first line."
    for line, row in read_rows(table, required=("path", "label|labels"), known=None, hint=hint):
        where = f"{table}, line {line}"
        ignored = [name for name in row if name not in USED]
        file = root / row["path"]
        if not row["path"].strip():
            raise ManifestError(f"{where}: path is empty. Each row needs one.")
        labels = split_labels(row.get("labels") or row.get("label", ""))
        path = _relative(file, root)
        if not labels:
            sources.skipped.append((path, "has no label"))
            continue
        split = row.get("split", "").strip().lower()
        if split and split not in SPLIT_NAMES:
            raise ManifestError(f"{where}: unknown split '{row['split']}'. {nearest(split, SPLITS)}")
        sources.drafts.append(
            Draft(
                path=path,
                file=file,
                labels=labels,
                group=row.get("group", "").strip(),
                split=SPLIT_NAMES.get(split, ""),
                start_s=parse_seconds(row.get("start_s", ""), "start_s", where),
                duration_s=parse_seconds(row.get("duration_s", ""), "duration_s", where) or None,
                clip_id=row.get("clip_id", "").strip(),
            )
        )
    if not sources.drafts and not sources.skipped:
        raise ManifestError(f"{table}: the CSV has no rows. Add one per clip, with its path and label.")
    if ignored:
        sources.notes.append(f"Columns of {table.name} that are not used: {', '.join(ignored)}.")
    _name_excerpts(sources.drafts)
    # Groups guessed beside splits that a user has chosen could only contradict them.
    if not any(draft.group or draft.split for draft in sources.drafts):
        for draft in sources.drafts:
            draft.group = _group(draft.path, (), _tags(draft.file, group_by), group_by)
    if not any(draft.split for draft in sources.drafts):
        _same_groups(sources)
    return sources


def _files(root: Path, sources: Sources) -> list[tuple[str, Path]]:
    """Audio under the root: posix path and file. Names that no UTF-8 text can hold are left out and reported."""
    from fstmuse.audio.decode import find_audio

    found = []
    for file in find_audio(root):
        path = _relative(file, root)
        try:
            path.encode()
        except UnicodeEncodeError:
            shown = path.encode(errors="backslashreplace").decode()
            sources.skipped.append((shown, "its name is no UTF-8 text; rename it"))
        else:
            found.append((path, file))
    return found


def _relative(file: Path, root: Path) -> str:
    return (file.relative_to(root) if file.is_relative_to(root) else file).as_posix()


def _tags(file: Path, group_by: str) -> Tags:
    return read_tags(file) if group_by in ("artist", "album") else Tags()


def _group(path: str, folders: list[str] | tuple[str, ...], tags: Tags, group_by: str) -> str:
    """What must stay with the file in one split; the path without its suffix stands for the file alone."""
    if group_by == "none":
        return ""
    artist = "" if tags.artist.casefold() in NOBODY else tags.artist
    if group_by == "artist" and artist:
        return artist
    if group_by == "album" and tags.album:
        return f"{artist or 'Various'} - {tags.album}"
    return folders[0].strip() if folders else file_group(path)


def _same_groups(sources: Sources) -> None:
    """One artist spelt in several ways is one group; files that stand for themselves stay what they are."""
    named = [draft for draft in sources.drafts if draft.group and draft.group != file_group(draft.path)]
    spelling, notes = one_name(draft.group for draft in named)
    for draft in named:
        draft.group = spelling[draft.group]
    sources.notes += notes


def _name_excerpts(drafts: list[Draft]) -> None:
    """Several excerpts of one file are told apart by where they start."""
    often = Counter(draft.path for draft in drafts)
    for draft in drafts:
        if not draft.clip_id and often[draft.path] > 1:
            draft.clip_id = f"{draft.path}@{draft.start_s or 0:g}"
