"""The picture that a network drew of its music, in the numbers that colours stand for. Free of Qt."""

from __future__ import annotations

import numpy as np

from fstmuse.features.picture import MelPicture
from fstmuse.tasks.generate_metrics import decibels

from .raster import stretch_rows

SHOWN_DB = 80.0
"""From the loudest value down."""


def levels(picture: MelPicture) -> np.ndarray:
    """A picture as bytes.

    Args:
        picture: of any spec.

    Returns:
        uint8 (frames, mels): 255 is the loudest value, 0 what is 80 dB below, or more.
    """
    level_db = decibels(picture.values, picture.spec)
    share = 1 + (level_db - level_db.max()) / SHOWN_DB
    return np.rint(255 * np.clip(share, 0, 1)).astype(np.uint8)


def pixels(levels: np.ndarray, width: int, height: int) -> np.ndarray:
    """A picture for a place: where frames or bands are many for a pixel, the loudest of them.

    Args:
        levels: as `levels` makes them.
        width: in pixels, 1 or more.
        height: likewise.

    Returns:
        uint8 (height, width), contiguous, low frequencies at the bottom.
    """
    columns = stretch_rows(levels, width)
    return np.ascontiguousarray(stretch_rows(np.ascontiguousarray(columns.T[::-1]), height))
