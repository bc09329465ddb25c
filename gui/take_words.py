"""What takes are called, and what is said of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication

from fstmuse.inference.generate_result import Creation

from .result_words import result_words
from .words import isolated, one_line

translate = QCoreApplication.translate


def take_words(label: str | None, seed: int, towards: int | None = None, share: float = 0.0) -> str:
    """Label and seed of a take, and how far it lies towards another seed.

    Args:
        label: of the music; None where there is none, or it is not known yet.
        seed: of the noise.
        towards: the other seed, of music between two.
        share: of the way there, 0 to 1.
    """
    words = (
        translate("Takes", "seed {0}").format(seed)
        if towards is None
        else translate("Takes", "{0} % from seed {1} to {2}").format(round(100 * share), seed, towards)
    )
    return translate("Takes", "{0}, {1}").format(isolated(one_line(label)), words) if label else words


def asked_words(options: dict[str, Any]) -> str:
    """What a row for a take is called.

    Args:
        options: keyword arguments of `fstmuse.inference.session.Session.generate`.
    """
    return take_words(options.get("label"), options["seed"], options.get("towards"), options.get("share", 0.0))


def made_words(made: Creation) -> str:
    """What a take is called that is there."""
    return take_words(made.label, made.seed, made.towards, made.share)


def cut_short(made: Creation) -> bool:
    """Whether a take was cancelled, and is what there was by then."""
    return bool(made.settings.get("cut_short"))


def note_words(options: dict[str, Any], made: Creation | None) -> str:
    """What else is to be known of a take: what it goes on from, and that it was cut short; empty for nothing.

    Args:
        options: as for `asked_words`.
        made: the take; None while it is not there.
    """
    parts = []
    if made is not None and cut_short(made):
        parts.append(translate("Takes", "cut short at {0:.1f} s").format(made.seconds))
    if prime := options.get("prime"):
        parts.append(translate("Takes", "after {0}").format(isolated(one_line(Path(prime).name))))
    return ", ".join(parts)


def tip_words(made: Creation, name: str) -> str:
    """How a take was made, in a line.

    Args:
        made: the take.
        name: of the network.
    """
    if "temperature" in made.settings:
        words, variety = translate("Takes", "{0}: {1:.2f} s, temperature {2:g}"), made.settings["temperature"]
    else:
        words, variety = translate("Takes", "{0}: {1:.2f} s, truncation {2:g}"), made.settings.get("truncation", 1.0)
    return words.format(name, made.seconds, variety)


@result_words.register
def _(result: Creation) -> str:
    """Label and length."""
    words = translate("Takes", "cut short at {0:.1f} s") if cut_short(result) else translate("Takes", "{0:.1f} s")
    seconds = words.format(result.seconds)
    label = isolated(one_line(result.label or ""))
    return translate("Takes", "{0}, {1}").format(label, seconds) if label else seconds
