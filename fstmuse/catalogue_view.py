"""The catalogue for people (a table) and for programs (JSON)."""

from __future__ import annotations

import json

from rich.console import Console
from rich.table import Table

from fstmuse.networks.catalogue import CATALOGUE, Entry


def print_catalogue(as_json: bool) -> None:
    """Prints every network of the catalogue to standard output."""
    if as_json:
        print(json.dumps([entry.as_dict() for entry in CATALOGUE.values()], indent=2))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("name", "task", "input", "parameters", "outputs", "source"):
        table.add_column(heading, justify="right" if heading in ("parameters", "outputs") else "left", overflow="fold")
    for entry in CATALOGUE.values():
        table.add_row(
            entry.name, entry.task, _input(entry), f"{entry.parameters:,}", str(entry.counted_outputs), entry.source
        )
    Console().print(table)


def _input(entry: Entry) -> str:
    frames, mels = entry.input_shape
    scale = "log-mel" if entry.mel.log == "db" else "mel"
    return f"{entry.audio.seconds:.3g} s at {entry.audio.sample_rate:,} Hz as {scale} ({frames:,}, {mels})"
