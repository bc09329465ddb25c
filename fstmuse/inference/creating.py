"""Music from noise, by a trained generator. Free of TensorFlow at import."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from fstmuse.artifacts.card import Card
from fstmuse.errors import ConfigError, nearest
from fstmuse.features.inversion import invert
from fstmuse.features.picture import MelPicture
from fstmuse.features.stft import require_overlap
from fstmuse.inference.generate_result import Creation
from fstmuse.inference.outputs import fitted, plain_name
from fstmuse.interrupt import Cancel, Progress, part_of
from fstmuse.networks.catalogue import CATALOGUE
from fstmuse.spec import MelSpec

SECONDS = 12.0
"""Of music, where nothing is said."""

LEAST_S, MOST_S = 0.1, 600.0
"""Shortest and longest music: 10 min take some 2 GB of memory while phases are searched for."""

LEVEL_DB, PEAK = -20.0, 0.99
"""RMS of the sound relative to full scale; less where its peak would be higher than this."""

_FADE_S = 0.005
_SILENT = 1e-6
_LABEL = 1
"""Tells the draw of the label from that of the noise."""

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
    require_settings(card, seconds, label, seed, truncation)
    longest = None if most is None else most * spec.hop_length / spec.sample_rate
    if seconds is None:
        seconds = SECONDS if longest is None else longest
    if longest is not None:
        _require_within(seconds, longest, card.name)
    number = label_number(card.labels, label, seed)
    name = card.labels[number] if card.labels else None
    samples = round(seconds * spec.sample_rate)
    frames = -(-samples // spec.hop_length)
    # What the first windows alone see would begin soft: music that lies before it is drawn, too, and cut off.
    lead = -(-spec.n_fft // spec.hop_length) - 1
    lead = lead if most is None else min(lead, most - frames)
    whole = creator(
        lead + frames, seed, number, truncation, progress=part_of(progress, 0.0, _DRAWING_SHARE), cancel=cancel
    )
    sound = invert(whole, progress=part_of(progress, _DRAWING_SHARE, 1.0), cancel=cancel)
    begins = lead * spec.hop_length
    waveform, gain_db = levelled(sound[begins : begins + samples], spec.sample_rate)
    return Creation(
        path=title(name, seed),
        sample_rate=spec.sample_rate,
        waveform=waveform[:, None],
        picture=MelPicture(whole.values[lead:], spec),
        seed=seed,
        label=name,
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


def require_settings(
    card: Card, seconds: float | None = None, label: str | None = None, seed: int = 0, truncation: float = 1.0
) -> None:
    """Refuses what music cannot be made by, as far as the card tells: before the network is loaded.

    Raises:
        ConfigError: a setting is impossible, or there is no such label.
        SpecError: pictures like the card's cannot be made into sound.
    """
    require_overlap(card.mel.n_fft, card.mel.hop_length)
    if seconds is not None:
        if not LEAST_S <= seconds <= MOST_S:
            raise ConfigError(
                f"Received {seconds:g} s; expected {LEAST_S:g} to {MOST_S:g} s of music. For more, make several by "
                "seeds of their own."
            )
        if card.network in CATALOGUE and CATALOGUE[card.network].bound:
            frames = card.mel.frames(card.audio.samples)
            _require_within(seconds, frames * card.mel.hop_length / card.mel.sample_rate, card.name)
    if not 0 <= truncation <= 1:
        raise ConfigError(
            f"Received the truncation {truncation:g}; expected 0 (the most usual music) to 1 (as varied as what the "
            "network learnt from)."
        )
    if seed < 0:
        raise ConfigError(f"Received the seed {seed}; expected 0 or more.")
    if label is not None and not card.labels:
        raise ConfigError(f"Received the label '{label}'; {card.name} makes music of one kind. Leave the label out.")
    if label is not None and label not in card.labels:
        raise ConfigError(f"{card.name} knows no label '{label}'. {nearest(label, card.labels)}")


def label_number(labels: Sequence[str], label: str | None, seed: int) -> int:
    """The label's number; where none is asked for, one that the seed draws; 0 where there are none."""
    if not labels:
        return 0
    return int(np.random.default_rng((seed, _LABEL)).integers(len(labels))) if label is None else labels.index(label)


def title(label: str | None, seed: int, name: str = "") -> str:
    """What files are called: NAME-LABEL-seedN, whatever signs the names have."""
    named = plain_name("-".join(part for part in (name, label) if part))
    return fitted(named, f"-seed{seed}") if named else f"seed{seed}"


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


def _require_within(seconds: float, longest: float, name: str) -> None:
    if seconds > longest:
        most = math.floor(100 * longest) / 100
        raise ConfigError(f"Received {seconds:g} s; {name} draws {most:g} s at once and no more. Ask for less.")
