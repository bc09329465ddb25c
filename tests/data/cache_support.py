"""What the cache's tests share: a small set of clips, and what a cache's folder holds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile

from fstmuse.data.clip import Clip
from fstmuse.data.manifest import Manifest

RATE = 8000
COUNT = 23


def sound(number: int) -> np.ndarray:
    """Clip number 7 is shorter than the window, number 8 louder than full scale."""
    samples = 500 if number == 7 else 1000
    wave = np.sin(2 * np.pi * (200 + 20 * number) * np.arange(samples) / RATE) * (1.5 if number == 8 else 0.5)
    return wave.astype(np.float32)


def make_clips(folder: Path) -> Path:
    """Number 5 is no sound file."""
    folder.mkdir()
    for number in range(COUNT):
        soundfile.write(folder / f"{number:02d}.wav", sound(number), RATE, subtype="FLOAT")
    (folder / "05.wav").write_bytes(b"nothing of the kind")
    return folder


def make_manifest() -> Manifest:
    """Number 5 is broken, number 6 is known to be bad."""
    clips = [Clip(f"c{n:02d}", f"{n:02d}.wav", labels=("a",), split="train") for n in range(COUNT)]
    clips[6] = replace(clips[6], status="bad", reason="too quiet")
    return Manifest("small set", tuple(clips))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def times(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("*.npy")}
