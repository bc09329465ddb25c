"""How well a vocoder makes sound of the log-mels of the clips of one split, beside fast Griffin-Lim."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.stats

from fstmuse.artifacts.card import NETWORK, Card, read_card
from fstmuse.data.loader import load as load_clips
from fstmuse.data.manifest import Manifest
from fstmuse.errors import DataError
from fstmuse.features.griffin_lim import ITERATIONS
from fstmuse.features.inversion import invert
from fstmuse.features.mel import LogMel
from fstmuse.features.picture import MelPicture
from fstmuse.features.stft import stft
from fstmuse.inference.evaluation_folder import clips_of, heading, replacing, write_tables
from fstmuse.inference.network_vocoder import MOST_SECONDS, load_vocoder
from fstmuse.spec import AudioSpec
from fstmuse.tasks.held_notes import NOTES, SECONDS, wobble
from fstmuse.tasks.inversion_figure import inversion_figure
from fstmuse.tasks.spectral import FLOOR_DB, log_spectral_distance

OURS, BESIDE, ORIGINAL = "vocoder", f"fast Griffin-Lim {ITERATIONS}", "the original"
FIGURE = "sound.png"
MEASURES = ("lsd", "lsd_linear")

_RESAMPLES = 10_000
_SILENT = 1e-7


@dataclass(frozen=True, eq=False)
class VocoderEvaluation:
    """Distances of sounds made of pictures from the sounds that the pictures were made of.

    Args:
        card: of the artifact.
        data: name of the manifest.
        manifest_hash: of the whole manifest.
        split: which clips of it.
        clips: clip_id of those that were measured.
        skipped: clip_id, path and reason of those that could not be.
        errors: by way (`OURS`, `BESIDE`) and measure, float (clips,), in dB.
        factors: by way: CPU time of all threads together, by the sounds' length.
        held: by way, `ORIGINAL` too: what becomes of held notes; see `fstmuse.tasks.held_notes.wobble`.
        megabytes: of the network's file.
        shown: a picture, and those of the sounds made of it by way.
    """

    card: Card
    data: str
    manifest_hash: str
    split: str
    clips: tuple[str, ...]
    skipped: tuple[tuple[str, str, str], ...]
    errors: dict[str, dict[str, np.ndarray]]
    factors: dict[str, float]
    held: dict[str, dict[str, float]]
    megabytes: float
    shown: tuple[MelPicture, dict[str, np.ndarray]]

    @property
    def protocol(self) -> str:
        """How the figures came about, in words."""
        mel = self.card.mel
        return (
            f"Each clip's log-mel ({mel.n_mels} bands, n_fft {mel.n_fft}, hop {mel.hop_length}, {mel.sample_rate:,} "
            "Hz) is made into sound and looked at again. lsd is the mean over frames of the root of the mean over "
            "bands of squared differences, in dB, of pictures relative to the clip's loudest value and not below "
            f"{FLOOR_DB:g} dB; lsd_linear is the same of the magnitudes of the {mel.n_bins} frequency bins. Means over "
            f"clips; intervals are 95 % percentile bootstraps over clips ({_RESAMPLES:,} resamples, seed 0); p_ values "
            "are of Wilcoxon's signed-rank test, two-sided, paired by clip. held_notes: standard deviation of the "
            f"pitch over time and distance of its mean, in cents, by YIN, of {len(NOTES)} synthesised notes held for "
            f"{SECONDS:g} s. real_time_factor: CPU time of all threads together by the sounds' length."
        )

    def as_dict(self) -> dict[str, Any]:
        """Everything but the single clips as plain values for JSON."""
        figures: dict[str, Any] = {}
        beside = {name: float(self.errors[BESIDE][name].mean()) for name in MEASURES}
        for name in MEASURES:
            ours, other = self.errors[OURS][name], self.errors[BESIDE][name]
            figures |= {name: float(ours.mean()), f"{name}_interval": _interval(ours)}
            differ = len(ours) > 1 and bool(np.any(ours != other))
            beside[f"p_{name}"] = float(scipy.stats.wilcoxon(ours, other).pvalue) if differ else 1.0
        return {
            **heading(self),
            **figures,
            "beside": {BESIDE: beside},
            "held_notes": self.held,
            "real_time_factor": self.factors,
            "megabytes": {"network": self.megabytes},
        }


def evaluate_vocoder(
    artifact: Path,
    manifest: Manifest,
    root: Path,
    split: str,
    progress: Callable[[float], None] | None = None,
    *,
    seconds: float,
    workers: int = 0,
) -> VocoderEvaluation:
    """Makes sound of each clip's picture and compares it with the clip.

    Args:
        artifact: its folder.
        manifest: of the data set; labels do not matter.
        root: the folder that its paths are relative to.
        split: train, valid or test.
        progress: called with the share that is done, 0 to 1.
        seconds: how much of each clip is heard.
        workers: processes that decode.

    Raises:
        ArtifactError: the artifact is missing, damaged, or no vocoder.
        ManifestError: the split has no usable clip.
        DataError: no clip can be measured.
    """
    vocoder, card = load_vocoder(artifact), read_card(artifact)
    clips = clips_of(manifest, split)
    spec = vocoder.spec
    ways: dict[str, Callable[[MelPicture], np.ndarray]] = {OURS: vocoder, BESIDE: invert}
    mel = LogMel(spec)
    held = {ORIGINAL: wobble(lambda sound: sound, spec.sample_rate)}
    for name, way in ways.items():
        held[name] = wobble(lambda sound, way=way: way(MelPicture(mel(sound), spec)), spec.sample_rate)
    errors: dict[str, dict[str, list[float]]] = {name: {measure: [] for measure in MEASURES} for name in ways}
    spent, heard = dict.fromkeys(ways, 0.0), 0.0
    measured, skipped, shown = [], [], None
    audio = AudioSpec(spec.sample_rate, seconds, pad="zero")
    for loaded in load_clips(clips, root, audio, workers=workers):
        clip = loaded.clip
        if loaded.array is None:
            skipped.append((clip.clip_id, clip.path, loaded.error or ""))
            continue
        sound = loaded.array[: loaded.samples]
        if len(sound) > MOST_SECONDS * spec.sample_rate:
            skipped.append(
                (clip.clip_id, clip.path, f"longer than the {MOST_SECONDS:g} s that a vocoder makes at once")
            )
            continue
        picture, bins = MelPicture(mel(sound), spec), _bins(sound, vocoder)
        again = {}
        for name, way in ways.items():
            began = time.process_time()
            made = way(picture)[: len(sound)]
            spent[name] += time.process_time() - began
            again[name] = mel(made)
            errors[name]["lsd"].append(log_spectral_distance(picture.values, again[name]))
            errors[name]["lsd_linear"].append(log_spectral_distance(bins, _bins(made, vocoder)))
        heard += len(sound) / spec.sample_rate
        shown = shown or (picture, again)
        measured.append(clip.clip_id)
        if progress:
            progress((len(measured) + len(skipped)) / len(clips))
    if shown is None:
        raise DataError(f"None of {len(clips)} clips of {manifest.name} could be measured: {skipped[0][2]}")
    return VocoderEvaluation(
        card,
        manifest.name,
        manifest.hash,
        split,
        tuple(measured),
        tuple(skipped),
        {name: {key: np.array(values) for key, values in found.items()} for name, found in errors.items()},
        {name: spent[name] / heard for name in ways},
        held,
        (artifact / NETWORK).stat().st_size / 1e6,
        shown,
    )


def write_vocoder_evaluation(evaluation: VocoderEvaluation, folder: Path) -> None:
    """Writes an evaluation; files of an earlier one in the same folder are replaced.

    - `metrics.json`: figures with protocol, n and manifest hash; written last, so that it stands for a whole set.
    - `clips.csv`: distances of each clip in each way.
    - `sound.png`: the first clip's picture, and those of what was made of it.
    - `skipped.csv`: clips that could not be measured, and why.

    Raises:
        DataError: the folder cannot be written.
    """
    with replacing(folder):
        inversion_figure(*evaluation.shown, folder / FIGURE, title=f"{evaluation.card.name}: {evaluation.clips[0]}")
        rows = (
            {"clip_id": clip, "way": way} | {measure: float(values[measure][n]) for measure in MEASURES}
            for n, clip in enumerate(evaluation.clips)
            for way, values in evaluation.errors.items()
        )
        write_tables(evaluation, folder, MEASURES, rows)


def _bins(sound: np.ndarray, vocoder: Any) -> np.ndarray:
    """Magnitudes of the frequency bins in dB, float32 (frames, bins)."""
    spec = vocoder.spec
    return 20 * np.log10(np.abs(stft(sound, spec.n_fft, spec.hop_length)) + _SILENT)


def _interval(values: np.ndarray) -> list[float]:
    means = np.random.default_rng(0).choice(values, (_RESAMPLES, len(values))).mean(axis=1)
    return [float(end) for end in np.percentile(means, (2.5, 97.5))]
