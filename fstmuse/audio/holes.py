"""Finds holes in sound by its level: zeros that a lossy codec has made into faint noise with smeared edges.

Free of TensorFlow. Encoded as MP3 or Ogg Vorbis, a lost buffer still falls by more than 20 dB within a millisecond, and
comes back as fast; in between faint echoes of the edges lie. Music that is faded, or notes that die away, take longer.
"""

from __future__ import annotations

import numpy as np

BLOCK_S = 0.001
"""The level is the peak of so much sound."""

NEAR_BLOCKS, EDGE_BLOCKS = 30, 2
"""An edge is looked at beside so much sound: it breaks off where the last blocks are not far below the ones before."""

EDGE_SHARE = 0.2
"""Least peak of an edge as a share of the sound beside it. A straight fade of 20 ms or longer ends below."""

FALL = 0.1
"""Within a millisecond, codecs leave less than this share of the sound beside a hole."""

STEEP = 0.25
"""Two blocks within an edge, the level is below this share of its peak; in a long fade, it is not."""

LEAST_BLOCKS = 5
"""So long the level is at its lowest: in shorter holes, the echoes of both edges meet."""

DEEP, DEEPEST = 0.01, 2e-3
"""The lowest level: its median as a share of the sound beside it; all of it as a share of the clip's loud parts (the
90th percentile of levels), and re full scale."""

AUDIBLE_SHARE = 0.03
"""Least peak of an edge as a share of the clip's loud parts: echoes within a hole lie below."""


def breaks_off(sound: np.ndarray, rate: int) -> bool:
    """Whether sound is cut at its end, and not faded to it.

    Args:
        sound: float (n, channels), finite: what comes before the edge, at least 30 ms where there is so much.
        rate: in Hz.
    """
    block = max(1, round(BLOCK_S * rate))
    near = np.abs(sound[-NEAR_BLOCKS * block :])
    return bool(len(near) and near[-EDGE_BLOCKS * block :].max() >= EDGE_SHARE * near.max())


def find_holes(samples: np.ndarray, rate: int, least: float = 0.0) -> list[tuple[int, int]]:
    """Stretches in which all channels fall steeply to next to nothing and come back as steeply.

    Args:
        samples: float (n, channels), finite.
        rate: in Hz.
        least: lowest peak of an edge that can be told from silence, re full scale.

    Returns:
        First sample and first one behind it of each, in order of time; not at the clip's very start and end.
    """
    block = max(1, round(BLOCK_S * rate))
    level = np.abs(samples).max(axis=1)
    peaks = level[: len(level) // block * block].reshape(-1, block).max(axis=1)
    if not len(peaks):
        return []
    loud = float(np.percentile(peaks, 90))
    audible = max(least, AUDIBLE_SHARE * loud)
    flags = np.diff(peaks < min(DEEPEST, DEEP * loud), prepend=False, append=False)
    edges = np.flatnonzero(flags)
    found: list[tuple[int, int]] = []
    for first, stop in zip(edges[::2], edges[1::2], strict=True):
        if stop - first < LEAST_BLOCKS or (found and first * block < found[-1][1]):
            continue
        left = _edge(peaks[: first + EDGE_BLOCKS][::-1], audible)
        right = _edge(peaks[stop - EDGE_BLOCKS :], audible)
        if left is None or right is None:
            continue
        if np.median(peaks[first:stop]) > DEEP * min(left[1], right[1]):
            continue
        before, behind = first - left[0], stop + right[0]  # the first block of the hole, the first one behind it
        start = before * block - _in_block(level[(before - 1) * block : before * block][::-1], peaks[before])
        end = behind * block + _in_block(level[behind * block : (behind + 1) * block], peaks[behind - 1])
        found.append((int(start), int(end)))
    return found


def _edge(outwards: np.ndarray, audible: float) -> tuple[int, float] | None:
    """How many blocks of echo there are before sound begins, and its peak; None where it does not break off.

    Args:
        outwards: levels, beginning with the last `EDGE_BLOCKS` of the lowest ones.
        audible: least level of an edge.
    """
    for echo in range(min(NEAR_BLOCKS, len(outwards) - EDGE_BLOCKS)):
        near = outwards[echo + EDGE_BLOCKS :][:NEAR_BLOCKS]
        beside = float(near.max())
        if near[0] >= max(FALL * beside, audible):
            edge = near[:EDGE_BLOCKS].max()
            return (echo, beside) if edge >= EDGE_SHARE * beside and outwards[echo] <= STEEP * edge else None
    return None


def _in_block(outwards: np.ndarray, echo: float) -> int:
    """Samples of the block at an edge that are no louder than the echo within the hole."""
    return int(np.argmax(outwards > 1.5 * echo))
