"""The clips that music goes on from or is drawn around, as networks see them. Free of TensorFlow."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fstmuse.audio.decode import decode, probe
from fstmuse.errors import AudioError
from fstmuse.features.mel import LogMel
from fstmuse.inference.creation_settings import LEAST_S, MOST_S, Wish
from fstmuse.spec import MelSpec

PRIME_S = 12.0
"""Of a clip's end: what music goes on from, at most. Networks learn by windows of 6 s, and hear a prime as slowly
as they draw."""


def require_clips(wish: Wish) -> None:
    """Refuses clips that cannot be read or refined, as far as is known before they are decoded.

    Raises:
        AudioError: a clip cannot be read as sound, or one to refine is too short or too long.
    """
    if wish.prime is not None:
        probe(wish.prime)
    if wish.refine is not None:
        _require_length(wish.refine, probe(wish.refine).duration_s)


def prime_picture(sound: Path | str, spec: MelSpec) -> np.ndarray:
    """The end of a clip as a network sees it, up to its last whole frame.

    Args:
        sound: an audio file of any rate and number of channels.
        spec: of the picture.

    Returns:
        float32 (frames, mels), of up to `PRIME_S`.

    Raises:
        AudioError: the file cannot be read, holds NaN, or is shorter than a frame.
    """
    samples = decode(sound, sample_rate=spec.sample_rate)[-round(PRIME_S * spec.sample_rate) :]
    if len(samples) < spec.n_fft:
        raise AudioError(
            f"{sound}: received {len(samples) / spec.sample_rate:.3f} s to go on from; expected "
            f"{spec.n_fft / spec.sample_rate:.3f} s at least. Give a longer clip."
        )
    # The last frame ends where the sound does: one that reaches beyond would see it break off.
    whole = samples[(len(samples) - spec.n_fft) % spec.hop_length :]
    return LogMel(spec)(whole)[: (len(whole) - spec.n_fft) // spec.hop_length + 1]


def whole_picture(sound: Path | str, spec: MelSpec, lead: int) -> tuple[np.ndarray, int]:
    """All of a clip as a network sees it.

    Args:
        sound: an audio file of any rate and number of channels.
        spec: of the picture.
        lead: frames of the picture that begin before the clip.

    Returns:
        float32 (frames, mels), and how many samples the clip has at the spec's rate.

    Raises:
        AudioError: the file cannot be read, holds NaN, or is shorter or longer than music is made.
    """
    _require_length(sound, probe(sound).duration_s)
    samples = decode(sound, sample_rate=spec.sample_rate)
    # Headers tell of what there should be.
    _require_length(sound, len(samples) / spec.sample_rate)
    return LogMel(spec)(np.pad(samples, (lead * spec.hop_length, 0))), len(samples)


def _require_length(sound: Path | str, seconds: float) -> None:
    if not LEAST_S <= seconds <= MOST_S:
        raise AudioError(
            f"{sound}: received {seconds:.3g} s to refine; expected {LEAST_S:g} to {MOST_S:g} s. Give "
            f"{'a longer clip' if seconds < LEAST_S else 'parts of it'}."
        )
