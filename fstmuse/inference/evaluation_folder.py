"""What all evaluations share: the folder that they are written to, and what stands at the head of their figures."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from fstmuse.artifacts.card import NETWORK, Card
from fstmuse.data.clip import Clip
from fstmuse.data.csv_rows import write_rows
from fstmuse.data.manifest import Manifest
from fstmuse.errors import DataError, ManifestError
from fstmuse.tasks.gap_metrics import GapErrors, intervals

METRICS, CLIPS, SKIPPED = "metrics.json", "clips.csv", "skipped.csv"


class Measured(Protocol):
    """An evaluation of a network that gives no labels; attributes as in `fstmuse.inference.infill_evaluation`."""

    card: Card
    data: str
    manifest_hash: str
    split: str
    clips: tuple[str, ...]
    skipped: tuple[tuple[str, str, str], ...]

    @property
    def protocol(self) -> str:
        """How the figures came about, in words."""

    def as_dict(self) -> dict[str, Any]:
        """Everything but the single clips as plain values for JSON."""


def clips_of(manifest: Manifest, split: str) -> tuple[Clip, ...]:
    """The usable clips of a split, labels or not.

    Raises:
        ManifestError: there is none.
    """
    clips = manifest.split(split).clips
    if not clips:
        raise ManifestError(f"{manifest.source or manifest.name}: the split {split} has no usable clip.")
    return clips


class OfData(Protocol):
    """An evaluation of any kind of network."""

    card: Card
    data: str
    manifest_hash: str
    split: str


def origin(evaluation: OfData) -> dict[str, Any]:
    """What was measured, and on what."""
    card = evaluation.card
    return {
        "artifact": card.name,
        "network": card.network,
        "network_sha256": card.checksums.get(NETWORK, ""),
        "data": evaluation.data,
        "split": evaluation.split,
        "manifest_hash": evaluation.manifest_hash,
    }


def heading(evaluation: Measured) -> dict[str, Any]:
    """What was measured, on what and how."""
    return {
        **origin(evaluation),
        "protocol": evaluation.protocol,
        "n": len(evaluation.clips),
        "skipped": len(evaluation.skipped),
        "unit": "dB",
    }


def with_intervals(errors: GapErrors) -> dict[str, Any]:
    """Errors over all clips, and as `MEASURE_interval` their intervals."""
    bounds = intervals(errors)
    figures: dict[str, Any] = {}
    for name, value in errors.pooled().items():
        figures |= {name: value, f"{name}_interval": list(bounds[name])}
    return figures


@contextlib.contextmanager
def replacing(folder: Path) -> Iterator[None]:
    """Makes an evaluation's folder, without the metrics of an earlier one, which would stand for a whole set.

    Raises:
        DataError: the folder cannot be made, or what the body writes cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / METRICS).unlink(missing_ok=True)
        yield
    except OSError as error:
        raise DataError(
            f"{error.filename or folder}: cannot be written ({error.strerror or error}). Choose another place by --out."
        ) from None


def write_tables(
    evaluation: Measured,
    folder: Path,
    measures: Sequence[str],
    rows: Iterable[Mapping[str, Any]],
    more: Mapping[str, Any] | None = None,
) -> None:
    """Writes clips.csv, then what `write_metrics` writes.

    Args:
        evaluation: what to write.
        folder: as `replacing` made it.
        measures: columns of clips.csv after `clip_id` and `way`.
        rows: of clips.csv; float numbers are written in full.
        more: for metrics.json beside `as_dict`.
    """
    write_table(folder / CLIPS, ("clip_id", "way", *measures), rows)
    write_metrics(evaluation, folder, more)


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Writes a CSV whose float numbers are written in full."""
    told = [{key: repr(value) if isinstance(value, float) else value for key, value in row.items()} for row in rows]
    write_rows(path, columns, told)


def write_metrics(evaluation: Measured, folder: Path, more: Mapping[str, Any] | None = None) -> None:
    """Writes skipped.csv, then, as the last file of a set, metrics.json with `more` beside `as_dict`."""
    columns = ("clip_id", "path", "reason")
    write_rows(folder / SKIPPED, columns, [dict(zip(columns, row, strict=True)) for row in evaluation.skipped])
    text = json.dumps(evaluation.as_dict() | dict(more or {}), indent=2, ensure_ascii=False)
    (folder / METRICS).write_text(text + "\n", "utf-8")
