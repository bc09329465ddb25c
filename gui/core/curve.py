"""What a painted curve needs to know: round numbers for its axes, spans, the best epoch. Free of Qt."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence

from fstmuse.training.run import best_epoch

_ROUND = (1, 2, 5, 10)


def ticks(low: float, high: float, at_most: int, whole: bool = False) -> list[float]:
    """Round numbers from `low` to `high`, both included where they are round.

    Args:
        low: start of the axis.
        high: its end, not below `low`.
        at_most: how many there is room for; two or more.
        whole: only whole numbers.

    Returns:
        Numbers in order, steps of 1, 2 or 5 times a power of ten.
    """
    if high <= low:
        return [low]
    rough = (high - low) / max(1, at_most - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    # Finer steps may fit as well, where the axis begins and ends between two numbers.
    for step in (power * scale * nice for scale in (0.1, 1) for nice in _ROUND):
        if whole and step < 1:
            continue
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < at_most:
            break
    # Rounded, so that 3 * 0.1 is 0.3.
    return [round(number * step, 12) for number in range(first, last + 1)]


def tick_text(value: float, step: float) -> str:
    """A tick's number with as many places as the step between ticks has."""
    places = max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 0
    return f"{value:.{min(places, 9)}f}"


def span(values: Iterable[float]) -> tuple[float, float]:
    """Lowest and highest of the finite values, with a little room; (0, 1) when there are none."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return 0.0, 1.0
    low, high = min(finite), max(finite)
    room = 0.06 * (high - low) or 0.1 * abs(high) or 0.1
    return low - room, high + room


def best_row(rows: Sequence[Mapping[str, float]]) -> Mapping[str, float] | None:
    """The row whose weights a training keeps, see `fstmuse.training.run.best_epoch`; None without one.

    Args:
        rows: of history.csv, of one tier.
    """
    judged = [row for row in rows if "val_loss" in row or "val_fd" in row]
    best = best_epoch(judged)
    return next((row for row in judged if row["epoch"] == best), None)


def tier_pieces(rows: Sequence[Mapping[str, float]]) -> list[tuple[int, list[Mapping[str, float]]]]:
    """Rows tier by tier: their losses are of different elements, and say nothing of each other.

    Returns:
        Each tier's number and rows, in order; one tier 0 with all rows where they tell of no tiers.
    """
    tiers = itertools.groupby(rows, key=lambda row: int(row.get("tier", 0)))
    return [(tier, list(found)) for tier, found in tiers]


def best_rows(rows: Sequence[Mapping[str, float]]) -> list[Mapping[str, float]]:
    """The row whose weights a training keeps, of each tier; none of those that have no such row."""
    return [best for _, piece in tier_pieces(rows) if (best := best_row(piece)) is not None]


def last_epoch_shown(rows: Sequence[Mapping[str, float]], epochs: int) -> float:
    """Where the axis of epochs ends: it grows with the training, so that the start of a long one is no dot."""
    last = rows[-1]["epoch"] if rows else 1.0
    return max(last, min(10, epochs), 2.0)
