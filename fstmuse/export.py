"""Writes a trained network in another form: python -m fstmuse.export models/NAME --format onnx."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fstmuse.command_line import make_app, run

app = make_app()


@app.command()
def export(
    artifact: Annotated[Path, typer.Argument(help="Folder of a trained artifact, such as models/NAME.")],
    kind: Annotated[str, typer.Option("--format", help="savedmodel, keras, onnx or litert.")] = "savedmodel",
    out: Annotated[
        Path | None, typer.Option(help="What to write. Default: NAME with the format's ending, here.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what is there.")] = False,
) -> None:
    """Write a trained network as SavedModel, Keras file, ONNX or LiteRT, and try what was written.

    Only the SavedModel holds everything: it takes waveforms of any length. The others are told what they take.
    """
    from fstmuse.errors import ExportError, nearest
    from fstmuse.quiet import load_tensorflow

    known = ("savedmodel", "keras", "onnx", "litert")
    if kind not in known:
        raise ExportError(f"Unknown format '{kind}'. {nearest(kind, known)}")
    load_tensorflow()
    from fstmuse.artifacts.formats import SUFFIXES
    from fstmuse.artifacts.formats import export as write

    if out is None:
        out = Path(f"{artifact.resolve().name}{SUFFIXES[kind] or '-saved_model'}")
    told = write(artifact, kind, out, overwrite=overwrite)
    print(f"{out}: {told}")


def main() -> None:
    """Entry point of `fstmuse-export` and of `python -m fstmuse.export`."""
    run(app, "python -m fstmuse.export")


if __name__ == "__main__":
    main()
