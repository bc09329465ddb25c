"""One clip from start to end: artist, song, recording, tags. Imported by the rendering processes alone."""

from __future__ import annotations

import numpy as np

from fstmuse.data.demo import folk, harmony, hiphop, rock
from fstmuse.data.demo.cast import STYLES, artist_of
from fstmuse.data.demo.drums import KITS
from fstmuse.data.demo.mix import record
from fstmuse.data.demo.score import Song

_WRITERS = {"Folk": folk.song, "Hip-Hop": hiphop.song, "Rock": rock.song}
_FAST = 100  # beats a minute


def make_clip(
    style: str, index: int, *, seed: int, seconds: float, sample_rate: int
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Writes, plays and records one clip.

    It depends on nothing but its arguments: neither on other clips nor on who renders them.

    Args:
        style: one of `STYLES`.
        index: number of the clip within its style, from 0.
        seed: of the whole set.
        seconds: length.
        sample_rate: in Hz.

    Returns:
        float32 (round(seconds * sample_rate),) below full scale, and the clip's tags, sorted.
    """
    rng = np.random.default_rng([seed, STYLES.index(style), 0, index])
    song, scale_name = _WRITERS[style](artist_of(seed, style, index), rng, seconds)
    return record(song, sample_rate), _tags(song, scale_name)


def _tags(song: Song, scale_name: str) -> tuple[str, ...]:
    """What can be heard: instruments, pace, mode, drums or none."""
    played = {part.instrument for part in song.parts.values() if part.notes}
    tags = {harmony.mode(harmony.SCALES[scale_name]), "fast" if song.bpm >= _FAST else "slow"}
    tags.add("drums" if played & set(KITS) else "no drums")
    tags |= played - set(KITS)
    if any(name.endswith("guitar") for name in played):
        tags.add("guitar")
    if any(name.endswith("bass") for name in played):
        tags.add("bass")
    return tuple(sorted(tags))
