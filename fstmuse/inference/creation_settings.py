"""What music can be made by: lengths, labels, seeds. Light: nothing here makes any."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fstmuse.artifacts.card import Card
from fstmuse.errors import ConfigError, nearest
from fstmuse.features.stft import require_overlap
from fstmuse.inference.outputs import fitted, plain_name
from fstmuse.networks.catalogue import CATALOGUE

SECONDS = 12.0
"""Of music, where nothing is said."""

LEAST_S, MOST_S = 0.1, 600.0
"""Shortest and longest music: 10 min take some 2 GB of memory while phases are searched for."""

COLDEST, HOTTEST = 0.01, 2.0
"""Lowest and highest temperature: below, nothing changes any more; beyond, all is noise."""

GRIFFIN_LIM = "griffin-lim"
INVERSIONS = (GRIFFIN_LIM, "l-bfgs")
"""Ways from a picture to sound; `fstmuse.features.inversion.invert` tells of them."""

_LABEL = 1
"""Tells the draw of the label from that of the noise."""


@dataclass(frozen=True)
class Wish:
    """What music is asked for.

    Args:
        seconds: of music, besides the prime; None: 12 s, or as long as a network that draws one length alone draws.
        label: what kind of music; None: one that the seed draws, where there are labels.
        seed: of the noise and, where none is asked for, of the label.
        truncation: of networks that draw from noise: how far from the most usual music, which is 0; 1 is as varied as
            what the network learnt from.
        temperature: of networks that draw in turn: below 1, what is likelier is drawn more often than it was learnt.
        towards: of networks that draw from noise: another seed, for music between the two.
        share: of the way there: 0 is the music of `seed`, 1 that of `towards`. Noise is mixed, not sound. Where no
            label is asked for, the nearer seed draws it.
        prime: of networks that draw in turn: an audio file that the music goes on from.
        refine: of networks that draw in turn: an audio file of whose picture the rows of the first tier are kept. The
            network draws the others, and the music lasts as long as the clip.
        inversion: from the picture to sound: one of `INVERSIONS`.
    """

    seconds: float | None = None
    label: str | None = None
    seed: int = 0
    truncation: float = 1.0
    temperature: float = 1.0
    towards: int | None = None
    share: float = 0.0
    prime: Path | str | None = None
    refine: Path | str | None = None
    inversion: str = GRIFFIN_LIM


def require_settings(card: Card, wish: Wish) -> None:
    """Refuses what music cannot be made by, as far as the card tells: before the network is loaded.

    Raises:
        ConfigError: a setting is impossible, or there is no such label.
        SpecError: pictures like the card's cannot be made into sound.
    """
    require_overlap(card.mel.n_fft, card.mel.hop_length)
    if wish.seconds is not None:
        if not LEAST_S <= wish.seconds <= MOST_S:
            raise ConfigError(
                f"Received {wish.seconds:g} s; expected {LEAST_S:g} to {MOST_S:g} s of music. For more, make several "
                "by seeds of their own."
            )
        if (longest := longest_s(card)) is not None:
            require_within(wish.seconds, longest, card.name)
    _require_variety(card, wish)
    _require_one_clip(wish)
    if wish.inversion not in INVERSIONS:
        raise ConfigError(f"Unknown inversion '{wish.inversion}'. {nearest(wish.inversion, INVERSIONS)}")
    for number in (wish.seed, wish.towards):
        if number is not None and number < 0:
            raise ConfigError(f"Received the seed {number}; expected 0 or more.")
    if not 0 <= wish.share <= 1:
        raise ConfigError(
            f"Received the share {wish.share:g}; expected 0 (the seed's own music) to 1 (that of the other)."
        )
    if wish.share and wish.towards is None:
        raise ConfigError(f"Received the share {wish.share:g} of the way to no other seed. Say towards which seed.")
    if wish.label is not None and not card.labels:
        raise ConfigError(f"Received the label '{wish.label}'; {card.name} makes music of one kind. Leave it out.")
    if wish.label is not None and wish.label not in card.labels:
        raise ConfigError(f"{card.name} knows no label '{wish.label}'. {nearest(wish.label, card.labels)}")


def _require_variety(card: Card, wish: Wish) -> None:
    if card.in_turn:
        if not COLDEST <= wish.temperature <= HOTTEST:
            raise ConfigError(
                f"Received the temperature {wish.temperature:g}; expected {COLDEST:g} (the likeliest music) to "
                f"{HOTTEST:g}. 1 draws as was learnt."
            )
        if wish.truncation != 1 or wish.towards is not None:
            raise ConfigError(
                f"{card.name} draws its music element by element, from no noise that could be truncated or mixed. "
                "Give a temperature in place of a truncation, and no other seed to go towards."
            )
        return
    if not 0 <= wish.truncation <= 1:
        raise ConfigError(
            f"Received the truncation {wish.truncation:g}; expected 0 (the most usual music) to 1 (as varied as what "
            "the network learnt from)."
        )
    if wish.temperature != 1 or wish.prime is not None or wish.refine is not None:
        raise ConfigError(
            f"{card.name} draws its music from noise at once: it has no temperature, and goes on from no clip nor "
            "refines one. Give a truncation in place of a temperature; networks such as melnet-tiny take clips."
        )


def _require_one_clip(wish: Wish) -> None:
    if wish.refine is None:
        return
    if wish.prime is not None:
        raise ConfigError(
            f"Received {wish.prime} to go on from and {wish.refine} to refine; expected one of them: what is refined "
            "is drawn from its beginning to its end. Make two pieces, one after the other."
        )
    if wish.seconds is not None:
        raise ConfigError(
            f"Received {wish.seconds:g} s and {wish.refine} to refine; expected no length: the music lasts as long as "
            "that clip. Leave the seconds out, or cut the clip."
        )


def longest_s(card: Card) -> float | None:
    """The most music that a network draws at once, in s, as far as its card tells; None: any length."""
    if card.network not in CATALOGUE or not CATALOGUE[card.network].bound:
        return None
    return card.mel.frames(card.audio.samples) * card.mel.hop_length / card.mel.sample_rate


def nearer(seed: int, towards: int | None, share: float) -> int:
    """Of two seeds the one that music between them is nearer to; in the middle, the first."""
    return seed if towards is None or share <= 0.5 else towards


def label_number(labels: Sequence[str], label: str | None, seed: int) -> int:
    """The label's number; where none is asked for, one that the seed draws; 0 where there are none."""
    if not labels:
        return 0
    return int(np.random.default_rng((seed, _LABEL)).integers(len(labels))) if label is None else labels.index(label)


