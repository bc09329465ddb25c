"""Makes the cache: decodes every clip of a manifest once, into memory-mapped files. Free of TensorFlow.

A cache's folder is named by a hash of all that its arrays depend on, so that a cache is
either right or not there. It grows shard by shard: a run that is killed goes on where it
was, and of two runs at once the second waits and uses what the first has made. Clips that
failed for want of memory, of a permission or of a disk are tried again by later runs.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import logging
import re
import shutil
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import filelock
import numpy as np

from fstmuse.data.cache_reader import BAD_CLIPS, Cache, read_cache, write_bad_clips, write_index
from fstmuse.data.clip import Clip
from fstmuse.data.loader import Loaded, Progress, load
from fstmuse.data.manifest import Manifest
from fstmuse.data.shards import Shard, later_shards, note_path, read_shard, remove_temporary, retryable, write_shard
from fstmuse.data.stored import Picture, Stored
from fstmuse.errors import DataError
from fstmuse.places import cache_dir as default_cache_dir
from fstmuse.spec import AudioSpec, as_dict

__all__ = ["Cache", "cache_key", "prepare"]

FORMAT = 2
"""Raised whenever what is written, or how a clip is decoded, changes: older caches are then made again."""

SHARD_BYTES = 32 << 20
"""About what a kill can cost: some two seconds of work. Another size makes other caches."""

_SHOWN = 3
"""Reasons shown when every clip fails."""


def prepare(
    manifest: Manifest,
    root: Path | str,
    spec: AudioSpec,
    *,
    kind: str,
    mel: Picture | None = None,
    cache_dir: Path | str | None = None,
    workers: int = 2,
    progress: Progress | None = None,
) -> Cache:
    """The cache of a manifest's usable clips; made, or completed, where it is missing.

    Clips that cannot be decoded are left out and listed in `Cache.bad` and, with their
    reasons, in `bad_clips.csv` in the cache's folder. Those whose worker was killed, or
    whose file the system did not give, are tried again each time.

    Args:
        manifest: whose clips to decode.
        root: folder that their paths are relative to.
        spec: sample rate, length and padding of each row.
        kind: `waveform` (int16) or `log-mel` (float16 in dB; float32 where `mel` takes no logarithm).
        mel: for `log-mel`, the transform: `fstmuse.features.mel.LogMel(spec)`.
        cache_dir: where caches lie; None: `fstmuse.places.cache_dir()`.
        workers: processes that decode; 0 for none.
        progress: called with the clips done, those of earlier runs included, and the clips in all.

    Raises:
        DataError: no clip is usable or none could be decoded, the disk lacks room or
            cannot be written to, `kind` is unknown, or the workers do not start.
        SpecError: `mel` is missing, or for another sample rate.
    """
    root = Path(root)
    stored = Stored(kind, spec, mel)
    clips = manifest.usable.clips
    if not clips:
        raise DataError(f"{manifest.name}: none of its {len(manifest.clips)} clips has status ok. Mend the manifest.")
    key = cache_key(clips, root, spec, stored)
    name = re.sub(r"[^\w.-]+", "_", manifest.name)
    folder = Path(cache_dir or default_cache_dir()).expanduser() / f"{name}-{kind}-{key[:16]}"
    cache = read_cache(folder, manifest, key)
    if not _complete(cache, root):
        try:
            with _writing(folder):
                folder.mkdir(parents=True, exist_ok=True)
                with _lock(folder):
                    # Another run may have made it while this one waited.
                    cache = read_cache(folder, manifest, key)
                    if not _complete(cache, root):
                        shards = _make(folder, clips, root, spec, stored, workers, progress)
                        if cache is not None and len(shards) == cache.shards:
                            return cache  # nothing that failed before came out otherwise
                        made = Cache(folder, manifest, shards, stored.shape, stored.dtype)
                        _finish(made, key, spec, stored, kind)
                        return made
        except DataError as error:
            # A finished cache is of use even where it cannot be added to.
            if cache is None:
                raise
            logging.getLogger(__name__).warning(
                "%d of the bad clips were not tried again. %s", len(cache.retryable), error
            )
    if progress is not None:
        progress(len(clips), len(clips))
    return cache


def cache_key(clips: Sequence[Clip], root: Path, spec: AudioSpec, stored: Stored) -> str:
    """A hash of all that the arrays depend on. Labels and splits are not part of it.

    A file without a checksum counts by its size and time of change, one with a checksum
    by its size, so that a clip that was missing is found once it is there.
    """
    digest = hashlib.sha256()
    mel = None if stored.mel is None else as_dict(stored.mel.spec)
    digest.update(json.dumps([FORMAT, SHARD_BYTES, stored.dtype.str, as_dict(spec), mel]).encode())
    for clip in clips:
        row = [clip.clip_id, clip.path, clip.start_s, clip.duration_s, clip.checksum, *_state(clip, root)]
        digest.update(json.dumps(row).encode() + b"\n")
    return digest.hexdigest()


def _state(clip: Clip, root: Path) -> list[int]:
    """What the system says of a clip's file; nothing where it is missing."""
    try:
        status = (root / clip.path).stat()
    except (OSError, ValueError):
        return []
    return [status.st_size] if clip.checksum else [status.st_size, status.st_mtime_ns]


def _complete(cache: Cache | None, root: Path) -> bool:
    """Whether a cache is there and has no clip that should be tried again."""
    return cache is not None and not _to_retry(cache.manifest.usable.clips, cache.retryable, root)


def _to_retry(clips: Sequence[Clip], ids: Collection[str], root: Path) -> list[Clip]:
    """The clips of these ids, without those that are known to be missing: found again, they change the key."""
    return [clip for clip in clips if clip.clip_id in ids and _state(clip, root)]


