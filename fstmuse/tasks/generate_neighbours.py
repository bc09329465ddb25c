"""How near pictures come to those that were learnt from: what a generator learnt by heart lies near one of them.

How near alone says little: blurred pictures are near to all. As in `fstmuse.tasks.generate_copies`, which looks at
every window and takes its time, a distance counts by that to the nearest window of another clip; here windows are
bounded in number and kept, so that each epoch can ask.
"""

from __future__ import annotations

import numpy as np

from fstmuse.data.dataset import Examples, window_pairs
from fstmuse.spec import MelSpec
from fstmuse.tasks.generate_metrics import decibels

FRAMES, BANDS = 32, 16
"""Of a thumbnail, at most: fine enough to tell notes and beats apart, so coarse that a shift by a frame matters little.
"""

MOST = 20_000
"""Windows that are kept: 40 MB, and about half a second for all that an epoch asks."""

COPY = 0.6
"""Relative distance below which a window counts as a copy. In the demo set, FMA clips and piano no window of clips that
were not learnt from comes below (blurred over 16 frames and bands 3 % at most); of training windows cut anywhere 83 %
or more do, blurred over 4 frames and bands 12 % or more."""

LEAST_DB = 0.1
"""Distances are not told apart below this: between silent windows they are rounding errors."""


def thumbnails(pictures: np.ndarray) -> np.ndarray:
    """Pictures made small by means over neighbouring frames and bands; a thumbnail's own is itself.

    Args:
        pictures: float (batch, frames, mels) in dB.

    Returns:
        float32 (batch, FRAMES, BANDS), or as few frames and bands as there are.
    """
    pictures = np.asarray(pictures, np.float32)
    return averaging(pictures.shape[1], FRAMES) @ pictures @ averaging(pictures.shape[2], BANDS).T


def dense_windows(examples: Examples, mel: MelSpec, hop: int, most: int, seed: int) -> np.ndarray:
    """Thumbnails of the windows of every example, `hop` apart.

    Args:
        examples: of pictures.
        mel: of the pictures.
        hop: frames between the starts of two windows.
        most: windows; where there are more, so many are chosen at random.
        seed: of the choice.

    Returns:
        float32 (windows, FRAMES, BANDS), in dB.
    """
    pairs = _chosen_pairs(examples, hop, most, seed)
    across, along = averaging(mel.n_mels, BANDS).T, averaging(examples.window, FRAMES)
    found = []
    for example in np.unique(pairs[:, 0]):
        starts = pairs[pairs[:, 0] == example, 1]
        row = examples.rows.row(int(examples.positions[example]))[starts[0] : starts[-1] + examples.window]
        # Bands first, once for all windows that overlap.
        bands = decibels(np.asarray(row, np.float32), mel) @ across
        found.append(np.stack([along @ bands[start : start + examples.window] for start in starts - starts[0]]))
    return np.concatenate(found)


class Neighbours:
    """Windows of the training clips.

    Args:
        train: what is learnt from.
        mel: of the pictures.
        seed: of the choice of windows, where there are more than `MOST`.
    """

    def __init__(self, train: Examples, mel: MelSpec, seed: int) -> None:
        hop = max(1, train.window // FRAMES)  # a thumbnail's frame
        places = _chosen_pairs(train, hop, MOST, seed)
        self._known = centred(dense_windows(train, mel, hop, MOST, seed))
        self._squares = (self._known**2).sum(axis=1)
        self._firsts = np.flatnonzero(np.diff(places[:, 0], prepend=-1))

    def relative(self, pictures: np.ndarray) -> np.ndarray:
        """How much nearer than all other clips the nearest training clip is.

        Args:
            pictures: float (batch, frames, mels) in dB, of as many frames as the training windows.

        Returns:
            float64 (batch,): distance to the nearest window by that to the nearest window of another clip, 0 to 1.
            Levels do not count. 1 where there is one clip alone.
        """
        asked = centred(thumbnails(pictures))
        if len(self._firsts) < 2:
            return np.ones(len(asked))
        squares = (asked**2).sum(axis=1, keepdims=True) + self._squares - 2 * asked @ self._known.T
        by_clip = np.maximum(np.minimum.reduceat(squares, self._firsts, axis=1), 0).astype(np.float64)
        nearest, second = np.sqrt(np.partition(by_clip, 1, axis=1)[:, :2]).T
        return np.maximum(nearest, LEAST_DB) / np.maximum(second, LEAST_DB)


def _chosen_pairs(examples: Examples, hop: int, most: int, seed: int) -> np.ndarray:
    """Where windows begin, int (windows, 2) as `window_pairs` has them."""
    pairs = np.array(window_pairs(examples, hop))
    if len(pairs) > most:
        pairs = pairs[np.sort(np.random.default_rng(seed).choice(len(pairs), most, replace=False))]
    return pairs


def centred(small: np.ndarray) -> np.ndarray:
    """Thumbnails as vectors (batch, FRAMES * BANDS), each without its mean level."""
    flat = small.reshape(len(small), -1)
    return flat - flat.mean(axis=1, keepdims=True)


def averaging(size: int, cells: int) -> np.ndarray:
    """A matrix that takes means of neighbours.

    Args:
        size: what there is.
        cells: means that are asked for.

    Returns:
        float32 (cells, size); `size` cells where there is less than asked for.
    """
    cells = min(cells, size)
    owner = np.arange(size) * cells // size
    matrix = (owner == np.arange(cells)[:, None]).astype(np.float32)
    return matrix / matrix.sum(axis=1, keepdims=True)
