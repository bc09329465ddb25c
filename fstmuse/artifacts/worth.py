"""What a card says of how good its network is, in words. Cards are files: nothing is taken for granted here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from fstmuse.artifacts.card import Card

_INTERVAL = "_interval"
_FIRST = "test"
"""Clips that training has not seen: their figures are the ones to show."""
_WORDS = {
    "macro_f1": "macro-F1",
    "majority": "the most frequent label alone",
    "roc_auc": "ROC-AUC",
    "bce": "binary cross-entropy",
    "chance": "average precision of guessing",
    "rmse": "RMSE",
    "mae": "MAE",
    "lsd": "LSD",
    "nll": "NLL per element",
    "lsd_linear": "LSD of bins",
}
_SKIPPED = "_with_skipped"


@dataclass(frozen=True)
class Score:
    """The figure that a network is known by.

    Args:
        split: of the clips that it was measured on.
        what: such as accuracy.
        value: of it.
        low: lower end of its 95 % interval.
        high: upper end.
        n: clips; None when the card does not say.
        unit: such as dB; empty for shares.
        beside: the same of what it is measured against, in words; empty when there is nothing.
    """

    split: str
    what: str
    value: float
    low: float
    high: float
    n: int | None
    unit: str = ""
    beside: str = ""

    def __str__(self) -> str:
        split = "" if self.split == _FIRST else f" ({self.split})"
        n = "" if self.n is None else f", n = {self.n:,}"
        beside = f" ({self.beside})" if self.beside else ""
        return f"{self.what} {_figure(self.value, self.unit)}{beside}{n}{split}"


def headline(card: Card) -> Score | None:
    """The figure with an interval of the test clips, or of the first other clips that have one; None without any."""
    for split in sorted(card.metrics, key=lambda name: name != _FIRST):
        values = card.metrics[split]
        for name in values:
            interval = _interval(values, name)
            if interval is not None:
                n, unit = _count(values.get("n")), _text(values.get("unit"))
                beside = next(iter(_beside(values, (name,))), "")
                return Score(split, _word(name, values), float(values[name]), *interval, n, unit, beside)
    return None


def figures(values: dict[str, Any]) -> str:
    """All figures of a split with their intervals, how many clips they are over, and what to know about them.

    Args:
        values: of a split, as the card has them.

    Returns:
        One line; empty when there is no figure in them.
    """
    told, unit = [], _text(values.get("unit"))
    for name, value in values.items():
        base = name.removesuffix(_SKIPPED)
        repeats = base != name and values.get(base) == value
        if not _is_figure(value) or repeats:
            continue
        interval = _interval(values, name)
        ends = [_figure(end, unit).removesuffix(f" {unit}") for end in interval or ()]
        within = f" (95 % interval {' to '.join(ends)})" if ends else ""
        told.append(f"{_word(name, values)} {_figure(value, unit)}{within}")
    if not told:
        return ""
    n = _count(values.get("n"))
    over = [] if n is None else [f"n = {n:,} clip{'' if n == 1 else 's'}"]
    data = values.get("data")
    if over and isinstance(data, str) and data:
        over[0] += f" of {data}"
    if skipped := _count(values.get("skipped")):
        over.append(f"{skipped:,} could not be heard")
    notes = values.get("notes")
    remarks = [note for note in notes if isinstance(note, str)] if isinstance(notes, list) else []
    # Remarks are sentences of their own.
    return "; ".join(
        [
            ", ".join(told),
            *over,
            *_beside(values, ("rmse", "mae", "lsd", "nll")),
            *(remark.rstrip(".") for remark in remarks),
        ]
    )


def protocols(card: Card) -> list[str]:
    """How the figures were measured, each way once."""
    told = (values.get("protocol") for values in card.metrics.values())
    return list(dict.fromkeys(text for text in told if isinstance(text, str) and text))


def _beside(values: dict[str, Any], names: tuple[str, ...]) -> list[str]:
    """What simpler ways reached in some figures, as "linear interpolation 5.96 dB"."""
    others, unit = values.get("beside"), _text(values.get("unit"))
    told = []
    for way, reached in others.items() if isinstance(others, dict) else ():
        found = [name for name in names if isinstance(reached, dict) and _is_figure(reached.get(name))]
        said = [
            _figure(reached[name], unit) if len(names) == 1 else f"{_word(name, values)} {_figure(reached[name], unit)}"
            for name in found
        ]
        if said:
            told.append(f"{way} {', '.join(said)}" if len(names) == 1 else f"{way}: {', '.join(said)}")
    return told


def _figure(value: float, unit: str) -> str:
    return f"{value:.2f} {unit}" if unit else f"{value:.3f}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _word(name: str, values: dict[str, Any]) -> str:
    # Of a gap the width is told.
    where = " in the gap" if name == "rmse" and "width" in values else ""
    return (_WORDS.get(name) or name.replace("_", " ")) + where


def _interval(values: dict[str, Any], name: str) -> tuple[float, float] | None:
    """Of a figure that has one."""
    pair = values.get(f"{name}{_INTERVAL}")
    if not _is_figure(values.get(name)) or not isinstance(pair, list) or len(pair) != 2:
        return None
    return (float(pair[0]), float(pair[1])) if all(map(_is_figure, pair)) else None


def _is_figure(value: object) -> bool:
    """A share or score; whole numbers count things. An accuracy of 1.0 is a float in JSON, too."""
    return isinstance(value, float) and math.isfinite(value)


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
