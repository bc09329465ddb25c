"""How well an artifact fills gaps in the log-mels of the clips of one split, beside what needs no network."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fstmuse.artifacts.card import NETWORK, Card
from fstmuse.artifacts.load import load
from fstmuse.data.cache import prepare
from fstmuse.data.csv_rows import write_rows
from fstmuse.data.manifest import Manifest
from fstmuse.data.stored import as_float
from fstmuse.errors import ArtifactError, DataError, ManifestError
from fstmuse.features.mel import LogMel
from fstmuse.tasks.gap_figure import widths_figure
from fstmuse.tasks.gap_metrics import (
    BASELINES,
    MEASURES,
    RANGE_DB,
    RESAMPLES,
    GapErrors,
    compared,
    gap_errors,
    in_range,
    intervals,
)

WIDTH = 10
"""Frames of the gap that the figures are about: 0.23 s at hop 512 and 22,050 Hz."""

WIDTHS = (1, 2, 4, 7, 10, 14, 20, 30, 40)
"""Of the curve."""

FRAMES = 431
"""Of each clip that are looked at, around the gap: 10 s at hop 512 and 22,050 Hz."""

METRICS, CLIPS, CURVE, CURVE_FIGURE, SKIPPED = "metrics.json", "clips.csv", "widths.csv", "widths.png", "skipped.csv"
OURS = "network"
_BATCH = 16


@dataclass(frozen=True, eq=False)
class InfillEvaluation:
    """Errors in the gaps of clips.

    Args:
        card: of the artifact.
        data: name of the manifest.
        manifest_hash: of the whole manifest.
        split: which clips of it.
        clips: clip_id of those that were measured.
        skipped: clip_id, path and reason of those that could not be.
        errors: by width in frames, by way; the network's are `OURS`.
    """

    card: Card
    data: str
    manifest_hash: str
    split: str
    clips: tuple[str, ...]
    skipped: tuple[tuple[str, str, str], ...]
    errors: dict[int, dict[str, GapErrors]]

    @property
    def width(self) -> int:
        """Frames of the gap that the figures are about."""
        return WIDTH if WIDTH in self.errors else max(self.errors)

    @property
    def protocol(self) -> str:
        """How the figures came about, in words."""
        mel = self.card.mel
        return (
            f"The {self.width} middle frames of each clip's log-mel ({mel.n_mels} bands, n_fft {mel.n_fft}, hop "
            f"{mel.hop_length}, {mel.sample_rate:,} Hz; at most {FRAMES} frames around the middle) are hidden and "
            f"filled in. Differences are in dB, of pictures cut off {RANGE_DB:g} dB below the clip's loudest value. "
            "rmse and mae are over all values of all clips; lsd is the mean over frames of the root of the mean over "
            "bands of the squared difference. The interval is a 95 % percentile bootstrap over clips "
            f"({RESAMPLES:,} resamples, seed 0); p_ values are of Wilcoxon's signed-rank test, two-sided, paired by "
            "clip."
        )

    def as_dict(self) -> dict[str, Any]:
        """Everything but the single clips as plain values for JSON."""
        here = self.errors[self.width]
        ours = here[OURS]
        figures: dict[str, Any] = {}
        bounds = intervals(ours)
        for name, value in ours.pooled().items():
            figures |= {name: value, f"{name}_interval": list(bounds[name])}
        return {
            "artifact": self.card.name,
            "network": self.card.network,
            "network_sha256": self.card.checksums.get(NETWORK, ""),
            "data": self.data,
            "split": self.split,
            "manifest_hash": self.manifest_hash,
            "protocol": self.protocol,
            "n": len(self.clips),
            "skipped": len(self.skipped),
            "width": self.width,
            "unit": "dB",
            **figures,
            "beside": compared(ours, {name: errors for name, errors in here.items() if name != OURS}),
        }

    def curve(self) -> list[dict[str, Any]]:
        """A row for each width and way: `width`, `way` and the measures."""
        return [
            {"width": width, "way": name} | errors.pooled()
            for width, ways in sorted(self.errors.items())
            for name, errors in ways.items()
        ]


def evaluate_infill(
    artifact: Path,
    manifest: Manifest,
    root: Path,
    split: str,
    progress: Callable[[float], None] | None = None,
    *,
    seconds: float,
    workers: int = 0,
) -> InfillEvaluation:
    """Hides frames in the middle of each clip's picture and compares what an artifact fills in.

    Args:
        artifact: its folder.
        manifest: of the data set; labels do not matter.
        root: the folder that its paths are relative to.
        split: train, valid or test.
        progress: called with the share that is done, 0 to 1.
        seconds: how much of each clip is read.
        workers: processes that decode.

    Raises:
        ArtifactError: the artifact is missing, damaged, or fills no gaps.
        ManifestError: the split has no usable clip.
        DataError: no clip can be measured.
    """
    network, card = load(artifact)
    if card.task != "infill":
        raise ArtifactError(f"{artifact} was trained to {card.task}; expected an artifact that fills gaps.")
    if not manifest.split(split).clips:
        raise ManifestError(f"{manifest.source or manifest.name}: the split {split} has no usable clip.")
    fixed = network.output_shape[1]
    pictures, clips, skipped = _pictures(card, fixed, manifest, root, split, seconds, workers)
    widths = sorted({min(width, _widest(pictures)) for width in WIDTHS})
    errors = {}
    for done, width in enumerate(widths, start=1):
        gaps = [((len(picture) - width) // 2, (len(picture) - width) // 2 + width) for picture in pictures]
        truths = [picture[slice(*gap)] for picture, gap in zip(pictures, gaps, strict=True)]
        errors[width] = {OURS: gap_errors(truths, _filled(network, pictures, gaps, card.mel.floor_db))}
        for name, fill in BASELINES.items():
            filled = [fill(picture, *gap) for picture, gap in zip(pictures, gaps, strict=True)]
            errors[width][name] = gap_errors(truths, filled)
        if progress:
            progress(done / len(widths))
    return InfillEvaluation(card, manifest.name, manifest.hash, split, clips, skipped, errors)


def write_infill_evaluation(evaluation: InfillEvaluation, folder: Path) -> None:
    """Writes an evaluation; files of an earlier one in the same folder are replaced.

    - `metrics.json`: figures with protocol, n, manifest hash; written last, so that it stands for a whole set.
    - `clips.csv`: the errors of each clip in each way.
    - `widths.csv`, `widths.png`: figures over the width of the gap.
    - `skipped.csv`: clips that could not be measured, and why.

    Raises:
        DataError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / METRICS).unlink(missing_ok=True)
        here = evaluation.errors[evaluation.width]
        rows = [
            {"clip_id": clip, "way": name} | {measure: repr(float(getattr(errors, measure)[n])) for measure in MEASURES}
            for n, clip in enumerate(evaluation.clips)
            for name, errors in here.items()
        ]
        write_rows(folder / CLIPS, ("clip_id", "way", *MEASURES), rows)
        curve = evaluation.curve()
        write_rows(folder / CURVE, ("width", "way", *MEASURES), [{k: str(v) for k, v in row.items()} for row in curve])
        columns = ("clip_id", "path", "reason")
        write_rows(folder / SKIPPED, columns, [dict(zip(columns, row, strict=True)) for row in evaluation.skipped])
        ways = {name: [row for row in curve if row["way"] == name] for name in here}
        title = f"{evaluation.card.name} on {evaluation.data} {evaluation.split} ({len(evaluation.clips)} clips)"
        widths = sorted(evaluation.errors)
        widths_figure(widths, ways.pop(OURS), ways, evaluation.card.mel, folder / CURVE_FIGURE, title)
        text = json.dumps(evaluation.as_dict() | {"widths": curve}, indent=2, ensure_ascii=False)
        (folder / METRICS).write_text(text + "\n", "utf-8")
    except OSError as error:
        raise DataError(
            f"{error.filename or folder}: cannot be written ({error.strerror or error}). Choose another place by --out."
        ) from None


