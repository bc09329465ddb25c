"""A small lesson for training tests: three kinds of one-second sounds with a manifest."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fstmuse.audio.write import write
from fstmuse.data.manifest import Clip, Manifest, write_manifest

RATE = 22050
SPLITS = ("train", "train", "train", "train", "valid", "valid", "test")
KINDS = ("chirps", "noise", "tones")


def sound(kind: str, number: int) -> np.ndarray:
    """One second that no other number has."""
    rng = np.random.default_rng((KINDS.index(kind), number))
    time = np.arange(RATE) / RATE
    if kind == "noise":
        return (0.2 * rng.normal(size=RATE)).clip(-1, 1).astype(np.float32)
    rate = 3000 if kind == "chirps" else 0
    return (0.3 * np.sin(2 * np.pi * time * (rng.uniform(200, 800) + rate * time))).astype(np.float32)


def make_lesson(folder: Path, broken: int = 0) -> Path:
    """Writes 21 clips (and `broken` unreadable ones) with `lesson.csv`; returns the CSV."""
    clips = []
    for kind in KINDS:
        for number, split in enumerate(SPLITS):
            name = f"{kind}-{number}.wav"
            folder.mkdir(parents=True, exist_ok=True)
            write(folder / name, sound(kind, number), RATE)
            clips.append(Clip(name, name, labels=(kind,), split=split))
    for number in range(broken):
        (folder / f"broken-{number}.wav").write_bytes(b"not audio at all")
        clips.append(Clip(f"broken-{number}", f"broken-{number}.wav", labels=("noise",), split="train"))
    write_manifest(Manifest("lesson", tuple(clips)), folder / "lesson.csv")
    return folder / "lesson.csv"
