"""`python -m fstmuse.models`: list the trained networks, show one's card, delete one."""

from __future__ import annotations

import dataclasses
import json
import shutil
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fstmuse.command_line import make_app, run
from fstmuse.datasets_view import listing, new_table, show
from fstmuse.errors import ArtifactError, ConfigError

if TYPE_CHECKING:
    from fstmuse.artifacts.shelf import Model

app = make_app(help="Lists the trained networks in the folder of models, shows one's card, deletes one.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="A network from `list`, or the path of its folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Lists the trained networks.

    FSTMUSE_MODELS says in which folder; without it, in the folder models here.
    """
    from fstmuse.artifacts.shelf import scan, size_text
    from fstmuse.data.wording import counted
    from fstmuse.places import models_dir

    folder = models_dir()
    models = scan(folder)
    if as_json:
        typer.echo(json.dumps([_summary(model) for model in models], indent=2, ensure_ascii=False))
        return
    whole = [model for model in models if model.card]
    if whole:
        table = new_table(("name", "left"), ("task", "left"), ("labels", "right"), ("test", "left"), ("size", "right"))
        for model in whole:
            score = str(model.score or "not evaluated")
            table.add_row(
                model.name, model.card.task, str(len(model.card.labels) or "-"), score, size_text(model.size_bytes)
            )
        show(table)
    listing("cannot be used", [(model.name, model.reason) for model in models if model.reason], "artifact")
    if models:
        typer.echo(f"{counted(len(models), 'artifact')} in {folder}. More of one: python -m fstmuse.models show NAME")
    else:
        typer.echo(f"No trained networks in {folder}. Train one: python -m fstmuse.train toymodel-pooled --data demo")


@app.command("show")
def show_(name: Name, as_json: AsJson = False) -> None:
    """Shows what is known of a network.

    Its files are compared with its card. Exit code 1 when it cannot be used.
    """
    from fstmuse.artifacts.shelf import describe

    model = _checked(_found(name))
    if as_json:
        card = dataclasses.asdict(model.card) if model.card else None
        typer.echo(json.dumps(_summary(model) | {"card": card}, indent=2, ensure_ascii=False))
    else:
        _print(describe(model))
    if model.reason:
        raise typer.Exit(1)


@app.command("delete")
def delete_(
    name: Name, yes: Annotated[bool, typer.Option("--yes", "-y", help="Delete without asking.")] = False
) -> None:
    """Deletes a network from the disk, for good."""
    from fstmuse.artifacts.shelf import delete, size_text

    model = _found(name)
    size = size_text(model.size_bytes)
    if not yes:
        if not sys.stdin.isatty():
            raise ConfigError(f"{model.path} ({size}) would be gone for good, and nobody can be asked. Add --yes.")
        typer.confirm(f"Delete {model.path} ({size}) for good?", abort=True)
    delete(model)
    typer.echo(f"Deleted: {model.path} ({size}).")


def _found(name: str) -> Model:
    from fstmuse.artifacts.card import CARD
    from fstmuse.artifacts.find import find_artifact
    from fstmuse.artifacts.shelf import look

    folder = find_artifact(name)
    model = look(folder)
    if not (folder / CARD).is_file():
        raise ArtifactError(model.reason)
    return model


def _checked(model: Model) -> Model:
    """With the reason, if the artifact's files are not those of its card."""
    from fstmuse.artifacts.card import verify

    if model.card is not None:
        try:
            verify(model.card, Path(model.path))
        except ArtifactError as error:
            return dataclasses.replace(model, reason=str(error))
    return model


def _summary(model: Model) -> dict[str, Any]:
    card = model.card
    return {
        "name": model.name,
        "path": model.path,
        "task": card.task if card else None,
        "labels": list(card.labels) if card else None,
        "score": dataclasses.asdict(model.score) if model.score else None,
        "bytes": model.size_bytes,
        "reason": model.reason,
    }


def _print(rows: list[tuple[str, str]]) -> None:
    """In two columns; what is long goes on in the second."""
    left = max(len(what) for what, _ in rows) + 2
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 10_000
    for what, text in rows:
        lines = textwrap.wrap(text, max(20, width - left), break_long_words=False, break_on_hyphens=False)
        typer.echo(f"{what:<{left}}" + ("\n" + " " * left).join(lines))


def main() -> None:
    """Entry point of `fstmuse-models` and of `python -m fstmuse.models`."""
    run(app, "python -m fstmuse.models")


if __name__ == "__main__":
    main()
