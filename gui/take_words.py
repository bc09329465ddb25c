"""What takes are called, and what is said of them."""

from __future__ import annotations

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


@result_words.register
def _(result: Creation) -> str:
    """Label and length."""
    seconds = translate("Takes", "{0:.1f} s").format(result.seconds)
    label = isolated(one_line(result.label or ""))
    return translate("Takes", "{0}, {1}").format(label, seconds) if label else seconds