def _make(
    folder: Path,
    clips: Sequence[Clip],
    root: Path,
    spec: AudioSpec,
    stored: Stored,
    workers: int,
    progress: Progress | None,
) -> list[Shard]:
    """Writes the shards that are not there yet, then what has come of clips that failed in earlier runs.

    Returns:
        All shards, in order. One without news of a clip that had failed is not written.
    """
    remove_temporary(folder)
    size = max(1, SHARD_BYTES // stored.row_bytes)
    parts = [clips[start : start + size] for start in range(0, len(clips), size)]
    shards = {number: _finished(folder, number, part) for number, part in enumerate(parts)}
    shards |= {shard.number: shard for shard in later_shards(folder, len(parts))}
    missing = [number for number, shard in shards.items() if shard is None]
    wanted = [clip for number in missing for clip in parts[number]]
    earlier = [shard for shard in shards.values() if shard is not None]
    again = _to_retry(clips, retryable(earlier) - {clip.clip_id for clip in wanted}, root)
    _require_room(folder, (len(wanted) + len(again)) * stored.row_bytes)
    done = len(clips) - len(wanted) - len(again)

    def count(now: int, _: int) -> None:
        if progress is not None:
            progress(done + now, len(clips))

    loading = load([*wanted, *again], root, spec, workers=workers, transform=stored, progress=count)
    with contextlib.closing(loading):
        for number in missing:
            shards[number] = write_shard(folder, *_fill(number, len(parts[number]), loading, stored))
        known = {bad for shard in earlier for bad in shard.bad}
        for start in range(0, len(again), size):
            shard, rows = _fill(len(shards), len(again[start : start + size]), loading, stored)
            shard = _news(shard, known)
            if shard.ids or shard.bad:
                shards[shard.number] = write_shard(folder, shard, rows)
    return list(shards.values())


def _news(shard: Shard, known: Collection[tuple[str, str, str]]) -> Shard:
    """The shard without the clips that failed as they did before."""
    bad = tuple(bad for bad in shard.bad if bad not in known or bad[0] not in shard.retryable)
    ids = {clip_id for clip_id, _, _ in bad}
    return replace(shard, bad=bad, retryable=tuple(clip_id for clip_id in shard.retryable if clip_id in ids))


def _fill(number: int, count: int, loading: Iterator[Loaded], stored: Stored) -> tuple[Shard, np.ndarray]:
    """A shard of the next `count` clips, and its rows."""
    rows = np.empty((count, *stored.shape), stored.dtype)
    ids, samples, bad, passing = [], [], [], []
    for _ in range(count):
        loaded = next(loading)
        if loaded.array is None:
            bad.append((loaded.clip.clip_id, loaded.clip.path, loaded.error))
            passing += [loaded.clip.clip_id] if loaded.retryable else []
            continue
        rows[len(ids)] = loaded.array
        ids.append(loaded.clip.clip_id)
        samples.append(loaded.samples)
    return Shard(number, tuple(ids), tuple(samples), tuple(bad), tuple(passing)), rows[: len(ids)]


def _finished(folder: Path, number: int, clips: Sequence[Clip]) -> Shard | None:
    """The shard, if an earlier run has finished it and it holds these clips."""
    shard = read_shard(folder, number)
    if shard is None or {*shard.ids, *(bad[0] for bad in shard.bad)} != {clip.clip_id for clip in clips}:
        return None
    return shard


def _finish(cache: Cache, key: str, spec: AudioSpec, stored: Stored, kind: str) -> None:
    """Writes the list of bad clips, then the index.

    Raises:
        DataError: there is not one good clip.
    """
    bad_clips = write_bad_clips(cache.folder, cache.bad)
    if not len(cache):
        # Forgotten, so that the next run decodes them again: whatever spoils every clip can be mended.
        for number in range(cache.shards):
            note_path(cache.folder, number).unlink()
        reasons = [reason for _, _, reason in cache.bad if not reason.startswith("known: ")]
        more = f" (and {len(reasons) - _SHOWN:,} more, see {bad_clips})" if len(reasons) > _SHOWN else ""
        raise DataError(f"None of {len(reasons):,} clips could be decoded. {' '.join(reasons[:_SHOWN])}{more}")
    if cache.bad:
        logging.getLogger(__name__).info("%d clips left out, see %s", len(cache.bad), cache.folder / BAD_CLIPS)
    write_index(
        cache.folder,
        {
            "format": FORMAT,
            "key": key,
            "kind": kind,
            "dtype": stored.dtype.str,
            "shape": list(stored.shape),
            "audio": as_dict(spec),
            "mel": None if stored.mel is None else as_dict(stored.mel.spec),
            "shards": cache.shards,
            "rows": len(cache),
        },
    )


def _require_room(folder: Path, needed: int) -> None:
    needed += needed // 100 + (1 << 20)  # notes, lists and what the file system takes for itself
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DataError(
            f"{folder}: the cache needs {needed:,} bytes, {free:,} are free. "
            "Free some, or set FSTMUSE_CACHE to a folder on a larger disk."
        )


@contextlib.contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Held by the one run that writes to the folder; let go by the system when that run is killed."""
    # Beside the folder, so that deleting a cache never deletes a lock that is held.
    lock = filelock.FileLock(folder.parent / f"{folder.name}.lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        logging.getLogger(__name__).warning("Another run is making %s; waiting for it.", folder)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            mend = "Free some space, or set FSTMUSE_CACHE to a folder on a larger disk; what is done is kept."
        else:
            mend = "Set FSTMUSE_CACHE to a folder that can be written to."
        raise DataError(f"{folder}: the cache cannot be written ({error.strerror or error}). {mend}") from error
