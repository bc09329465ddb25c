"""What evaluations of networks with labels share: clips are heard one after the other, and words for how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from fstmuse.artifacts.card import Card
from fstmuse.audio.windows import LEAST_NEW
from fstmuse.data.clip import Clip
from fstmuse.data.manifest import Manifest
from fstmuse.errors import AudioError, DataError, ManifestError
from fstmuse.inference.evaluation_folder import origin
from fstmuse.inference.results import Classification

if TYPE_CHECKING:
    from fstmuse.inference.session import Session


@dataclass(frozen=True)
class Unheard:
    """A clip without an answer.

    Args:
        clip: row of the manifest.
        reason: why.
        known_bad: the manifest itself calls it bad; otherwise it should have been readable.
    """

    clip: Clip
    reason: str
    known_bad: bool


class Measured(Protocol):
    """An evaluation; attributes as in `fstmuse.inference.evaluation.Evaluation`."""

    card: Card
    data: str
    manifest_hash: str
    split: str
    labels: tuple[str, ...]
    clips: tuple[Any, ...]
    skipped: tuple[Unheard, ...]
    known_bad: tuple[Unheard, ...]

    @property
    def protocol(self) -> str:
        """How the figures came about, in words."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know about the figures."""

    @property
    def best(self) -> tuple[Any, ...]:
        """The clips of the best answers."""

    @property
    def worst(self) -> tuple[Any, ...]:
        """Those of the worst ones."""


_TOLD_ELSEWHERE = ("n", "tags", "notes", "resamples", "seed")
"""Figures of metrics that stand at other places of an evaluation."""


def clips_of(manifest: Manifest, split: str) -> tuple[Clip, ...]:
    """The usable clips of a split.

    Raises:
        ManifestError: there is none; says where there are some.
    """
    clips = manifest.split(split).clips
    if not clips:
        known = sorted({clip.split for clip in manifest.usable.clips if clip.split})
        raise ManifestError(
            f"{manifest.source or manifest.name}: the split {split} has no usable clip. Splits that have: "
            f"{', '.join(known) or 'none'}."
        )
    return clips


def hear_clips(
    session: Session, manifest: Manifest, root: Path, split: str, progress: Callable[[float], None] | None = None
) -> tuple[tuple[tuple[Clip, Classification], ...], tuple[Unheard, ...]]:
    """Asks an artifact about each usable clip of a split.

    Args:
        session: the loaded artifact.
        manifest: with the clips.
        root: the folder that its paths are relative to.
        split: train, valid or test.
        progress: called with the share of clips that are done, 0 to 1.

    Returns:
        Clips with their answers, in the manifest's order, and those that could not be heard.

    Raises:
        DataError: not one of the clips could be heard.
    """
    heard: list[tuple[Clip, Classification]] = []
    skipped: list[Unheard] = []
    clips = manifest.split(split).clips
    for number, clip in enumerate(clips, 1):
        try:
            answer = session.classify(clip.file(root), start_s=clip.start_s, duration_s=clip.duration_s)
        except AudioError as error:
            skipped.append(Unheard(clip, str(error), known_bad=False))
        else:
            heard.append((clip, answer))
        if progress:
            progress(number / len(clips))
    if not heard:
        raise DataError(f"None of {len(clips)} clips of the split {split} could be heard; first: {skipped[0].reason}")
    return tuple(heard), tuple(skipped)


def known_bad(manifest: Manifest, split: str) -> tuple[Unheard, ...]:
    """The clips of a split that the manifest itself calls bad."""
    bad = (clip for clip in manifest.clips if clip.status == "bad" and clip.split == split)
    return tuple(Unheard(clip, clip.reason or "no reason given", known_bad=True) for clip in bad)


def windows_in_words(card: Card) -> str:
    """How an artifact hears a clip."""
    audio = card.audio
    short = "repeated" if audio.pad == "repeat" else "followed by silence"
    return (
        f"Each clip is heard in windows of {audio.seconds:.4g} s ({audio.samples:,} samples at {audio.sample_rate:,} "
        f"Hz, mono), one every {card.hop_seconds:.4g} s and one that ends with the clip where 1/{LEAST_NEW} of a "
        f"window or more would stay unheard; a shorter clip is {short} to fill one window."
    )


def as_values(
    evaluation: Measured, figures: dict[str, Any], more: dict[str, float], named: Callable[[Any], dict[str, Any]]
) -> dict[str, Any]:
    """What was measured, on what and how, and all figures, as plain values for JSON.

    Args:
        evaluation: the whole.
        figures: those of its metrics, with `resamples` and `seed` of their bootstrap.
        more: figures besides.
        named: what is said of a clip among the best or worst.
    """
    bootstrap = {"over": "clips", "resamples": figures["resamples"], "seed": figures["seed"]}
    return {
        **origin(evaluation),
        "evaluated_labels": list(evaluation.labels),
        "protocol": evaluation.protocol,
        "n": len(evaluation.clips),
        "skipped": len(evaluation.skipped),
        "known_bad": len(evaluation.known_bad),
        **{key: value for key, value in figures.items() if key not in _TOLD_ELSEWHERE},
        **more,
        "bootstrap": bootstrap | {"kind": "percentile", "confidence": 0.95},
        "notes": list(evaluation.notes),
        "best": [named(row) for row in evaluation.best],
        "worst": [named(row) for row in evaluation.worst],
    }


def heard_before(evaluation: Measured) -> tuple[str, ...]:
    """A note where the network was made by the clips that it is measured on."""
    split, data = evaluation.split, evaluation.data
    if split == "test" or evaluation.card.data.get("name") != data:
        return ()
    how = "trained" if split == "train" else "chosen"
    return (
        f"The network was {how} by the split {split} of {data}: these figures say nothing of music it has not heard.",
    )
