"""How near music from noise comes to real music, whether it was learnt by heart, and what a classifier takes it for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fstmuse.artifacts.card import Card
from fstmuse.artifacts.load import load
from fstmuse.data.dataset import fixed_crops, window_pairs
from fstmuse.data.manifest import Manifest
from fstmuse.errors import ArtifactError
from fstmuse.inference import likelihood_evaluation
from fstmuse.inference.creating import PictureCreator
from fstmuse.inference.creators import picture_creator
from fstmuse.inference.evaluation_folder import heading
from fstmuse.inference.generate_distance import Distance, distance_of
from fstmuse.inference.generate_hearing import Hearer, Recognised, hear_windows
from fstmuse.inference.generate_settings import DRAWN, HELD, REAL, STATISTICS, require_measurable
from fstmuse.inference.generate_windows import SEED, Music, Windows, gather, read_music, window_frames
from fstmuse.inference.generate_words import PROTOCOL, verdicts
from fstmuse.inference.likelihood_evaluation import Likelihood
from fstmuse.interrupt import Progress, part_of
from fstmuse.spec import MelSpec
from fstmuse.tasks.generate_bins import Bins
from fstmuse.tasks.generate_copies import Copies, Nearest, copies, nearest_windows
from fstmuse.tasks.generate_metrics import decibels, mutual_distance, statistics
from fstmuse.tasks.generate_neighbours import thumbnails

COUNT, MOST_FRAMES, LEAST_DEFAULT = 512, 65_536, 64
"""Windows of each kind where nothing is said: so many, of so many frames together at most, but not too few."""

FRAMES = 128
"""Of a window, at most, where a network draws any number, so that figures of networks that learn by more compare."""

HEARD = 96
"""Sounds of each kind that a classifier hears: half a minute of computing for windows of 6 s."""

_LEARNT, _AT_ONCE = 4096, 64
"""Training windows at most that bins are learnt from, and how many are read at a time."""


@dataclass(frozen=True, eq=False)
class GenerateEvaluation:
    """Drawn windows beside real ones, shuffled ones and noise.

    Args:
        card: of the artifact.
        data: name of the manifest.
        manifest_hash: of the whole manifest.
        split: which clips of it are measured on.
        clips: clip_id of those that windows were taken of.
        skipped: clip_id, path and reason of those of the split that could not be read.
        music: the clips.
        windows: that were compared.
        distances: Fréchet distances, of log-mel statistics first.
        bins: of training windows.
        counts: windows in each bin, by `WAYS`; real ones are those of the measured split.
        nearest: the nearest training windows, by `WAYS`; likewise.
        copies: which of the drawn windows were learnt by heart.
        diversity: mutual distance in dB, by `WAYS`; likewise.
        recognised: None where there is no classifier that knows the labels.
        classifier: card of the classifier; None where there is none.
        likelihood: of the measured split; None of networks that tell none.
        temperature: that was drawn at; None of networks that have none.
    """

    card: Card
    data: str
    manifest_hash: str
    split: str
    clips: tuple[str, ...]
    skipped: tuple[tuple[str, str, str], ...]
    music: Music
    windows: Windows
    distances: tuple[Distance, ...]
    bins: Bins
    counts: dict[str, np.ndarray]
    nearest: dict[str, Nearest]
    copies: Copies
    diversity: dict[str, float]
    recognised: Recognised | None
    classifier: Card | None
    likelihood: Likelihood | None
    temperature: float | None = None

    @property
    def protocol(self) -> str:
        """How the figures came about, in words."""
        mel = self.card.mel
        return (
            f"Log-mels of {mel.n_mels} bands (n_fft {mel.n_fft}, hop {mel.hop_length}, {mel.sample_rate:,} Hz). "
            f"{PROTOCOL}{f' {likelihood_evaluation.PROTOCOL}' if self.likelihood else ''}"
        )

    def as_dict(self) -> dict[str, Any]:
        """Everything but the single windows as plain values for JSON."""
        mel = self.card.mel
        count, frames = self.windows.held.shape[:2]
        told = {
            **heading(self),
            "windows": count,
            "frames": frames,
            "seconds": frames * mel.hop_length / mel.sample_rate,
            "temperature": self.temperature,
            "training_clips": len(self.music.train_clips),
            "training_pieces": len(set(self.music.pieces)),
            "frechet": [
                {
                    "embedding": one.embedding,
                    "dimensions": one.dimensions,
                    "unit": one.unit,
                    "reference": f"{self.data}, split {self.split}",
                    "n": one.n,
                    "seconds": one.seconds,
                    **one.by_way,
                    "share_of_way": one.way,
                }
                for one in self.distances
            ],
            "different_bins": {"bins": self.bins.count, "learnt_from": int(self.bins.known.sum())}
            | {way: int(self.bins.different(counts).sum()) for way, counts in self.counts.items()},
            "nearest": {
                way: {"distance": _median(found.distances), "relative": _median(found.relative)}
                for way, found in self.nearest.items()
            },
            "copies": {
                "line": self.copies.line,
                DRAWN: float(self.copies.drawn.mean()),
                REAL: float(self.copies.held.mean()),
                "chance": self.copies.chance,
                "found": self.copies.found,
            },
            "diversity": self.diversity,
            "recognised": self.recognised.as_dict() if self.recognised else None,
            "classifier": self.classifier.signature if self.classifier else None,
            "likelihood": self.likelihood.as_dict() if self.likelihood else None,
        }
        return told | {"verdicts": verdicts(told, self.card, self.classifier)}


def evaluate_generate(
    artifact: Path,
    manifest: Manifest,
    root: Path,
    split: str,
    progress: Callable[[float], None] | None = None,
    *,
    seconds: float,
    workers: int = 0,
    classifier: Path | None = None,
    count: int | None = None,
    labels: Sequence[str] | None = None,
    temperature: float = 1.0,
) -> GenerateEvaluation:
    """Draws music and compares it with real music.

    Args:
        artifact: its folder.
        manifest: of the data set; where the artifact draws by label, with one of its labels for each clip.
        root: the folder that its paths are relative to.
        split: test or valid.
        progress: called with the share that is done, 0 to 1.
        seconds: how much of each clip is read, where the artifact's card does not say what it was trained on.
        workers: processes that decode.
        classifier: folder of an artifact that classifies: music is compared by what it hears, too.
        count: windows of each kind; None: `COUNT`, or fewer long ones.
        labels: draw and compare these alone; None: all, or those that a network that knows none was taught.
        temperature: of networks that draw in turn.

    Raises:
        ArtifactError: an artifact is missing, damaged, or of another task.
        ConfigError: `split` is train, or `count` is out of its range.
        ManifestError: a split has no usable clip.
        DataError: there are too few windows, or no clip can be read.
    """
    require_measurable(split, count)
    network, card = load(artifact)
    if card.task != "generate":
        raise ArtifactError(f"{artifact} was trained to {card.task}; expected an artifact that makes music from noise.")
    chosen = _chosen(card, manifest, labels)
    music = read_music(card, chosen, root, split, seconds, labels=card.labels, workers=workers)
    creator, mel = picture_creator(network, card), card.mel
    told = likelihood_evaluation.measure(network, music) if card.in_turn else None
    if creator.most_frames is None:
        music = music.by_windows(min(music.train.window, FRAMES))
    frames = music.train.window
    count = count or int(np.clip(MOST_FRAMES // frames, LEAST_DEFAULT, COUNT))
    hearing = 0.7 if classifier else 0.0  # of the time
    drawing = part_of(progress, 0.0, 0.4 * (1 - hearing))
    windows = gather(music, creator, mel, frames, count, drawing, temperature=temperature)
    recognised, hearer = None, Hearer(classifier) if classifier else None
    if hearer:  # early, since there may be too few of these
        heard = _hearable(music, creator, hearer, mel)
        longer = gather(music, creator, mel, heard, min(count, HEARD), temperature=temperature)
    levels = {way: decibels(pictures, mel) for way, pictures in windows.ways.items()}
    held = decibels(windows.held, mel)
    points = {way: statistics(pictures) for way, pictures in levels.items()}
    distances = [distance_of(STATISTICS, "dB²", points, statistics(held), frames * mel.hop_length / mel.sample_rate)]
    # Beside training windows, real ones are those of the measured split from here on.
    beside = levels | {REAL: held}
    bins = _bins(music, mel)
    looked = part_of(progress, 0.4 * (1 - hearing), 1 - hearing)
    nearest = _nearest(beside, music, mel, looked)
    if hearer:
        features, recognised = hear_windows(hearer, longer, card, part_of(progress, 1 - hearing, 1.0))
        reference = features.pop(HELD)
        name = f"features of {hearer.card.name}"
        distances.append(distance_of(name, "", features, reference, hearer.card.audio.seconds))
    clips = sorted({music.held_clips[example].clip_id for example, _ in windows.places})
    return GenerateEvaluation(
        card,
        manifest.name,
        manifest.hash,
        split,
        tuple(clips),
        music.skipped,
        music,
        windows,
        tuple(distances),
        bins,
        {way: bins.counts(_flat(pictures)) for way, pictures in beside.items()},
        nearest,
        copies(nearest[DRAWN], nearest[REAL], len(clips)),
        {way: mutual_distance(pictures) for way, pictures in beside.items()},
        recognised,
        hearer.card if hearer else None,
        told,
        temperature if card.in_turn else None,
    )


def _chosen(card: Card, manifest: Manifest, labels: Sequence[str] | None) -> Manifest:
    if labels is None and not card.labels:
        learnt = card.training.get("labels") or ()
        labels = learnt if set(learnt) <= set(manifest.labels) else None
    return manifest.only_labels(labels) if labels else manifest


def _hearable(music: Music, creator: PictureCreator, hearer: Hearer, mel: MelSpec) -> int:
    """Frames of windows as long as what the classifier hears at a time, as far as they can be."""
    wanted = hearer.frames(mel)
    return window_frames(music, wanted if creator.most_frames is None else min(wanted, creator.most_frames))


def _bins(music: Music, mel: MelSpec) -> Bins:
    pairs = window_pairs(music.train, max(1, music.train.window // 2))
    order = np.random.default_rng(SEED).permutation(len(pairs))[:_LEARNT]
    crops = fixed_crops(music.train, [pairs[place] for place in order], _AT_ONCE)
    return Bins(np.concatenate([_flat(decibels(pictures, mel)) for pictures, _ in crops]), SEED)


def _flat(levels: np.ndarray) -> np.ndarray:
    return thumbnails(levels).reshape(len(levels), -1)


def _nearest(
    ways: Mapping[str, np.ndarray], music: Music, mel: MelSpec, progress: Progress | None
) -> dict[str, Nearest]:
    """All ways together: each training window is looked at once."""
    found = nearest_windows(np.concatenate(list(ways.values())), music.train, music.pieces, mel, progress)
    each = len(found.distances) // len(ways)
    return {way: found.of(slice(number * each, (number + 1) * each)) for number, way in enumerate(ways)}


def _median(values: np.ndarray) -> float:
    return float(np.median(values))
