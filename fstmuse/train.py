"""Trains a network and leaves an artifact: python -m fstmuse.train [NETWORK] [--data ...]."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fstmuse.command_line import make_app, run
from fstmuse.errors import ConfigError

if TYPE_CHECKING:
    from rich.console import Console

    from fstmuse.lesson import Lesson
    from fstmuse.run_choice import Choice
    from fstmuse.training.config import TrainConfig

app = make_app()

_DATA = (
    "A known data set (demo, fma_small), a manifest CSV, or a folder with one folder of music per label; for networks "
    "that fill gaps any folder of music."
)
_NAME = "Name of the run and of the artifact. Default: DATA-NETWORK, numbered where that is taken."
_RESUME = "Go on with an unfinished run of these settings; an error if there is none."
_FRESH = "Throw away the earlier run of these settings (or of that --name), or its --tier alone, and begin anew."
_NEXT = {
    "infill": "fstmuse.infill {artifact} {clip} --gap {start} {end}",
    "continue": "fstmuse.infill {artifact} {clip} --continue 2",
    "vocode": "fstmuse.invert {clip} --vocoder {artifact}",
    "generate": "fstmuse.generate {artifact} --count 4 --out drawn",
    "tag": "fstmuse.predict {artifact} {clip}",
}
"""What to try a network on that does not classify, by task."""
_TIER = "Of a network that draws in several tiers, train this one alone; the artifact is written once all are trained."
_SEARCH = (
    "Search settings: N short trainings on a tenth of the data, with a table and a figure. What flags and --set give "
    "is kept; --epochs is that of each. Needs fstmuse[search]."
)
_SET = "Any other setting, such as --set mixup=0.3; may be repeated. See --settings."


@app.command()
def train(
    network: Annotated[
        str, typer.Argument(metavar="NETWORK", help="A network of the catalogue; see --list.")
    ] = "toymodel-pooled",
    data: Annotated[str | None, typer.Option(metavar="NAME_OR_PATH", help=_DATA)] = None,
    root: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The folder that the manifest's paths start from.")
    ] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help=_NAME)] = None,
    labels: Annotated[
        str | None, typer.Option(metavar="A,B,...", help="Learn only these labels, with commas between.")
    ] = None,
    group_by: Annotated[
        str | None,
        typer.Option(metavar="WAY", help="Of a folder, keep together in one split: artist, album, folder or none."),
    ] = None,
    drop_rare: Annotated[
        bool | None, typer.Option("--drop-rare", help="Of a folder, leave out labels of too few artists.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(metavar="N", help="Passes over the training clips.")] = None,
    batch_size: Annotated[int | None, typer.Option(metavar="N", help="Windows in a training step.")] = None,
    learning_rate: Annotated[float | None, typer.Option(metavar="X", help="Peak of the learning rate.")] = None,
    patience: Annotated[
        int | None, typer.Option(metavar="N", help="Stop after N epochs without a better validation loss; 0: never.")
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Random seed; the same one repeats a run.")] = None,
    workers: Annotated[int | None, typer.Option(metavar="N", help="Processes that read clips.")] = None,
    tier: Annotated[int | None, typer.Option(metavar="N", help=_TIER)] = None,
    mixed_precision: Annotated[bool | None, typer.Option(help="Compute in half precision, or not.")] = None,
    distribute: Annotated[
        str | None, typer.Option(metavar="WAY", help="none, or mirrored: over all devices of this machine.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(metavar="TOML", help="File of settings that win over the network's preset.")
    ] = None,
    setting: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help=_SET)] = None,
    search: Annotated[int | None, typer.Option(min=2, max=10_000, metavar="N", help=_SEARCH)] = None,
    resume: Annotated[bool, typer.Option("--resume", help=_RESUME)] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help=_FRESH)] = False,
    list_networks: Annotated[bool, typer.Option("--list", help="Print every network and stop.")] = False,
    settings: Annotated[bool, typer.Option("--settings", help="Print every setting, what it does, and stop.")] = False,
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
    if json:
        raise ConfigError("Received --json without --list; expected both: the list of networks is what can be JSON.")
    flags = {
        "data": data,
        "root": str(root) if root else None,
        "labels": [label.strip() for label in labels.split(",")] if labels else None,
        "group_by": group_by,
        "drop_rare": drop_rare,
        "epochs": epochs,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "patience": patience,
        "seed": seed,
        "workers": workers,
        "tier": tier,
        "mixed_precision": mixed_precision,
        "distribute": distribute,
    }
    asked = _asked(flags, setting or [])
    from fstmuse.training.config import resolve

    resolved = resolve(network, asked, config)
    if settings:
        from fstmuse.catalogue_view import print_settings

        print_settings(resolved)
        return
    if search is not None:
        _search(resolved, frozenset(asked), search, name, resume, fresh)
        return
    _train(resolved, name, resume, fresh)


def _asked(flags: dict[str, Any], settings: list[str]) -> dict[str, Any]:
    """What the command line sets."""
    from fstmuse.training.config import parse_setting

    asked = {key: value for key, value in flags.items() if value is not None}
    for text in settings:
        asked |= parse_setting(text)
    return asked


def _search(
    config: TrainConfig, fixed: frozenset[str], trials: int, name: str | None, resume: bool, fresh: bool
) -> None:
    from rich.console import Console

    from fstmuse.searching import search

    console = Console(soft_wrap=True, highlight=False)
    search(config, fixed, trials, name, resume=resume, fresh=fresh, console=console, python=_python())


def _train(config: TrainConfig, name: str | None, resume: bool, fresh: bool) -> None:
    from rich.console import Console

    # Whatever is wrong with data or names is told before the seconds that TensorFlow takes to load.
    from fstmuse.lesson import read_lesson
    from fstmuse.run_choice import choose
    from fstmuse.watch import ConsoleWatch

    console = Console(soft_wrap=True, highlight=False)
    watch = ConsoleWatch(console)
    lesson = read_lesson(config, watch)
    choice = choose(config, lesson, name, resume=resume, fresh=fresh)
    if choice.metrics is not None:
        console.print("Nothing to do: a run of the same settings on the same data is finished. --fresh trains anew.")
    else:
        from fstmuse.quiet import load_tensorflow

        load_tensorflow()
        from fstmuse import workflow

        try:
            choice = workflow.train(config, lesson, choice, watch)
        except KeyboardInterrupt:
            console.print("Stopped. The same command (without --fresh) goes on after the last whole epoch.")
            raise
    _tell(config, choice, lesson, console)


def _tell(config: TrainConfig, choice: Choice, lesson: Lesson, console: Console) -> None:
    from fstmuse.networks.catalogue import find

    if choice.metrics is None:
        return  # tiers of the network are still to be trained
    console.print(f"Artifact: {choice.artifact}")
    if find(config.network).task != "classify":
        if choice.metrics:
            from fstmuse.artifacts.worth import figures

            console.print(f"Test: {figures(choice.metrics)}.")
        console.print(f"Next: {_python()} -m {_next(find(config.network).task, choice, lesson)}")
        return
    if choice.metrics:
        told = choice.metrics
        low, high = told["accuracy_interval"]
        console.print(
            f"Test accuracy: {told['accuracy']:.3f} (n = {told['n']} clips, 95 % interval {low:.3f} to {high:.3f}); "
            f"balanced accuracy {told['balanced_accuracy']:.3f}. "
            f"Always answering the commonest label would reach {told['majority']:.3f}."
        )
    sound, artifact = shlex.quote(str(lesson.root)), shlex.quote(str(choice.artifact))
    console.print(f"Next: {_python()} -m fstmuse.predict {artifact} {sound}")


def _next(task: str, choice: Choice, lesson: Lesson) -> str:
    """`_NEXT` on a clip that the network has not learnt from."""
    held_out = (*lesson.manifest.split("test").clips, *lesson.manifest.split("valid").clips)
    clip, artifact = shlex.quote(str(held_out[0].file(lesson.root))), shlex.quote(str(choice.artifact))
    seconds = held_out[0].duration_s
    start_s = held_out[0].start_s + (1.0 if seconds is None else min(1.0, seconds / 2))
    return _NEXT[task].format(artifact=artifact, clip=clip, start=f"{start_s:g}", end=f"{start_s + 0.2:g}")


def _python() -> str:
    """This interpreter, as short as it can be typed from here."""
    here = Path(sys.executable)
    return str(here.relative_to(Path.cwd())) if here.is_relative_to(Path.cwd()) else "python"


def main() -> None:
    """Entry point of `fstmuse-train` and of `python -m fstmuse.train`."""
    run(app, "python -m fstmuse.train")


if __name__ == "__main__":
    main()
