"""Fills gaps in sound of any rate and number of channels; all else stays as it is, sample by sample.

Free of TensorFlow; a network is handed in as a function.

A gap is first carried on from both sides by linear prediction, which joins the sound without a step and continues its
tones with their phases. Up to `PREDICTED_S` that is the answer: nothing that was tried comes near it. What is predicted
dies away in wider gaps. There the magnitudes of the gap's frames are set right by the neighbours' and by a network's
picture (`gap_spectrum.target`), and phases found that go with them, beginning with the predicted ones. Cross-fades lie
within the gap, from the predicted sound to the resynthesised one and back: at its borders the prediction, which has no
step, is heard alone.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from fstmuse.errors import AudioError, Cancelled
from fstmuse.features.gap_picture import CONTEXT_S, Filler, correction
from fstmuse.features.gap_spectrum import (
    N_MELS,
    NEIGHBOURS,
    Frames,
    centres_of,
    envelope_spec,
    frames_of,
    require_seed,
    resynthesised,
    target,
    window_of,
)
from fstmuse.features.gaps import Gap, merged_gaps
from fstmuse.features.prediction import bridged, crossed, rise
from fstmuse.interrupt import Cancel, Progress

PREDICTED_S = 0.04
"""Gaps up to so wide are filled by linear prediction alone: by LSD it is as good there on piano and on FMA's music, by
SNR better by 0.5 to 0.9 dB. From 50 ms on the other is better by LSD (tests/benchmarks/gap_sound.py)."""

ITERATIONS = 8
"""On piano 16 and 32 are no better by LSD and lose up to 0.7 dB of SNR: phases leave the predicted ones."""

FADE_S, LEAST_FADE = 0.064, 1024
"""Cross-fades are so long, in s, and no fewer samples; in narrower gaps half the gap."""


def fill_sound(
    samples: np.ndarray,
    rate: int,
    gaps: Iterable[Gap],
    correct: Filler | None = None,
    *,
    seed: int = 0,
    iterations: int = ITERATIONS,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> np.ndarray:
    """A clip with its gaps filled.

    Args:
        samples: float (n, channels), in [-1, 1]; whatever the gaps hold, also NaN, counts for nothing.
        rate: in Hz.
        gaps: first sample and first one behind, in any order; those that overlap become one.
        correct: a network; None fills by the neighbours alone. It is asked about gaps wider than `PREDICTED_S`.
        seed: of the phases in the middle of wide gaps. Same seed, same sound.
        iterations: of Griffin-Lim.
        progress: called with the share that is done, 0 to 1, rising.
        cancel: looked at between steps.

    Returns:
        float32 (n, channels): outside the gaps equal to `samples`; silence where the gap lies in silence.

    Raises:
        AudioError: `samples` is not of this shape, or holds NaN or infinity outside the gaps.
        ConfigError: there is no gap, one is outside the clip, nothing is left beside them, or the seed is negative.
        Cancelled: `cancel` was set.
    """
    require_seed(seed)
    gaps = merged_gaps(gaps, len(samples), rate)
    sound = _checked(samples, rate, gaps)
    sides = [_predicted(sound, rate, gaps, index, cancel) for index in range(len(gaps))]
    for index, (start, end) in enumerate(gaps):
        wide = end - start > PREDICTED_S * rate
        if wide and iterations >= 0:
            _refill(sound, rate, (start, end), sides[index], correct, seed + index, iterations, cancel)
        if progress:
            progress((index + 1) / len(gaps))
    filled = np.array(samples, np.float32)
    for start, end in gaps:
        filled[start:end] = sound[start:end]
    return filled


def _checked(samples: np.ndarray, rate: int, gaps: list[Gap]) -> np.ndarray:
    """A copy in float64 with silence in the gaps."""
    if samples.ndim != 2 or not samples.shape[1] or samples.dtype.kind != "f" or rate < 1:
        raise AudioError(
            f"Received {samples.dtype} samples of shape {samples.shape} at {rate} Hz; expected floats of shape "
            "(n, channels) at more than 0 Hz."
        )
    sound = samples.astype(np.float64)
    for start, end in gaps:
        sound[start:end] = 0
    broken = np.flatnonzero(~np.isfinite(sound).all(axis=1))
    if len(broken):
        raise AudioError(
            f"{len(broken):,} samples outside the gaps are NaN or infinite, the first at {broken[0] / rate:.3f} s. "
            "Give them as gaps, too, or let gaps be found."
        )
    return sound


def _predicted(
    sound: np.ndarray, rate: int, gaps: list[Gap], index: int, cancel: Cancel | None
) -> tuple[np.ndarray, np.ndarray]:
    """Bridges a gap in place; float64 (samples, channels) carried on from before it, and back from behind it."""
    start, end = gaps[index]
    following = gaps[index + 1][0] if index + 1 < len(gaps) else len(sound)
    left, right = np.empty((end - start, sound.shape[1])), np.empty((end - start, sound.shape[1]))
    for channel in range(sound.shape[1]):
        if cancel is not None and cancel.is_set():
            raise Cancelled("Cancelled before the gap was filled.")
        # Gaps before this one are bridged already; behind, sound is known up to the next one.
        before, after = sound[:start, channel], sound[end:following, channel]
        left[:, channel], right[:, channel] = bridged(before, after, end - start, rate)
        if len(before) and len(after):
            sound[start:end, channel] = crossed(left[:, channel], right[:, channel])
        else:
            sound[start:end, channel] = left[:, channel] if len(before) else right[:, channel]
    return left, right


def _refill(
    sound: np.ndarray,
    rate: int,
    gap: Gap,
    sides: tuple[np.ndarray, np.ndarray],
    correct: Filler | None,
    seed: int,
    iterations: int,
    cancel: Cancel | None,
) -> None:
    """Fills a bridged gap in place, where there are whole frames beside it."""
    start, end = gap
    n_fft = window_of(rate)
    margin = (NEIGHBOURS + 4) * n_fft
    first = max(0, start - margin)
    # Silence on both sides, so that frames may reach beyond the clip.
    pad = margin - (start - first)
    frames = frames_of(margin, margin + end - start, n_fft)
    behind = max(0, end + margin - len(sound))
    known_sides = (
        (frames.first - NEIGHBOURS) * frames.hop >= pad,
        (frames.stop + NEIGHBOURS - 1) * frames.hop + n_fft <= end - start + 2 * margin - behind,
    )
    if not any(known_sides):
        return
    gain = _correction(sound, rate, gap, frames, margin, correct)
    random = np.random.default_rng(seed)
    turns = random.uniform(-np.pi, np.pi, (len(frames), n_fft // 2 + 1))
    for channel in range(sound.shape[1]):
        stretch = np.pad(sound[first : end + margin, channel], (pad, behind))
        if not stretch.any():
            continue
        magnitude = target(frames, stretch, known_sides, rate, gain)
        made = resynthesised(frames, stretch, magnitude, turns, iterations, cancel=cancel)
        sound[start:end, channel] = _faded(made, sides[0][:, channel], sides[1][:, channel], rate, gap, len(sound))


def _correction(
    sound: np.ndarray, rate: int, gap: Gap, frames: Frames, margin: int, correct: Filler | None
) -> np.ndarray:
    if correct is None:
        return np.zeros((len(frames), N_MELS))
    start, end = gap
    first = max(0, start - round(CONTEXT_S * rate))
    mono = sound[first : end + round(CONTEXT_S * rate)].mean(axis=1)
    # Frame k of the stretch begins `margin` before the gap plus k hops.
    middles = np.arange(frames.first, frames.stop) * frames.hop + frames.n_fft / 2 + (start - margin - first)
    centres = centres_of(envelope_spec(rate, frames.n_fft))
    return correction(correct, mono, rate, (start - first, end - first), middles / rate, centres)


def _faded(made: np.ndarray, left: np.ndarray, right: np.ndarray, rate: int, gap: Gap, samples: int) -> np.ndarray:
    """The resynthesised gap between the predicted ends; at the beginning and end of a clip there is nothing to join."""
    fade = min(len(made) // 2, max(LEAST_FADE, round(FADE_S * rate)))
    up = rise(fade)
    made = made.copy()
    if gap[0] > 0:
        made[:fade] = left[:fade] * (1 - up) + made[:fade] * up
    if gap[1] < samples:
        made[len(made) - fade :] = made[len(made) - fade :] * up[::-1] + right[len(made) - fade :] * (1 - up[::-1])
    return made
