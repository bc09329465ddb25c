"""The files of an evaluation of music from noise: metrics, windows, bins, skipped clips, and a figure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from fstmuse.data.stored import as_float
from fstmuse.inference.evaluation_folder import replacing, write_metrics, write_table
from fstmuse.inference.generate_evaluation import GenerateEvaluation
from fstmuse.inference.generate_settings import DRAWN, REAL, SHUFFLED, STATISTICS, WAYS
from fstmuse.inference.generate_words import GOAL
from fstmuse.tasks.generate_figure import Bars, Shown, beside_figure
from fstmuse.tasks.generate_metrics import decibels

WINDOWS, BINS, BESIDE_FIGURE = "windows.csv", "bins.csv", "beside.png"

_SHOWN = (0.0, 0.25, 0.5, 0.75)
"""Of the drawn windows by how near they are to one piece: which are shown."""


def write_generate_evaluation(evaluation: GenerateEvaluation, folder: Path) -> None:
    """Writes an evaluation; files of an earlier one in the same folder are replaced.

    - `metrics.json`: figures with protocol, n, manifest hash and what they say in words; written last, so that it
      stands for a whole set.
    - `windows.csv`: each drawn window, and each real one of the measured split, with the training window nearest to it.
    - `bins.csv`: windows in each bin.
    - `beside.png`: drawn windows above the training windows nearest to them.
    - `skipped.csv`: clips that could not be read, and why.

    Raises:
        DataError: the folder cannot be written.
    """
    with replacing(folder):
        columns = ("way", "seed", "clip_id", "start_s", "label", "distance", "relative", "copy")
        write_table(folder / WINDOWS, (*columns, "nearest_clip_id", "nearest_start_s"), _windows(evaluation))
        write_table(folder / BINS, ("bin", "training", *WAYS), _counts(evaluation))
        beside_figure(
            _pairs(evaluation),
            _bars(evaluation),
            {way: evaluation.nearest[way].relative for way in (DRAWN, REAL)},
            evaluation.card.mel,
            folder / BESIDE_FIGURE,
            f"{evaluation.card.name} on {evaluation.data} {evaluation.split}",
        )
        write_metrics(evaluation, folder)


def _pairs(evaluation: GenerateEvaluation) -> list[tuple[Shown, Shown]]:
    """The drawn window that is the most like a copy, and others by how much they are, with those they are like."""
    card, music, found = evaluation.card, evaluation.music, evaluation.nearest[DRAWN]
    order, hop_s = np.argsort(found.relative), card.mel.hop_length / card.mel.sample_rate
    pairs = []
    for number in (int(order[round(share * (len(order) - 1))]) for share in _SHOWN):
        example, start = int(found.examples[number]), int(found.starts[number])
        label = f", {card.labels[evaluation.windows.labels[number]]}" if card.labels else ""
        near = as_float(music.train.crop(example, start))
        where = f"{music.train_clips[example].clip_id} at {start * hop_s:.1f} s"
        drawn = Shown(decibels(evaluation.windows.ways[DRAWN][number], card.mel), f"seed {number}{label}")
        pairs.append((drawn, Shown(decibels(near, card.mel), f"{where}, {found.distances[number]:.1f} dB")))
    return pairs


def _bars(evaluation: GenerateEvaluation) -> list[Bars]:
    bars = []
    for one in evaluation.distances:
        unit = f", {one.unit}" if one.unit else ""
        what = STATISTICS if one.embedding == STATISTICS else "features"
        goal = one.by_way[REAL] + GOAL * (one.by_way[SHUFFLED] - one.by_way[REAL])
        marked = None if one.way is None else (goal, f"goal {GOAL:.0%}")
        bars.append(Bars(f"Fréchet distance,\n{what}{unit}", one.by_way, marked, True))
    different = {way: int(evaluation.bins.different(counts).sum()) for way, counts in evaluation.counts.items()}
    bars.append(Bars(f"statistically different\nbins of {evaluation.bins.count}", different))
    if evaluation.recognised:
        right = {way: 100 * float(values.mean()) for way, values in evaluation.recognised.right.items()}
        bars.append(Bars("taken for their label,\n% of sounds", right))
    return bars


def _windows(evaluation: GenerateEvaluation) -> Iterator[dict[str, Any]]:
    card, music, windows = evaluation.card, evaluation.music, evaluation.windows
    hop_s = card.mel.hop_length / card.mel.sample_rate
    counted = {DRAWN: evaluation.copies.drawn, REAL: evaluation.copies.held}
    for way, copied in counted.items():
        found = evaluation.nearest[way]
        for number, (example, start) in enumerate(windows.places):
            unseen = {"clip_id": music.held_clips[example].clip_id, "start_s": start * hop_s}
            yield {
                "way": way,
                **({"seed": number} if way == DRAWN else unseen),
                "label": card.labels[windows.labels[number]] if card.labels else "",
                "distance": float(found.distances[number]),
                "relative": float(found.relative[number]),
                "copy": int(copied[number]),
                "nearest_clip_id": music.train_clips[found.examples[number]].clip_id,
                "nearest_start_s": float(found.starts[number] * hop_s),
            }


def _counts(evaluation: GenerateEvaluation) -> Iterator[dict[str, Any]]:
    for number, known in enumerate(evaluation.bins.known):
        yield {"bin": number, "training": int(known)} | {
            way: int(counts[number]) for way, counts in evaluation.counts.items()
        }
