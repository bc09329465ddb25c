"""The data sets FstMuse knows by name, and how a name, a CSV or a folder becomes a manifest with its root folder."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fstmuse.data.manifest import Manifest, read_manifest
from fstmuse.errors import DataError, nearest
from fstmuse.places import data_dir

INSTALLED_MANIFESTS = "fstmuse_data_manifests"
"""The package that the folder data_manifests becomes in a wheel."""


@dataclass(frozen=True)
class Archive:
    """A file that a data set is fetched as.

    Args:
        url: where it is published.
        checksum: "sha1:..." or "sha256:..." as published.
        size: bytes of the file, for the check of disk space; the server's own figure goes before it.
        folder: the folder that the archive holds its files in; empty: they lie at its top.
    """

    url: str
    checksum: str
    size: int
    folder: str = ""

    @property
    def file_name(self) -> str:
        """The last part of the address."""
        return self.url.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class DataSet:
    """A data set known by name.

    Args:
        name: what it is called on the command line.
        title: in a few words.
        manifest: CSV in data_manifests; empty: the package makes the set itself.
        task: what is learnt from it (classify, tag; infill: its clips need no labels).
        licence: of its audio.
        weights_licence: that networks bear that learnt from it; empty: nobody has said so.
        homepage: where it is described.
        archives: the files it is fetched as; none, and yet a manifest: a person fetches it.
        clip_seconds: length of its clips in seconds.
        notes: what a user should know before using it.
    """

    name: str
    title: str
    manifest: str
    task: str
    licence: str
    homepage: str
    archives: tuple[Archive, ...]
    clip_seconds: float
    notes: str
    weights_licence: str = ""

    @property
    def by_hand(self) -> bool:
        """Whether it has to be got from its homepage by a person."""
        return bool(self.manifest) and not self.archives

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders below --root that its files may lie in: those of its archives, else the one of its name."""
        return tuple(archive.folder for archive in self.archives if archive.folder) or (self.name,)


_PIANO_WEIGHTS = "CC BY-NC-SA, for research only, as the piano's recordings"

DATASETS: dict[str, DataSet] = {
    dataset.name: dataset
    for dataset in (
        DataSet(
            name="demo",
            title="music synthesised by FstMuse: Folk, Hip-Hop, Rock",
            manifest="",
            task="classify",
            licence="Apache-2.0 (made by this package)",
            homepage="",
            archives=(),
            clip_seconds=12.0,
            notes="Made on first use in some seconds, the same each time. No real music: for trying things out.",
            weights_licence="Apache-2.0",
        ),
        DataSet(
            name="fma_small",
            title="Free Music Archive, small: 8 genres, 8,000 excerpts",
            manifest="fma_small.csv",
            task="classify",
            licence="Creative Commons, by track; see the archive's own files",
            homepage="https://github.com/mdeff/fma",
            archives=(
                Archive(
                    url="https://os.unil.cloud.switch.ch/fma/fma_small.zip",
                    checksum="sha1:ade154f733639d52e35e32f5593efe5be76c6d70",
                    size=7_679_594_875,
                    folder="fma_small",
                ),
            ),
            clip_seconds=30.0,
            notes="Official artist-filtered split 6,400/800/800; six clips are broken and marked so.",
        ),
        DataSet(
            name="piano_disklavier",
            title="a real piano: MAPS, Disklavier recordings ENSTDkAm, 23 pieces in 355 clips of 10 s",
            manifest="piano_disklavier.csv",
            task="infill",
            licence="CC BY-NC-SA, for research only",
            homepage="https://adasp.telecom-paris.fr/resources/2010-07-08-maps-database/",
            archives=(),
            clip_seconds=10.0,
            notes="To be fetched by hand and kept as mono FLAC of 16 kHz: see data_manifests/README.md. "
            "Clips bear no labels; five pieces are held out for the test, three for validation.",
            weights_licence=_PIANO_WEIGHTS,
        ),
        DataSet(
            name="gap_training",
            title="what gapnet-piano learnt from: piano_disklavier and 147 clips of fma_small",
            manifest="gap_training.csv",
            task="infill",
            licence="piano: CC BY-NC-SA, for research only; fma_small: Creative Commons, by track",
            homepage="https://adasp.telecom-paris.fr/resources/2010-07-08-maps-database/",
            archives=(),
            clip_seconds=10.0,
            notes="--root is a folder with piano_disklavier and fma_small in it, both as their own entries say.",
            weights_licence=_PIANO_WEIGHTS,
        ),
    )
}


def get_dataset(name: str) -> DataSet:
    """The data set of that name.

    Raises:
        DataError: there is none; names the nearest.
    """
    if name not in DATASETS:
        raise DataError(
            f"Unknown data set '{name}'. {nearest(name, DATASETS)} A manifest is given as the path of its CSV."
        )
    return DATASETS[name]


