"""Clips whose gaps are filled, by their neighbours alone or with a network. Free of TensorFlow at import."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import soxr
import threadpoolctl

from fstmuse import __version__
from fstmuse.audio.channels import decode_channels
from fstmuse.audio.dropouts import Dropout, find_dropouts
from fstmuse.audio.write import exact_subtype, write
from fstmuse.errors import AudioError, FstMuseError
from fstmuse.features.gap_picture import Filler
from fstmuse.features.gap_sound import ITERATIONS, PREDICTED_S, fill_sound
from fstmuse.features.gaps import Gap, gaps_in_samples, merged_gaps
from fstmuse.features.mel import LogMel
from fstmuse.features.picture import MelPicture
from fstmuse.features.presets import HIFI
from fstmuse.inference.outputs import Writer, outputs, unwritable, written
from fstmuse.inference.reports import printable, shown
from fstmuse.interrupt import Cancel, Progress

PLAIN = "plain"
"""What stands for a model's name where none was asked."""

FORMATS = ("wav", "png", "json")
"""What a filled clip can be written as."""

_AROUND_S = 3.0
_MOST_S = 120.0
"""Of the pictures before and after: the gaps with some sound on either side."""

_SOUND_SHARE = 0.9
"""Of the time, for the progress: the rest goes to the pictures."""


@dataclass(frozen=True, eq=False)
class Infilling:
    """A clip whose gaps are filled.

    Args:
        path: of the file, as the user gave it.
        sample_rate: in Hz, that of the file.
        waveform: float32 (samples, channels), the whole clip; outside the gaps as in the file, bit for bit.
        gaps: first sample and first one behind it of each gap, in order of time.
        before: log-mel of what was there, mono, from `picture_start_s` on.
        after: the same of `waveform`.
        picture_start_s: where in the clip the pictures begin, in s.
        seed: of the phases.
        settings: how it was done, as far as JSON can say it.
        model: signature of the network, or `plain`.
        found: dropouts that were found, where they were looked for.
        part: always empty: the whole clip.
    """

    path: str
    sample_rate: int
    waveform: np.ndarray
    gaps: tuple[Gap, ...]
    before: MelPicture
    after: MelPicture
    picture_start_s: float
    seed: int
    settings: dict[str, Any]
    model: str
    found: tuple[Dropout, ...] = ()
    part: str = ""

    @property
    def gaps_s(self) -> tuple[tuple[float, float], ...]:
        """Start and end of each gap in s."""
        return tuple((start / self.sample_rate, end / self.sample_rate) for start, end in self.gaps)

    @property
    def duration_s(self) -> float:
        """Of the clip, in s."""
        return len(self.waveform) / self.sample_rate


