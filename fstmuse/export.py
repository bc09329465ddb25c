"""Writes a trained network in another form: python -m fstmuse.export models/NAME --format onnx."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fstmuse.command_line import make_app, require_folder_of, run

app = make_app()

_ARTIFACT = "Folder of a trained network, or its name in the folder of models."
_FORMAT = "Form to write: savedmodel, keras, onnx or litert."
_OUT = (
    "Write this file, or for savedmodel this folder. Default: exports/NAME.SUFFIX in the artifact's folder; a "
    "SavedModel is part of the artifact and copied only when this is given."
)


@app.command()
def export(
    artifact: Annotated[str, typer.Argument(metavar="ARTIFACT", help=_ARTIFACT)],
    kind: Annotated[str, typer.Option("--format", metavar="FORMAT", help=_FORMAT)] = "savedmodel",
    out: Annotated[Path | None, typer.Option(metavar="PATH", help=_OUT)] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what is there.")] = False,
) -> None:
    """Write a trained network as SavedModel, Keras file, ONNX or LiteRT, and try what was written.

    Only the SavedModel holds everything: it takes waveforms of any length. What the written form takes and gives is
    told at the end.
    """
    from fstmuse.artifacts.card import SAVED_MODEL, read_card, verify
    from fstmuse.artifacts.exports import check_format, check_out, check_task, default_out, takes
    from fstmuse.artifacts.find import find_artifact

    folder = find_artifact(artifact)
    card = read_card(folder)
    if kind == "savedmodel" and out is None:
        verify(card, folder)
        print(f"{folder / SAVED_MODEL}: {takes(card)}")
        print("It is part of the artifact already; --out FOLDER copies it.")
        return
    # What may be refused is refused before TensorFlow takes its seconds to load.
    check_format(kind)
    check_task(card, kind)
    if out is None:
        out = default_out(folder, kind)
    else:
        require_folder_of(out)
    check_out(folder, kind, out, overwrite=overwrite)

    from fstmuse.quiet import load_tensorflow

    load_tensorflow()
    from fstmuse.artifacts.formats import export as write

    print(f"{out}: {write(folder, kind, out, overwrite=overwrite)}")


def main() -> None:
    """Entry point of `fstmuse-export` and of `python -m fstmuse.export`."""
    run(app, "python -m fstmuse.export")


if __name__ == "__main__":
    main()
