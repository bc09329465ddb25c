"""What music can be made by: lengths, labels, seeds. Light: nothing here makes any."""

from __future__ import annotations

import math
from collections.abc import Sequence

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

_LABEL = 1
"""Tells the draw of the label from that of the noise."""


def require_settings(
    card: Card,
    seconds: float | None = None,
    label: str | None = None,
    seed: int = 0,
    truncation: float = 1.0,
    towards: int | None = None,
    share: float = 0.0,
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
        if (longest := longest_s(card)) is not None:
            require_within(seconds, longest, card.name)
    if not 0 <= truncation <= 1:
        raise ConfigError(
            f"Received the truncation {truncation:g}; expected 0 (the most usual music) to 1 (as varied as what the "
            "network learnt from)."
        )
    for number in (seed, towards):
        if number is not None and number < 0:
            raise ConfigError(f"Received the seed {number}; expected 0 or more.")
    if not 0 <= share <= 1:
        raise ConfigError(f"Received the share {share:g}; expected 0 (the seed's own music) to 1 (that of the other).")
    if share and towards is None:
        raise ConfigError(f"Received the share {share:g} of the way to no other seed. Say towards which seed.")
    if label is not None and not card.labels:
        raise ConfigError(f"Received the label '{label}'; {card.name} makes music of one kind. Leave the label out.")
    if label is not None and label not in card.labels:
        raise ConfigError(f"{card.name} knows no label '{label}'. {nearest(label, card.labels)}")


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


def title(label: str | None, seed: int, name: str = "", *, towards: int | None = None, share: float = 0.0) -> str:
    """What files are called: NAME-LABEL-seedN, whatever signs the names have.

    Between two seeds it is NAME-LABEL-seedN-towardsM-S, where S is the share in thousandths.
    """
    named = plain_name("-".join(part for part in (name, label) if part))
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
