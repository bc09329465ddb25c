"""Groups of clips: artists and albums, whatever way their names are spelt."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath

from fstmuse.data.build_tags import tidy

ACCENTS = re.compile("[\u0300-\u036f]")
"""Combining marks of Latin, Greek and Cyrillic; those of other scripts tell letters apart, and stay."""

SHOWN = 3
"""Merged names told before the rest is counted."""


def plain_name(name: str) -> str:
    """What two spellings of one artist have in common.

    Case, accents, punctuation, a leading (or trailing) "the" and the order of words do not count, and "&" is
    "and": "The Björk & Co." becomes "and bjork co". Words keep their order where one holds a digit, since
    2020-01-02 is not 2020-02-01.

    Args:
        name: as written.

    Returns:
        The key; names of one key are taken for one artist. A name of punctuation alone is its own key.
    """
    text = ACCENTS.sub("", unicodedata.normalize("NFKD", name).casefold()).replace("&", " and ")
    # Periods and apostrophes stand within words (R.E.M., Guns N' Roses), other signs between them.
    text = re.sub("['’ʼ`´.]", "", text)
    words = "".join(sign if sign.isalnum() or unicodedata.category(sign)[0] == "M" else " " for sign in text).split()
    for end in (0, -1):
        if len(words) > 1 and words[end] == "the":
            del words[end]
    if not any(sign.isdigit() for word in words for sign in word):
        words.sort()
    return " ".join(words) or tidy(name).casefold()


def one_name(names: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Brings the spellings of each artist to one.

    Args:
        names: as found, with repetitions.

    Returns:
        For each name its spelling (the most frequent one; of equally frequent ones the first in the alphabet),
        and a remark for the user where names that differ in more than spaces were put together.
    """
    counts = Counter(names)
    families: dict[str, list[str]] = {}
    for name in sorted(counts, key=lambda name: (-counts[name], name)):
        families.setdefault(plain_name(name), []).append(name)
    merged = []
    for family in families.values():
        others = sorted({tidy(name) for name in family} - {tidy(family[0])})
        if others:
            merged.append(" = ".join(f"'{name}'" for name in (tidy(family[0]), *others)))
    merged.sort()
    more = f"; and {len(merged) - SHOWN:,} more" if len(merged) > SHOWN else ""
    notes = [f"Spellings taken for one group: {'; '.join(merged[:SHOWN])}{more}."] if merged else []
    return {name: tidy(family[0]) for family in families.values() for name in family}, notes


def file_group(path: str) -> str:
    """The group of a file that stands for itself: its path without the suffix."""
    return str(PurePosixPath(path).with_suffix(""))
