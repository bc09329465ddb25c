"""Whether drawn music was learnt by heart: is it nearer to one piece of the training set than to all the others?

How near the nearest training window is says little of itself: what is blurred is near to everything, and unseen windows
come nearer when they are blurred. A copy is near to one piece alone, so its distance is told relative to that of the
nearest window of another piece (as Lowe's ratio test does where pictures are matched), and compared with windows of
clips that the network never saw.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.stats

from fstmuse.data.dataset import Examples, window_pairs
from fstmuse.interrupt import Progress
from fstmuse.spec import MelSpec
from fstmuse.tasks.generate_neighbours import LEAST_DB, centred, dense_windows, thumbnails

SEEN = 64
"""So many starts of training windows there are in the length of one, where that is not too dense or too far apart."""

FARTHEST, MOST = 8, 400_000
"""Frames between training windows at most, and windows above which they are taken so far apart."""

USUAL = 0.01
"""So many unseen windows count as copies: the line is drawn there."""

SURE = 0.01
"""Chance below which a share of copies is told as one."""


@dataclass(frozen=True, eq=False)
class Nearest:
    """The nearest training window of each of some windows.

    Args:
        distances: float64 (windows,): root mean squared difference of thumbnails whose mean is 0, in dB.
        relative: float64 (windows,): by the distance to the nearest window of another piece; 1 where all of the
            training set is one piece, which tells nothing.
        examples: int (windows,), of which training example.
        starts: int (windows,), the frame that it begins with there.
    """

    distances: np.ndarray
    relative: np.ndarray
    examples: np.ndarray
    starts: np.ndarray

    def of(self, which: slice) -> Nearest:
        """Those of some of the windows."""
        return Nearest(*(getattr(self, field.name)[which] for field in dataclasses.fields(self)))


@dataclass(frozen=True, eq=False)
class Copies:
    """Which windows are nearer to one piece than real, unseen ones are.

    Args:
        line: relative distance below which a window counts.
        drawn: bool (windows,), of those that were drawn.
        held: bool (windows,), of unseen ones: some `USUAL` of them.
        chance: that as many drawn ones or more would count if they were real and unseen (Fisher's exact test, which
            counts unseen clips, not their windows).
    """

    line: float
    drawn: np.ndarray
    held: np.ndarray
    chance: float

    @property
    def found(self) -> bool:
        """Whether more of them count than chance explains."""
        return self.chance < SURE


def nearest_windows(
    pictures: np.ndarray, train: Examples, pieces: Sequence[str], mel: MelSpec, progress: Progress | None = None
) -> Nearest:
    """Looks for each window among all windows of the training set, in constant memory.

    Levels do not count: music made louder is the same music.

    Args:
        pictures: float (windows, frames, mels) in dB.
        train: what was learnt from; its window has as many frames.
        pieces: of each example, what it belongs to (piece, artist); two windows of one piece may be alike.
        mel: of the pictures.
        progress: called with the share that is done.
    """
    asked = centred(thumbnails(pictures))
    size, lengths = asked.shape[1], (asked**2).sum(axis=1)
    hop = _hop(train)
    first, second = (np.full(len(asked), np.inf) for _ in range(2))
    owners = np.full(len(asked), -1)
    examples, starts = (np.zeros(len(asked), int) for _ in range(2))
    numbers = {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}
    for example, piece in enumerate(pieces):
        one = _only(train, example)
        known = centred(dense_windows(one, mel, hop, MOST, seed=0))
        squares = (known**2).sum(axis=1)[:, None] + lengths - 2 * known @ asked.T  # (known, asked)
        best = squares.argmin(axis=0)
        found = np.sqrt(np.maximum(squares[best, np.arange(len(asked))], 0).astype(np.float64) / size)
        owner = numbers[piece]
        nearer = found < first
        # What was the nearest of another piece so far is now the second.
        second = np.where(nearer & (owners != owner), first, second)
        second = np.where(~nearer & (owners != owner), np.minimum(second, found), second)
        places = np.array([start for _, start in window_pairs(one, hop)])[best]
        first, owners = np.where(nearer, found, first), np.where(nearer, owner, owners)
        examples, starts = np.where(nearer, example, examples), np.where(nearer, places, starts)
        if progress:
            progress((example + 1) / len(pieces))
    # What is as near to another piece is no copy, silence neither.
    relative = np.maximum(first, LEAST_DB) / np.maximum(second, LEAST_DB) if len(numbers) > 1 else np.ones_like(first)
    return Nearest(first, relative, examples, starts)


def copies(drawn: Nearest, held: Nearest, clips: int) -> Copies:
    """Tells which drawn windows are copies, by what is usual in windows that were not learnt from.

    Args:
        drawn: each from noise of its own.
        held: of windows that were not learnt from.
        clips: that the held windows are of. Windows of one clip are alike: a few clips tell little of what is usual,
            however many windows there are of them.
    """
    line = float(np.quantile(held.relative, USUAL))
    # What is as near to two pieces is a copy of neither, even where that is usual.
    counted = [(windows.relative <= line) & (windows.relative < 1) for windows in (drawn, held)]
    ours, usual = int(counted[0].sum()), math.ceil(counted[1].mean() * clips)
    table = [[ours, len(counted[0]) - ours], [usual, clips - usual]]
    return Copies(line, *counted, float(scipy.stats.fisher_exact(table, alternative="greater").pvalue))


def _hop(train: Examples) -> int:
    hop = int(np.clip(train.window // SEEN, 1, FARTHEST))
    return FARTHEST if (np.maximum(train.lengths - train.window, 0) // hop + 1).sum() > MOST else hop


def _only(data: Examples, example: int) -> Examples:
    here = slice(example, example + 1)
    return dataclasses.replace(
        data, positions=data.positions[here], lengths=data.lengths[here], targets=data.targets[here]
    )