def infill(
    sound: Path | str,
    gaps: Iterable[Sequence[float]] = (),
    *,
    find: bool = False,
    filler: Filler | None = None,
    model: str = PLAIN,
    seed: int = 0,
    iterations: int = ITERATIONS,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Infilling:
    """Fills gaps of a sound file.

    Args:
        sound: path of an audio file of any rate and number of channels.
        gaps: start and end of each gap, in s.
        find: fill the dropouts, too, that are found in the file.
        filler: a network; None fills by linear prediction and the gaps' neighbours alone.
        model: the network's signature, for the result.
        seed: of the phases in the middle of wide gaps.
        iterations: of Griffin-Lim.
        progress: called with the share that is done, 0 to 1, rising.
        cancel: looked at between steps.

    Returns:
        The whole clip.

    Raises:
        AudioError: the file cannot be read, holds NaN outside the gaps, or no dropout was found and no gap given.
        ConfigError: a gap is outside the clip, or all of it.
        Cancelled: `cancel` was set.
    """
    path = Path(sound)
    samples, rate = _decoded(path)
    given = list(gaps)
    wanted = gaps_in_samples(given, rate, len(samples)) if given or not find else []
    found = find_dropouts(samples, rate) if find else []
    if not wanted and not found:
        raise AudioError(f"{path}: no dropout found. Say where sound is missing, by a gap's start and end in seconds.")
    spans = merged_gaps([*wanted, *((dropout.start, dropout.end) for dropout in found)], len(samples), rate)
    part = None if progress is None else lambda share: progress(_SOUND_SHARE * share)
    # Products of small matrices: on busy cores BLAS' threads wait for each other 50 times as long as one takes alone.
    with threadpoolctl.threadpool_limits(1, "blas"):
        try:
            filled = fill_sound(
                samples, rate, spans, filler, seed=seed, iterations=iterations, progress=part, cancel=cancel
            )
        except AudioError as error:
            raise AudioError(f"{path}: {error}") from None
        before, start_s = _picture(samples, rate, spans)
        after, _ = _picture(filled, rate, spans)
    if progress:
        progress(1.0)
    settings = {"iterations": iterations, "predicted_up_to_s": PREDICTED_S, "find": find}
    if filler is not None:
        settings["mel"] = dataclasses.asdict(filler.spec)
    return Infilling(
        str(sound), rate, filled, tuple(spans), before, after, start_s, seed, settings, model, tuple(found)
    )


def _decoded(path: Path) -> tuple[np.ndarray, int]:
    try:
        return decode_channels(path)
    except FstMuseError:
        raise
    except Exception as error:
        # Whatever a damaged file brings a decoder to raise belongs to this file.
        raise AudioError(f"{path}: {type(error).__name__}: {error}. Convert it to WAV or leave it out.") from error


def _picture(samples: np.ndarray, rate: int, gaps: Sequence[Gap]) -> tuple[MelPicture, float]:
    """The log-mel around the gaps, and where in the clip it begins, in s."""
    around = round(_AROUND_S * rate)
    start = max(0, gaps[0][0] - around)
    end = min(len(samples), gaps[-1][1] + around, start + round(_MOST_S * rate))
    mono = np.nan_to_num(samples[start:end], nan=0.0, posinf=0.0, neginf=0.0).mean(axis=1, dtype=np.float64)
    if rate != HIFI.sample_rate:
        mono = soxr.resample(mono, rate, HIFI.sample_rate, quality="HQ")
    # A few samples at a high rate may be none at this one.
    mono = mono if len(mono) else np.zeros(1)
    return MelPicture(LogMel(HIFI)(mono.astype(np.float32)), HIFI), start / rate


@outputs.register
def _(result: Infilling) -> dict[str, Writer]:
    return {
        "wav": lambda path, model: write_sound(result, path),
        "png": partial(_write_png, result),
        "json": lambda path, model: write_sidecar(result, path),
    }


def write_files(result: Infilling, sound: Path, picture: Path, sidecar: Path, kind: str = "WAV") -> None:
    """Writes clip, pictures and sidecar to places that the caller chose; what is there is replaced.

    The sidecar comes last: where it is, the others are whole.

    Raises:
        AudioError: the clip cannot be written.
        DataError: the others cannot.
    """
    try:
        sidecar.unlink(missing_ok=True)
        write_sound(result, sound, kind)
        _write_png(result, picture, result.model)
        with written(lambda part, _: write_sidecar(result, part), sidecar.parent, result.model) as part:
            part.replace(sidecar)
    except OSError as error:
        raise unwritable(sound.parent, error) from None


def write_sound(result: Infilling, path: Path, kind: str = "WAV") -> None:
    """Writes the clip; outside the gaps it reads back bit for bit as the file that was mended did.

    Args:
        result: the clip.
        path: to write.
        kind: WAV or FLAC, which keeps 24 bits at most.

    Raises:
        AudioError: it cannot be written.
    """
    write(path, result.waveform, result.sample_rate, subtype_of(result, kind), kind)


def subtype_of(result: Infilling, kind: str = "WAV") -> str:
    """How `write_sound` stores samples: PCM_16, PCM_24 or FLOAT."""
    known = np.ones(len(result.waveform), bool)
    for start, end in result.gaps:
        known[start:end] = False
    subtype = exact_subtype(result.waveform[known])
    return "PCM_24" if kind == "FLAC" and subtype == "FLOAT" else subtype


def write_sidecar(result: Infilling, path: Path) -> None:
    """Writes what was done, as JSON: clip, gaps, settings, seed, model."""
    found = [
        {"start_s": d.start / result.sample_rate, "end_s": d.end / result.sample_rate, "reason": d.reason}
        for d in result.found
    ]
    gaps = [
        {"start_s": start_s, "end_s": end_s, "start_sample": start, "end_sample": end}
        for (start, end), (start_s, end_s) in zip(result.gaps, result.gaps_s, strict=True)
    ]
    told = {
        "clip": printable(result.path),
        "sample_rate": result.sample_rate,
        "channels": result.waveform.shape[1],
        "samples": len(result.waveform),
        "gaps": gaps,
        "found": found,
        "model": result.model,
        "seed": result.seed,
        "settings": result.settings,
        "fstmuse": __version__,
    }
    path.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")


def _write_png(result: Infilling, path: Path, model: str) -> None:
    # Matplotlib takes most of a second to import.
    from fstmuse.tasks.infill_figure import infill_figure

    start_s = result.picture_start_s
    infill_figure(
        result.before,
        result.after,
        result.gaps_s,
        path,
        start_s,
        title=shown(Path(result.path).name),
        model=shown(model),
    )
