"""`python -m fstmuse.datasets`: list, check, build and fetch data sets."""

from __future__ import annotations

import contextlib
import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fstmuse.command_line import make_app, run
from fstmuse.data.wording import FEW_CLIPS
from fstmuse.datasets_view import counting, listing, new_table, show, transferring, wrapped
from fstmuse.errors import ConfigError, DataError

if TYPE_CHECKING:
    from fstmuse.data.build import Built

SMALL_DATA = Path(__file__).resolve().parents[1] / "docs" / "small-data.toml"
"""Settings for few clips; they come with a checkout alone."""

MERGE_HELP = "Give a label another name, as in 'Free Folk=Folk'; may be repeated."

app = make_app(help="Lists the data sets known, checks one against its files, builds one of your music, fetches one.")

Workers = Annotated[int, typer.Option(min=0, help="How many processes decode; 0 decodes in this one.")]


@app.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Lists the data sets known by name."""
    from fstmuse.data.registry import DATASETS

    if as_json:
        fields = ("name", "title", "task", "licence", "homepage", "clip_seconds", "notes")
        rows = [
            {name: getattr(dataset, name) for name in fields} | {"bytes": sum(a.size for a in dataset.archives)}
            for dataset in DATASETS.values()
        ]
        typer.echo(json.dumps(rows, indent=2))
        return
    for dataset in DATASETS.values():
        size = sum(archive.size for archive in dataset.archives)
        way = f"{size / 2**30:.1f} GiB to fetch" if size else "to fetch by hand" if dataset.by_hand else "no download"
        typer.echo(f"{dataset.name} ({dataset.task}, {way})")
        for line in (
            f"{dataset.title[0].upper()}{dataset.title[1:]}.",
            dataset.notes,
            f"Licence: {dataset.licence}.",
            dataset.homepage,
        ):
            if line:
                typer.echo(wrapped(line))
        typer.echo()
    typer.echo("Your own music: python -m fstmuse.datasets build --folders DIR --out my.csv")


@app.command()
def check(
    data: Annotated[str, typer.Argument(help="The name of a data set from `list`, or the path of a manifest CSV.")],
    root: Annotated[Path | None, typer.Option(help="The folder that the manifest's paths are relative to.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write a CSV with a row per clip to this path.")] = None,
    workers: Workers = 2,
) -> None:
    """Compares a manifest with its files.

    Are they there, unharmed, decodable, not silent, as long as the manifest says? Exit code 1 when one is not.
    """
    from fstmuse.data.check import FAILED, KNOWN_BAD, MISSING
    from fstmuse.data.check import check as check_manifest
    from fstmuse.data.registry import resolve
    from fstmuse.data.wording import counted

    if report is not None:
        _require_folder(report, "--report")
    with counting("synthesising the demo set") if data == "demo" else contextlib.nullcontext() as progress:
        manifest, folder = resolve(data, root, progress=progress)
    with counting("checking") as progress:
        result = check_manifest(manifest, folder, workers=workers, progress=progress)
    if report is not None:
        result.write(report)

    def rows(*statuses: str) -> list[tuple[str, str]]:
        return [(clip.clip.path, clip.reason) for status in statuses for clip in result.clips if clip.status == status]

    listing("marked bad in the manifest", rows(KNOWN_BAD))
    listing("not as the manifest says", rows(FAILED, MISSING))
    counts = ", ".join(f"{count:,} {name}" for name, count in result.counts.items())
    typer.echo(f"{manifest.name} under {folder}: {counted(len(manifest), 'clip')}: {counts}.")
    if report is not None:
        typer.echo(f"Report: {report}")
    if not result.passed:
        raise typer.Exit(1)


@app.command()
def build(
    out: Annotated[Path, typer.Option(help="Write the manifest to this CSV.")],
    folders: Annotated[Path | None, typer.Option(help="Take the labels from folders: one folder per label in it.")] = (
        None
    ),
    id3: Annotated[Path | None, typer.Option(help="Take the labels from the genre tags of the audio in it.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Take the labels from a CSV with the columns path and label.")] = (
        None
    ),
    root: Annotated[Path | None, typer.Option(help="With --csv: the folder that its paths are relative to.")] = None,
    merge: Annotated[list[str] | None, typer.Option(metavar="OLD=NEW", help=MERGE_HELP)] = None,
    seed: Annotated[int, typer.Option(help="Seed of the random draw of splits.")] = 0,
    valid: Annotated[float, typer.Option(help="Fraction of the clips that training chooses by.")] = 0.1,
    test: Annotated[float, typer.Option(help="Fraction of the clips that are kept for the test.")] = 0.2,
    group_by: Annotated[
        str, typer.Option(help="Keep together in one split: artist, album, folder or none.")
    ] = "artist",
    clip_seconds: Annotated[float, typer.Option(help="Cut longer files to their middle; 0 takes them whole.")] = 30.0,
    checksums: Annotated[bool, typer.Option("--checksums", help="Store the files' SHA-256 sums.")] = False,
    drop_rare: Annotated[bool, typer.Option("--drop-rare", help="Leave out labels of too few artists.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the manifest if it exists.")] = False,
    workers: Workers = 2,
) -> None:
    """Makes a manifest of your own music.

    Labels come from --folders, from genre tags (--id3), or from a --csv.
    """
    from fstmuse.data.build import BuildOptions, build_csv, build_folders, build_tags
    from fstmuse.data.build_rare import RareLabelsError, parse_merges
    from fstmuse.data.build_splits import Fractions
    from fstmuse.data.manifest import write_manifest

    if sum(source is not None for source in (folders, id3, csv)) != 1:
        raise ConfigError("Give one of --folders DIR, --id3 DIR or --csv FILE: where the labels come from.")
    _require_folder(out, "--out")
    if out.exists() and not overwrite:
        raise DataError(f"{out} exists. Choose another --out, or add --overwrite to replace it.")
    merges = parse_merges(merge or [])
    options = BuildOptions(Fractions(valid, test), seed, group_by, clip_seconds, checksums, drop_rare, merges, workers)
    place = root or folders or id3 or csv.parent
    try:
        with counting("looking at files") as progress:
            if csv is not None:
                built = build_csv(csv, place, options, name=out.stem, progress=progress)
            elif folders is not None:
                place = _same(folders, root, "--folders")
                built = build_folders(place, options, name=out.stem, progress=progress)
            else:
                place = _same(id3, root, "--id3")
                built = build_tags(place, options, name=out.stem, progress=progress)
    except RareLabelsError as error:
        if not error.remedies:
            raise
        repeated = f"python -m fstmuse.datasets {shlex.join(sys.argv[1:])} {error.remedies[0]}"
        raise RareLabelsError(f"{error}\nFor example: {repeated}", error.remedies) from None
    write_manifest(built.manifest, out)
    _summary(built)
    at = f"--data {_quote(out)} --root {_quote(place)}"
    typer.echo(f"\nWritten: {out}. Next:\n  python -m fstmuse.train {_network(len(built.manifest.usable), at)}")


@app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="The name of a data set from `list`.")],
    root: Annotated[Path | None, typer.Option(help="Unpack in this folder instead of that of FSTMUSE_DATA.")] = None,
    url: Annotated[str | None, typer.Option(help="Fetch from this mirror; the published checksum is kept.")] = None,
    keep_archive: Annotated[bool, typer.Option("--keep-archive", help="Keep the archive once unpacked.")] = False,
) -> None:
    """Downloads a data set, checks it and unpacks it.

    Broken off, it goes on where it was.
    """
    from fstmuse.data.fetch import fetch as fetch_dataset

    with transferring() as progress:
        folder = fetch_dataset(name, root, url=url, keep_archive=keep_archive, progress=progress)
    at = f" --root {_quote(root)}" if root else ""
    typer.echo(f"{name} lies in {folder}. Next:\n  python -m fstmuse.train fstmuse-pooled --data {name}{at}")


def _require_folder(file: Path, option: str) -> None:
    """Said before anything is decoded: a mistyped folder is no reason to make one."""
    if file.is_dir():
        raise DataError(f"{option} {file} is a folder, expected the path of a CSV. Add a name, such as {file}/my.csv.")
    if not file.parent.is_dir():
        raise DataError(f"{option} {file}: there is no folder {file.parent}. Make it, or choose another {option}.")


def _network(clips: int, at: str) -> str:
    if clips >= FEW_CLIPS:
        return f"shortchunk {at}"
    if not SMALL_DATA.is_file():
        return f"toymodel-pooled {at}"
    here = Path.cwd()
    config = SMALL_DATA.relative_to(here) if SMALL_DATA.is_relative_to(here) else SMALL_DATA
    return f"toymodel-pooled {at} --config {_quote(config)}"


def _same(source: Path, root: Path | None, option: str) -> Path:
    if root is not None and root.expanduser().resolve() != source.expanduser().resolve():
        raise ConfigError(f"--root {root} differs from {option} {source}: paths start from {option}. Leave --root out.")
    return source


def _summary(built: Built) -> None:
    """Clips by label and split, then what was left out and why."""
    from fstmuse.data.build_rare import LEFT_OUT

    splits = ("train", "valid", "test")
    counts = new_table(("label", "left"), *((split, "right") for split in splits))
    for label, by_split in built.counts.items():
        counts.add_row(label, *(f"{by_split[split]:,}" for split in splits))
    whole = built.manifest.usable.clips
    counts.add_row("all clips", *(f"{sum(clip.split == split for clip in whole):,}" for split in splits))
    show(counts)
    listing("marked bad", [(clip.path, clip.reason) for clip in built.bad])
    rare = [(clip.path, clip.reason.removeprefix(LEFT_OUT)) for clip in built.left_out]
    listing("left out by --drop-rare", rare)
    listing("left out", list(built.skipped), "file")
    for note in built.notes:
        typer.echo(note)


def _quote(path: Path) -> str:
    return shlex.quote(str(path))


def main() -> None:
    """The console script."""
    run(app, "python -m fstmuse.datasets")


if __name__ == "__main__":
    main()
