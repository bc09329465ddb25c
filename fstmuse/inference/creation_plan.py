"""What a network is to draw for music that is asked for: frames before, within and after. Free of TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fstmuse.artifacts.card import Card
from fstmuse.inference.creation_settings import SECONDS, Wish, require_within
from fstmuse.inference.creators import PictureCreator
from fstmuse.inference.given_clips import prime_picture, whole_picture
from fstmuse.inference.turn_creator import TurnCreator


@dataclass(frozen=True)
class Plan:
    """What is to be drawn.

    Args:
        seconds: of music, besides a prime.
        samples: of sound, a prime's included.
        known: frames of a prime.
        lead: frames before the sound, which are cut off.
        drawn: frames to draw, the lead's included.
        options: of the creator.
        told: of a clip, for the settings.
    """

    seconds: float
    samples: int
    known: int
    lead: int
    drawn: int
    options: dict[str, Any]
    told: dict[str, Any]

    @property
    def frames(self) -> int:
        """Of the whole picture."""
        return self.known + self.drawn


def planned(creator: PictureCreator, card: Card, wish: Wish) -> Plan:
    """What a network is to draw for a wish.

    Args:
        creator: the network.
        card: of its artifact.
        wish: what is asked for, as `require_settings` lets it pass.

    Raises:
        AudioError: a clip cannot be read, is too short or too long.
        ConfigError: it is more than the network draws at once.
    """
    spec, most = creator.spec, creator.most_frames
    # What the first windows alone see would begin soft: music that lies before it is drawn, too, and cut off.
    lead = -(-spec.n_fft // spec.hop_length) - 1
    if isinstance(creator, TurnCreator) and wish.refine is not None:
        picture, samples = whole_picture(wish.refine, spec, lead)
        options = {"temperature": wish.temperature, "refine": picture}
        told = {"refine": str(wish.refine), "kept_every": dict(zip(("frame", "band"), creator.strides, strict=True))}
        return Plan(samples / spec.sample_rate, samples, 0, lead, len(picture), options, told)
    longest = None if most is None else most * spec.hop_length / spec.sample_rate
    seconds = wish.seconds
    if seconds is None:
        seconds = SECONDS if longest is None else longest
    if longest is not None:
        require_within(seconds, longest, card.name)
    samples = round(seconds * spec.sample_rate)
    frames = -(-samples // spec.hop_length)
    if wish.prime is not None:
        prime = prime_picture(wish.prime, spec)
        given = len(prime) * spec.hop_length
        options = {"temperature": wish.temperature, "prime": prime}
        told = {"prime": str(wish.prime), "prime_seconds": given / spec.sample_rate}
        return Plan(seconds, samples + given, len(prime), 0, frames, options, told)
    lead = lead if most is None else min(lead, most - frames)
    options = (
        {"temperature": wish.temperature}
        if card.in_turn
        else {"truncation": wish.truncation, "towards": wish.towards, "share": wish.share}
    )
    return Plan(seconds, samples, 0, lead, lead + frames, options, {})
