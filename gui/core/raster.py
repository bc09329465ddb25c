"""From tiles to just the pixels that a view has: the loudest of what falls into one, a blend where one is many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .picture import PEAKS_PER_COLUMN, POOL, TILE_COLUMNS

if TYPE_CHECKING:
    from .picture import Pcm, Picture

_BLEND_ROWS = 64


def picture_strip(picture: Picture, start_s: float, end_s: float, width: int) -> tuple[np.ndarray, np.ndarray]:
    """A stretch of the picture, as many columns as pixels.

    Args:
        picture: it may still grow.
        start_s: left edge of the first pixel, in s.
        end_s: right edge of the last pixel, in s.
        width: pixels.

    Returns:
        uint8 (n_mels, width), the lowest band last; bool (width,), False where there is no picture yet.
    """
    per_pixel = (end_s - start_s) / picture.column_s / width
    level = picture.level_for(per_pixel)
    column_s = picture.column_s * POOL**level
    first, count = _cut(start_s, end_s, column_s)
    columns, known = _join(
        lambda index: picture.tile(index, level),
        first,
        count,
        TILE_COLUMNS // POOL**level,
        np.zeros((count, picture.opened.n_mels), np.uint8),
    )
    edges = np.linspace(start_s, end_s, width + 1) / column_s - first
    if per_pixel >= POOL**level:
        places = np.clip(edges[:-1].astype(np.intp), 0, count - 1)
        strip = np.maximum.reduceat(columns, places, axis=0)
        return np.ascontiguousarray(strip.T[::-1]), known[places]
    middles = (edges[:-1] + edges[1:]) / 2
    strip = _blend(columns, middles - 0.5)
    return np.ascontiguousarray(strip.T[::-1]), known[np.clip(middles.astype(np.intp), 0, count - 1)]


def missing_strip(picture: Picture, start_s: float, end_s: float, width: int) -> np.ndarray:
    """Pixels in which a sample of the clip is no number.

    Args:
        picture: it may still grow.
        start_s: left edge of the first pixel, in s.
        end_s: right edge of the last pixel, in s.
        width: pixels.

    Returns:
        bool (width,).
    """
    if not picture.broken:
        return np.zeros(width, bool)
    level, first, count, places = _pairs(picture, start_s, end_s, width)
    per_tile = TILE_COLUMNS * PEAKS_PER_COLUMN // POOL**level
    missing, _ = _join(lambda index: picture.missing(index, level), first, count, per_tile, np.zeros(count, bool))
    return np.logical_or.reduceat(missing, places)


def stretch_rows(strip: np.ndarray, height: int) -> np.ndarray:
    """Rows for a view: blended when there are fewer than pixels, the loudest of each pixel's when there are more.

    Args:
        strip: uint8 (rows, width).
        height: pixels.

    Returns:
        uint8 (height, width).
    """
    edges = np.linspace(0, len(strip), height + 1)
    if height <= len(strip):
        return np.maximum.reduceat(strip, edges[:-1].astype(np.intp), axis=0)
    return _blend(strip, (edges[:-1] + edges[1:]) / 2 - 0.5)


def window_borders(times_s: np.ndarray) -> np.ndarray:
    """Where windows are parted on a time axis: in the middle of an overlap, so that each stands around its centre.

    Args:
        times_s: (windows, 2) start and end in s, both rising; at least one window.

    Returns:
        (windows + 1,) rising, in s: the first start, where each next window begins, and the last end. A gap belongs
        to the window before it.
    """
    starts, ends = times_s[:, 0], times_s[:, 1]
    inner = np.maximum(starts[1:], (ends[:-1] + starts[1:]) / 2)
    return np.concatenate([starts[:1], inner, ends[-1:]])


def window_strip(values: np.ndarray, starts_s: np.ndarray, end_s: float, edges_s: np.ndarray) -> np.ndarray:
    """Values along time for each pixel: each window from its start to the next one's, the largest of a pixel's.

    Args:
        values: (windows, rows), at least one window.
        starts_s: (windows,), rising, in s.
        end_s: where the last window ends, in s.
        edges_s: (width + 1,) edges of the pixels, in s.

    Returns:
        float32 (rows, width); NaN where there is no window.
    """
    first = np.clip(np.searchsorted(starts_s, edges_s[:-1], "right") - 1, 0, None)
    last = np.maximum(np.searchsorted(starts_s, edges_s[1:], "left"), first + 1)
    # reduceat takes from each place up to the next: every second result is that of a pixel. A row of nothing ends it.
    padded = np.concatenate([values, np.full((1, values.shape[1]), -np.inf, np.float32)])
    strip = np.maximum.reduceat(padded, np.stack([first, last], axis=1).ravel(), axis=0)[::2].T.astype(np.float32)
    strip[:, (edges_s[1:] <= starts_s[0]) | (edges_s[:-1] >= end_s)] = np.nan
    return strip


def peak_strip(picture: Picture, pcm: Pcm | None, start_s: float, end_s: float, width: int) -> np.ndarray:
    """The lowest and highest sample of each pixel.

    Args:
        picture: it may still grow.
        pcm: samples, which are read when the view is closer than the picture's peaks are.
        start_s: left edge of the first pixel, in s.
        end_s: right edge of the last pixel, in s.
        width: pixels.

    Returns:
        float32 (width, 2), full scale 1; NaN where nothing is known yet.
    """
    if pcm is not None and (end_s - start_s) * PEAKS_PER_COLUMN < width * picture.column_s:
        return _sample_strip(pcm, start_s, end_s, width)
    level, first, count, places = _pairs(picture, start_s, end_s, width)
    pairs, known = _join(
        lambda index: picture.peaks(index, level),
        first,
        count,
        TILE_COLUMNS * PEAKS_PER_COLUMN // POOL**level,
        np.zeros((count, 2), np.int8),
    )
    return _extremes(pairs[:, 0], pairs[:, 1], places, 127.0, known[places])


def _pairs(picture: Picture, start_s: float, end_s: float, width: int) -> tuple[int, int, int, np.ndarray]:
    """The level of `Picture.peaks` for so many pixels, number of the first pair, how many, and where pixels begin."""
    level = picture.peak_level_for((end_s - start_s) / picture.column_s / width)
    pair_s = picture.column_s / PEAKS_PER_COLUMN * POOL**level
    first, count = _cut(start_s, end_s, pair_s)
    edges = np.linspace(start_s, end_s, width + 1)[:-1] / pair_s - first
    return level, first, count, np.clip(edges.astype(np.intp), 0, count - 1)


def _sample_strip(pcm: Pcm, start_s: float, end_s: float, width: int) -> np.ndarray:
    first, count = _cut(start_s, end_s, 1 / pcm.sample_rate)
    samples = pcm.read(first, count)
    edges = np.linspace(start_s, end_s, width + 1)[:-1] * pcm.sample_rate - first
    places = np.clip(edges.astype(np.intp), 0, count - 1)
    known = places + first < pcm.samples
    strip = _extremes(samples, samples, places, 32767.0, known)
    # Each pixel reaches to where the next one begins: where there are but a few samples in each, a line stays a line.
    nexts = np.where(known[1:], samples[places[1:]] / np.float32(32767), np.nan)
    strip[:-1, 0] = np.fmin(strip[:-1, 0], nexts)
    strip[:-1, 1] = np.fmax(strip[:-1, 1], nexts)
    return strip


def _extremes(low: np.ndarray, high: np.ndarray, places: np.ndarray, full: float, known: np.ndarray) -> np.ndarray:
    strip = np.stack([np.minimum.reduceat(low, places), np.maximum.reduceat(high, places)], axis=1) / np.float32(full)
    strip[~known] = np.nan
    return strip


def _cut(start_s: float, end_s: float, each_s: float) -> tuple[int, int]:
    """Number of the first piece of `each_s` in a stretch, and how many there are, at least one."""
    first = int(start_s / each_s)
    return first, max(1, -int(-end_s / each_s // 1) - first)


def _join(get, first: int, count: int, per_tile: int, into: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows `first` to `first + count` of consecutive tiles, and which of them are there."""
    known = np.zeros(count, bool)
    for index in range(first // per_tile, (first + count - 1) // per_tile + 1):
        tile = get(index)
        if tile is None:
            continue
        offset = index * per_tile - first
        begin, end = max(offset, 0), min(offset + len(tile), count)
        if end > begin:
            into[begin:end] = tile[begin - offset : end - offset]
            known[begin:end] = True
    return into, known


def _blend(rows: np.ndarray, places: np.ndarray) -> np.ndarray:
    """uint8 (places, n) between the rows (m, n) on both sides of each place, beyond the ends as at the ends."""
    places = np.clip(places, 0, len(rows) - 1)
    low = places.astype(np.intp)
    high = np.minimum(low + 1, len(rows) - 1)
    share = ((places - low) * 256).astype(np.uint16)[:, None]
    blended = np.empty((len(places), rows.shape[1]), np.uint8)
    # In blocks that stay in a core's cache: four times as fast as at once.
    for start in range(0, len(places), _BLEND_ROWS):
        block = slice(start, start + _BLEND_ROWS)
        mixed = rows[low[block]] * (256 - share[block])
        mixed += rows[high[block]] * share[block]
        mixed >>= 8
        blended[block] = mixed
    return blended
