"""Hip-hop: a machine's swung beat, a short loop in minor, a deep bass, a voice that talks in rhythm."""

from __future__ import annotations

import numpy as np

from fstmuse.data.demo import harmony, playing
from fstmuse.data.demo.cast import Artist
from fstmuse.data.demo.score import Song

_LOOPS = ((0, 5), (0, 3), (0, 6), (0, 5, 6, 4), (0, 6, 5, 4), (0, 2, 5, 3), (0, 3, 5, 4), (0,), (0, 1))
_BOOM_BAP = (
    {"kick": "X..x......Xx....", "snare": "....X.......X..o"},
    {"kick": "X......x..X.....", "snare": "....X.......X..."},
    {"kick": "X.x.......x..x..", "snare": "....X..o.o..X..."},
    {"kick": "X.....xX..x.....", "snare": "....X.......X..."},
    {"kick": "X..x...x.xX....x", "snare": "....X..o....X..."},
    {"kick": "X.........Xx..x.", "snare": "....X.......X.o."},
)
_TRAP = (
    {"kick": "X.....x...x.....", "clap": "........X......."},
    {"kick": "X..x......x..x..", "clap": "........X......."},
    {"kick": "X.........x...x.", "snare": "........X......."},
    {"kick": "X..x..x....x..x.", "clap": "........X......o"},
)
_HATS = (
    "x.x.x.x.x.x.x.x.",
    "xoxoxoxoxoxoxoxo",
    "x.xox.xox.x.xox.",
    "x.x.x.xxx.x.x.x.",
    "x.xxx.x.x.xxx.xx",
    "..x...x...x...x.",
)
_CHOPS = ("0...", "0..0..0.", "0.....0...0.....", "0...0..0", "..0...0.", "0.00..0.")
_FLOWS = (
    "xxx.xxx.xxx.xx..",
    "x.xxx.xxx.xxx...",
    "xx.xx.xxxx.xx.x.",
    "x.xx.xx.x.xx.xxx",
    "..xxxxxx..xxxxx.",
    "x..x..x.x..x..x.",
)


def song(artist: Artist, rng: np.random.Generator, seconds: float) -> tuple[Song, str]:
    """Writes a hip-hop clip; gives the song and the name of its scale."""
    trap = artist.habit > 0.62
    slow, fast = (62, 82) if trap else (74, 106)
    bpm = (slow + (fast - slow) * artist.pace) * float(rng.uniform(0.93, 1.07))
    scale_name = str(rng.choice(["minor", "dorian", "phrygian", "major"], p=[0.45, 0.25, 0.1, 0.2]))
    made = Song(
        artist,
        rng,
        seconds,
        bpm,
        beats=4,
        steps=4,
        tonic=int(rng.integers(48, 60)),
        scale=harmony.SCALES[scale_name],
        swing=0.0 if trap else 0.1 + 0.45 * artist.swing,
        jitter=float(rng.uniform(0.002, 0.01)),
    )
    _parts(made, trap)
    made.drop_outs({("drums",): 0.2, ("lead",): 0.3, ("bass", "lead"): 0.15, ("chords",): 0.12}, pause=0.15)
    loop = made.pick(_LOOPS)
    _sample(made, loop)
    beat = dict(made.pick(_TRAP if trap else _BOOM_BAP))
    _drums(made, beat, trap)
    if "bass" in made.parts:
        _bass(made, loop, beat["kick"], trap)
    if "lead" in made.parts:
        _rap(made)
    return made, scale_name


def _parts(song: Song, trap: bool) -> None:
    artist, rng = song.artist, song.rng
    cut = float(rng.uniform(900, 4500)) if song.chance(0.5) else 0.0
    song.part("chords", artist.chords, level=float(rng.uniform(-4, 3)), lowpass=cut)
    song.part("drums", artist.kit, level=float(rng.uniform(-1, 6)))
    if song.chance(0.85):
        song.part("bass", "sub bass" if trap and artist.habit > 0.75 else artist.bass, level=float(rng.uniform(-6, 2)))
    if song.chance(0.75):
        song.part("lead", artist.lead, level=float(rng.uniform(-5, 3)), legato=0.03)


