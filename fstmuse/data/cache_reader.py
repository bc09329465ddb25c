"""The cache as it is read: decoded clips in memory-mapped files, any of them at once. Free of TensorFlow."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from fstmuse.data.manifest import Manifest
from fstmuse.data.shards import Shard, array_path, read_shard, retryable, write_whole
from fstmuse.data.stored import as_float
from fstmuse.errors import DataError

INDEX = "index.json"
BAD_CLIPS = "bad_clips.csv"


class Cache:
    """Clips that were decoded once, by position.

    Args:
        folder: of the cache.
        manifest: the one it is asked for. Its labels and splits may differ from those of
            the manifest that it was made of.
        shards: all of them.
        shape: of one row.
        dtype: of the rows.

    Attributes:
        ids: clip_id of each row, in the order of the manifest.
        samples: int64 (rows,), how many samples of each window are sound and not padding.
        bad: clip_id, path and reason of each clip that has no row, be it known from the
            manifest or found when decoding; sorted.
        retryable: clip_id of those among the bad that the next `prepare` tries again.
        shards: how many there are.
        shape: of one row: (samples,) or (frames, n_mels).
        dtype: int16 for waveforms (32767 is 1.0); float16 for pictures in dB, else float32.
    """

    def __init__(
        self, folder: Path, manifest: Manifest, shards: Sequence[Shard], shape: tuple[int, ...], dtype: np.dtype
    ) -> None:
        self.folder = folder
        self.manifest = manifest
        self.shape = shape
        self.dtype = dtype
        # Of each clip: samples, the number of its shard, and its place in there.
        rows = {
            clip_id: (samples, shard.number, place)
            for shard in shards
            for place, (clip_id, samples) in enumerate(zip(shard.ids, shard.samples, strict=True))
        }
        self.ids: list[str] = [clip.clip_id for clip in manifest.clips if clip.clip_id in rows]
        self.samples = np.array([rows[clip_id][0] for clip_id in self.ids], np.int64)
        self._where = [rows[clip_id][1:] for clip_id in self.ids]
        # Of a clip that failed more than once, the last reason holds.
        failed = {bad[0]: bad for shard in shards for bad in shard.bad if bad[0] not in rows}
        known = [(clip.clip_id, clip.path, f"known: {clip.reason}") for clip in manifest.clips if clip.status != "ok"]
        self.bad: list[tuple[str, str, str]] = sorted([*known, *failed.values()])
        self.retryable = frozenset(retryable(shards))
        self.shards = len(shards)
        self._maps: dict[int, np.ndarray] = {}
        self._positions = {clip_id: position for position, clip_id in enumerate(self.ids)}

    def __len__(self) -> int:
        return len(self.ids)

    def positions(self, clip_ids: Iterable[str]) -> np.ndarray:
        """Rows of clips, in their order; those that could not be decoded are left out.

        Returns:
            int64 (clips,), fewer where some are in `bad`.

        Raises:
            DataError: a clip is not in the manifest.
        """
        bad = {clip_id for clip_id, _, _ in self.bad}
        found = []
        for clip_id in clip_ids:
            if clip_id in self._positions:
                found.append(self._positions[clip_id])
            elif clip_id not in bad:
                raise DataError(
                    f"Clip '{clip_id}' is not in the cache {self.folder}, which was made of {self.manifest.name}. "
                    "Ask for clips of that manifest, or prepare a cache of yours."
                )
        return np.array(found, np.int64)

    def row(self, position: int) -> np.ndarray:
        """One row as it is stored: a read-only view of the file, read from the disk when it is used."""
        number, place = self._where[position]
        return self._map(number)[place]

    def floats(self, positions: Sequence[int] | np.ndarray) -> np.ndarray:
        """Rows as float32 (len(positions), *shape), copied: waveforms in [-1, 1], pictures in their own unit."""
        stacked = np.empty((len(positions), *self.shape), np.float32)
        for place, position in enumerate(positions):
            as_float(self.row(position), stacked[place])
        return stacked

    def _map(self, number: int) -> np.ndarray:
        rows = self._maps.get(number)
        if rows is None:
            path = array_path(self.folder, number)
            try:
                # A plain array on the mapped memory: numpy.memmap's own indexing is several times slower.
                rows = np.asarray(np.load(path, mmap_mode="r"))
            except (OSError, ValueError) as error:
                raise DataError(f"{path}: cannot be read ({error}). Delete the folder; it is made again.") from None
            self._maps[number] = rows
        return rows


def read_cache(folder: Path, manifest: Manifest, key: str) -> Cache | None:
    """The finished cache in `folder`, or None where there is none, or one that is not whole.

    Args:
        folder: of the cache.
        manifest: the one it was made of; labels and splits are taken from it.
        key: what the cache must be made of and for, from `fstmuse.data.cache.cache_key`.
    """
    try:
        index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        if index["key"] != key:
            return None
        shards = [read_shard(folder, number) for number in range(index["shards"])]
        if None in shards:
            return None
        return Cache(folder, manifest, shards, tuple(index["shape"]), np.dtype(index["dtype"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_index(folder: Path, fields: dict[str, object]) -> None:
    """Marks the cache as finished."""
    text = json.dumps(fields, indent=2) + "\n"
    write_whole(folder / INDEX, lambda file: file.write(text.encode()))


def write_bad_clips(folder: Path, bad: Iterable[tuple[str, str, str]]) -> Path:
    """Writes `bad_clips.csv`: clip_id, path, reason."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("clip_id", "path", "reason"))
    writer.writerows(bad)
    write_whole(folder / BAD_CLIPS, lambda file: file.write(text.getvalue().encode()))
    return folder / BAD_CLIPS