def title(
    label: str | None,
    seed: int,
    name: str = "",
    *,
    towards: int | None = None,
    share: float = 0.0,
    prime: Path | str | None = None,
    refine: Path | str | None = None,
) -> str:
    """What files are called: NAME-LABEL-seedN, whatever signs the names have.

    Between two seeds it is NAME-LABEL-seedN-towardsM-S, where S is the share in thousandths; after a clip, it is
    NAME-LABEL-CLIP-seedN, and NAME-LABEL-CLIP-refined-seedN where the clip was refined.
    """
    clips = [Path(prime).stem] if prime is not None else [Path(refine).stem, "refined"] if refine is not None else []
    named = plain_name("-".join(part for part in (name, label, *clips) if part))
    numbers = f"seed{seed}" if towards is None else f"seed{seed}-towards{towards}-{round(1000 * share):04d}"
    return fitted(named, f"-{numbers}") if named else numbers


def require_within(seconds: float, longest: float, name: str) -> None:
    """Refuses more music than a network draws at once.

    Args:
        seconds: that are wanted.
        longest: that it draws, in s.
        name: of the network.

    Raises:
        ConfigError: it is more.
    """
    if seconds > longest:
        most = math.floor(100 * longest) / 100
        raise ConfigError(f"Received {seconds:g} s; {name} draws {most:g} s at once and no more. Ask for less.")
