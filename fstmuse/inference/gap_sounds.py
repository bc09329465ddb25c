"""Gaps filled as sound, and what that is like as a picture: for comparisons with what fills pictures."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import threadpoolctl

from fstmuse.features.gap_picture import Filler
from fstmuse.features.gap_sound import fill_sound
from fstmuse.features.mel import LogMel
from fstmuse.features.prediction import bridged, crossed
from fstmuse.inference.gap_stretches import Stretches
from fstmuse.interrupt import Progress
from fstmuse.tasks.gap_metrics import LPC, in_range, signal_to_noise

PLAIN, WITH_NETWORK = "infill --plain", "infill"
"""`fill_sound` without and with a network, by the command that a user would give."""

SoundWay = Callable[[np.ndarray, int, int, int], np.ndarray]
"""From a clip, float32 (samples,), its rate in Hz, and the gap's first sample and the one behind, to float (gap's
samples,). What the clip holds in the gap is zeros."""


class Refilled(NamedTuple):
    """A gap that was filled as sound.

    Args:
        picture: float32 (gap's frames, mels) in dB, as that of the clip is cut.
        snr: of the gap's samples, in dB; NaN where the truth is silence.
    """

    picture: np.ndarray
    snr: float


def sound_ways(network: Filler) -> dict[str, SoundWay]:
    """Linear prediction alone, and what `python -m fstmuse.infill` does without and with a network."""

    def filled(sound: np.ndarray, rate: int, start: int, end: int, filler: Filler | None) -> np.ndarray:
        return fill_sound(sound[:, None], rate, [(start, end)], filler)[start:end, 0]

    return {
        LPC: lambda sound, rate, start, end: crossed(*bridged(sound[:start], sound[end:], end - start, rate)),
        PLAIN: lambda *gap: filled(*gap, None),
        WITH_NETWORK: lambda *gap: filled(*gap, network),
    }


def refilled(
    stretches: Stretches,
    ways: Mapping[str, SoundWay],
    wanted: Mapping[tuple[str, int], Sequence[int]],
    workers: int = 0,
    progress: Progress | None = None,
) -> dict[tuple[str, int], list[Refilled]]:
    """Hides the samples that the missing frames cover, fills them, and looks at the result by the same front end.

    Args:
        stretches: the clips.
        ways: by name.
        wanted: by way and width of the gap in frames, numbers of clips, rising.
        workers: processes that decode.
        progress: called with the share that is done, 0 to 1.

    Returns:
        By way and width, in the order of the numbers.

    Raises:
        DataError: a clip cannot be read any more.
    """
    mel = LogMel(dataclasses.replace(stretches.mel, max_frames=0))
    numbers = sorted({number for chosen in wanted.values() for number in chosen})
    sought = {key: frozenset(chosen) for key, chosen in wanted.items()}
    found: dict[tuple[str, int], list[Refilled]] = {key: [] for key in wanted}
    # Products of small matrices: on busy cores BLAS' threads wait for each other longer than one takes alone.
    with threadpoolctl.threadpool_limits(1, "blas"):
        for done, (number, sound) in enumerate(stretches.sounds(numbers, workers), start=1):
            for (way, width), chosen in sought.items():
                if number not in chosen:
                    continue
                start, end = stretches.hidden(number, width)
                hurt = sound.copy()
                hurt[start:end] = 0
                made = np.asarray(ways[way](hurt, stretches.mel.sample_rate, start, end), np.float32)
                # The gap's frames cover these samples and no others.
                picture = in_range(mel(made)[:width], like=stretches.pictures[number])
                true = sound[start:end]
                snr = signal_to_noise(true, made) if true.any() else float("nan")
                found[way, width].append(Refilled(picture, snr))
            if progress:
                progress(done / len(numbers))
    return found
