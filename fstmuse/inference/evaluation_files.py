"""The files of an evaluation: metrics, answers, confusion, best and worst clips, skipped clips."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from fstmuse.inference.evaluation_folder import METRICS, SKIPPED, replacing
from fstmuse.inference.reports import DIGITS, csv_text
from fstmuse.tasks.figures import confusion_figure

if TYPE_CHECKING:
    from fstmuse.inference.evaluation import Evaluation
    from fstmuse.inference.labelled_evaluation import Measured

PREDICTIONS, BEST_WORST = "predictions.csv", "best_worst.csv"
CONFUSION, CONFUSION_FIGURE = "confusion.csv", "confusion.png"


def write_evaluation(evaluation: Evaluation, folder: Path) -> None:
    """Writes an evaluation; files of an earlier one in the same folder are replaced.

    - `metrics.json`: figures with protocol, n, manifest hash; written last, so that it stands for a whole set.
    - `predictions.csv`: a row per answered clip, with `p_LABEL` for each label.
    - `confusion.csv` (true label by row, clips), `confusion.png`.
    - `best_worst.csv`: the surest right and the surest wrong answers.
    - `skipped.csv`: clips without an answer, why, and whether the manifest knew; only a header when there are none.

    Args:
        evaluation: what to write.
        folder: made when it is missing.

    Raises:
        DataError: the folder cannot be written.
    """
    metrics = evaluation.metrics
    title = f"{evaluation.card.name} on {evaluation.data} {evaluation.split}: {metrics.accuracy:.1%} of {metrics.n}"
    tables = {
        PREDICTIONS: _predictions(evaluation),
        CONFUSION: _confusion(evaluation),
        BEST_WORST: _best_worst(evaluation),
    }
    write_labelled(
        evaluation,
        folder,
        tables,
        lambda place: confusion_figure(metrics.confusion, metrics.labels, place / CONFUSION_FIGURE, title),
    )


def write_labelled(
    evaluation: Measured,
    folder: Path,
    tables: Mapping[str, Iterable[list[str]]],
    draw: Callable[[Path], object],
) -> None:
    """Writes the files of an evaluation of any network with labels, metrics.json last.

    Args:
        evaluation: what to write.
        folder: made when it is missing; files of an earlier evaluation are replaced.
        tables: rows by the file's name, beside those of skipped.csv.
        draw: draws into the folder.

    Raises:
        DataError: the folder cannot be written.
    """
    folder = Path(folder)
    with replacing(folder):
        for name, rows in {**tables, SKIPPED: _skipped(evaluation)}.items():
            write_whole(folder / name, csv_text(rows))
        draw(folder)
        write_whole(folder / METRICS, json.dumps(evaluation.as_dict(), indent=2, ensure_ascii=False) + "\n")


def _predictions(evaluation: Evaluation) -> Iterable[list[str]]:
    labels = evaluation.card.labels
    yield ["clip_id", "path", "truth", "predicted", "correct", *(f"p_{label}" for label in labels)]
    for row in evaluation.clips:
        shares = [f"{share:.{DIGITS}f}" for share in row.probabilities]
        yield [row.clip.clip_id, row.clip.path, row.truth, row.predicted, str(int(row.right)), *shares]


def _confusion(evaluation: Evaluation) -> Iterable[list[str]]:
    metrics = evaluation.metrics
    yield ["truth \\ predicted", *metrics.labels]
    for label, row in zip(metrics.labels, metrics.confusion, strict=True):
        yield [label, *(str(int(count)) for count in row)]


def _best_worst(evaluation: Evaluation) -> Iterable[list[str]]:
    yield ["kind", "clip_id", "path", "truth", "predicted", "confidence"]
    for kind, rows in (("best", evaluation.best), ("worst", evaluation.worst)):
        for row in rows:
            yield [kind, row.clip.clip_id, row.clip.path, row.truth, row.predicted, f"{row.confidence:.{DIGITS}f}"]


def _skipped(evaluation: Measured) -> Iterable[list[str]]:
    yield ["clip_id", "path", "labels", "known_bad", "reason"]
    for row in (*evaluation.skipped, *evaluation.known_bad):
        yield [row.clip.clip_id, row.clip.path, "|".join(row.clip.labels), str(int(row.known_bad)), row.reason]


def write_whole(path: Path, text: str) -> None:
    """Writes a file whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        # A name that is no UTF-8 keeps its bytes, as in reports of predictions.
        part.write_bytes(text.encode("utf-8", "surrogateescape"))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
