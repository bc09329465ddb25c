"""The files of an evaluation of a tagger: figures, answers by clip, a table and a picture of its tags."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from fstmuse.inference.evaluation_files import BEST_WORST, PREDICTIONS, write_labelled
from fstmuse.inference.reports import DIGITS
from fstmuse.tasks.tag_figure import tags_figure

if TYPE_CHECKING:
    from fstmuse.inference.tag_evaluation import TagEvaluation

TAGS, TAGS_FIGURE = "tags.csv", "tags.png"


def write_tag_evaluation(evaluation: TagEvaluation, folder: Path) -> None:
    """Writes an evaluation; files of an earlier one in the same folder are replaced.

    - `metrics.json`: figures with protocol, n, manifest hash; written last, so that it stands for a whole set.
    - `predictions.csv`: a row per answered clip: its tags with `|` between, cross-entropy, and `p_TAG` for each tag.
    - `tags.csv`, `tags.png`: each tag's clips, ROC-AUC and average precision; empty where it cannot be ranked by.
    - `best_worst.csv`: the clips whose answers are nearest to the truth, and furthest from it, by cross-entropy.
    - `skipped.csv`: clips without an answer, why, and whether the manifest knew; only a header when there are none.

    Args:
        evaluation: what to write.
        folder: made when it is missing.

    Raises:
        DataError: the folder cannot be written.
    """
    metrics = evaluation.metrics
    title = f"{evaluation.card.name} on {evaluation.data} {evaluation.split}, {metrics.n:,} clips"
    tables = {PREDICTIONS: _predictions(evaluation), TAGS: _tags(evaluation), BEST_WORST: _best_worst(evaluation)}
    write_labelled(evaluation, folder, tables, lambda place: tags_figure(metrics, place / TAGS_FIGURE, title))


def _predictions(evaluation: TagEvaluation) -> Iterable[list[str]]:
    yield ["clip_id", "path", "truth", "bce", *(f"p_{tag}" for tag in evaluation.labels)]
    for row in evaluation.clips:
        numbers = [f"{value:.{DIGITS}f}" for value in (row.bce, *row.probabilities)]
        yield [row.clip.clip_id, row.clip.path, "|".join(row.truth), *numbers]


def _tags(evaluation: TagEvaluation) -> Iterable[list[str]]:
    yield ["tag", "clips", "roc_auc", "average_precision"]
    for score in evaluation.metrics.per_tag:
        figures = (score.roc_auc, score.average_precision)
        yield [score.tag, str(score.support), *("" if value is None else f"{value:.{DIGITS}f}" for value in figures)]


def _best_worst(evaluation: TagEvaluation) -> Iterable[list[str]]:
    yield ["kind", "clip_id", "path", "truth", "bce"]
    for kind, rows in (("best", evaluation.best), ("worst", evaluation.worst)):
        for row in rows:
            yield [kind, row.clip.clip_id, row.clip.path, "|".join(row.truth), f"{row.bce:.{DIGITS}f}"]
