"""Lets sound of any rate and number of channels go on beyond its end; what was there stays, sample by sample.

Free of TensorFlow; a network is handed in as a function.

The sound is first carried on by linear prediction, which joins without a step and continues tones with their phases.
Prediction dies away. From there on each bin's magnitude is the last one, dying away (`continue_picture.decayed_hold`)
to what is usual in the clip, which varies as the clip did (`continue_usual`), and a network's picture changes that band
by band; then phases are found that go with the magnitudes and with the known sound before them, as in gaps
(`gap_spectrum.resynthesised`). A cross-fade leads from the predicted sound to this one.
"""

from __future__ import annotations

import numpy as np
import scipy.ndimage

from fstmuse.errors import AudioError, Cancelled, ConfigError
from fstmuse.features.continue_picture import MEAN_S, PictureContinuer, decayed_hold, expected_change
from fstmuse.features.continue_usual import drawn_frames, level_trend, usual_level, varied
from fstmuse.features.gap_sound import FADE_S, LEAST_FADE
from fstmuse.features.gap_spectrum import (
    N_MELS,
    NEIGHBOURS,
    Frames,
    bands_of,
    centres_of,
    envelope_spec,
    frames_of,
    require_seed,
    resynthesised,
    set_right,
    window_of,
)
from fstmuse.features.prediction import carried_on, rise, without_last_click
from fstmuse.interrupt import Cancel, Progress

ITERATIONS = 32
"""Of Griffin-Lim: after 8 held tones waver by 4 to 10 dB, after 16 to 32 by less than 1; there is no sound on the other
side that phases could be predicted from. By LSD 8 are as good as 64."""

MOST_S = 30.0
"""Longest sound that is made at a time. Whoever wants more lets the result go on again."""

LEAST_S = 0.1
"""Shortest sound that can go on."""

_LEAST_SAMPLES = 256
_LOUDER_DB = 3.0
"""No band gets louder by more than so much than it was in the last `MEAN_S`, whatever a network says."""

_FLOOR = 1e-7  # magnitude; silence of 24 bits under the window
_LIMITER_S = 0.005
_SILENT, _SILENT_S = 10 ** (-80 / 20), 0.5
"""Sound that was no louder for so long, in s, is over."""


