"""Music from noise, or from nothing or a clip, by a trained network. Free of TensorFlow at import."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np

from fstmuse.artifacts.card import Card
from fstmuse.audio.decode import decode
from fstmuse.errors import AudioError, Cancelled
from fstmuse.features.inversion import invert
from fstmuse.features.mel import LogMel
from fstmuse.features.picture import MelPicture
from fstmuse.inference.creation_settings import (
    LEAST_S,
    SECONDS,
    Wish,
    label_number,
    nearer,
    require_settings,
    require_within,
    title,
)
from fstmuse.inference.generate_result import Creation
from fstmuse.interrupt import Cancel, Progress, part_of
from fstmuse.spec import MelSpec

LEVEL_DB, PEAK = -20.0, 0.99
"""RMS of the sound relative to full scale; less where its peak would be higher than this."""

_FADE_S = 0.005
_SILENT = 1e-6
_DRAWING_SHARE, _TURNS_SHARE = 0.3, 0.95
"""Of the time, for the progress: the rest goes to the sound. The latter is that of networks that draw in turn."""

PRIME_S = 30.0
"""Of a clip's end: what music goes on from, at most."""


class PictureCreator(Protocol):
    """What draws pictures; see `network_creator.Creator` and `turn_creator.TurnCreator` in `fstmuse.inference`."""

    spec: MelSpec
    most_frames: int | None

    def __call__(self, frames: int, seed: int, label: int = 0, **options: Any) -> MelPicture:
        """A picture of `frames` frames, and of those that it begins with; fewer where it was cancelled."""


def create(
    creator: PictureCreator,
    card: Card,
    wish: Wish,
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Creation:
    """Makes music: `fstmuse.inference.session.Session.generate` tells of what comes.

    Args:
        creator: the network.
        card: of its artifact.
        wish: what is asked for.
        progress: called with the share that is done, 0 to 1, rising.
        cancel: looked at between steps.

    Returns:
        The music; less of it, where `cancel` was set after a network that draws in turn had drawn some.

    Raises:
        ArtifactError: the network draws no numbers.
        AudioError: the prime cannot be read.
        ConfigError: a setting is impossible, or there is no such label.
        SpecError: pictures like these cannot be made into sound.
        Cancelled: `cancel` was set.
    """
    spec, most = creator.spec, creator.most_frames
    require_settings(card, wish)
    longest = None if most is None else most * spec.hop_length / spec.sample_rate
    seconds = wish.seconds
    if seconds is None:
        seconds = SECONDS if longest is None else longest
    if longest is not None:
        require_within(seconds, longest, card.name)
    number = label_number(card.labels, wish.label, nearer(wish.seed, wish.towards, wish.share))
    name = card.labels[number] if card.labels else None
    samples = round(seconds * spec.sample_rate)
    frames = -(-samples // spec.hop_length)
    prime, lead = None, 0
    if wish.prime is not None:
        prime = prime_picture(wish.prime, spec)
        samples += len(prime) * spec.hop_length
    else:
        # What the first windows alone see would begin soft: music that lies before it is drawn, too, and cut off.
        lead = -(-spec.n_fft // spec.hop_length) - 1
        lead = lead if most is None else min(lead, most - frames)
    options: dict[str, Any] = (
        {"temperature": wish.temperature, "prime": prime}
        if card.in_turn
        else {"truncation": wish.truncation, "towards": wish.towards, "share": wish.share}
    )
    share = _TURNS_SHARE if card.in_turn else _DRAWING_SHARE
    drawing = part_of(progress, 0.0, share)
    whole = creator(lead + frames, wish.seed, number, progress=drawing, cancel=cancel, **options)
    samples = min(samples, (len(whole.values) - lead) * spec.hop_length)
    cut = len(whole.values) < lead + frames + (0 if prime is None else len(prime))
    if samples < LEAST_S * spec.sample_rate:
        raise Cancelled("Cancelled before any music was made.")
    # What took long to draw is not thrown away for the moment that its sound takes.
    sound = invert(whole, progress=part_of(progress, share, 1.0), cancel=None if card.in_turn else cancel)
    begins = lead * spec.hop_length
    waveform, gain_db = levelled(sound[begins : begins + samples], spec.sample_rate)
    settings = {
        "seconds": seconds,
        "label": wish.label,
        "network": card.network,
        "sound": "griffin-lim",
        "gain_db": gain_db,
    }
    if card.in_turn:
        settings |= {"temperature": wish.temperature, "cut_short": cut}
    else:
        settings |= {"truncation": wish.truncation}
    if prime is not None:
        settings |= {"prime": str(wish.prime), "prime_seconds": len(prime) * spec.hop_length / spec.sample_rate}
    return Creation(
        path=title(name, wish.seed, towards=wish.towards, share=wish.share, prime=wish.prime),
        sample_rate=spec.sample_rate,
        waveform=waveform[:, None],
        picture=MelPicture(whole.values[lead:], spec),
        seed=wish.seed,
        label=name,
        towards=wish.towards,
        share=wish.share,
        settings=settings,
        model=card.signature,
    )


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


def levelled(sound: np.ndarray, rate: int) -> tuple[np.ndarray, float]:
    """Sound as loud as music usually is, never clipped, that begins and ends without a click.

    Args:
        sound: float32 (samples,).
        rate: in Hz.

    Returns:
        float32 (samples,), and by how much it was made louder, in dB; 0 where it is silent.
    """
    edge = min(round(_FADE_S * rate), len(sound) // 2)
    ramp = np.linspace(0, 1, edge, endpoint=False)
    sound = sound.astype(np.float64)
    sound[:edge] *= ramp
    sound[len(sound) - edge :] *= ramp[::-1]
    peak = float(np.abs(sound).max())
    if peak < _SILENT:
        return sound.astype(np.float32), 0.0
    gain = min(10 ** (LEVEL_DB / 20) / float(np.sqrt(np.mean(sound**2))), PEAK / peak)
    return (gain * sound).astype(np.float32), float(20 * np.log10(gain))
