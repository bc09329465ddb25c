"""What must hold of every card. Cards are read from files that hands have edited or that were damaged."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from fstmuse.errors import SpecError
from fstmuse.networks.entry import LABELLING
from fstmuse.spec import AudioSpec, MelSpec

if TYPE_CHECKING:
    from fstmuse.artifacts.card import Card

_TEXTS = ("name", "network", "task")
PICTURE_TASKS = ("infill", "continue")
"""Tasks whose networks give pictures, not labels."""

LABELLESS_TASKS = (*PICTURE_TASKS, "vocode")
"""Those, and those whose networks give sound."""

_TABLES = ("training", "data", "metrics", "versions", "checksums")


def require_sound(card: Card) -> None:
    """Refuses a card whose fields are of the wrong kind or impossible.

    Raises:
        SpecError: one is; the message says which, and what was expected.
    """
    for name in _TEXTS:
        value = getattr(card, name)
        _require(isinstance(value, str) and value != "", name, value, "text")
    _require(isinstance(card.created, str), "created", card.created, "text")
    for name in _TABLES:
        value = getattr(card, name)
        _require(isinstance(value, dict), name, value, "a table of names and values")
    for name, kind in (("metrics", dict), ("checksums", str)):
        for key, value in getattr(card, name).items():
            _require(isinstance(value, kind), f"{name}[{key!r}]", value, "a table" if kind is dict else "text")
    _require(isinstance(card.audio, AudioSpec), "audio", card.audio, "an AudioSpec")
    sounding = card.mel is None and card.task in LABELLING
    _require(
        sounding or isinstance(card.mel, MelSpec),
        "mel",
        card.mel,
        f"a MelSpec, or none where a network of the task {' or '.join(LABELLING)} hears the samples themselves",
    )
    _require_labels(card.labels, card.task)
    hop, window = card.hop_seconds, card.audio.seconds
    number = isinstance(hop, int | float) and not isinstance(hop, bool) and math.isfinite(hop)
    _require(
        number and hop <= window and round(hop * card.audio.sample_rate) >= 1,
        "hop_seconds",
        hop,
        f"more than 0 and at most the window, {window} s",
    )
    if not sounding:
        _require(
            card.mel.sample_rate == card.audio.sample_rate,
            "audio.sample_rate",
            card.audio.sample_rate,
            f"that of mel, {card.mel.sample_rate} Hz",
        )


def _require_labels(labels: object, task: str) -> None:
    if task in LABELLESS_TASKS:
        _require(labels == (), "labels", labels, f"none: a network of the task {task} gives no labels")
        return
    if task == "generate" and labels == ():
        return  # music of one kind
    named = isinstance(labels, tuple) and all(isinstance(label, str) and label for label in labels)
    least = 2 if task == "generate" else 1
    _require(named and len(labels) >= least, "labels", labels, f"names, at least {('one', 'two')[least - 1]}")
    twice = sorted({label for label in labels if labels.count(label) > 1})
    _require(not twice, "labels", ", ".join(twice) + " twice", "each name once")


def _require(holds: bool, name: str, received: object, expected: str) -> None:
    if not holds:
        shown = received if isinstance(received, str) and received else repr(received)
        raise SpecError(f"Received {name}={shown[:80]}; expected {expected}.")
