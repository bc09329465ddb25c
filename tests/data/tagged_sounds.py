"""Small sound files with tags, for the tests of manifests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from mutagen.flac import FLAC
from mutagen.id3 import TALB, TCON, TIT2, TPE1
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE

RATE = 8000


def sound(path: Path, seconds: float = 0.2, *, genre: str = "", artist: str = "", album: str = "") -> Path:
    """A file of noise, tagged in the manner of its format."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(len(path.name)).uniform(-0.3, 0.3, int(seconds * RATE))
    soundfile.write(path, noise, RATE)
    if path.suffix == ".wav":
        if genre or artist or album:
            tags = WAVE(path)
            tags.add_tags()
            for frame, text in ((TCON, genre), (TPE1, artist), (TALB, album), (TIT2, "x")):
                if text:
                    tags.tags.add(frame(encoding=3, text=[text]))
            tags.save()
    else:
        tags = {".flac": FLAC, ".ogg": OggVorbis}[path.suffix](path)
        for name, text in (("genre", genre), ("artist", artist), ("album", album)):
            if text:
                tags[name] = [text]
        tags.save()
    return path


def music(root: Path, labels: tuple[str, ...] = ("Folk", "Rock"), count: int = 10) -> Path:
    """A folder of sounds for each label."""
    for label in labels:
        for number in range(count):
            sound(root / label / f"{number:02d}.wav")
    return root
