"""Colour maps for pictures of sound, equal to matplotlib's, without importing it. Free of Qt.

colours.json is made by `python -c "from tests.gui.test_colours import write; write()"`.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import numpy as np

from fstmuse.errors import ConfigError

COLOUR_MAPS = ("magma", "viridis", "inferno", "cividis", "grey")
"""Names, the first is the default. All grow lighter throughout, so that they tell loud from soft without hues, too."""


def title_of(name: str) -> str:
    """What a map is called for people; proper names, which are not translated.

    Args:
        name: one of `COLOUR_MAPS`.
    """
    return name.capitalize()


@lru_cache(maxsize=1)
def _tables() -> dict[str, np.ndarray]:
    text = (Path(__file__).parent / "colours.json").read_text("ascii")
    return {
        name: np.frombuffer(bytes.fromhex(table), np.uint8).reshape(256, 3) for name, table in json.loads(text).items()
    }


def table(name: str) -> np.ndarray:
    """The colours of a map, from lowest to highest value.

    Args:
        name: one of `COLOUR_MAPS`.

    Returns:
        uint8 (256, 3), red, green and blue; read-only.

    Raises:
        ConfigError: there is no such map.
    """
    if name not in COLOUR_MAPS:
        raise ConfigError(f"Received colour map {name!r}; expected one of {', '.join(COLOUR_MAPS)}.")
    return _tables()[name]


def packed(name: str, floor_db: float = -1.0, low_db: float = -1.0, high_db: float = 0.0) -> list[int]:
    """A map as the colour table of an 8-bit picture whose value 0 is `floor_db` and whose value 255 is 0 dB.

    Args:
        name: one of `COLOUR_MAPS`.
        floor_db: below 0.
        low_db: what has the first colour, and all below it.
        high_db: what has the last colour, and all above it; more than `low_db`.

    Returns:
        256 opaque colours 0xAARRGGBB. With the defaults, those of the map in order.

    Raises:
        ConfigError: there is no such map.
    """
    level_db = floor_db * (1 - np.arange(256) / 255)
    share = np.clip((level_db - low_db) / max(high_db - low_db, 1e-6), 0, 1)
    rgb = table(name)[np.rint(255 * share).astype(int)].astype(np.uint32)
    return (0xFF000000 | rgb[:, 0] << 16 | rgb[:, 1] << 8 | rgb[:, 2]).tolist()
