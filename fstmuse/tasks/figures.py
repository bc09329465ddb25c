"""Pictures of a training and an evaluation, as PNG files on a light ground."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fstmuse.errors import DataError
from fstmuse.spec import MelSpec
from fstmuse.tasks.drawing import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    SHOWN_DB,
    count,
    mel_ticks,
    new_figure,
    save,
    short,
    style,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def confusion_figure(matrix: np.ndarray, labels: Sequence[str], path: Path, title: str = "") -> Path:
    """Draws a confusion matrix: counts, and shares of each true label.

    Args:
        matrix: int (labels, labels) clips, true label by row, predicted by column.
        labels: their names; up to about 50 stay legible.
        path: the PNG to write.
        title: a line above; default says what rows are.

    Returns:
        `path`.

    Raises:
        DataError: `matrix` does not fit `labels`.
    """
    matrix = np.asarray(matrix)
    n = len(labels)
    if n == 0 or matrix.shape != (n, n):
        raise DataError(f"Received a confusion matrix of shape {matrix.shape}; expected ({n}, {n}) for {n} labels.")
    names = [short(label) for label in labels]
    totals = matrix.sum(axis=1)
    shares = np.divide(matrix, totals[:, None], out=np.zeros((n, n)), where=totals[:, None] > 0)

    cell = float(np.clip(8.0 / n, 0.52, 1.15))  # inches: two lines of text still fit the smallest
    font = float(np.clip(cell * 13, 5.2, 12))
    names_font = float(np.clip(cell * 16, 6.5, 12))
    longest = max(len(name) for name in names) + 8
    margin = longest * names_font * 0.0085 + 0.6
    slanted = max(len(name) for name in names) * names_font * 0.0085 > cell
    figure = new_figure(n * cell + margin + 1.1, n * cell + (margin if slanted else 0.7) + 0.8)
    axes = figure.add_subplot()
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="equal")
    for row, column in zip(*np.nonzero(matrix), strict=True):
        share = shares[row, column]
        axes.text(
            column,
            row,
            f"{count(matrix[row, column])}\n{f'{100 * share:.0f}' if share >= 0.01 else '<1'} %",
            ha="center",
            va="center",
            fontsize=font,
            linespacing=1.15,
            color="white" if share > 0.55 else INK,
        )
    for row in np.flatnonzero(totals == 0):
        axes.axhspan(row - 0.5, row + 0.5, facecolor="#F3F4F6", edgecolor="#D1D5DB", hatch="///", linewidth=0)
    axes.set_yticks(
        range(n),
        [f"{name} ({count(total)})" for name, total in zip(names, totals, strict=True)],
        fontsize=names_font,
        parse_math=False,
    )
    axes.set_xticks(range(n), names, fontsize=names_font, parse_math=False)
    if slanted:
        for tick in axes.get_xticklabels():
            if n <= 20:
                tick.set(rotation=45, ha="right", rotation_mode="anchor")
            else:
                tick.set(rotation=90)
    axes.set_xticks(np.arange(n + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(n + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=min(1.5, cell * 2))
    axes.tick_params(which="both", length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("Predicted label", fontsize=max(names_font, 10))
    axes.set_ylabel("True label (clips)", fontsize=max(names_font, 10))
    right = np.trace(matrix) / max(matrix.sum(), 1)
    axes.set_title(
        title or f"{count(matrix.sum())} clips, {100 * right:.1f} % right", fontsize=13, loc="left", parse_math=False
    )
    # Inset, so that the bar is as high as the matrix; both in inches, as cells are.
    beside = axes.inset_axes((1 + 0.18 / (n * cell), 0, 0.2 / (n * cell), 1))
    bar = figure.colorbar(image, cax=beside, ticks=[0, 0.25, 0.5, 0.75, 1])
    bar.ax.set_yticklabels(["0 %", "25 %", "50 %", "75 %", "100 %"])
    bar.set_label("of the true label's clips")
    bar.outline.set_visible(False)
    return save(figure, path)


def curves_figure(
    history: Sequence[Mapping[str, Any]],
    path: Path,
    metric: str = "accuracy",
    best_epoch: int | None = None,
) -> Path:
    """Draws how a training went: loss, metric and learning rate over epochs.

    Args:
        history: one row per epoch with `loss` and, where known, `epoch` (counted from 1 when
            absent), `val_loss`, `metric`, `val_` + metric, `learning_rate`; numbers or their
            text as read from a CSV; an empty text is a gap.
        path: the PNG to write.
        metric: name of the second curve.
        best_epoch: the epoch to mark; default the one of the lowest validation loss (lowest loss without one).

    Returns:
        `path`.

    Raises:
        DataError: there is no row, or none has a loss.
    """
    columns = {
        name: np.array([_number(row.get(name)) for row in history])
        for name in ("epoch", "loss", "val_loss", metric, f"val_{metric}", "learning_rate")
    }
    if not np.isfinite(columns["loss"]).any():
        raise DataError(f"Received a history of {len(history)} epochs without a loss; train for one epoch at least.")
    epochs = columns["epoch"]
    epochs = np.where(np.isfinite(epochs), epochs, np.arange(1, len(epochs) + 1))
    judge = columns["val_loss"] if np.isfinite(columns["val_loss"]).any() else columns["loss"]
    if best_epoch is None:
        best_epoch = int(epochs[np.nanargmin(judge)])

    panels = ["loss"]
    panels += [metric] if np.isfinite(np.r_[columns[metric], columns[f"val_{metric}"]]).any() else []
    panels += ["learning_rate"] if np.isfinite(columns["learning_rate"]).any() else []
    heights = [1.1 if panel == "learning_rate" else 2.6 for panel in panels]
    figure = new_figure(8.2, sum(heights) + 0.9)
    all_axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    for axes, panel in zip(all_axes, panels, strict=True):
        style(axes)
        axes.axvline(best_epoch, color=GREY, linewidth=1, linestyle=(0, (2, 2)))
        if panel == "learning_rate":
            _line(axes, epochs, columns[panel], GREEN, "learning rate")
            axes.set_ylabel("learning rate")
            rates = columns[panel][columns[panel] > 0]
            if len(rates) and rates.max() / rates.min() > 20:
                axes.set_yscale("log")
            else:
                axes.set_ylim(0, 1.15 * max(rates.max(initial=0), 1e-9))
                axes.ticklabel_format(axis="y", style="sci", scilimits=(-2, 3))
            continue
        _line(axes, epochs, columns[panel], BLUE, "training")
        _line(axes, epochs, columns[f"val_{panel}"], ORANGE, "validation", dashed=True)
        _mark_best(axes, epochs == best_epoch, best_epoch, columns[panel], columns[f"val_{panel}"], panel == "accuracy")
        axes.set_ylabel(panel.replace("_", " "))
        if panel == "accuracy":
            axes.yaxis.set_major_formatter(lambda value, _: f"{round(100 * value, 2):g} %")
    all_axes[0].legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False, borderpad=0)
    all_axes[0].set_title(
        f"{len(epochs)} epoch{'s' * (len(epochs) > 1)}, best: epoch {best_epoch}", fontsize=13, loc="left"
    )
    all_axes[-1].set_xlabel("epoch")
    all_axes[-1].xaxis.get_major_locator().set_params(integer=True)
    if len(epochs) == 1:
        all_axes[-1].set_xlim(epochs[0] - 1, epochs[0] + 1)
    return save(figure, path)


def spectrogram_figure(log_mels: Sequence[np.ndarray], titles: Sequence[str], mel_spec: MelSpec, path: Path) -> Path:
    """Draws example mel spectrograms as a grid with one colour scale.

    Args:
        log_mels: float (frames, n_mels) each, as `mel_spec` makes them. Linear ones
            (`log="none"`) are shown in dB relative to the loudest of them.
        titles: one for each.
        mel_spec: for the axes: time in s, mel bands in Hz.
        path: the PNG to write.

    Returns:
        `path`.

    Raises:
        DataError: there is none, titles lack, or a picture does not fit `mel_spec`.
    """
    if not log_mels or len(log_mels) != len(titles):
        raise DataError(f"Received {len(log_mels)} spectrograms and {len(titles)} titles; expected one title for each.")
    for title, picture in zip(titles, log_mels, strict=True):
        if np.ndim(picture) != 2 or np.shape(picture)[1] != mel_spec.n_mels or len(picture) == 0:
            raise DataError(
                f"{title}: received a spectrogram of shape {np.shape(picture)}; expected (frames, {mel_spec.n_mels})."
            )
    pictures = [np.asarray(picture, np.float32) for picture in log_mels]
    unit = "dB relative to full scale"
    if mel_spec.log == "none":
        loudest = max(*(float(picture.max()) for picture in pictures), 1e-12)
        pictures = [20 / mel_spec.power * np.log10(np.maximum(picture / loudest, 1e-12)) for picture in pictures]
        unit = "dB relative to the loudest"
    high = max(float(picture.max()) for picture in pictures)
    low = min(max(high - SHOWN_DB, min(float(picture.min()) for picture in pictures)), high - 1)

    columns = min(len(pictures), 3 if len(pictures) > 4 else 2)
    rows = math.ceil(len(pictures) / columns)
    figure = new_figure(4.3 * columns + 0.9, 2.5 * rows + 0.3)
    grid = figure.subplots(rows, columns, squeeze=False)
    ticks, names = mel_ticks(mel_spec)
    for position, axes in enumerate(grid.flat):
        if position >= len(pictures):
            axes.set_axis_off()
            continue
        picture = pictures[position]
        seconds = len(picture) * mel_spec.hop_length / mel_spec.sample_rate
        image = axes.imshow(
            picture.T,
            origin="lower",
            aspect="auto",
            interpolation="nearest" if len(picture) < 400 else "antialiased",
            cmap="magma",
            vmin=low,
            vmax=high,
            extent=(0, seconds, -0.5, mel_spec.n_mels - 0.5),
        )
        axes.set_title(short(titles[position], 44), fontsize=10, loc="left", parse_math=False)
        axes.set_yticks(ticks, names, fontsize=8)
        axes.tick_params(axis="x", labelsize=8)
        axes.spines[:].set_visible(False)
        if position % columns == 0:
            axes.set_ylabel("Hz", fontsize=9)
        if position + columns >= len(pictures):
            axes.set_xlabel("s", fontsize=9)
    bar = figure.colorbar(image, ax=grid, fraction=0.03, pad=0.015, aspect=30)
    bar.set_label(unit, fontsize=9)
    bar.ax.tick_params(labelsize=8)
    bar.outline.set_visible(False)
    return save(figure, path)


def _line(axes: Axes, x: np.ndarray, y: np.ndarray, colour: str, label: str, dashed: bool = False) -> None:
    known = np.isfinite(y)
    if not known.any():
        return
    # Few epochs need dots: one alone makes no line at all.
    marker = "o" if known.sum() <= 30 else ""
    dashes = (0, (5, 1.5)) if dashed else "-"
    axes.plot(x[known], y[known], color=colour, label=label, linewidth=2, marker=marker, markersize=4, linestyle=dashes)


def _mark_best(
    axes: Axes, here: np.ndarray, best_epoch: int, training: np.ndarray, validation: np.ndarray, percent: bool
) -> None:
    if not np.isfinite(validation[here]).any():
        return
    value = float(validation[here][-1])
    # On the side where the training curve is not.
    side = -1 if float(training[here][-1]) > value else 1
    axes.plot(
        best_epoch, value, "o", color=ORANGE, markersize=9, markeredgecolor="white", markeredgewidth=1.5, zorder=5
    )
    axes.annotate(
        f"{100 * value:.1f} %" if percent else f"{value:.3f}",
        (best_epoch, value),
        xytext=(0, 9 * side),
        textcoords="offset points",
        ha="center",
        va="bottom" if side > 0 else "top",
        fontsize=10,
        fontweight="bold",
        color=ORANGE,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1},
    )


def _number(value: Any) -> float:
    return float("nan") if value is None or value == "" else float(value)
