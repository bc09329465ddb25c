"""Trains a network and leaves an artifact: python -m fstmuse.train [NETWORK] [--data ...]."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from fstmuse.command_line import make_app, run

app = make_app()

_NAME = "Of run and artifact. Default: DATA-NETWORK, numbered where other settings have that name."
_DISTRIBUTE = "none, or mirrored: over all devices of this machine."


@app.command()
def train(
    network: Annotated[str, typer.Argument(help="Network of the catalogue; see --list.")] = "toymodel-pooled",
    data: Annotated[str | None, typer.Option(help="A known data set (demo, fma_small) or a manifest CSV.")] = None,
    root: Annotated[Path | None, typer.Option(help="Folder that the manifest's paths start from.")] = None,
    name: Annotated[str | None, typer.Option(help=_NAME)] = None,
    labels: Annotated[str | None, typer.Option(help="Only these labels, with commas between.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the training clips.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Windows in a step.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Its peak.")] = None,
    patience: Annotated[int | None, typer.Option(help="Stop after so many epochs without progress; 0: never.")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same history.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that read clips.")] = None,
    mixed_precision: Annotated[bool | None, typer.Option(help="Compute in half precision.")] = None,
    distribute: Annotated[str | None, typer.Option(help=_DISTRIBUTE)] = None,
    config: Annotated[Path | None, typer.Option(help="TOML of settings that win over the preset.")] = None,
    setting: Annotated[list[str] | None, typer.Option("--set", help="Any other setting, as KEY=VALUE.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with an unfinished run; an error if there is none.")
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Throw an earlier run of this name away.")] = False,
    list_networks: Annotated[bool, typer.Option("--list", help="Print every network and stop.")] = False,
    json: Annotated[bool, typer.Option("--json", help="With --list: print JSON.")] = False,
) -> None:
    """Train a network, export it and measure it on held-out clips.

    Without arguments: the network toymodel-pooled on the demo set, which is synthesised on first use.
    A finished run is reused, an unfinished one of the same settings goes on where it stood.
    """
    if list_networks:
        from fstmuse.catalogue_view import print_catalogue

        print_catalogue(json)
        return
    flags = {
        "data": data,
        "root": str(root) if root else None,
        "labels": [label.strip() for label in labels.split(",")] if labels else None,
        "epochs": epochs,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "patience": patience,
        "seed": seed,
        "workers": workers,
        "mixed_precision": mixed_precision,
        "distribute": distribute,
    }
    _train(network, flags, setting or [], config, name, resume, fresh)


def _train(
    network: str, flags: dict, settings: list[str], file: Path | None, name: str | None, resume: bool, fresh: bool
) -> None:
    from rich.console import Console

    from fstmuse.training.config import parse_setting, resolve

    asked = {key: value for key, value in flags.items() if value is not None}
    for text in settings:
        asked |= parse_setting(text)
    config = resolve(network, asked, file)
    console = Console(soft_wrap=True, highlight=False)

    # Whatever is wrong with the data is told before the seconds that TensorFlow takes to load.
    from fstmuse.lesson import read_lesson

    lesson = read_lesson(config, console)
    from fstmuse.quiet import load_tensorflow

    load_tensorflow()
    from fstmuse import workflow

    try:
        outcome = workflow.train(config, lesson, name, console, resume=resume, fresh=fresh)
    except KeyboardInterrupt:
        console.print("Stopped. The same command goes on after the last whole epoch; its state is kept.")
        raise
    _tell(outcome, config, console)


def _tell(outcome, config, console) -> None:
    if outcome.reused:
        console.print("Nothing to do: a run of the same settings on the same data is finished. --fresh trains anew.")
    console.print(f"Artifact: {outcome.artifact}")
    if outcome.metrics:
        low, high = outcome.metrics["accuracy_interval"]
        console.print(
            f"Test accuracy: {outcome.metrics['accuracy']:.3f} (n = {outcome.metrics['n']} clips, "
            f"95 % interval {low:.3f} to {high:.3f})"
        )
    sound = config.root or "YOUR_MUSIC_FOLDER"
    if config.data == "demo":
        from fstmuse.places import data_dir

        sound = config.root or str(data_dir() / "demo")
    console.print(
        f"Next: {_python()} -m fstmuse.predict {shlex.quote(str(outcome.artifact))} {shlex.quote(str(sound))}"
    )


def _python() -> str:
    """This interpreter, as short as it can be typed from here."""
    here = Path(sys.executable)
    return str(here.relative_to(Path.cwd())) if here.is_relative_to(Path.cwd()) else "python"


def main() -> None:
    """Entry point of `fstmuse-train` and of `python -m fstmuse.train`."""
    run(app, "python -m fstmuse.train")


if __name__ == "__main__":
    main()
