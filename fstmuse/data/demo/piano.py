"""Piano-like pieces with their notes, for work on transcription, gaps and continuation."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fstmuse.data.csv_rows import write_rows
from fstmuse.data.demo.piano_score import Key, compose
from fstmuse.data.demo.storage import publish
from fstmuse.data.manifest import Clip, Manifest, write_manifest
from fstmuse.errors import DataError

VERSION = 1
_SPLITS = ("train", "valid", "test", "train", "train", "train", "train", "test", "train", "train")
_COLUMNS = ("start_s", "end_s", "pitch", "velocity", "hand")
_LAYERS = (48, 72, 96)  # above each of these velocities the hammer sounds harder


def render_piano(
    folder: Path | str, *, seed: int = 0, clips: int = 60, seconds: float = 12.0, sample_rate: int = 22_050
) -> Manifest:
    """Renders pieces for two hands on strings whose partials are stretched and die away.

    Args:
        folder: gets `piano.csv`, `piano.json`, and for each clip `audio/ID.flac` and
            `audio/ID.notes.csv` (start_s, end_s, pitch, velocity, hand). Appears when complete.
        seed: 0 or more; each clip has its own generator.
        clips: how many, at least 3.
        seconds: length of a clip, at least 1.
        sample_rate: in Hz, at least 8000.

    Returns:
        The manifest; labels are `major` or `minor`, splits and groups are by piece.

    Raises:
        DataError: a setting is out of its range, or the folder cannot be written.
    """
    for name, value, least in (
        ("seed", seed, 0),
        ("clips", clips, 3),
        ("seconds", seconds, 1),
        ("sample_rate", sample_rate, 8000),
    ):
        if value < least:
            raise DataError(f"Piano set: received {name}={value}, expected at least {least}. Give a larger one.")

    def fill(fresh: Path) -> None:
        from threadpoolctl import threadpool_limits

        from fstmuse.audio.write import write

        (fresh / "audio").mkdir()
        rows = []
        for index in range(clips):
            rng = np.random.default_rng([seed, 9, index])
            keys, label = compose(rng, seconds)
            clip_id = f"piano-{index + 1:04d}"
            with threadpool_limits(1, "blas"):
                sound = _play(keys, rng, seconds, sample_rate)
            write(fresh / f"audio/{clip_id}.flac", sound, sample_rate)
            write_rows(fresh / f"audio/{clip_id}.notes.csv", _COLUMNS, map(_row, keys))
            split = _SPLITS[index % len(_SPLITS)]
            length = len(sound) / sample_rate
            rows.append(Clip(clip_id, f"audio/{clip_id}.flac", 0.0, length, (label,), split, clip_id))
        write_manifest(Manifest("piano", tuple(rows)), fresh / "piano.csv")

    recipe = {"version": VERSION, "seed": seed, "clips": clips, "seconds": float(seconds), "sample_rate": sample_rate}
    return publish(Path(folder), "piano", recipe, fill, reuse=False, size=round(2.2 * clips * seconds * sample_rate))


def _play(keys: list[Key], rng: np.random.Generator, seconds: float, sample_rate: int) -> np.ndarray:
    """The sound of the keys in a room: float32 (samples,)."""
    from fstmuse.data.demo import mix, sounds
    from fstmuse.data.demo.perform import place

    bus = np.zeros(round(seconds * sample_rate))
    ring, release = int(4.0 * sample_rate), int(0.12 * sample_rate)
    fade = np.linspace(1, 0, release) ** 2
    bright = float(rng.uniform(0.2, 0.8))
    strings: dict[tuple[int, int], np.ndarray] = {}
    for key in keys:
        layer = sum(key.velocity > limit for limit in _LAYERS)
        if (key.pitch, layer) not in strings:
            hardness = bright + 0.3 * (layer - 1.5)
            strings[key.pitch, layer] = sounds.struck(
                sounds.TONES["piano"], key.pitch, ring, sample_rate, hardness, rng
            )
        sound = strings[key.pitch, layer][: int((key.end_s - key.start_s) * sample_rate) + release].copy()
        sound[-release:] *= fade
        place(bus, sound, round(key.start_s * sample_rate), (key.velocity / 127) ** 1.7)
    bus += float(rng.uniform(0.05, 0.3)) * mix.room(bus, float(rng.uniform(0.3, 1.2)), sample_rate, rng)
    return mix.level(bus, float(rng.uniform(-28, -18)), sample_rate)


def _row(key: Key) -> dict[str, str]:
    return {
        "start_s": f"{key.start_s:.4f}",
        "end_s": f"{key.end_s:.4f}",
        "pitch": str(key.pitch),
        "velocity": str(key.velocity),
        "hand": key.hand,
    }
