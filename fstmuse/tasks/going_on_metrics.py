"""How well pictures are gone on with: along the frames that come, beside what needs no network, over several draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fstmuse.spec import MelSpec
from fstmuse.tasks.gap_metrics import BASELINES, MEASURES, GapErrors, gap_errors

DECAY = 0.93
"""Of the decayed hold, by frame: as `fstmuse.networks.prednet.DecayedHold`, which says what it is."""

DECAYED, DRAWN, BEST = "decayed hold", "one draw", "best of 10 draws"

DRAWS = 10


def _decayed(picture: np.ndarray, start: int, stop: int) -> np.ndarray:
    mean = picture[:start].mean(axis=0)
    return mean + (picture[start - 1] - mean) * DECAY ** np.arange(1, stop - start + 1)[:, None]


AHEAD: dict[str, Callable[[np.ndarray, int, int], np.ndarray]] = {
    DECAYED: _decayed,
    **{name: BASELINES[name] for name in ("hold", "clip mean", "repeat")},
}
"""As `fstmuse.tasks.gap_metrics.BASELINES`, for the last frames of a picture: none looks at what follows."""


def beyond(mel: MelSpec) -> int:
    """How many frames at a clip's end may reach beyond its sound, into zeros: whatever foretells them is wrong."""
    return -(-mel.n_fft // mel.hop_length)


def mean_errors(draws: Sequence[GapErrors]) -> GapErrors:
    """What one of several draws is off by on average, by clip."""
    found = {name: np.mean([getattr(one, name) for one in draws], axis=0) for name in ("mae", "mse", "lsd")}
    return GapErrors(**found)


def best_errors(draws: Sequence[GapErrors]) -> GapErrors:
    """Those of the draw that is nearest to what came, by clip: that of the smallest squared error."""
    best = np.argmin([one.mse for one in draws], axis=0)
    found = {name: np.stack([getattr(one, name) for one in draws]) for name in ("mae", "mse", "lsd")}
    return GapErrors(**{name: values[best, np.arange(len(best))] for name, values in found.items()})


def spread(draws: Sequence[Sequence[np.ndarray]]) -> float:
    """How far draws are apart: the standard deviation among them, mean over all values of all clips, in dB.

    Args:
        draws: each a list of float (frames, mels) in dB, one for each clip.
    """
    return float(np.mean([np.std(clip, axis=0).mean() for clip in zip(*draws, strict=True)]))


def by_lag(truths: Sequence[np.ndarray], answers: Sequence[np.ndarray]) -> list[dict[str, Any]]:
    """The figures of each frame after the end, over all clips.

    Args:
        truths: float (frames, mels) in dB, one for each clip.
        answers: likewise.

    Returns:
        A row for each frame: `lag`, counted from 1, and the measures in dB.
    """
    rows = []
    for lag in range(len(truths[0])):
        here = slice(lag, lag + 1)
        figures = gap_errors([one[here] for one in truths], [one[here] for one in answers]).pooled()
        rows.append({"lag": lag + 1} | {measure: figures[measure] for measure in MEASURES})
    return rows
