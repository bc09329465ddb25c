"""`python -m fstmuse.datasets`: list, check, build and fetch data sets."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fstmuse.command_line import make_app, run
from fstmuse.errors import ConfigError, DataError

if TYPE_CHECKING:
    from rich.table import Table

    from fstmuse.data.build import Built

SHOWN = 10
"""Bad or skipped files printed before the rest is counted."""

app = make_app(help="Data sets: list those known, check one against its files, build one of your own music, fetch one.")

Workers = Annotated[int, typer.Option(min=0, help="Processes that decode; 0 works in this one.")]


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """The data sets known by name."""
    from fstmuse.data.registry import DATASETS

    if as_json:
        fields = ("name", "title", "task", "licence", "homepage", "clip_seconds", "notes")
        rows = [
            {name: getattr(dataset, name) for name in fields} | {"bytes": sum(a.size for a in dataset.archives)}
            for dataset in DATASETS.values()
        ]
        typer.echo(json.dumps(rows, indent=2))
        return
    table = _table(
        ("name", "left"), ("what it is", "left"), ("task", "left"), ("download", "right"), ("licence", "left")
    )
    for dataset in DATASETS.values():
        size = sum(archive.size for archive in dataset.archives)
        table.add_row(
            dataset.name,
            f"{dataset.title}. {dataset.notes} {dataset.homepage}".strip(),
            dataset.task,
            f"{size / 2**30:.1f} GiB" if size else "none",
            dataset.licence,
        )
    _print(table)
    typer.echo("\nYour own music: python -m fstmuse.datasets build --folders DIR --out my.csv")


@app.command()
def check(
    data: Annotated[str, typer.Argument(help="A name from `list`, or the path of a manifest CSV.")],
    root: Annotated[Path | None, typer.Option(help="Folder the manifest's paths are relative to.")] = None,
    report: Annotated[Path | None, typer.Option(help="CSV to write a row per clip into.")] = None,
    workers: Workers = 2,
) -> None:
    """Are the files there, unharmed, decodable, as long as the manifest says? Exit code 1 when one is not."""
    from fstmuse.data.check import FAILED, MISSING
    from fstmuse.data.check import check as check_manifest
    from fstmuse.data.registry import resolve

    with _counting("synthesising the demo set") if data == "demo" else contextlib.nullcontext() as progress:
        manifest, folder = resolve(data, root, progress=progress)
    with _counting("checking") as progress:
        result = check_manifest(manifest, folder, workers=workers, progress=progress)
    if report is not None:
        result.write(report)
    wrong = [clip for status in (FAILED, MISSING) for clip in result.clips if clip.status == status]
    _listing(f"{len(wrong):,} clips are not as the manifest says", [(clip.clip.path, clip.reason) for clip in wrong])
    counts = ", ".join(f"{count:,} {name}" for name, count in result.counts.items())
    typer.echo(f"{manifest.name} under {folder}: {len(manifest):,} clips: {counts}.")
    if report is not None:
        typer.echo(f"Report: {report}")
    if not result.passed:
        raise typer.Exit(1)


@app.command()
def build(
    out: Annotated[Path, typer.Option(help="The manifest to write.")],
    folders: Annotated[Path | None, typer.Option(help="Folder with one folder of audio per label.")] = None,
    id3: Annotated[Path | None, typer.Option(help="Folder of audio whose genre tags are the labels.")] = None,
    csv: Annotated[Path | None, typer.Option(help="CSV with the columns path and label; more in the README.")] = None,
    root: Annotated[Path | None, typer.Option(help="With --csv: folder its paths are relative to.")] = None,
    seed: Annotated[int, typer.Option(help="Of the draw of splits.")] = 0,
    valid: Annotated[float, typer.Option(help="Fraction for validation.")] = 0.1,
    test: Annotated[float, typer.Option(help="Fraction for the test.")] = 0.2,
    group_by: Annotated[str, typer.Option(help="What stays in one split: artist, album, folder or none.")] = "artist",
    clip_seconds: Annotated[float, typer.Option(help="Cut longer files to their middle; 0: whole files.")] = 30.0,
    checksums: Annotated[bool, typer.Option("--checksums", help="Store SHA-256 sums.")] = False,
    drop_rare: Annotated[bool, typer.Option("--drop-rare", help="Leave out labels of too few groups.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the manifest if it exists.")] = False,
    workers: Workers = 2,
) -> None:
    """Makes a manifest of your own music: labels from --folders, from genre tags (--id3), or from a --csv."""
    from fstmuse.data.build import BuildOptions, build_csv, build_folders, build_tags
    from fstmuse.data.build_splits import Fractions
    from fstmuse.data.manifest import write_manifest

    if sum(source is not None for source in (folders, id3, csv)) != 1:
        raise ConfigError("Give one of --folders DIR, --id3 DIR or --csv FILE: where the labels come from.")
    if out.exists() and not overwrite:
        raise DataError(f"{out} exists. Choose another --out, or add --overwrite to replace it.")
    options = BuildOptions(Fractions(valid, test), seed, group_by, clip_seconds, checksums, drop_rare, workers)
    place = root or folders or id3 or csv.parent
    with _counting("looking at files") as progress:
        if csv is not None:
            built = build_csv(csv, place, options, name=out.stem, progress=progress)
        elif folders is not None:
            place = _same(folders, root, "--folders")
            built = build_folders(place, options, name=out.stem, progress=progress)
        else:
            place = _same(id3, root, "--id3")
            built = build_tags(place, options, name=out.stem, progress=progress)
    write_manifest(built.manifest, out)
    _summary(built)
    typer.echo(
        f"\nWritten: {out}. Next:\n  python -m fstmuse.train shortchunk --data {_quote(out)} --root {_quote(place)}"
    )


@app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="A name from `list`.")],
    root: Annotated[Path | None, typer.Option(help="Folder to unpack in; without it, that of FSTMUSE_DATA.")] = None,
    url: Annotated[str | None, typer.Option(help="A mirror; the checksum stays the published one.")] = None,
    keep_archive: Annotated[bool, typer.Option("--keep-archive", help="Do not delete the unpacked archive.")] = False,
) -> None:
    """Downloads a data set, checks it and unpacks it. Broken off, it goes on where it was."""
    from fstmuse.data.fetch import fetch as fetch_dataset

    with _transferring() as progress:
        folder = fetch_dataset(name, root, url=url, keep_archive=keep_archive, progress=progress)
    at = f" --root {_quote(root)}" if root else ""
    typer.echo(f"{name} lies in {folder}. Next:\n  python -m fstmuse.train fstmuse --data {name}{at}")


def _same(source: Path, root: Path | None, option: str) -> Path:
    if root is not None and root.expanduser().resolve() != source.expanduser().resolve():
        raise ConfigError(f"--root {root} differs from {option} {source}: paths start from {option}. Leave --root out.")
    return source


def _summary(built: Built) -> None:
    """Clips by label and split, then what was left out and why."""
    splits = ("train", "valid", "test")
    table = _table(("label", "left"), *((split, "right") for split in splits))
    for label, counts in built.counts.items():
        table.add_row(label, *(f"{counts[split]:,}" for split in splits))
    whole = built.manifest.usable.clips
    table.add_row("all clips", *(f"{sum(clip.split == split for clip in whole):,}" for split in splits))
    _print(table)
    _listing(f"{len(built.bad):,} clips were marked bad", [(clip.path, clip.reason) for clip in built.bad])
    _listing(f"{len(built.skipped):,} files were left out", list(built.skipped))
    for note in built.notes:
        typer.echo(note)


def _listing(title: str, rows: list[tuple[str, str]]) -> None:
    if not rows:
        return
    typer.echo(f"{title}:")
    for path, reason in rows[:SHOWN]:
        typer.echo(f"  {path}: {reason}")
    if len(rows) > SHOWN:
        typer.echo(f"  and {len(rows) - SHOWN:,} more")


@contextlib.contextmanager
def _counting(title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar that counts files, gone when they are done; silent where stderr is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    with bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextlib.contextmanager
def _transferring() -> Iterator[Callable[[str, int, int], None]]:
    """A bar that counts bytes, one for each step of a fetch; silent where stderr is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(binary_units=True), TimeRemainingColumn())
    console = Console(stderr=True)
    bar = Progress(*columns, console=console, disable=not console.is_terminal)
    tasks: dict[str, Any] = {}

    def update(step: str, done: int, total: int) -> None:
        if step not in tasks:
            tasks[step] = bar.add_task(step, total=total or None)
        bar.update(tasks[step], completed=done, total=total or None)

    with bar:
        yield update


def _table(*columns: tuple[str, Any]) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading, side in columns:
        table.add_column(heading, justify=side, overflow="fold")
    return table


def _print(table: Table) -> None:
    from rich.console import Console

    Console(highlight=False).print(table)


def _quote(path: Path) -> str:
    import shlex

    return shlex.quote(str(path))


def main() -> None:
    """The console script."""
    run(app, "python -m fstmuse.datasets")


if __name__ == "__main__":
    main()
