"""Clips whose gaps are filled, by their neighbours alone or with a network. Free of TensorFlow at import."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import soxr
import threadpoolctl

from fstmuse.audio.channels import decode_channels
from fstmuse.audio.decode import probe
from fstmuse.audio.dropouts import Dropout, find_dropouts
from fstmuse.errors import AudioError, FstMuseError
from fstmuse.features.gap_picture import Filler
from fstmuse.features.gap_sound import ITERATIONS, PREDICTED_S, fill_sound
from fstmuse.features.gaps import Gap, gaps_in_samples, merged_gaps
from fstmuse.features.mel import LogMel
from fstmuse.features.picture import MelPicture
from fstmuse.features.presets import HIFI
from fstmuse.inference.infill_result import Infilling
from fstmuse.interrupt import Cancel, Progress, part_of

PLAIN = "plain"
"""What stands for a model's name where none was asked."""

_AROUND_S = 3.0
_MOST_S = 120.0
"""Of the pictures before and after: the gaps with some sound on either side."""

_STORED = ("PCM_16", "PCM_24", "FLOAT")

_SOUND_SHARE = 0.9
"""Of the time, for the progress: the rest goes to the pictures."""


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
    samples, rate = decoded(path)
    given = list(gaps)
    wanted = gaps_in_samples(given, rate, len(samples)) if given or not find else []
    found = find_dropouts(samples, rate) if find else []
    if not wanted:
        _require_found(path, found)
    spans = merged_gaps([*wanted, *((dropout.start, dropout.end) for dropout in found)], len(samples), rate)
    # Products of small matrices: on busy cores BLAS' threads wait for each other 50 times as long as one takes alone.
    with threadpoolctl.threadpool_limits(1, "blas"):
        try:
            filled = fill_sound(
                samples,
                rate,
                spans,
                filler,
                seed=seed,
                iterations=iterations,
                progress=part_of(progress, 0.0, _SOUND_SHARE),
                cancel=cancel,
            )
        except AudioError as error:
            raise AudioError(f"{path}: {error}") from None
        _keep_intact(filled, samples, spans, wanted, found)
        before, start_s = picture_around(samples, rate, spans)
        after, _ = picture_around(filled, rate, spans)
    if progress:
        progress(1.0)
    settings = {"iterations": iterations, "predicted_up_to_s": PREDICTED_S, "find": find}
    if filler is not None:
        settings["mel"] = dataclasses.asdict(filler.spec)
    return Infilling(
        str(sound),
        rate,
        filled,
        tuple(spans),
        before,
        after,
        start_s,
        seed,
        settings,
        model,
        stored=stored_subtype(path),
        found=tuple(found),
    )


def require_dropouts(path: Path) -> None:
    """Refuses a file in which no dropout is found; needs no network.

    Raises:
        AudioError: there is none, or the file cannot be read.
    """
    _require_found(path, find_dropouts(*decoded(path)))


def _require_found(path: Path, found: list[Dropout]) -> None:
    if not found:
        raise AudioError(f"{path}: no dropout found. Say where sound is missing, by a gap's start and end in seconds.")


def _keep_intact(
    filled: np.ndarray, samples: np.ndarray, spans: list[Gap], wanted: list[Gap], found: list[Dropout]
) -> None:
    """Puts back, in place, the channels that no dropout of a span damaged. Channels are filled each for itself."""
    damaged = [(start, end, ()) for start, end in wanted]
    damaged += [(dropout.start, dropout.end, dropout.channels) for dropout in found]
    for start, end in spans:
        within = [channels for first, stop, channels in damaged if first < end and stop > start]
        if all(within):
            intact = sorted(set(range(samples.shape[1])).difference(*within))
            filled[start:end, intact] = samples[start:end, intact]


def stored_subtype(path: Path) -> str:
    """How a file stores samples, as a WAV file can: `PCM_16`, `PCM_24`, `FLOAT`; else empty.

    Raises:
        AudioError: it cannot be read.
    """
    subtype = probe(path).format.split(" ")[-1].upper()
    return {"PCM_32": "FLOAT", "DOUBLE": "FLOAT"}.get(subtype, subtype if subtype in _STORED else "")


def decoded(path: Path) -> tuple[np.ndarray, int]:
    """All channels of a file, float32 (samples, channels), and its rate.

    Raises:
        AudioError: it cannot be read.
    """
    try:
        return decode_channels(path)
    except FstMuseError:
        raise
    except Exception as error:
        # Whatever a damaged file brings a decoder to raise belongs to this file.
        raise AudioError(f"{path}: {type(error).__name__}: {error}. Convert it to WAV or leave it out.") from error


def picture_around(
    samples: np.ndarray, rate: int, gaps: Sequence[Gap], around_s: float = _AROUND_S
) -> tuple[MelPicture, float]:
    """The log-mel around the gaps, and where in the clip it begins, in s."""
    around = round(around_s * rate)
    start = max(0, gaps[0][0] - around)
    end = min(len(samples), gaps[-1][1] + around, start + round(_MOST_S * rate))
    mono = np.nan_to_num(samples[start:end], nan=0.0, posinf=0.0, neginf=0.0).mean(axis=1, dtype=np.float64)
    if rate != HIFI.sample_rate:
        mono = soxr.resample(mono, rate, HIFI.sample_rate, quality="HQ")
    # A few samples at a high rate may be none at this one.
    mono = mono if len(mono) else np.zeros(1)
    return MelPicture(LogMel(HIFI)(mono.astype(np.float32)), HIFI), start / rate
