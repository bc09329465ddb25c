"""The errors of FstMuse: one root class, a few kinds under it.

Every message says what was received, what was expected and how to mend it, in one or
two lines, so that the command line can print it as it is.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class FstMuseError(Exception):
    """Root of every error that FstMuse raises on purpose."""


class SpecError(FstMuseError):
    """An audio or mel specification is impossible, or two of them do not agree."""


class AudioError(FstMuseError):
    """A file cannot be decoded, or holds no usable audio."""


class ManifestError(FstMuseError):
    """A manifest lacks a column, breaks a rule of splits, or does not fit its audio."""


class DataError(FstMuseError):
    """A data set is unknown, absent, incomplete or could not be fetched."""


class ConfigError(FstMuseError):
    """A network, preset or setting is unknown, or has an impossible value."""


class ArtifactError(FstMuseError):
    """A trained artifact is missing, damaged, unsafe, or of another kind than needed."""


class ExportError(FstMuseError):
    """An artifact cannot be written in the format asked for."""


class Cancelled(FstMuseError):
    """The user stopped what was going on."""


def nearest(name: str, known: Iterable[str]) -> str:
    """A closing sentence that points from a wrong name to the right one.

    Args:
        name: what was received.
        known: the names that would have been accepted.

    Returns:
        "Did you mean 'x'?", or "Known: a, b, c." when nothing is near.
    """
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"Did you mean '{close[0]}'?"
    return f"Known: {', '.join(names) or 'none'}."
