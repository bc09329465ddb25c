"""How good an artifact is on the clips of one split of a manifest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fstmuse.artifacts.card import Card
from fstmuse.data.clip import Clip
from fstmuse.data.manifest import Manifest
from fstmuse.errors import ManifestError, nearest
from fstmuse.inference.evaluation_files import write_evaluation
from fstmuse.inference.labelled_evaluation import (
    Unheard,
    as_values,
    clips_of,
    hear_clips,
    heard_before,
    known_bad,
    windows_in_words,
)
from fstmuse.tasks.metrics import ClassificationMetrics, classification_metrics

if TYPE_CHECKING:
    from fstmuse.inference.session import Session

__all__ = ["BEST_WORST", "Evaluation", "Judged", "Unheard", "evaluate_clips", "write_evaluation"]

BEST_WORST = 5
"""Clips that are named at either end."""


@dataclass(frozen=True, eq=False)
class Judged:
    """A clip that was answered.

    Args:
        clip: row of the manifest.
        truth: its true label.
        predicted: the likeliest label.
        probabilities: float32 (labels,), over the whole clip.
    """

    clip: Clip
    truth: str
    predicted: str
    probabilities: np.ndarray

    @property
    def right(self) -> bool:
        """Whether the answer is the truth."""
        return self.truth == self.predicted

    @property
    def confidence(self) -> float:
        """The probability of the answer."""
        return float(self.probabilities.max())


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Clips with their answers, and the figures over them.

    Args:
        card: of the artifact.
        data: name of the manifest.
        manifest_hash: of the whole manifest.
        split: which clips of it.
        labels: the labels that clips were taken of; the artifact may know more.
        clips: answered clips, in the manifest's order.
        skipped: clips that could not be heard although the manifest calls them ok.
        known_bad: clips of the split that the manifest calls bad; never counted.
        metrics: over `clips`.
    """

    card: Card
    data: str
    manifest_hash: str
    split: str
    labels: tuple[str, ...]
    clips: tuple[Judged, ...]
    skipped: tuple[Unheard, ...]
    known_bad: tuple[Unheard, ...]
    metrics: ClassificationMetrics

    @property
    def accuracy_with_skipped(self) -> float:
        """The accuracy if every skipped clip counted as an error."""
        return sum(row.right for row in self.clips) / (len(self.clips) + len(self.skipped))

    @cached_property
    def best(self) -> tuple[Judged, ...]:
        """The right answers of the highest probability, highest first."""
        return self._surest(True)

    @cached_property
    def worst(self) -> tuple[Judged, ...]:
        """The wrong answers of the highest probability, highest first."""
        return self._surest(False)

    def _surest(self, right: bool) -> tuple[Judged, ...]:
        rows = [row for row in self.clips if row.right == right]
        return tuple(sorted(rows, key=lambda row: -row.confidence)[:BEST_WORST])

    @property
    def protocol(self) -> str:
        """How the figures came about, in words."""
        metrics = self.metrics
        return (
            f"{windows_in_words(self.card)} A clip's probabilities are the means over its windows, its answer is the "
            "likeliest label, and all figures are over clips. Clips that could not be heard are left out of n; "
            "accuracy_with_skipped counts them as errors. The interval is a 95 % percentile "
            f"bootstrap over clips ({metrics.resamples:,} resamples, seed {metrics.seed})."
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know about the figures."""
        notes = list(self.metrics.notes)
        if self.skipped:
            notes.append(
                f"{len(self.skipped)} of {len(self.clips) + len(self.skipped)} clips could not be heard and are left "
                f"out; counted as errors they would make the accuracy {self.accuracy_with_skipped:.3f}."
            )
        other = [label for label in self.card.labels if label not in self.labels]
        if other:
            notes.append(f"Only clips of {', '.join(self.labels)}; the network could also answer {', '.join(other)}.")
        return (*notes, *heard_before(self))

    def as_dict(self) -> dict[str, Any]:
        """Everything but the single answers as plain values for JSON."""
        return as_values(self, self.metrics.as_dict(), {"accuracy_with_skipped": self.accuracy_with_skipped}, _named)


def evaluate_clips(
    session: Session,
    manifest: Manifest,
    root: Path,
    split: str,
    progress: Callable[[float], None] | None = None,
    *,
    labels: Sequence[str] | None = None,
) -> Evaluation:
    """Asks an artifact about each clip of a split and compares with the truth.

    Args:
        session: the loaded artifact.
        manifest: of the data set.
        root: the folder that its paths are relative to.
        split: train, valid or test.
        progress: called with the share of clips that are done, 0 to 1.
        labels: take the clips of these labels only; None: of all, and the artifact must know all of them.

    Returns:
        Answers and figures; clips that cannot be heard are among `skipped`, with the reason.

    Raises:
        ManifestError: a label is unknown to the artifact or missing in the split, or a clip has not exactly one.
        DataError: not one of the clips could be heard.
        ArtifactError: the artifact does not classify.
    """
    asked = check_labels(session.card, manifest, split, labels)
    chosen = manifest.only_labels(asked) if labels is not None else manifest
    heard, skipped = hear_clips(session, chosen, root, split, progress)
    judged = [Judged(clip, clip.labels[0], answer.label, answer.probabilities) for clip, answer in heard]
    column = {label: index for index, label in enumerate(session.card.labels)}
    return Evaluation(
        card=session.card,
        data=manifest.name,
        manifest_hash=manifest.hash,
        split=split,
        labels=asked,
        clips=tuple(judged),
        skipped=skipped,
        known_bad=known_bad(chosen, split),
        metrics=classification_metrics(
            np.array([column[row.truth] for row in judged]),
            np.array([column[row.predicted] for row in judged]),
            session.card.labels,
        ),
    )


def check_labels(card: Card, manifest: Manifest, split: str, labels: Sequence[str] | None = None) -> tuple[str, ...]:
    """Makes sure that an artifact can be measured on a split, before anything is heard.

    Args:
        card: of the artifact.
        manifest: of the data set.
        split: train, valid or test.
        labels: the labels to take clips of; None: all.

    Returns:
        The labels, in the artifact's order.

    Raises:
        ManifestError: see `evaluate_clips`.
    """
    where = f"{manifest.source or manifest.name}"
    chosen = manifest if labels is None else manifest.only_labels(labels)
    clips = clips_of(chosen, split)
    for clip in clips:
        if len(clip.labels) != 1:
            raise ManifestError(
                f"{where}: clip {clip.clip_id} has the labels {', '.join(clip.labels) or '(none)'}; a network "
                "with labels is measured on clips of exactly one. Choose labels that exclude each other by --labels."
            )
    found = {clip.labels[0] for clip in clips}
    unknown = sorted(found - set(card.labels))
    if unknown:
        shared = [label for label in card.labels if label in found]
        way = f"--labels {','.join(shared)} takes the clips it knows." if shared else nearest(unknown[0], card.labels)
        raise ManifestError(
            f"{where}: split {split} has clips of {', '.join(unknown)}, which {card.name} does not know; it knows "
            f"{', '.join(card.labels)}. {way}"
        )
    wanted = card.labels if labels is None else [label for label in card.labels if label in labels]
    missing = [label for label in wanted if label not in found]
    if missing:
        raise ManifestError(
            f"{where}: split {split} has no usable clip of {', '.join(missing)}, which {card.name} knows. Add some, or "
            f"measure the others alone: --labels {','.join(label for label in card.labels if label in found)}."
        )
    return tuple(wanted)


def _named(row: Judged) -> dict[str, Any]:
    return {
        "clip_id": row.clip.clip_id,
        "path": row.clip.path,
        "truth": row.truth,
        "predicted": row.predicted,
        "confidence": round(row.confidence, 6),
    }
