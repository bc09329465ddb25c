"""Genre, artist and album from the tags of audio files, whatever their format."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# The same fact under the names of ID3, Vorbis comments and APE, MP4, and Windows Media.
GENRE = ("TCON", "genre", "\xa9gen", "WM/Genre")
ARTIST = ("TPE1", "artist", "\xa9ART", "Author")
ALBUM = ("TALB", "album", "\xa9alb", "WM/AlbumTitle")


@dataclass(frozen=True)
class Tags:
    """What a file says about itself; empty where it says nothing.

    Args:
        genre: the first genre, numbers of ID3v1 resolved, spaces put in order.
        artist: the performer.
        album: the release.
    """

    genre: str = ""
    artist: str = ""
    album: str = ""


def read_tags(file: Path) -> Tags:
    """The tags of a file; none when it has none or they cannot be read."""
    import mutagen

    if not file.is_file():
        return Tags()
    try:
        opened = mutagen.File(file)
        tags = None if opened is None else opened.tags
    except Exception:
        # Besides its own errors mutagen lets those of struct, of text decoding and of lists through where tags
        # are damaged; whatever it was, the sound may still decode, and that is looked at elsewhere.
        return Tags()
    if not tags:
        return Tags()
    return Tags(
        _first_genre(_values(tags, GENRE)), tidy(_first(_values(tags, ARTIST))), tidy(_first(_values(tags, ALBUM)))
    )


def tidy(text: str) -> str:
    """Without spaces around and with single ones within."""
    return " ".join(text.split())


def same_spelling(names: Iterable[str]) -> dict[str, str]:
    """Brings names that differ only in case and spaces to one spelling.

    Args:
        names: as found, with repetitions.

    Returns:
        For each name its spelling: the most frequent one; of equally frequent ones the first in the alphabet.
    """
    counts = Counter(names)
    best: dict[str, str] = {}
    for name in sorted(counts, key=lambda name: (-counts[name], name)):
        best.setdefault(tidy(name).casefold(), tidy(name))
    return {name: best[tidy(name).casefold()] for name in counts}


def _values(tags: Any, keys: tuple[str, ...]) -> list[str]:
    for key in keys:
        try:
            value = tags[key]
        except (KeyError, ValueError):  # ValueError: a key that this format could not have
            continue
        # A frame of ID3 keeps its values in `text`; other formats give lists, or one value.
        value = getattr(value, "text", value)
        return [str(part) for part in (value if isinstance(value, list) else [value])]
    return []


def _first(values: list[str]) -> str:
    return next((value for value in values if value.strip()), "")


def _first_genre(values: list[str]) -> str:
    """The first genre of values such as "Rock", "(17)", "17", "(17)Hard Rock", "Rock; Pop", "Rock\\0Pop"."""
    from mutagen.id3 import TCON

    for value in values:
        for part in re.split(r"[;|\0]", value):
            # "/" and "," are left: "Singer/Songwriter" and "Folk, World, & Country" are names of genres.
            genre = next(iter(TCON(encoding=3, text=[tidy(part)]).genres), "")
            # ID3v1 writes a number that stands for nothing where no genre was chosen.
            if tidy(genre) and genre.casefold() != "unknown":
                return tidy(genre)
    return ""
