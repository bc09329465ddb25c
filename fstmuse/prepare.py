"""Decodes a data set into the cache before training needs it: python -m fstmuse.prepare --data X --network NAME."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fstmuse.command_line import make_app, run

app = make_app()

SHOWN = 5
"""Bad clips printed before the rest is counted."""


@app.command()
def prepare(
    data: Annotated[
        str,
        typer.Option(help="A known data set (demo, fma_small), a manifest CSV, or a folder with one folder per label."),
    ] = "demo",
    root: Annotated[Path | None, typer.Option(help="The folder that the manifest's paths are relative to.")] = None,
    network: Annotated[str, typer.Option(help="The network to prepare for: its rate and spectrogram are used.")] = (
        "toymodel-pooled"
    ),
    labels: Annotated[str | None, typer.Option(help="Take only these labels, with commas between.")] = None,
    group_by: Annotated[
        str | None,
        typer.Option(metavar="WAY", help="Of a folder, keep together in one split: artist, album, folder or none."),
    ] = None,
    drop_rare: Annotated[
        bool | None, typer.Option("--drop-rare", help="Of a folder, leave out labels of too few artists.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=0, help="How many processes decode; 0 decodes in this one.")
    ] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A setting as it will be given to train.")
    ] = None,
) -> None:
    """Decode the clips that training and validation need, once.

    `train` does the same by itself when it finds no cache. Stopped at any moment, the same command goes on
    where it was; run again, it finds everything done.
    """
    from rich.console import Console

    from fstmuse.training.config import parse_setting, resolve

    flags = {
        "data": data,
        "root": str(root) if root else None,
        "labels": [label.strip() for label in labels.split(",")] if labels else None,
        "group_by": group_by,
        "drop_rare": drop_rare,
        "workers": workers,
    }
    asked = {key: value for key, value in flags.items() if value is not None}
    for text in setting or []:
        asked |= parse_setting(text)
    config = resolve(network, asked)

    from fstmuse.data.clip import absence
    from fstmuse.data.wording import counted
    from fstmuse.lesson import prepare_cache, read_lesson
    from fstmuse.watch import ConsoleWatch

    console = Console(soft_wrap=True, highlight=False)
    watch = ConsoleWatch(console)
    lesson = read_lesson(config, watch)
    cache = prepare_cache(config, lesson, watch)
    size = sum(path.stat().st_size for path in cache.folder.iterdir())
    console.print(f"{counted(len(cache), 'clip')} in {cache.folder} ({size / 2**20:,.0f} MiB).")
    bad = [(clip.path, f"{absence(clip.file(lesson.root))}.") for clip in lesson.missing]
    # The reason of a clip that cannot be decoded begins with its whole path.
    bad += [(path, reason.removeprefix(f"{lesson.root / path}: ")) for _, path, reason in cache.bad]
    for path, reason in bad[:SHOWN]:
        console.print(f"left out: {path}: {reason}", markup=False)
    if len(bad) > SHOWN:
        console.print(f"left out: {len(bad) - SHOWN:,} more, see {cache.folder / 'bad_clips.csv'}")


def main() -> None:
    """Entry point of `fstmuse-prepare` and of `python -m fstmuse.prepare`."""
    run(app, "python -m fstmuse.prepare")


if __name__ == "__main__":
    main()
