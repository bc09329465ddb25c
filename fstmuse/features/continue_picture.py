"""What a network of mel pictures expects after a clip's end, for sound of any rate. Free of TensorFlow itself."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import soxr

from fstmuse.errors import DataError
from fstmuse.features.gap_picture import fading_above
from fstmuse.features.gap_spectrum import centres_of
from fstmuse.features.mel import LogMel
from fstmuse.features.picture import MelPicture
from fstmuse.spec import MelSpec

CONTEXT_S = 10.0
"""Of sound before its end that a network sees: as much as the clips that it is taught with."""

HOLD_S = 0.32
"""The decayed hold goes two thirds of the way in so much: 0.93 per frame of 512 samples at 22,050 Hz, which was the
best on piano."""

MEAN_S = 4.0
"""The decayed hold goes to what is usual in so much sound before the end."""


class PictureContinuer(Protocol):
    """A network that goes on where a picture ends.

    Attributes:
        spec: of the pictures.
    """

    spec: MelSpec

    def __call__(self, context: MelPicture, frames: int, seed: int, spread: float = 1.0) -> np.ndarray:
        """The next frames, float32 (frames, mels) in dB.

        Args:
            context: what came before; one frame at least.
            frames: how many to give.
            seed: of what cannot be foreseen. Same seed, same frames.
            spread: how far it may go from the best guess, which is 0.
        """


def decayed_hold(last: np.ndarray, usual: np.ndarray, after_s: np.ndarray) -> np.ndarray:
    """The baseline of all continuing: what was last dies away to what is usual.

    Args:
        last: float (values,), in dB or another logarithm.
        usual: float (values,), or (times, values) if it changes.
        after_s: float (times,), since the last, in s.

    Returns:
        float64 (times, values).
    """
    share = np.exp(-after_s / HOLD_S)[:, None]
    return usual + (last - usual) * share


def expected_change(
    continuer: PictureContinuer,
    sound: np.ndarray,
    rate: int,
    times_s: np.ndarray,
    centres: np.ndarray,
    seed: int,
    spread: float,
) -> np.ndarray:
    """By how much a network differs from the decayed hold.

    Args:
        continuer: the network.
        sound: float (samples,), mono, up to its end.
        rate: of the sound, in Hz.
        times_s: at which it is asked for, in s after the end: float (times,), rising.
        centres: frequencies at which it is asked for, in Hz: float (bands,), rising.
        seed: handed to the network.
        spread: handed to the network.

    Returns:
        float64 (times, bands) in dB; 0 above the network's highest frequency.

    Raises:
        DataError: the network's answer is not of the right shape, or not finite.
    """
    spec = continuer.spec
    context = _context(sound, rate, spec)
    hop_s = spec.hop_length / spec.sample_rate
    # The middle of the last known frame lies half a window before the end.
    last_s = -spec.n_fft / 2 / spec.sample_rate
    count = max(1, int(np.ceil((times_s[-1] - last_s) / hop_s)))
    answer = np.asarray(continuer(context, count, seed, spread), np.float64)
    if answer.shape != (count, spec.n_mels) or not np.isfinite(answer).all():
        raise DataError(
            f"The network answered {answer.shape} values, not all finite; expected {(count, spec.n_mels)}. Train it "
            "again, or do without."
        )
    after_s = hop_s * np.arange(1, count + 1)
    recent = context.values[-max(1, round(MEAN_S / hop_s)) :]
    change = answer - decayed_hold(context.values[-1], recent.mean(axis=0, dtype=np.float64), after_s)
    # Nothing has changed at the last known frame.
    change = np.concatenate([np.zeros((1, spec.n_mels)), change])
    middles_s = last_s + np.concatenate([[0.0], after_s])
    by_time = np.stack([np.interp(times_s, middles_s, band) for band in change.T], axis=1)
    by_band = np.stack([np.interp(centres, centres_of(spec), row) for row in by_time])
    return by_band * fading_above(spec, centres)


def _context(sound: np.ndarray, rate: int, spec: MelSpec) -> MelPicture:
    """The log-mel of a sound's end; the last frame ends where the sound does."""
    sound = sound[-round(CONTEXT_S * rate) :]
    mono = sound if rate == spec.sample_rate else soxr.resample(sound, rate, spec.sample_rate, quality="HQ")
    # In front of what is shorter than a frame lies silence.
    mono = np.pad(mono, (max(0, spec.n_fft - len(mono)), 0))
    whole = (len(mono) - spec.n_fft) // spec.hop_length + 1
    mono = mono[(len(mono) - spec.n_fft) % spec.hop_length :]
    return MelPicture(LogMel(spec)(mono.astype(np.float32))[:whole], spec)
