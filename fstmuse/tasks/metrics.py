"""How good a classifier is: figures over clips that each have one true label."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from fstmuse.errors import DataError

RESAMPLES = 10_000
CONFIDENCE = 0.95
FEW_CLIPS = 30


@dataclass(frozen=True)
class ClassScore:
    """One label's figures; None where they are not defined.

    Args:
        label: its name.
        precision: share of the clips given this label that truly have it; None when none was given it.
        recall: share of the clips of this label that were given it; None when there are none.
        f1: harmonic mean of both; None when the label is absent from the truth.
        support: clips that truly have the label.
        predicted: clips that were given it.
    """

    label: str
    precision: float | None
    recall: float | None
    f1: float | None
    support: int
    predicted: int


@dataclass(frozen=True, eq=False)
class ClassificationMetrics:
    """The figures of one evaluation.

    Args:
        n: clips.
        labels: in the order of the model's outputs.
        accuracy: share of right clips.
        accuracy_interval: 95 % percentile bootstrap over clips, low and high.
        macro_f1: mean F1 of the labels that occur in the truth.
        balanced_accuracy: mean recall of the labels that occur in the truth.
        majority: share of the most frequent true label: what always answering it would score.
        per_class: figures of each label.
        confusion: int64 (labels, labels), true label by row, predicted by column.
        resamples: of the bootstrap.
        seed: of the bootstrap.
        notes: what a reader must know about these figures.
    """

    n: int
    labels: tuple[str, ...]
    accuracy: float
    accuracy_interval: tuple[float, float]
    macro_f1: float
    balanced_accuracy: float
    majority: float
    per_class: tuple[ClassScore, ...]
    confusion: np.ndarray
    resamples: int = RESAMPLES
    seed: int = 0
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """All figures as plain values for JSON; undefined ones are None."""
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        fields["labels"], fields["notes"] = list(self.labels), list(self.notes)
        fields["accuracy_interval"] = list(self.accuracy_interval)
        fields["per_class"] = [dataclasses.asdict(score) for score in self.per_class]
        fields["confusion"] = self.confusion.tolist()
        return fields


def classification_metrics(
    truth: np.ndarray,
    predicted: np.ndarray,
    labels: tuple[str, ...] | list[str],
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> ClassificationMetrics:
    """Compares true and predicted labels, clip by clip.

    Labels that occur in no true clip have no recall and no F1; they are left out of the
    means, and a note names them. Clips wrongly given such a label still count as missed
    by their true one. A label that no clip was given has no precision and an F1 of 0.

    Args:
        truth: int (n,) index of each clip's true label.
        predicted: int (n,) index of each clip's predicted label.
        labels: names of the labels.
        resamples: of the bootstrap.
        seed: of the bootstrap.

    Returns:
        The figures.

    Raises:
        DataError: there are no clips, lengths differ, or an index is not of a label.
    """
    from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

    labels = tuple(labels)
    truth = _indices("truth", truth, len(labels))
    predicted = _indices("predicted", predicted, len(labels))
    if len(truth) != len(predicted):
        raise DataError(
            f"Received {len(truth)} true and {len(predicted)} predicted labels; expected one of each a clip."
        )
    every = np.arange(len(labels))
    confusion = confusion_matrix(truth, predicted, labels=every).astype(np.int64)
    precision, recall, f1, support = precision_recall_fscore_support(
        truth, predicted, labels=every, zero_division=np.nan
    )
    present = support > 0
    given = confusion.sum(axis=0)
    right = int(np.trace(confusion))
    return ClassificationMetrics(
        n=len(truth),
        labels=labels,
        accuracy=right / len(truth),
        accuracy_interval=bootstrap_interval(right, len(truth), resamples=resamples, seed=seed),
        macro_f1=float(f1[present].mean()),
        balanced_accuracy=float(recall[present].mean()),
        majority=float(support.max() / len(truth)),
        per_class=tuple(
            ClassScore(
                label,
                precision=float(precision[i]) if given[i] else None,
                recall=float(recall[i]) if present[i] else None,
                f1=float(f1[i]) if present[i] else None,
                support=int(support[i]),
                predicted=int(given[i]),
            )
            for i, label in enumerate(labels)
        ),
        confusion=confusion,
        resamples=resamples,
        seed=seed,
        notes=_notes(labels, present, given, right, len(truth)),
    )


def bootstrap_interval(right: int, n: int, *, resamples: int = RESAMPLES, seed: int = 0) -> tuple[float, float]:
    """95 % percentile bootstrap interval of an accuracy, clips drawn with replacement.

    A clip drawn at random is right with probability right / n, so the number of right
    ones among n draws is binomial: drawing that number is the same bootstrap, exactly,
    without building `resamples` samples of n clips.

    Args:
        right: clips classified correctly.
        n: all clips, at least 1.
        resamples: how many samples are drawn.
        seed: of the draws.

    Returns:
        Low and high end, in [0, 1].
    """
    accuracies = np.random.default_rng(seed).binomial(n, right / n, size=resamples) / n
    low, high = np.quantile(accuracies, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def _indices(name: str, values: np.ndarray, n_labels: int) -> np.ndarray:
    values = np.asarray(values)
    if values.ndim != 1 or len(values) == 0:
        raise DataError(
            f"Received {name} of shape {values.shape}; expected (clips,) with at least one. "
            "Evaluate a split that has usable clips."
        )
    if not np.issubdtype(values.dtype, np.integer) or values.min() < 0 or values.max() >= n_labels:
        raise DataError(
            f"Received {name} from {values.min()} to {values.max()} ({values.dtype}); expected whole numbers from 0 to "
            f"{n_labels - 1}, one for each of the {n_labels} labels."
        )
    return values.astype(np.int64)


def _notes(labels: tuple[str, ...], present: np.ndarray, given: np.ndarray, right: int, n: int) -> tuple[str, ...]:
    notes = []
    absent = [label for label, there in zip(labels, present, strict=True) if not there]
    if absent:
        notes.append(
            f"No clip truly has {', '.join(absent)}: no recall or F1 for it, and macro-F1 and balanced accuracy are "
            f"means over the other {int(present.sum())} of {len(labels)} labels."
        )
    unused = [label for label, there, count in zip(labels, present, given, strict=True) if there and not count]
    if unused:
        notes.append(f"No clip was given {', '.join(unused)}: no precision for it, and its F1 is 0.")
    if right in (0, n):
        # All resamples are alike; the exact one-sided bound says what n clips can tell.
        bound = 0.05 ** (1 / n)
        notes.append(
            f"All {n} clips are {'right' if right else 'wrong'}: the bootstrap interval has no width. With 95 % "
            f"confidence the accuracy is {f'at least {bound:.3f}' if right else f'at most {1 - bound:.3f}'}."
        )
    elif n < FEW_CLIPS:
        notes.append(f"Only {n} clips: a percentile bootstrap is somewhat too narrow below {FEW_CLIPS}.")
    return tuple(notes)
