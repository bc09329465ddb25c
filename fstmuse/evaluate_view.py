"""What `evaluate` shows of a network with labels."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from fstmuse.inference.reports import shown

if TYPE_CHECKING:
    from fstmuse.inference.evaluation import Evaluation
    from fstmuse.inference.labelled_evaluation import Measured
    from fstmuse.inference.tag_evaluation import TagEvaluation


def new_table(columns: Iterable[str]) -> Table:
    """An empty table: words at the left, numbers at the right."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for number, name in enumerate(columns):
        table.add_column(name, justify="right" if number else "left", overflow="fold" if number == 0 else "ellipsis")
    return table


def tell(evaluation: Evaluation, out: Path) -> None:
    """Prints how good a classifier is; `out` is where the figures were written."""
    console = _console(evaluation)
    metrics = evaluation.metrics
    low, high = metrics.accuracy_interval
    console.print(
        f"Accuracy           {metrics.accuracy:.3f}  (95 % interval {low:.3f} to {high:.3f}, n = {metrics.n:,})"
    )
    console.print(f"Balanced accuracy  {metrics.balanced_accuracy:.3f}")
    console.print(f"Macro-F1           {metrics.macro_f1:.3f}")
    console.print(f"Always the most frequent label would score {metrics.majority:.3f}.\n")

    table = new_table(("Label", "Clips", "Given", "Precision", "Recall", "F1"))
    for score in metrics.per_class:
        shares = map(_share, (score.precision, score.recall, score.f1))
        table.add_row(Text(score.label), f"{score.support:,}", f"{score.predicted:,}", *shares)
    console.print(table)
    for kind, rows in (("Surest right", evaluation.best), ("Surest wrong", evaluation.worst)):
        if rows:
            console.print(Text(f"\n{kind} answers", style="bold"))
        for row in rows:
            truth = "" if row.right else f", truly {row.truth}"
            console.print(Text(f"  {row.confidence:6.1%}  {row.predicted}{truth}  {shown(row.clip.path)}"))
    _end(console, evaluation, out)


def tell_tags(evaluation: TagEvaluation, out: Path) -> None:
    """Prints how good a tagger is; `out` is where the figures were written."""
    console = _console(evaluation)
    metrics = evaluation.metrics
    for name, value, (low, high) in (
        ("ROC-AUC          ", metrics.roc_auc, metrics.roc_auc_interval),
        ("Average precision", metrics.average_precision, metrics.average_precision_interval),
    ):
        console.print(f"{name}  {value:.3f}  (95 % interval {low:.3f} to {high:.3f}, n = {metrics.n:,})")
    tags = len(metrics.tags) - len(metrics.left_out)
    console.print(f"Means over {tags} tags; guessing would score 0.500 and {metrics.chance:.3f}.\n")

    table = new_table(("Tag", "Clips", "ROC-AUC", "Average precision"))
    for score in metrics.per_tag:
        figures = map(_share, (score.roc_auc, score.average_precision))
        table.add_row(Text(score.tag), f"{score.support:,}", *figures)
    console.print(table)
    for kind, rows in (("nearest to", evaluation.best), ("furthest from", evaluation.worst)):
        console.print(Text(f"\nClips {kind} the truth, by cross-entropy", style="bold"))
        for row in rows:
            console.print(Text(f"  {row.bce:6.3f}  {', '.join(row.truth) or '(no tag)'}  {shown(row.clip.path)}"))
    _end(console, evaluation, out)


def _console(evaluation: Measured) -> Console:
    """A console, with the line that says what was measured."""
    console = Console(highlight=False, soft_wrap=True)
    left_out = f", {len(evaluation.skipped)} skipped" if evaluation.skipped else ""
    left_out += f", {len(evaluation.known_bad)} known to be bad" if evaluation.known_bad else ""
    clips = f"{len(evaluation.clips):,} clips{left_out}"
    title = f"{evaluation.card.name} on {evaluation.data}, split {evaluation.split}: {clips}"
    console.print(Text(title, style="bold"))
    return console


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _end(console: Console, evaluation: Measured, out: Path) -> None:
    """Notes, skipped clips, and where all of it is."""
    for number, note in enumerate(evaluation.notes):
        console.print(Text(("\n" if number == 0 else "") + f"Note: {note}", style="yellow"))
    for row in evaluation.skipped[:5]:
        console.print(Text(f"Skipped {row.clip.clip_id}: {shown(row.reason)}", style="yellow"))
    if len(evaluation.skipped) > 5:
        console.print(f"and {len(evaluation.skipped) - 5:,} more in skipped.csv")
    console.print(Text(f"\nFigures and answers: {out}"))