def shipped_manifest(dataset: DataSet) -> Manifest:
    """The manifest that comes with FstMuse.

    Raises:
        DataError: the data set has none, or the installation lacks it.
    """
    if not dataset.manifest:
        raise DataError(
            f"Data set '{dataset.name}' has no manifest before it is made. Use resolve('{dataset.name}', root)."
        )
    # The checkout's own folder goes first, so that an older installed copy never shadows an edited one.
    folders = [Path(__file__).resolve().parents[2] / "data_manifests"]
    installed = importlib.util.find_spec(INSTALLED_MANIFESTS)
    if installed is not None:
        folders += map(Path, installed.submodule_search_locations or ())
    for folder in folders:
        if (folder / dataset.manifest).is_file():
            return read_manifest(folder / dataset.manifest, dataset.name)
    raise DataError(
        f"{dataset.manifest} was not found in {' or '.join(map(str, folders))}. "
        "Install FstMuse again, or run it from its checkout."
    )


def resolve(
    data: str,
    root: Path | str | None = None,
    *,
    only_present: bool = False,
    group_by: str = "artist",
    drop_rare: bool = False,
    labelled: bool = True,
    progress: Callable[[int, int], None] | None = None,
    say: Callable[[str], None] | None = None,
) -> tuple[Manifest, Path]:
    """The manifest and the root folder of what a user calls `data`.

    Args:
        data: a known name, the path of a manifest CSV, or a folder with one folder per label. The demo set and a
            folder's manifest are made when they are missing.
        root: the folder that the manifest's paths start from, or the one that an archive was unpacked in.
            None: the CSV's own folder, the folder itself, or for known names the folder of data sets (FSTMUSE_DATA).
        only_present: leave out the clips whose files are missing. Without it they stay in the manifest;
            `Manifest.present` tells which they are.
        group_by: what of a folder is kept together in one split, as `BuildOptions` has it.
        drop_rare: leave out labels of a folder that have too few groups.
        labelled: what is in a folder lies in one folder per label; otherwise it is music without labels.
        progress: called with clips done and clips in all while the demo set is synthesised or a folder looked at.
        say: called with sentences about a folder: what was left out of its manifest.

    Returns:
        The manifest and the folder that its paths are relative to.

    Raises:
        DataError: `data` is unknown, or no file of the manifest lies under the root.
        ManifestError: the manifest breaks a rule (see `validate`), or the folder's labels cannot be split.
    """
    data = os.fspath(data)
    if data == "demo":
        # Imported here: the synthesiser brings numpy, which `datasets --help` does without.
        from fstmuse.data.demo import ensure_demo

        folder = Path(root).expanduser() if root is not None else data_dir() / "demo"
        return ensure_demo(folder, progress=progress), folder
    if data in DATASETS:
        dataset = DATASETS[data]
        manifest = shipped_manifest(dataset)
        base = Path(root).expanduser() if root is not None else data_dir()
        inner = dataset.folders
        hint = f"`python -m fstmuse.datasets fetch {data} --root {base}` fetches it."
        if dataset.by_hand:
            hint = f"It is fetched by hand: see {dataset.homepage}"
    else:
        path = Path(data).expanduser()
        if path.is_dir():
            _require_folder_itself(path, root)
            # Imported here: only this kind of data set needs the builder.
            from fstmuse.data.folder import folder_manifest

            options = {"group_by": group_by, "drop_rare": drop_rare, "labelled": labelled}
            made = folder_manifest(path, **options, progress=progress, say=say)
            return (made.present(path)[0] if only_present else made), path
        if not _is_path(path):
            get_dataset(data)
        manifest = read_manifest(path)
        base = Path(root).expanduser() if root is not None else path.parent
        inner = (manifest.name,)
        hint = "Paths in a manifest are relative to --root."
    found = find_root(manifest, base, inner, hint)
    return (manifest.present(found)[0] if only_present else manifest), found


def _require_folder_itself(folder: Path, root: Path | str | None) -> None:
    if root is not None and Path(root).expanduser().resolve() != folder.resolve():
        raise DataError(f"--root {root} differs from the folder {folder}: its paths start there. Leave --root out.")


def find_root(manifest: Manifest, base: Path, inner: tuple[str, ...], hint: str) -> Path:
    """The folder that the manifest's paths start from: `base`, or one of the folders `inner` in it.

    Raises:
        DataError: `base` is no folder, or no file of the manifest lies under any of them.
    """
    if not base.is_dir():
        raise DataError(f"No folder at {base}. Give --root the folder that holds the audio of {manifest.name}. {hint}")
    candidates = [base, *(base / name for name in inner)]
    for folder in candidates:
        if any(clip.file(folder).is_file() for clip in manifest.clips):
            return folder
    looked = " and ".join(str(manifest.clips[0].file(folder)) for folder in candidates)
    others = f" (and {len(manifest) - 1:,} other clips)" if len(manifest) > 1 else ""
    raise DataError(
        f"No file of '{manifest.name}' lies under {base}: looked for {looked}{others}. Correct --root. {hint}"
    )


def _is_path(path: Path) -> bool:
    return path.suffix.lower() == ".csv" or len(path.parts) > 1 or path.is_file()