def _pictures(
    card: Card, fixed: int | None, manifest: Manifest, root: Path, split: str, seconds: float, workers: int
) -> tuple[list[np.ndarray], tuple[str, ...], tuple[tuple[str, str, str], ...]]:
    """Middle parts of the clips' pictures, float32 (frames, mels), with their ids, and clips that have none."""
    window = card.mel.frames(card.audio.samples)
    spec = dataclasses.replace(card.audio, seconds=max(seconds, card.audio.seconds))
    wanted = Manifest(manifest.name, manifest.split(split).clips, manifest.source)
    cache = prepare(wanted, root, spec, kind="log-mel", mel=LogMel(card.mel), workers=workers)
    pictures = []
    for position, samples in enumerate(cache.samples):
        # What is shorter than the network's window was repeated to fill it, as in training.
        frames = max(card.mel.frames(int(samples)), window)
        length = fixed or min(frames, FRAMES)
        first = (frames - length) // 2
        pictures.append(in_range(as_float(cache.row(position)[first : first + length])))
    return pictures, tuple(cache.ids), tuple(cache.bad)


def _widest(pictures: Sequence[np.ndarray]) -> int:
    """A gap that leaves frames on both sides of every picture."""
    return max(1, min(map(len, pictures)) - 2)


def _filled(
    network: Any, pictures: Sequence[np.ndarray], gaps: Sequence[tuple[int, int]], floor_db: float
) -> list[np.ndarray]:
    """What a network puts into a gap of each picture, float32 (gap's frames, mels)."""
    found: dict[int, np.ndarray] = {}
    by_length: dict[int, list[int]] = {}
    for number, picture in enumerate(pictures):
        by_length.setdefault(len(picture), []).append(number)
    for length, numbers in by_length.items():
        for first in range(0, len(numbers), _BATCH):
            chosen = numbers[first : first + _BATCH]
            missing = np.zeros((len(chosen), length), np.float32)
            for row, number in enumerate(chosen):
                missing[row, slice(*gaps[number])] = 1
            whole = np.stack([pictures[number] for number in chosen])
            # The network must not find the answer in what it is given.
            hidden = np.where(missing[..., None] > 0, np.float32(floor_db), whole)
            answers = np.asarray(network.predict_on_batch({"picture": hidden, "missing": missing}))
            for row, number in enumerate(chosen):
                found[number] = in_range(answers[row], like=pictures[number])[slice(*gaps[number])]
    return [found[number] for number in range(len(pictures))]
