"""How well an artifact goes on with the log-mels of the clips of one split, beside what needs no network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fstmuse.artifacts.card import Card
from fstmuse.artifacts.load import load
from fstmuse.data.manifest import Manifest
from fstmuse.errors import ArtifactError, DataError
from fstmuse.inference.evaluation_folder import heading, with_intervals
from fstmuse.inference.gap_stretches import FRAMES, batches, read_stretches
from fstmuse.tasks.gap_metrics import OURS, RANGE_DB, RESAMPLES, GapErrors, compared, gap_errors, in_range
from fstmuse.tasks.going_on_metrics import (
    AHEAD,
    BEST,
    DRAWN,
    DRAWS,
    best_errors,
    beyond,
    by_lag,
    mean_errors,
    spread,
)


@dataclass(frozen=True, eq=False)
class ContinueEvaluation:
    """Errors in the frames that were foretold.

    Args:
        card: of the artifact.
        data: name of the manifest.
        manifest_hash: of the whole manifest.
        split: which clips of it.
        clips: clip_id of those that were measured.
        skipped: clip_id, path and reason of those that could not be.
        frames: how many were foretold of each.
        errors: by way: `OURS` is the network's best guess, `DRAWN` the mean over its draws, `BEST` the nearest one.
        spread: standard deviation among the draws, in dB.
        curve: a row for each frame after the end and way: `lag`, `way` and the measures.
    """

    card: Card
    data: str
    manifest_hash: str
    split: str
    clips: tuple[str, ...]
    skipped: tuple[tuple[str, str, str], ...]
    frames: int
    errors: dict[str, GapErrors]
    spread: float
    curve: list[dict[str, Any]]

    @property
    def protocol(self) -> str:
        """How the figures came about, in words."""
        mel = self.card.mel
        return (
            f"The last {self.frames} frames of each clip's log-mel ({mel.n_mels} bands, n_fft {mel.n_fft}, hop "
            f"{mel.hop_length}, {mel.sample_rate:,} Hz; at most {FRAMES} frames around the middle, whole ones alone) "
            "are foretold from those before them. Differences are in dB, of pictures cut off "
            f"{RANGE_DB:g} dB below the clip's loudest value. rmse and mae are over all values of all clips; lsd is "
            "the mean over frames of the root of the mean over bands of the squared difference. The network's own "
            f"figures are of its best guess; {DRAWN} is the mean over {DRAWS} draws, {BEST} takes the one of the "
            "smallest squared error for each clip, which needs to know the answer; spread is the standard deviation "
            "among draws. The interval is a 95 % percentile bootstrap over clips "
            f"({RESAMPLES:,} resamples, seed 0); p_ values are of Wilcoxon's signed-rank test, two-sided, paired by "
            "clip."
        )

    def as_dict(self) -> dict[str, Any]:
        """Everything but the single clips as plain values for JSON."""
        ours = self.errors[OURS]
        return {
            **heading(self),
            "frames": self.frames,
            **with_intervals(ours),
            "beside": compared(ours, {name: self.errors[name] for name in AHEAD}),
            "draws": {name: self.errors[name].pooled() for name in (DRAWN, BEST)},
            "spread": self.spread,
        }


def evaluate_continue(
    artifact: Path,
    manifest: Manifest,
    root: Path,
    split: str,
    progress: Callable[[float], None] | None = None,
    *,
    seconds: float,
    workers: int = 0,
) -> ContinueEvaluation:
    """Foretells the last frames of each clip's picture and compares them with what they were.

    Args:
        artifact: its folder.
        manifest: of the data set; labels do not matter.
        root: the folder that its paths are relative to.
        split: train, valid or test.
        progress: called with the share that is done, 0 to 1.
        seconds: how much of each clip is read.
        workers: processes that decode.

    Raises:
        ArtifactError: the artifact is missing, damaged, or does not go on.
        ManifestError: the split has no usable clip.
        DataError: no clip can be measured.
    """
    network, card = load(artifact)
    if card.task != "continue":
        raise ArtifactError(f"{artifact} was trained to {card.task}; expected an artifact that goes on.")
    stretches = read_stretches(card, None, manifest, root, split, seconds, workers)
    frames, latent = int(network.output_shape[1]), int(network.input["code"].shape[-1])
    pictures = [in_range(picture[: len(picture) - beyond(card.mel)]) for picture in stretches.pictures]
    if min(map(len, pictures)) <= frames:
        raise DataError(f"{manifest.name}: a clip has no more than the {frames} frames to foretell. Leave it out.")
    truths = [picture[-frames:] for picture in pictures]
    answers: dict[str, list[np.ndarray]] = {}
    draws = []
    for number in range(DRAWS + 1):
        codes = np.zeros((len(pictures), latent), np.float32)
        if number:
            codes = np.random.default_rng(number).standard_normal(codes.shape, np.float32)
        found = _foretold(network, pictures, codes, frames)
        if number:
            draws.append(found)
        else:
            answers[OURS] = found
        if progress:
            progress((number + 1) / (DRAWS + 1))
    for name, go_on in AHEAD.items():
        answers[name] = [go_on(picture, len(picture) - frames, len(picture)) for picture in pictures]
    errors = {name: gap_errors(truths, found) for name, found in answers.items()}
    drawn = [gap_errors(truths, found) for found in draws]
    errors |= {DRAWN: mean_errors(drawn), BEST: best_errors(drawn)}
    curve = [{"way": name} | row for name, found in answers.items() for row in by_lag(truths, found)]
    # Over all draws: what one of them is off by.
    pooled = by_lag(truths * DRAWS, [clip for found in draws for clip in found])
    curve += [{"way": DRAWN} | row for row in pooled]
    clips = tuple(clip.clip_id for clip in stretches.clips)
    return ContinueEvaluation(
        card,
        manifest.name,
        manifest.hash,
        split,
        clips,
        stretches.skipped,
        frames,
        errors,
        spread(draws),
        curve,
    )


def _foretold(network: Any, pictures: Sequence[np.ndarray], codes: np.ndarray, frames: int) -> list[np.ndarray]:
    """What a network expects in place of the last frames of each picture, float32 (frames, mels)."""
    found: dict[int, np.ndarray] = {}
    for chosen in batches(pictures, range(len(pictures))):
        known = np.stack([pictures[number][:-frames] for number in chosen])
        answer = np.asarray(network.predict_on_batch({"picture": known, "code": codes[chosen]}))
        for row, number in enumerate(chosen):
            found[number] = in_range(answer[row], like=pictures[number])
    return [found[number] for number in range(len(pictures))]
