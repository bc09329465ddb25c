"""Music from noise, by a trained generator. Free of TensorFlow at import."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from fstmuse.artifacts.card import Card
from fstmuse.features.inversion import invert
from fstmuse.features.picture import MelPicture
from fstmuse.inference.creation_settings import (
    SECONDS,
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
_DRAWING_SHARE = 0.3
"""Of the time, for the progress: the rest goes to the sound."""


class PictureCreator(Protocol):
    """What draws pictures; see `fstmuse.inference.network_creator.Creator`."""

    spec: MelSpec
    most_frames: int | None

    def __call__(
        self,
        frames: int,
        seed: int,
        label: int = 0,
        truncation: float = 1.0,
        *,
        towards: int | None = None,
        share: float = 0.0,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> MelPicture:
        """A picture of `frames` frames."""


def create(
    creator: PictureCreator,
    card: Card,
    seconds: float | None = None,
    *,
    label: str | None = None,
    seed: int = 0,
    truncation: float = 1.0,
    towards: int | None = None,
    share: float = 0.0,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Creation:
    """Makes music from noise.

    The same seed gives the same music. Longer music begins with the picture of shorter; its sound differs in level,
    which is set for the whole, and by phases, which are searched for in the whole.

    Args:
        creator: the network.
        card: of its artifact.
        seconds: of music; None: 12 s, or as long as a network that draws one length alone draws.
        label: what kind of music; None: one that the seed draws, where there are labels.
        seed: of the noise and, where none is asked for, of the label.
        truncation: how far from the most usual music, which is 0; 1 is as varied as what the network learnt from.
        towards: another seed, for music between the two.
        share: of the way there: 0 is the music of `seed`, 1 that of `towards`. Noise is mixed, not sound. Where no
            label is asked for, the nearer seed draws it.
        progress: called with the share that is done, 0 to 1, rising.
        cancel: looked at between steps.

    Returns:
        The music at -20 dB RMS, or softer where it would clip; silence stays silence.

    Raises:
        ArtifactError: the network draws no numbers.
        ConfigError: a setting is impossible, or there is no such label.
        SpecError: pictures like these cannot be made into sound.
        Cancelled: `cancel` was set.
    """
    spec, most = creator.spec, creator.most_frames
    require_settings(card, seconds, label, seed, truncation, towards, share)
    longest = None if most is None else most * spec.hop_length / spec.sample_rate
    if seconds is None:
        seconds = SECONDS if longest is None else longest
    if longest is not None:
        require_within(seconds, longest, card.name)
    number = label_number(card.labels, label, nearer(seed, towards, share))
    name = card.labels[number] if card.labels else None
    samples = round(seconds * spec.sample_rate)
    frames = -(-samples // spec.hop_length)
    # What the first windows alone see would begin soft: music that lies before it is drawn, too, and cut off.
    lead = -(-spec.n_fft // spec.hop_length) - 1
    lead = lead if most is None else min(lead, most - frames)
    whole = creator(
        lead + frames,
        seed,
        number,
        truncation,
        towards=towards,
        share=share,
        progress=part_of(progress, 0.0, _DRAWING_SHARE),
        cancel=cancel,
    )
    sound = invert(whole, progress=part_of(progress, _DRAWING_SHARE, 1.0), cancel=cancel)
    begins = lead * spec.hop_length
    waveform, gain_db = levelled(sound[begins : begins + samples], spec.sample_rate)
    return Creation(
        path=title(name, seed, towards=towards, share=share),
        sample_rate=spec.sample_rate,
        waveform=waveform[:, None],
        picture=MelPicture(whole.values[lead:], spec),
        seed=seed,
        label=name,
        towards=towards,
        share=share,
        settings={
            "seconds": seconds,
            "label": label,
            "truncation": truncation,
            "network": card.network,
            "sound": "griffin-lim",
            "gain_db": gain_db,
        },
        model=card.signature,
    )


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
