"""How well an artifact fills gaps in the log-mels of the clips of one split, beside what needs no network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fstmuse.artifacts.card import Card
from fstmuse.artifacts.load import load
from fstmuse.data.manifest import Manifest
from fstmuse.errors import ArtifactError
from fstmuse.inference.evaluation_folder import heading, with_intervals
from fstmuse.inference.gap_fillings import errors_of, fillings, fluxes
from fstmuse.inference.gap_sounds import Refilled, refilled, sound_ways
from fstmuse.inference.gap_stretches import FRAMES, Stretches, read_stretches
from fstmuse.inference.network_filler import NetworkFiller
from fstmuse.tasks.gap_metrics import (
    LPC,
    OURS,
    RANGE_DB,
    RESAMPLES,
    GapErrors,
    compared,
)

WIDTH = 10
"""Frames of the gap that the figures are about: 0.23 s at hop 512 and 22,050 Hz."""

WIDEST = 40
"""Frames of the widest gap of the curve."""

LPC_WIDTHS = (1, 2, 4, 7, 10, 14, 20, 30, 40)
"""Of the curve, where sound is predicted, too: 50 ms a gap, five times what a network takes."""

CURVE_CLIPS = 100
"""The curve is of so many clips at most: a minute for a gapnet."""

SOUND_CLIPS = 40
"""So many clips at most are filled as sound."""

TRUTH = "truth"


@dataclass(frozen=True, eq=False)
class SoundFigures:
    """What gaps are like that were filled as sound, a value for each clip.

    Args:
        numbers: of the clips.
        snr: by way, float64 (clips,), in dB.
        errors: by way, of the pictures of the sounds.
        flux: by way, float64 (clips,), as `InfillEvaluation.flux`.
    """

    numbers: tuple[int, ...]
    snr: dict[str, np.ndarray]
    errors: dict[str, GapErrors]
    flux: dict[str, np.ndarray]


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
        width: frames of the gap that the figures are about.
        errors: in that gap by way, of all clips; the network's are `OURS`.
        flux: at its joins by way, and of the `TRUTH`: float64 (clips,), as `boundary_flux` says.
        sound: of some clips, filled as sound.
        on_curve: numbers of the clips that the curve is of.
        curve_errors: by width in frames, by way, of those clips.
    """

    card: Card
    data: str
    manifest_hash: str
    split: str
    clips: tuple[str, ...]
    skipped: tuple[tuple[str, str, str], ...]
    width: int
    errors: dict[str, GapErrors]
    flux: dict[str, np.ndarray]
    sound: SoundFigures
    on_curve: tuple[int, ...]
    curve_errors: dict[int, dict[str, GapErrors]]

    @property
    def protocol(self) -> str:
        """How the figures came about, in words."""
        mel = self.card.mel
        hidden = (self.width - 1) * mel.hop_length + mel.n_fft
        at = ", ".join(str(width) for width, ways in self.curve_errors.items() if LPC in ways)
        return (
            f"The {self.width} middle frames of each clip's log-mel ({mel.n_mels} bands, n_fft {mel.n_fft}, hop "
            f"{mel.hop_length}, {mel.sample_rate:,} Hz; at most {FRAMES} frames around the middle) are hidden and "
            f"filled in. Differences are in dB, of pictures cut off {RANGE_DB:g} dB below the clip's loudest value. "
            "rmse and mae are over all values of all clips; lsd is the mean over frames of the root of the mean over "
            "bands of the squared difference. The interval is a 95 % percentile bootstrap over clips "
            f"({RESAMPLES:,} resamples, seed 0); p_ values are of Wilcoxon's signed-rank test, two-sided, paired by "
            f"clip. LPC predicts the waveform at {mel.sample_rate:,} Hz from both sides (Burg): of it all {hidden:,} "
            "samples that the missing frames cover are hidden, of which the frames beside the gap still show the other "
            "ways a part. boundary_flux: the root of the mean over bands of the squared difference of the two frames "
            "at a join, mean of both joins, divided by its median between neighbouring frames of the clip; the median "
            f"over clips. sound: {len(self.sound.numbers)} clips, spread evenly over those with sound in the gap, "
            f"filled as sound, the same {hidden:,} samples hidden; snr is of these samples in dB, mean over clips. "
            f"widths: gaps of 1 to {max(self.curve_errors)} frames, {len(self.on_curve)} clips spread evenly over the "
            f"split; LPC at {at} frames alone."
        )

    def as_dict(self) -> dict[str, Any]:
        """Everything but the single clips and the curve as plain values for JSON."""
        ours = self.errors[OURS]
        return {
            **heading(self),
            "width": self.width,
            **with_intervals(ours),
            "beside": compared(ours, {name: errors for name, errors in self.errors.items() if name != OURS}),
            "boundary_flux": {name: float(np.median(values)) for name, values in self.flux.items()},
            "sound": {
                "n": len(self.sound.numbers),
                "ways": {
                    name: {"snr": float(snr.mean())}
                    | self.sound.errors[name].pooled()
                    | {"boundary_flux": float(np.median(self.sound.flux[name]))}
                    for name, snr in self.sound.snr.items()
                },
            },
        }

    def curve(self) -> list[dict[str, Any]]:
        """A row for each width and way: `width`, `way`, the measures, and `n`, the clips."""
        return [
            {"width": width, "way": name} | errors.pooled() | {"n": len(self.on_curve)}
            for width, ways in sorted(self.curve_errors.items())
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
    stretches = read_stretches(card, network.output_shape[1], manifest, root, split, seconds, workers)
    widths = range(1, min(WIDEST, stretches.widest) + 1)
    here, on_curve = min(WIDTH, widths[-1]), _spread(range(len(stretches)), CURVE_CLIPS)
    every = tuple(range(len(stretches)))
    report = progress or (lambda share: None)

    filler = NetworkFiller(network, card.mel)
    ways, audible = sound_ways(filler), _spread(stretches.audible(here), SOUND_CLIPS)
    wanted = {(LPC, width): on_curve for width in {*LPC_WIDTHS, widths[-1]} if width in widths} | {(LPC, here): every}
    wanted |= {(way, here): audible for way in ways if way != LPC}
    sounds = refilled(stretches, ways, wanted, workers, lambda share: report(0.5 * share))

    curve: dict[int, dict[str, GapErrors]] = {}
    for done, width in enumerate(widths, start=1):
        numbers = every if width == here else on_curve
        filled = fillings(network, stretches, numbers, width)
        if (LPC, width) in sounds:
            filled[LPC] = [one.picture for one in sounds[LPC, width]]
        errors = {name: errors_of(stretches, numbers, width, values) for name, values in filled.items()}
        curve[width] = errors
        if width == here:
            of_all, flux = errors, {TRUTH: fluxes(stretches, numbers, width, None)}
            flux |= {name: fluxes(stretches, numbers, width, values) for name, values in filled.items()}
            curve[width] = {name: error.of(on_curve) for name, error in errors.items()}
        report(0.5 + 0.5 * done / len(widths))
    by_number = {way: dict(zip(wanted[way, here], sounds[way, here], strict=True)) for way in ways}
    sound = _sound_figures(stretches, audible, here, by_number)
    ids = tuple(clip.clip_id for clip in stretches.clips)
    return InfillEvaluation(
        card, manifest.name, manifest.hash, split, ids, stretches.skipped, here, of_all, flux, sound, on_curve, curve
    )


def _spread(numbers: Sequence[int], most: int) -> tuple[int, ...]:
    """At most so many of them, evenly from first to last."""
    places = np.linspace(0, len(numbers) - 1, min(most, len(numbers))).round().astype(int)
    return tuple(numbers[place] for place in places)


def _sound_figures(
    stretches: Stretches, numbers: tuple[int, ...], width: int, sounds: Mapping[str, Mapping[int, Refilled]]
) -> SoundFigures:
    """Of the clips `numbers` alone; nothing where there are none."""
    told = {way: [found[number] for number in numbers] for way, found in sounds.items() if numbers}
    pictures = {way: [one.picture for one in found] for way, found in told.items()}
    return SoundFigures(
        numbers,
        {way: np.array([one.snr for one in found]) for way, found in told.items()},
        {way: errors_of(stretches, numbers, width, filled) for way, filled in pictures.items()},
        {way: fluxes(stretches, numbers, width, filled) for way, filled in pictures.items()},
    )
