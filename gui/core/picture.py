"""The picture of a clip as it grows: tiles at several levels of detail, for drawing at any zoom. Free of Qt."""

from __future__ import annotations

import numpy as np

from .messages import Opened, Tile

TILE_COLUMNS = 1024
"""Columns of a tile at level 0."""

LEVELS = 5
"""Levels of detail; each has a quarter of the columns of the one before."""

PEAKS_PER_COLUMN = 8
"""Pairs of lowest and highest sample for each column at level 0."""

POOL = 4
"""Columns, or pairs of peaks, that become one at the next level."""


class Picture:
    """Log-mel and peaks of one clip, from its start to as far as it has been looked at.

    Column k at level 0 shows the sound from `k * column_s` to `(k + 1) * column_s`. At level n
    a column stands for `4 ** n` of these, and a tile has `TILE_COLUMNS // 4 ** n` columns; only
    the last tile of a clip is narrower.
    """

    def __init__(self) -> None:
        self.opened: Opened | None = None
        self.complete = False
        self._tiles: list[Tile] = []
        self._columns = 0
        self._bytes = 0
        self._samples = 0

    def open(self, opened: Opened) -> None:
        """Takes what is known before the first tile; tiles that are there stay, for the clip is the same."""
        self.opened = opened

    def add(self, tile: Tile) -> None:
        """Takes the next tile, or one that it has, again.

        Raises:
            ValueError: tiles between are missing.
        """
        if tile.index > len(self._tiles):
            raise ValueError(f"Received tile {tile.index} after {len(self._tiles)} tiles; expected them in order.")
        if tile.index < len(self._tiles):
            self._count(self._tiles[tile.index], -1)
            self._tiles[tile.index] = tile
        else:
            self._tiles.append(tile)
        self._count(tile, 1)

    def finish(self, samples: int) -> None:
        """The clip has been looked at to its end and has so many samples."""
        self._samples = samples
        self.complete = True

    @property
    def columns(self) -> int:
        """Columns at level 0 that are there."""
        return self._columns

    @property
    def tiles(self) -> int:
        """Tiles that are there."""
        return len(self._tiles)

    @property
    def size_bytes(self) -> int:
        """Memory that the tiles take."""
        return self._bytes

    @property
    def column_s(self) -> float:
        """Width of a column at level 0 in s; 0 before the clip is open."""
        return self.opened.hop_length / self.opened.sample_rate if self.opened else 0.0

    @property
    def duration_s(self) -> float:
        """Length of the clip in s: as its file says until `complete`, then as it is."""
        if not self.opened:
            return 0.0
        if self.complete:
            return self._samples / self.opened.sample_rate
        return max(self.opened.duration_s, self._columns * self.column_s)

    @property
    def looked_s(self) -> float:
        """How much of the clip is there, from its start, in s."""
        return min(self._columns * self.column_s, self.duration_s)

    def tile(self, index: int, level: int) -> np.ndarray | None:
        """uint8 (columns, n_mels), row 0 the lowest band, 0 `floor_db` and 255 full scale; None: not there (yet)."""
        return self._tiles[index].levels[level] if 0 <= index < len(self._tiles) else None

    def peaks(self, index: int, level: int) -> np.ndarray | None:
        """int8 (n, 2): lowest and highest sample of each stretch of a tile, full scale 127; None: not there (yet).

        At level 0 there are `PEAKS_PER_COLUMN` for each column, at each further level a quarter of these.
        """
        return self._tiles[index].peaks[level] if 0 <= index < len(self._tiles) else None

    def missing(self, index: int, level: int) -> np.ndarray | None:
        """Pairs of `peaks` in whose stretch a sample is no number, bool (n,); None: there is none in that tile."""
        found = self._tiles[index].missing if 0 <= index < len(self._tiles) else ()
        return found[level] if found else None

    @property
    def broken(self) -> bool:
        """Samples are no numbers, as far as the clip has been looked at."""
        return any(tile.missing for tile in self._tiles)

    def is_missing(self, time_s: float) -> bool:
        """A sample at a time in s, or right beside it, is no number."""
        if not self.opened or time_s < 0:
            return False
        index, pair = divmod(int(time_s / self.column_s * PEAKS_PER_COLUMN), TILE_COLUMNS * PEAKS_PER_COLUMN)
        found = self.missing(index, 0)
        return found is not None and pair < len(found) and bool(found[pair])

    def level_for(self, columns_per_pixel: float) -> int:
        """The coarsest level that still has a column for each pixel, where `columns_per_pixel` counts level 0."""
        return _coarsest(columns_per_pixel)

    def peak_level_for(self, columns_per_pixel: float) -> int:
        """The coarsest level of `peaks` that still has a pair for each pixel, as in `level_for`."""
        return _coarsest(columns_per_pixel * PEAKS_PER_COLUMN)

    def value_db(self, time_s: float, row: int) -> float | None:
        """Level at a time in band `row` (0 the lowest) in dB relative to full scale; None where there is nothing."""
        if not self.opened or not 0 <= row < self.opened.n_mels or time_s < 0:
            return None
        column = int(time_s / self.column_s)
        if column >= self._columns:
            return None
        value = self._tiles[column // TILE_COLUMNS].levels[0][column % TILE_COLUMNS, row]
        return self.opened.floor_db * (1 - float(value) / 255)

    def hz(self, row_fraction: float) -> float:
        """Frequency in Hz at a height from 0 (lower edge of the picture) to 1 (upper edge); 0 before it is open."""
        if not self.opened:
            return 0.0
        row = row_fraction * self.opened.n_mels - 0.5
        return float(np.interp(row, np.arange(self.opened.n_mels), self.opened.centres_hz))

    def row_of_hz(self, hz: float) -> float:
        """Height of a frequency from 0 (lower edge of the picture) to 1 (upper edge): the inverse of `hz`."""
        if not self.opened:
            return 0.0
        row = np.interp(hz, self.opened.centres_hz, np.arange(self.opened.n_mels))
        return float(row + 0.5) / self.opened.n_mels

    def _count(self, tile: Tile, sign: int) -> None:
        self._columns += sign * len(tile.levels[0])
        self._bytes += sign * sum(array.nbytes for array in (*tile.levels, *tile.peaks, *tile.missing))


def pool(values: np.ndarray, loudest: np.ufunc = np.maximum) -> np.ndarray:
    """A quarter of the columns: of each four, and of what is left at the end, the largest.

    Args:
        values: (columns, n), at least one column.
        loudest: what is kept of four; `numpy.minimum` keeps the smallest.

    Returns:
        (ceil(columns / 4), n) of the same kind.
    """
    return loudest.reduceat(values, np.arange(0, len(values), POOL), axis=0)


def _coarsest(per_pixel: float) -> int:
    level = 0
    while level < LEVELS - 1 and POOL ** (level + 1) <= per_pixel:
        level += 1
    return level
