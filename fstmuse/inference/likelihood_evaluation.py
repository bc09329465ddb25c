"""How likely unseen music is under a network that draws in turn, and under the simplest that could foretell it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from fstmuse.artifacts.card import Card
from fstmuse.artifacts.load import load
from fstmuse.data.dataset import Examples, window_pairs
from fstmuse.data.manifest import Manifest
from fstmuse.inference.evaluation_folder import heading, replacing, write_metrics
from fstmuse.inference.generate_windows import Music, read_music
from fstmuse.interrupt import Progress
from fstmuse.networks import melnet_tiers
from fstmuse.networks.melnet_lesson import tiers_of
from fstmuse.tasks import likelihood
from fstmuse.tasks.likelihood_baselines import Baseline, baselines

_AT_ONCE = 8
_RESAMPLED = 2000

BANDS, FRAME_BEFORE = "a normal distribution for each band", "one given the frame before"
"""What the network is compared with."""

PROTOCOL = (
    "Negative log-likelihood in nats per element (a frame's band) of windows of as many frames as the network learnt "
    "by, side by side, a clip's last one at its end, each band standardised by the training clips and cut off at three "
    "deviations, which are 1. Each element is foretold from true ones: those before it in the order of drawing. Beside "
    "it, fitted to the training clips by least squares: a normal distribution for each band, and one whose mean "
    "follows from the same band one frame before; a tier's frame before is that of its own part, of all elements "
    "together that of the whole picture. No deviation is below e^-7 in either. Interval: bootstrap over clips, 95 %."
)


@dataclass(frozen=True, eq=False)
class Likelihood:
    """The mean NLL of elements, in nats.

    Args:
        nll: of all elements.
        interval: of it, 95 %.
        tiers: of each tier's elements, the coarsest first.
        baselines: of each tier's elements, and at last of all.
        windows: that were measured.
    """

    nll: float
    interval: tuple[float, float]
    tiers: tuple[float, ...]
    baselines: tuple[Baseline, ...]
    windows: int

    def as_dict(self) -> dict[str, Any]:
        """As plain values for JSON, as cards tell figures."""
        whole = self.baselines[-1]
        return {
            "nll": self.nll,
            "nll_interval": list(self.interval),
            "unit": "nats",
            "beside": {BANDS: {"nll": whole.bands}, FRAME_BEFORE: {"nll": whole.frame_before}},
            "tiers": [
                {"nll": nll, BANDS: own.bands, FRAME_BEFORE: own.frame_before}
                for nll, own in zip(self.tiers, self.baselines, strict=False)
            ],
            "windows": self.windows,
        }


@dataclass(frozen=True, eq=False)
class LikelihoodEvaluation:
    """`Likelihood` of a split; attributes as in `fstmuse.inference.generate_evaluation`."""

    card: Card
    data: str
    manifest_hash: str
    split: str
    clips: tuple[str, ...]
    skipped: tuple[tuple[str, str, str], ...]
    likelihood: Likelihood

    @property
    def protocol(self) -> str:
        """How the figures came about, in words."""
        return PROTOCOL

    def as_dict(self) -> dict[str, Any]:
        """All of it as plain values for JSON."""
        return heading(self) | self.likelihood.as_dict()


def evaluate_likelihood(
    artifact: Path,
    manifest: Manifest,
    root: Path,
    split: str,
    progress: Progress | None = None,
    *,
    seconds: float,
    workers: int = 0,
) -> LikelihoodEvaluation:
    """Measures the likelihood of a split's music.

    Args:
        artifact: its folder, of a network that draws in turn.
        manifest: of the data set; where the artifact draws by label, with one of its labels for each clip.
        root: the folder that its paths are relative to.
        split: of the manifest.
        progress: called with the share that is done, 0 to 1.
        seconds: how much of each clip is read, where the artifact's card does not say what it was trained on.
        workers: processes that decode.

    Raises:
        ArtifactError: the artifact is missing or damaged.
        ManifestError: a split has no usable clip.
        DataError: no clip can be read.
    """
    network, card = load(artifact)
    music = read_music(card, manifest, root, split, seconds, labels=card.labels, workers=workers)
    found = measure(network, music, progress)
    clips = tuple(clip.clip_id for clip in music.held_clips)
    return LikelihoodEvaluation(card, manifest.name, manifest.hash, split, clips, music.skipped, found)


def write_likelihood_evaluation(evaluation: LikelihoodEvaluation, folder: Path) -> None:
    """Writes metrics.json and skipped.csv; files of an earlier evaluation in the same folder are replaced.

    Raises:
        DataError: the folder cannot be written.
    """
    with replacing(folder):
        write_metrics(evaluation, folder)


def measure(network: keras.Model, music: Music, progress: Progress | None = None) -> Likelihood:
    """The likelihood of the measured split's windows.

    Args:
        network: as `fstmuse.networks.melnet_lesson.joined` makes it.
        music: what was learnt from, and what is measured.
        progress: called with the share that is done, 0 to 1.
    """
    pairs = window_pairs(music.held, music.held.window)
    rows: list[np.ndarray] = []
    for batch in likelihood.windows(music.held, _AT_ONCE):
        given = {name: batch[name] for name in network.input}
        told = network.predict_on_batch(given)
        rows.append(np.stack([np.asarray(told[f"nll{n}"]).mean((1, 2)) for n in range(1, len(told) + 1)], axis=1))
        if progress:
            progress(min(1.0, sum(map(len, rows)) / len(pairs)))
    by_window = np.concatenate(rows).astype(np.float64)
    count = by_window.shape[1]
    whole = by_window @ np.array(melnet_tiers.shares(count))
    forth = tiers_of(network).scaling.forth

    def units(data: Examples) -> Iterator[np.ndarray]:
        return (np.asarray(forth(batch["picture"])) for batch in likelihood.windows(data, _AT_ONCE))

    beside = baselines(units(music.train), units(music.held), count)
    examples = np.array([example for example, _ in pairs])
    means = tuple(float(value) for value in by_window.mean(axis=0))
    return Likelihood(float(whole.mean()), _interval(whole, examples), means, tuple(beside), len(whole))


def _interval(values: np.ndarray, clips: np.ndarray) -> tuple[float, float]:
    """Of the mean, by drawing clips with all their windows."""
    _, numbers = np.unique(clips, return_inverse=True)
    sums, sizes = np.bincount(numbers, values), np.bincount(numbers)
    drawn = np.random.default_rng(0).integers(len(sums), size=(_RESAMPLED, len(sums)))
    low, high = np.quantile(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1), (0.025, 0.975))
    return float(low), float(high)