def _sample(song: Song, loop: tuple[int, ...]) -> None:
    """A bar or two of chords that come back without the smallest change, as from a sampler."""
    rng = song.rng
    size = int(rng.integers(4, 6))
    centre = song.tonic + float(rng.uniform(4, 16))
    chop = song.pick(_CHOPS)
    arpeggio = song.chance(0.45) and playing.is_plucked(song.artist.chords)
    order = [int(k) for k in rng.integers(0, 5, 8)]
    gaps = rng.random(8) < 0.3
    for bar in range(song.bars):
        chord = harmony.voicing(harmony.chord(song.tonic, song.scale, loop[bar % len(loop)], size), centre, size)
        if arpeggio:
            for k in range(8):
                if not gaps[k]:
                    song.play("chords", bar, k / 2, 0.9, chord[min(order[k], len(chord) - 1)], 0.8, tight=True)
        else:
            step = 4 / len(chop)
            for k, mark in enumerate(chop):
                if mark == "0":
                    playing.block(song, "chords", bar, k * step, step * 3, chord, 0.75, tight=True)


def _drums(song: Song, beat: dict[str, str], trap: bool) -> None:
    rng = song.rng
    hats = song.pick(_HATS)
    if song.chance(0.15):
        hats = "." * 16
    top = song.pick(("hat", "hat", "hat", "shaker", "ride"))
    opened = song.chance(0.35)
    for bar in range(song.bars):
        pattern = dict(beat)
        pattern[top] = hats
        if opened:
            pattern["open"] = "......x........." if bar % 2 == 0 else "..............x."
        if bar % 4 == 3 and song.chance(0.5):
            pattern["kick"] = pattern["kick"][:12] + "...."
        song.drum(bar, pattern, tight=True)
        if trap:
            for _ in range(int(rng.integers(0, 3))):
                start, split = int(rng.integers(0, 8)) / 2, int(rng.choice([3, 4, 6]))
                for k in range(split):
                    song.play("drums", bar, start + k * 0.5 / split, 0.1, top, 0.3 + 0.5 * k / split, tight=True)


def _bass(song: Song, loop: tuple[int, ...], kick: str, trap: bool) -> None:
    for bar in range(song.bars):
        root = harmony.degree(song.tonic, song.scale, loop[bar % len(loop)]) - 12
        root = root - 12 if root > 45 else root
        hits = [k for k, mark in enumerate(kick) if mark != "."]
        for k, following in zip(hits, [*hits[1:], 16], strict=True):
            pitch = root if k == 0 else root + song.pick((0, 0, 0, 7, 12, 10, -2))
            length = (following - k) / 4 * (0.97 if trap else 0.7)
            glide = float(song.pick((-5, 5, 12, -12))) if trap and length > 0.6 and song.chance(0.2) else 0.0
            song.play("bass", bar, k / 4, length, pitch, 0.9, glide=glide, tight=True)


def _rap(song: Song) -> None:
    """Syllables on sixteenths that fall like speech; other instruments play a short hook."""
    talks = song.artist.lead == "voice"
    flows = [song.pick(_FLOWS) for _ in range(2)]
    base = song.tonic - (0 if song.artist.bright > 0.5 else 7)
    hook = [int(k) for k in song.rng.integers(0, 5, 16)]
    for bar in range(song.bars):
        flow = flows[bar % 2]
        for k, mark in enumerate(flow):
            if mark != "x":
                continue
            if talks:
                pitch = base + float(song.rng.normal(0, 1.6)) + (2 if k % 4 == 0 else 0) - 3 * k / 16
                fall = float(song.rng.uniform(-4, 1))
                song.play("lead", bar, k / 4, 0.24, pitch, 0.9 if k % 4 == 0 else 0.7, glide=fall)
            elif k % 2 == 0:
                pitch = harmony.degree(song.tonic + 12, song.scale, 2 * hook[k] % 7)
                song.play("lead", bar, k / 4, 0.45, pitch, 0.75, tight=True)