def continue_sound(
    samples: np.ndarray,
    rate: int,
    seconds: float,
    continuer: PictureContinuer | None = None,
    *,
    seed: int = 0,
    spread: float = 1.0,
    iterations: int = ITERATIONS,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> np.ndarray:
    """A clip that goes on.

    Args:
        samples: float (n, channels), in [-1, 1]; of it the last 10 s count.
        rate: in Hz.
        seconds: by how much it becomes longer, up to `MOST_S`.
        continuer: a network; None holds the end and lets it die away to what is usual.
        seed: of what cannot be foreseen, and of the phases. Same seed, same sound.
        spread: how far it goes from the best guess, which is 0: a texture that is held. 1 is as varied as the clip's
            last 4 s, and as a network's drawings are; more changes the network's alone.
        iterations: of Griffin-Lim.
        progress: called with the share that is done, 0 to 1, rising.
        cancel: looked at between steps.

    Returns:
        float32 (n + m, channels): the first n equal to `samples`; beyond, no sample louder than the loudest of the
        clip, and silence in channels that end in silence.

    Raises:
        AudioError: `samples` is not of this shape, holds NaN or infinity, is shorter than `LEAST_S` or ends in
            silence.
        ConfigError: `seconds`, `spread` or `iterations` is impossible.
        Cancelled: `cancel` was set.
    """
    _require_sound(samples, rate)
    require_settings(seconds, spread, iterations, seed)
    count = max(1, round(seconds * rate))
    sound = samples[-max(_LEAST_SAMPLES, round((MEAN_S + 1) * rate)) :].astype(np.float64)
    n_fft = window_of(rate)
    while 2 * n_fft > len(sound):
        n_fft //= 2
    # A frame ends where the sound does: the last one known is as late as can be.
    sound = sound[(len(sound) - n_fft) % (n_fft // 4) :]
    # What lies beyond the end is made, too, and cut off again: the last samples lie under whole windows.
    made = np.zeros((count + n_fft, sound.shape[1]))
    for channel in sound.T:
        channel[:] = without_last_click(channel, rate)
    frames = frames_of(len(sound), len(sound) + len(made), n_fft)
    change = _change(samples, rate, frames, continuer, seed, spread)
    turns = np.random.default_rng(seed).uniform(-np.pi, np.pi, (len(frames), n_fft // 2 + 1))
    channels = [number for number in range(sound.shape[1]) if sound[-n_fft:, number].any()]
    if not channels:
        raise AudioError(
            f"The last {n_fft / rate:.3f} s are silence, which goes on by itself. Cut the silence at the end off first."
        )
    drawn = _drawn(sound.mean(axis=1), rate, frames, seed)
    for done, channel in enumerate(channels):
        if cancel is not None and cancel.is_set():
            raise Cancelled("Cancelled before the sound went on.")
        part = None if progress is None else lambda share, done=done: progress((done + share) / len(channels))
        made[:, channel] = _gone_on(
            sound[:, channel], rate, frames, change, drawn, min(1.0, spread), turns, iterations, part, cancel
        )
    limit = float(np.abs(samples).max())
    if progress:
        progress(1.0)
    return np.concatenate([samples, _limited(made[:count], limit, rate)], dtype=np.float32, casting="same_kind")


def require_settings(seconds: float, spread: float = 1.0, iterations: int = ITERATIONS, seed: int = 0) -> None:
    """Refuses what sound cannot go on by.

    Raises:
        ConfigError: says which setting, and what was expected.
    """
    if not 0 < seconds <= MOST_S:
        raise ConfigError(
            f"Received {seconds:g} s; expected more than 0, up to {MOST_S:g} s. Let the result go on again for more."
        )
    if not 0 <= spread <= 3:
        raise ConfigError(f"Received the spread {spread:g}; expected 0 (the best guess) to 3; 1 is as in music.")
    if iterations < 0:
        raise ConfigError(f"Received iterations={iterations}; expected 0 or more.")
    require_seed(seed)


def _require_sound(samples: np.ndarray, rate: int) -> None:
    if samples.ndim != 2 or not samples.shape[1] or samples.dtype.kind != "f" or rate < 1:
        raise AudioError(
            f"Received {samples.dtype} samples of shape {samples.shape} at {rate} Hz; expected floats of shape "
            "(n, channels) at more than 0 Hz."
        )
    if len(samples) < max(LEAST_S * rate, _LEAST_SAMPLES):
        raise AudioError(
            f"There are {len(samples) / rate:.3f} s of sound; expected {LEAST_S:g} s or more. So little does not say "
            "what it goes on to."
        )
    broken = np.flatnonzero(~np.isfinite(samples).all(axis=1))
    if len(broken):
        raise AudioError(
            f"{len(broken):,} samples are NaN or infinite, the first at {broken[0] / rate:.3f} s. Mend them first: "
            "python -m fstmuse.infill --plain CLIP --find."
        )
    loud = np.flatnonzero(np.abs(samples).max(axis=1) > _SILENT)
    ends = loud[-1] + 1 if len(loud) else 0
    if ends == 0:
        raise AudioError("There is nothing but silence, which goes on by itself.")
    if len(samples) - ends >= _SILENT_S * rate:
        raise AudioError(
            f"The sound ends at {ends / rate:.2f} s; behind it are {(len(samples) - ends) / rate:.2f} s of silence, "
            "which goes on by itself. Cut the silence off first."
        )


def _change(
    samples: np.ndarray, rate: int, frames: Frames, continuer: PictureContinuer | None, seed: int, spread: float
) -> np.ndarray:
    """What a network changes in the bands of the frames, in dB, (frames, N_MELS)."""
    if continuer is None:
        return np.zeros((len(frames), N_MELS))
    mono = samples.mean(axis=1, dtype=np.float64)
    centres = centres_of(envelope_spec(rate, frames.n_fft))
    middles = np.arange(frames.first, frames.stop) * frames.hop + frames.n_fft / 2 - frames.start
    return expected_change(continuer, mono, rate, middles / rate, centres, seed, spread)


def _known_power(sound: np.ndarray, rate: int, frames: Frames) -> np.ndarray:
    """Power of the last `MEAN_S` of frames that are known, float64 (frames, bins)."""
    known = min(frames.first, max(NEIGHBOURS, round(MEAN_S * rate / frames.hop)))
    return np.square(np.abs(frames.spectra(sound, frames.first - known, frames.first)))


def _drawn(mono: np.ndarray, rate: int, frames: Frames, seed: int) -> np.ndarray | None:
    """Which known frames are played again, the same ones in all channels."""
    bands = bands_of(_known_power(mono, rate, frames), rate, frames.n_fft)
    return drawn_frames(bands, len(frames), frames.hop / rate, seed)


def _gone_on(
    sound: np.ndarray,
    rate: int,
    frames: Frames,
    change: np.ndarray,
    drawn: np.ndarray | None,
    share: float,
    turns: np.ndarray,
    iterations: int,
    progress: Progress | None,
    cancel: Cancel | None,
) -> np.ndarray:
    """What follows a channel, float64 (frames.end - frames.start,)."""
    samples, hop_s = frames.end - frames.start, frames.hop / rate
    predicted = carried_on(sound, samples, rate)
    stretch = np.concatenate([sound, predicted, np.zeros(frames.n_fft)])
    power = np.maximum(_known_power(sound, rate, frames), _FLOOR**2)
    bands = bands_of(power, rate, frames.n_fft)
    bins = 10 * np.log10(power)
    usual_bands, usual_bins = (usual_level(known, hop_s) for known in (bands, bins))
    if drawn is not None:
        trend = level_trend(bands)
        usual_bands, usual_bins = (
            varied(known, usual, trend, drawn, share) for known, usual in ((bands, usual_bands), (bins, usual_bins))
        )
    after_s = hop_s * np.arange(1, len(frames) + 1)
    wanted = decayed_hold(bands[-1], usual_bands, after_s) + change
    wanted = np.minimum(wanted, bands.max(axis=0) + _LOUDER_DB)
    expected = decayed_hold(10 * np.log10(power[-NEIGHBOURS:].mean(axis=0)), usual_bins, after_s)
    magnitude = set_right(frames, np.abs(frames.spectra(stretch)), np.power(10.0, expected / 20), wanted, rate)
    made = resynthesised(frames, stretch, magnitude, turns, iterations, progress, cancel)
    made *= _lost(frames, magnitude, np.concatenate([sound, made, np.zeros(frames.n_fft)]))
    fade = min(samples, max(LEAST_FADE, round(FADE_S * rate)))
    up = rise(fade)
    made[:fade] = predicted[:fade] * (1 - up) + made[:fade] * up
    return made


def _lost(frames: Frames, magnitude: np.ndarray, sound: np.ndarray) -> float:
    """The gain that gives sound back what phases that do not quite agree have cost: 1 to 2 dB."""
    inside = slice(frames.n_fft // frames.hop, -(frames.n_fft // frames.hop) or None)
    wanted, there = (np.square(np.abs(part[inside])).sum() for part in (magnitude, frames.spectra(sound)))
    return float(np.clip(np.sqrt(wanted / there), 1.0, 1.5)) if there > 0 else 1.0


def _limited(sound: np.ndarray, limit: float, rate: int) -> np.ndarray:
    """Sound (n, channels) with its peaks turned down, gently and in all channels alike, to a limit."""
    peaks = np.abs(sound).max(axis=1)
    if peaks.max() > limit:
        width = 2 * round(_LIMITER_S * rate / 2) + 1
        gain = scipy.ndimage.minimum_filter1d(limit / np.maximum(peaks, limit), width, mode="nearest")
        # The mean over as wide a stretch of the smallest around is nowhere more than what a sample needs.
        gain = scipy.ndimage.uniform_filter1d(gain, width, mode="constant", cval=1.0)
        sound = sound * gain[:, None]
    return np.clip(sound, -limit, limit)
