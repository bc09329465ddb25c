"""Drawing train, valid and test once, by group, with every label in each."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fstmuse.errors import ConfigError, ManifestError

ATTEMPTS = 50
"""Draws tried, where artists of several labels make it a puzzle to bring each label into each split."""


@dataclass(frozen=True)
class Fractions:
    """How large the splits shall be.

    Args:
        valid: fraction of the clips, 0 for none.
        test: likewise; what is left of 1 is train.
    """

    valid: float = 0.1
    test: float = 0.2

    def __post_init__(self) -> None:
        for name in ("valid", "test"):
            value = getattr(self, name)
            if not 0 <= value < 1:
                raise ConfigError(f"{name} is {value}, expected a fraction from 0 to below 1, such as 0.1.")
        if self.valid + self.test > 0.999:
            raise ConfigError(
                f"valid {self.valid} and test {self.test} leave nothing to train on. Make their sum less than 1."
            )

    @property
    def wanted(self) -> dict[str, float]:
        """The fraction of each split that is not empty."""
        parts = {"train": 1 - self.valid - self.test, "valid": self.valid, "test": self.test}
        return {name: part for name, part in parts.items() if part > 0}


@dataclass(frozen=True)
class Member:
    """A clip as the draw sees it: its labels and its group."""

    labels: tuple[str, ...]
    group: str


def rare_labels(members: Sequence[Member], fractions: Fractions) -> dict[str, int]:
    """Labels of fewer groups than there are splits, with their number of groups."""
    groups: dict[str, set[str]] = {}
    for member in members:
        for label in member.labels:
            groups.setdefault(label, set()).add(member.group)
    return {label: len(found) for label, found in sorted(groups.items()) if len(found) < len(fractions.wanted)}


def draw_splits(
    members: Sequence[Member], fractions: Fractions, seed: int, given: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Puts each group into a split.

    Stratified: within each label the splits come as near to their fractions of clips as its groups allow. The
    result depends on the seed and on the set of members, not on their order.

    Args:
        members: the clips.
        fractions: how large the splits shall be.
        seed: of the draw.
        given: splits of groups that are settled already.

    Returns:
        Split by group.

    Raises:
        ManifestError: a label has fewer groups than there are splits, or shares them with other labels in a way
            that cannot bring each into each split.
    """
    given = dict(given or {})
    counts: dict[str, Counter[str]] = {}
    for member in members:
        counts.setdefault(member.group, Counter()).update(member.labels)
    lost: list[tuple[str, str]] = []
    for attempt in range(ATTEMPTS):
        # A string seeds alike on every machine and version; hash() would not.
        assigned = _draw(counts, fractions.wanted, random.Random(f"{seed}/{attempt}"), given)
        lost = _lost(counts, assigned, fractions.wanted)
        if not lost or given:
            return assigned
    label, split = lost[0]
    raise ManifestError(
        f"Label '{label}' cannot be brought into {split}: its groups also have other labels and are needed elsewhere. "
        "Add clips of other artists, or build with --group-by none."
    )


def _draw(
    counts: dict[str, Counter[str]], wanted: dict[str, float], rng: random.Random, given: Mapping[str, str]
) -> dict[str, str]:
    order = sorted(counts)
    rng.shuffle(order)
    labels = sorted({label for group in counts.values() for label in group})
    totals = Counter()
    for group in counts.values():
        totals.update(group)
    # What each split still lacks of each label, in clips.
    lacking = {split: {label: part * totals[label] for label in labels} for split, part in wanted.items()}
    assigned: dict[str, str] = {}

    def put(group: str, split: str) -> None:
        assigned[group] = split
        if split in lacking:
            for label, number in counts[group].items():
                lacking[split][label] -= number

    for group in order:
        if group in given:
            put(group, given[group])
    # First each label, the rarest before others, gets one group in each split: the one nearest in size to what
    # the split lacks of it; the shuffle decides between equals.
    owners = {label: [group for group in order if label in counts[group]] for label in labels}
    for label in sorted(labels, key=lambda label: (len(owners[label]), label)):
        for split in sorted(wanted, key=lambda split: wanted[split]):
            if any(assigned.get(group) == split for group in owners[label]):
                continue
            free = [group for group in owners[label] if group not in assigned]
            if free:
                put(min(free, key=lambda group: abs(counts[group][label] - lacking[split][label])), split)
    # Then the rest, large groups first, each to the split that lacks most of its labels.
    for group in sorted((group for group in order if group not in assigned), key=lambda g: -counts[g].total()):
        put(group, max(wanted, key=lambda split: sum(lacking[split][label] for label in counts[group])))
    return assigned


def _lost(counts: dict[str, Counter[str]], assigned: dict[str, str], wanted: dict[str, float]) -> list[tuple[str, str]]:
    found = {(label, assigned[group]) for group, labels in counts.items() for label in labels}
    labels = sorted({label for group in counts.values() for label in group})
    return [(label, split) for label in labels for split in wanted if (label, split) not in found]
