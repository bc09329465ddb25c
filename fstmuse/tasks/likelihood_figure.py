"""How the training of a network that draws in turn went: the likelihood of each tier's elements, beside baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from fstmuse.tasks.drawing import BLUE, GREY, ORANGE, new_figure, save, style
from fstmuse.tasks.likelihood_baselines import Baseline


def tiers_figure(history: Sequence[Mapping[str, float]], baselines: Sequence[Baseline], path: Path) -> Path:
    """Draws each tier's curves in a panel of its own.

    Args:
        history: one row an epoch, of all tiers, with `tier`, `epoch` counted over all of them, `loss` and `val_loss`.
        baselines: of the tiers, on the validation clips.
        path: the PNG to write.

    Returns:
        `path`.
    """
    tiers = sorted({int(row["tier"]) for row in history})
    figure = new_figure(8.2, 2.0 * len(tiers) + 0.6)
    for axes, tier in zip(np.atleast_1d(figure.subplots(len(tiers), 1)), tiers, strict=True):
        style(axes)
        rows = [row for row in history if row["tier"] == tier]
        epochs = np.arange(1, len(rows) + 1)
        marker = "o" if len(rows) <= 30 else ""
        for column, label, colour in (("loss", "training", BLUE), ("val_loss", "validation", ORANGE)):
            values = [row[column] for row in rows]
            axes.plot(epochs, values, color=colour, label=label, linewidth=2, marker=marker, markersize=4)
        own = baselines[tier - 1]
        for value, label, dashes in (
            (own.bands, "a normal distribution for each band", (1, 2)),
            (own.frame_before, "given the frame before", (4, 2)),
        ):
            axes.axhline(value, color=GREY, linewidth=1.2, linestyle=(0, dashes), label=label)
        axes.set_ylabel(f"tier {tier}", fontsize=9)
        axes.xaxis.get_major_locator().set_params(integer=True)
        if tier == tiers[0]:
            axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=4, frameon=False, borderpad=0, fontsize=8)
    axes.set_xlabel("epoch of the tier")
    figure.suptitle("Negative log-likelihood, nats per element", fontsize=13, x=0.01, ha="left")
    return save(figure, path)
