"""How well an artifact tags the clips of one split of a manifest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fstmuse.artifacts.card import Card
from fstmuse.data.clip import Clip
from fstmuse.data.manifest import Manifest
from fstmuse.errors import ManifestError, nearest
from fstmuse.inference.evaluation import BEST_WORST
from fstmuse.inference.labelled_evaluation import (
    Unheard,
    as_values,
    clips_of,
    hear_clips,
    heard_before,
    known_bad,
    windows_in_words,
)
from fstmuse.tasks.tag_metrics import TagMetrics, tag_metrics

if TYPE_CHECKING:
    from fstmuse.inference.session import Session

_LEAST = 1e-7
"""Probabilities are kept this far from 0 and 1, where the cross-entropy has no end; as in training."""


@dataclass(frozen=True, eq=False)
class Tagged:
    """A clip that was answered.

    Args:
        clip: row of the manifest.
        truth: its tags among those that were asked about.
        probabilities: float32 (tags,) of those, over the whole clip.
        bce: mean binary cross-entropy over them, in nats; the lower, the nearer to the truth.
    """

    clip: Clip
    truth: tuple[str, ...]
    probabilities: np.ndarray
    bce: float


@dataclass(frozen=True, eq=False)
class TagEvaluation:
    """Clips with their answers, and the figures over them.

    Args:
        card: of the artifact.
        data: name of the manifest.
        manifest_hash: of the whole manifest.
        split: which clips of it.
        labels: the tags that were asked about; the artifact may know more.
        chosen: whether clips without any of `labels` were left out.
        unknown: tags of the clips that the artifact does not know.
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
    chosen: bool
    unknown: tuple[str, ...]
    clips: tuple[Tagged, ...]
    skipped: tuple[Unheard, ...]
    known_bad: tuple[Unheard, ...]
    metrics: TagMetrics

    @property
    def best(self) -> tuple[Tagged, ...]:
        """The clips of the lowest cross-entropy, lowest first."""
        return tuple(sorted(self.clips, key=lambda row: row.bce)[:BEST_WORST])

    @property
    def worst(self) -> tuple[Tagged, ...]:
        """The clips of the highest cross-entropy, highest first."""
        return tuple(sorted(self.clips, key=lambda row: -row.bce)[:BEST_WORST])

    @property
    def bce(self) -> float:
        """Mean binary cross-entropy over clips and tags, in nats."""
        return float(np.mean([row.bce for row in self.clips]))

    @property
    def protocol(self) -> str:
        """How the figures came about, in words."""
        metrics = self.metrics
        bare = "left out" if self.chosen else "counted"
        return (
            f"{windows_in_words(self.card)} A clip's probability of a tag is the mean over its windows. ROC-AUC and "
            "average precision are those of each tag over clips, and their means over the tags that some clips have "
            f"and others have not (macro). Clips without any of the tags are {bare}; clips that could not be heard are "
            "left out of n. Intervals are 95 % percentile bootstraps over clips "
            f"({metrics.resamples:,} resamples, seed {metrics.seed})."
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know about the figures."""
        notes = list(self.metrics.notes)
        if self.skipped:
            of = len(self.clips) + len(self.skipped)
            notes.append(f"{len(self.skipped)} of {of} clips could not be heard and are left out.")
        other = [label for label in self.card.labels if label not in self.labels]
        if other:
            notes.append(f"Only {', '.join(self.labels)}; the network also knows {', '.join(other)}.")
        if self.unknown:
            notes.append(f"The clips have tags, too, that the network does not know: {', '.join(self.unknown)}.")
        return (*notes, *heard_before(self))

    def as_dict(self) -> dict[str, Any]:
        """Everything but the single answers as plain values for JSON."""
        return as_values(self, self.metrics.as_dict(), {"bce": self.bce}, _named)


def evaluate_tags(
    session: Session,
    manifest: Manifest,
    root: Path,
    split: str,
    progress: Callable[[float], None] | None = None,
    *,
    labels: Sequence[str] | None = None,
) -> TagEvaluation:
    """Asks an artifact about each clip of a split and compares with its tags.

    Args:
        session: the loaded artifact.
        manifest: of the data set.
        root: the folder that its paths are relative to.
        split: train, valid or test.
        progress: called with the share of clips that are done, 0 to 1.
        labels: measure these tags alone, on the clips that have one of them; None: all that the artifact knows, on all
            clips.

    Returns:
        Answers and figures; clips that cannot be heard are among `skipped`, with the reason.

    Raises:
        ManifestError: one of `labels` is unknown to the artifact or the manifest, or the split has no clip with any of
            the tags.
        DataError: not one of the clips could be heard, or no tag can be ranked by.
        ArtifactError: the artifact does not tag.
    """
    asked = check_tags(session.card, manifest, split, labels)
    chosen = manifest.only_labels(asked) if labels is not None else manifest
    heard, skipped = hear_clips(session, chosen, root, split, progress)
    columns = [session.card.labels.index(tag) for tag in asked]
    truth = np.array([[tag in clip.labels for tag in asked] for clip, _ in heard])
    given = np.stack([answer.probabilities[columns] for _, answer in heard])
    kept = np.clip(given.astype(np.float64), _LEAST, 1 - _LEAST)
    losses = -np.log(np.where(truth, kept, 1 - kept)).mean(axis=1)
    found = {tag for clip, _ in heard for tag in clip.labels}
    return TagEvaluation(
        card=session.card,
        data=manifest.name,
        manifest_hash=manifest.hash,
        split=split,
        labels=asked,
        chosen=labels is not None,
        unknown=tuple(sorted(found - set(session.card.labels))),
        clips=tuple(
            Tagged(clip, tuple(tag for tag in asked if tag in clip.labels), row, float(loss))
            for (clip, _), row, loss in zip(heard, given, losses, strict=True)
        ),
        skipped=skipped,
        known_bad=known_bad(chosen, split),
        metrics=tag_metrics(truth, given, asked),
    )


def check_tags(card: Card, manifest: Manifest, split: str, labels: Sequence[str] | None = None) -> tuple[str, ...]:
    """Makes sure that an artifact can be measured on a split, before anything is heard.

    Args:
        card: of the artifact.
        manifest: of the data set.
        split: train, valid or test.
        labels: the tags to measure; None: all that the artifact knows.

    Returns:
        The tags, in the artifact's order.

    Raises:
        ManifestError: see `evaluate_tags`.
    """
    where = f"{manifest.source or manifest.name}"
    for label in labels or ():
        if label not in card.labels:
            raise ManifestError(
                f"{where}: received the tag '{label}', which {card.name} does not know. {nearest(label, card.labels)}"
            )
    asked = tuple(label for label in card.labels if labels is None or label in labels)
    found = {tag for clip in clips_of(manifest, split) for tag in clip.labels}
    if not found & set(asked):
        raise ManifestError(
            f"{where}: no clip of the split {split} has a tag that {card.name} is asked about: {', '.join(asked[:5])}"
            f"{' and others' if len(asked) > 5 else ''}. Its clips have {', '.join(sorted(found)[:5]) or 'no tags'}. "
            "Spell the tags in both alike, or evaluate on another data set."
        )
    return asked


def _named(row: Tagged) -> dict[str, Any]:
    return {
        "clip_id": row.clip.clip_id,
        "path": row.clip.path,
        "truth": list(row.truth),
        "bce": round(row.bce, 6),
    }
