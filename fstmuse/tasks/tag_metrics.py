"""How good a tagger is: how well each tag ranks the clips, over clips that have any number of tags."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fstmuse.errors import DataError
from fstmuse.tasks.metrics import CONFIDENCE, FEW_CLIPS

RESAMPLES = 1000
FEW_WITH_TAG = 10
_AT_ONCE = 100
"""Resamples that are ranked together, which bounds memory."""


@dataclass(frozen=True)
class TagScore:
    """How well one tag ranks the clips; None where no clip has it, or each has.

    Args:
        tag: its name.
        support: clips that have it.
        roc_auc: chance that a clip with the tag is given more of it than one without; ties count half.
        average_precision: mean share of clips with the tag among those given as much or more, over the former.
    """

    tag: str
    support: int
    roc_auc: float | None
    average_precision: float | None


@dataclass(frozen=True, eq=False)
class TagMetrics:
    """The figures of one evaluation.

    Args:
        n: clips.
        tags: all that were asked about.
        left_out: of those, the ones that no clip has, or each: they cannot be ranked by.
        roc_auc: mean over the other tags.
        roc_auc_interval: 95 % percentile bootstrap over clips, low and high.
        average_precision: mean over the same tags.
        average_precision_interval: as `roc_auc_interval`.
        chance: the average precision of guessing: the mean share of clips that have a tag, over the same tags.
        per_tag: figures of each tag.
        resamples: of the bootstrap.
        seed: of the bootstrap.
        notes: what a reader must know about these figures.
    """

    n: int
    tags: tuple[str, ...]
    left_out: tuple[str, ...]
    roc_auc: float
    roc_auc_interval: tuple[float, float]
    average_precision: float
    average_precision_interval: tuple[float, float]
    chance: float
    per_tag: tuple[TagScore, ...]
    resamples: int = RESAMPLES
    seed: int = 0
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """All figures as plain values for JSON; undefined ones are None."""
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        for name, value in fields.items():
            fields[name] = list(value) if isinstance(value, tuple) else value
        fields["per_tag"] = [dataclasses.asdict(score) for score in self.per_tag]
        return fields


def tag_metrics(
    truth: np.ndarray, probabilities: np.ndarray, tags: Sequence[str], *, resamples: int = RESAMPLES, seed: int = 0
) -> TagMetrics:
    """Compares true tags and probabilities.

    Tags that no clip has, or each, are left out of the means and named. A resample that lacks some more tags is a mean
    over those that it has.

    Args:
        truth: bool (clips, tags), which tags each clip has.
        probabilities: float (clips, tags) in [0, 1].
        tags: their names.
        resamples: of the bootstrap.
        seed: of the bootstrap.

    Returns:
        The figures.

    Raises:
        DataError: there are no clips, shapes differ, or no tag can be ranked by.
    """
    truth, probabilities, tags = np.asarray(truth, bool), np.asarray(probabilities, np.float64), tuple(tags)
    if truth.shape != probabilities.shape or truth.ndim != 2 or not truth.size or truth.shape[1] != len(tags):
        raise DataError(
            f"Received true tags of shape {truth.shape} and probabilities of shape {probabilities.shape}; expected "
            f"both (clips, {len(tags)}) with at least one clip. Evaluate a split that has usable clips."
        )
    n, support = len(truth), truth.sum(axis=0)
    ranked = np.flatnonzero((support > 0) & (support < n))
    if not len(ranked):
        raise DataError(
            f"None of {len(tags)} tags is on some of {n} clips and not on others; expected one such tag at least, or "
            "there is nothing to rank. Evaluate a split with more clips."
        )
    rng = np.random.default_rng(seed)
    # How often each clip is drawn: first the clips as they are, then the resamples.
    counts = np.stack([np.ones(n), *(np.bincount(rng.integers(n, size=n), minlength=n) for _ in range(resamples))])
    scores = np.stack([_scores(truth[:, tag], probabilities[:, tag], counts) for tag in ranked], axis=1)
    known = np.isfinite(scores)
    with np.errstate(invalid="ignore"):  # a resample of very few clips may lack all tags
        means = np.where(known, scores, 0).sum(axis=1) / known.sum(axis=1)  # (2, 1 + resamples)
    ends = [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]
    intervals = [tuple(float(end) for end in np.nanquantile(row[1:], ends)) for row in means]
    by_tag = dict(zip(ranked.tolist(), scores[:, :, 0].T.tolist(), strict=True))
    left_out = tuple(tag for number, tag in enumerate(tags) if number not in by_tag)
    return TagMetrics(
        n=n,
        tags=tags,
        left_out=left_out,
        roc_auc=float(means[0, 0]),
        roc_auc_interval=intervals[0],
        average_precision=float(means[1, 0]),
        average_precision_interval=intervals[1],
        chance=float(support[ranked].mean() / n),
        per_tag=tuple(
            TagScore(tag, int(support[number]), *by_tag.get(number, (None, None))) for number, tag in enumerate(tags)
        ),
        resamples=resamples,
        seed=seed,
        notes=_notes(left_out, len(tags), n, sum(support[number] < FEW_WITH_TAG for number in ranked)),
    )


def _scores(truth: np.ndarray, given: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """ROC-AUC and average precision of one tag, float64 (2, samples), for each way to count the clips.

    As those of scikit-learn with `sample_weight`, for all samples in one pass; NaN where a sample has one kind alone.
    """
    order = np.argsort(-given, kind="stable")
    ends = np.flatnonzero(np.r_[np.diff(given[order]) != 0, True])  # clips given alike are ranked alike
    right = truth[order].astype(np.float64)
    found = []
    for first in range(0, len(counts), _AT_ONCE):
        drawn = counts[first : first + _AT_ONCE, order].astype(np.float64)
        hits = np.cumsum(drawn * right, axis=1)[:, ends]
        misses = np.cumsum(drawn * (1 - right), axis=1)[:, ends]
        new_hits, new_misses = np.diff(hits, axis=1, prepend=0), np.diff(misses, axis=1, prepend=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            area = ((hits - new_hits / 2) * new_misses).sum(axis=1) / (hits[:, -1] * misses[:, -1])
            shares = np.where(new_hits > 0, hits / (hits + misses), 0.0)
            precision = (new_hits * shares).sum(axis=1) / np.where(misses[:, -1] > 0, hits[:, -1], np.nan)
        found.append(np.stack([area, precision]))
    return np.concatenate(found, axis=1)


def _notes(left_out: tuple[str, ...], tags: int, n: int, rare: int) -> tuple[str, ...]:
    notes = []
    if left_out:
        notes.append(
            f"No clip has {', '.join(left_out)}, or each does: nothing is ranked by it, and all means are over the "
            f"other {tags - len(left_out)} of {tags} tags."
        )
    if rare:
        notes.append(
            f"{rare} of the tags are on fewer than {FEW_WITH_TAG} clips: resamples hold such clips twice and more, "
            "which raises average precision, so that its interval lies too high."
        )
    if n < FEW_CLIPS:
        notes.append(f"Only {n} clips: a percentile bootstrap is somewhat too narrow below {FEW_CLIPS}.")
    return tuple(notes)
