"""What is usual in a clip, and how it varies about that: what its end dies away to. Free of TensorFlow.

How loud a clip usually is, is the mean of its power. The mean of its dB, which networks that are taught in dB fall to,
is some 7 dB below that in music: most frames lie between the notes. And a mean has no onsets. So frames of the clip
itself are played again, in another order: stretches that follow on places that are like what was just heard (a block
bootstrap, whose blocks are chosen as in forecasts by analogues). Their bands and bins vary about the mean in dB as they
did, or by a share of that.
"""

from __future__ import annotations

import numpy as np
import scipy.stats

STRETCH_S = 1.0
"""Frames are played again for so long at a time: two beats, and a quarter of what there is to draw from."""

ALIKE_S = 0.25
"""So much before a stretch is compared with what was just heard."""

_PLACES = 3
"""One is drawn of so many places: those most alike, and more so than the frames beside them."""

RECENT_S = 1.0
RECENT_DB, _RECENT_BAND_DB = 2.0, 6.0
"""What is usual is louder than the last `RECENT_S` by no more than so much, all in all and in a band: a clip that has
faded out stays so."""


def usual_level(known: np.ndarray, hop_s: float) -> np.ndarray:
    """How loud each band is.

    Args:
        known: float (frames, bands), the clip's last seconds in dB of power.
        hop_s: from frame to frame.

    Returns:
        float64 (bands,) in dB: the mean power.
    """
    power = np.power(10.0, np.asarray(known, np.float64) / 10)
    recent = power[-max(2, round(RECENT_S / hop_s)) :].mean(axis=0)
    usual = np.minimum(power.mean(axis=0), recent * 10 ** (_RECENT_BAND_DB / 10))
    most = recent.sum() * 10 ** (RECENT_DB / 10)
    return 10 * np.log10(usual * min(1.0, most / usual.sum()))


def level_trend(known: np.ndarray) -> np.ndarray:
    """How much louder than in the middle frames are because a clip fades in or out, float64 (frames, 1) in dB.

    One straight line for all bands, of the median of all slopes between two frames (Theil and Sen): notes and rests do
    not count as a fade.
    """
    loudness = 10 * np.log10(np.power(10.0, known / 10).sum(axis=1))
    slope = scipy.stats.theilslopes(loudness).slope if len(known) > 1 else 0.0
    times = np.arange(len(known), dtype=np.float64)
    return slope * (times - times.mean())[:, None]


def drawn_frames(known: np.ndarray, count: int, hop_s: float, seed: int) -> np.ndarray | None:
    """Which frames are played again.

    Args:
        known: float (frames, bands) in dB.
        count: how many to draw.
        hop_s: from frame to frame.
        seed: same seed, same frames.

    Returns:
        int (count,), numbers of known frames; None where too few are known to say how they vary.
    """
    alike, stretch = round(ALIKE_S / hop_s), round(STRETCH_S / hop_s)
    if alike < 1 or len(known) < alike + 2 * stretch:
        return None
    level = known - level_trend(known)
    # Numbers of the frames in all windows behind which there is a stretch.
    windows = np.arange(len(known) - stretch - alike + 1)[:, None] + np.arange(alike)
    random = np.random.default_rng(seed)
    played = np.arange(len(known))
    while len(played) < len(known) + count:
        unlike = np.square(level[windows] - level[played[-alike:]]).mean(axis=(1, 2))
        beside = np.pad(unlike, 1, constant_values=np.inf)
        lowest = np.flatnonzero((unlike <= beside[:-2]) & (unlike <= beside[2:]))
        start = int(random.choice(lowest[np.argsort(unlike[lowest])[:_PLACES]])) + alike
        played = np.concatenate([played, np.arange(start, start + stretch)])
    return played[len(known) :][:count]


def varied(known: np.ndarray, usual: np.ndarray, trend: np.ndarray, drawn: np.ndarray, share: float) -> np.ndarray:
    """Frames that vary about what is usual as known ones do.

    Args:
        known: float (frames, values) in dB.
        usual: float (values,) in dB: the mean power of what is given, if all frames are drawn as often.
        trend: of `level_trend`.
        drawn: of `drawn_frames`.
        share: 1 as much as they do; 0: not at all.

    Returns:
        float64 (len(drawn), values) in dB.
    """
    level = known - trend
    deviations = share * (level - level.mean(axis=0))
    mean = usual - 10 * np.log10(np.power(10.0, deviations / 10).mean(axis=0))
    return mean + deviations[drawn]
