"""A bar for each tag: how well a tagger ranks the clips by it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fstmuse.tasks.drawing import BLUE, GREY, ORANGE, count, new_figure, save, short, style

if TYPE_CHECKING:
    from fstmuse.tasks.tag_metrics import TagMetrics


def tags_figure(metrics: TagMetrics, path: Path, title: str = "") -> Path:
    """Draws ROC-AUC and average precision of every tag that there are both for, the best-ranked first.

    Args:
        metrics: of an evaluation.
        path: the PNG to write.
        title: a line above.

    Returns:
        `path`.
    """
    scores = sorted((score for score in metrics.per_tag if score.roc_auc is not None), key=lambda score: score.roc_auc)
    rows = np.arange(len(scores))
    figure = new_figure(9.5, 0.24 * len(scores) + 1.6)
    axes = figure.subplots(1, 2, sharey=True)
    columns = (
        ("ROC-AUC", [score.roc_auc for score in scores], metrics.roc_auc, BLUE, [0.5] * len(scores)),
        (
            "average precision",
            [score.average_precision for score in scores],
            metrics.average_precision,
            ORANGE,
            [score.support / metrics.n for score in scores],
        ),
    )
    for panel, (name, values, mean, colour, chance) in zip(axes, columns, strict=True):
        style(panel)
        panel.barh(rows, values, color=colour, height=0.7)
        panel.plot(chance, rows, "|", color="black", markersize=9, label="guessing")
        panel.axvline(mean, color=GREY, linewidth=1, linestyle=(0, (2, 2)), label="mean over tags")
        panel.set_xlim(0, 1)
        panel.set_title(f"{name}, mean {mean:.3f}", fontsize=11, loc="left")
    names = [f"{short(score.tag)} ({count(score.support)})" for score in scores]
    axes[0].set_yticks(rows, names, fontsize=8, parse_math=False)
    axes[0].set_ylabel("tag (clips)", fontsize=9)
    axes[0].set_ylim(-0.6, len(scores) - 0.4)
    axes[1].legend(loc="lower right", fontsize=8, framealpha=0.9)
    if title:
        figure.suptitle(short(title, 110), fontsize=12, x=0.01, ha="left", parse_math=False)
    return save(figure, path)
