"""How the training of a GAN went: losses, who is right, how near what is drawn comes to real music."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from fstmuse.tasks.drawing import BLUE, GREY, ORANGE, new_figure, save, style

_PANELS = (
    ("loss", {"loss": "generator", "d_loss": "discriminator"}),
    ("discriminator is right", {"d_real": "of real pictures", "d_fake": "of drawn pictures"}),
    ("length of gradients", {"g_norm": "generator", "d_norm": "discriminator"}),
    ("distance to real, dB²", {"val_fd": "of drawn windows to validation clips"}),
    ("1: as in real music", {"diversity": "diversity", "nearest": "distance from single training clips"}),
)
"""What an axis tells, and its curves by column of the history."""


def gan_curves_figure(history: Sequence[Mapping[str, float]], path: Path, kept: int) -> Path:
    """Draws the curves of a GAN's training, with the epoch that is kept marked.

    Args:
        history: one row an epoch, of `fstmuse.training.gan.GanTrainer` and `fstmuse.training.samples.Samples`; one at
            least.
        path: the PNG to write.
        kept: the epoch, counted from 1.

    Returns:
        `path`.
    """
    from matplotlib.ticker import LogLocator

    epochs = np.array([row["epoch"] for row in history])
    distances = np.array([row["val_fd"] for row in history])
    figure = new_figure(8.2, 1.9 * len(_PANELS) + 0.6)
    for axes, (title, curves) in zip(figure.subplots(len(_PANELS), 1, sharex=True), _PANELS, strict=True):
        style(axes)
        axes.axvline(kept, color=GREY, linewidth=1, linestyle=(0, (2, 2)))
        for colour, (column, label) in zip((BLUE, ORANGE), curves.items(), strict=False):
            marker = "o" if len(epochs) <= 30 else ""
            axes.plot(
                epochs,
                [row.get(column, np.nan) for row in history],
                color=colour,
                label=label,
                linewidth=2,
                marker=marker,
                markersize=4,
            )
        axes.set_ylabel(title, fontsize=9)
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False, borderpad=0, fontsize=9)
        if column == "d_fake":
            axes.set_ylim(0, 1.05)
            axes.yaxis.set_major_formatter(lambda value, _: f"{round(100 * value)} %")
        elif column == "val_fd" and np.nanmin(distances) > 0:
            axes.set_yscale("log", subs=())
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_xlabel("epoch")
    axes.xaxis.get_major_locator().set_params(integer=True)
    figure.suptitle(f"{len(epochs)} epoch{'s' * (len(epochs) > 1)}, kept: epoch {kept}", fontsize=13, x=0.01, ha="left")
    return save(figure, path)
