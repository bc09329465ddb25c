"""Rock: a straight backbeat, driven eighths, power chords or ringing clean ones, riffs and fills."""

from __future__ import annotations

import numpy as np

from fstmuse.data.demo import harmony, playing
from fstmuse.data.demo.cast import Artist
from fstmuse.data.demo.score import Song

_LOOPS = {
    "major": ((0, 3, 4, 3), (0, 4, 5, 3), (0, 3, 0, 4), (0, 5, 3, 4), (0, 0, 3, 4)),
    "mixolydian": ((0, 6, 3, 0), (0, 3, 6, 3), (0, 0, 6, 3), (0, 6, 3, 3)),
    "minor": ((0, 5, 2, 6), (0, 6, 5, 6), (0, 2, 3, 5), (0, 0, 5, 6), (0, 3, 5, 6)),
    "dorian": ((0, 2, 3, 0), (0, 3, 0, 3), (0, 6, 3, 0)),
}
_BEATS = (
    {"kick": "X.......X.......", "snare": "....X.......X..."},
    {"kick": "X.......X.x.....", "snare": "....X.......X..."},
    {"kick": "X.x.....x.X.....", "snare": "....X.......X..."},
    {"kick": "X.....x.X.x.....", "snare": "....X.......X..."},
    {"kick": "X...x...X...x...", "snare": "....X.......X..."},
    {"kick": "X.....x.x.......", "snare": "....X.......X.o."},
    {"kick": "x.x...x.x.x...x.", "snare": "....X.......X..."},
    {"kick": "X...X...X...X...", "snare": "..X...X...X...X."},
)
_TOPS = ("X.x.X.x.X.x.X.x.", "x.x.x.x.x.x.x.x.", "X...X...X...X...", "xxxxxxxxxxxxxxxx")
_RIFFS = ("X.xxX.xx", "XxxxXxxx", "XxXxxXxx", "X..X..X.", "X.x.X.xx", "Xxx.Xxx.", "X...X...", "X.......", "X.xX.xX.")
_FILLS = (
    {"snare": "xxxx........", "tom1": "....xxxx....", "tom3": "........xxxx"},
    {"snare": "X.x.X.x.", "tom2": "....x.x.", "kick": "X...X..."},
    {"tom1": "x.x.....", "tom2": "....x.x.", "tom3": "......xX"},
    {"snare": "xxxxxxxx"},
)


def song(artist: Artist, rng: np.random.Generator, seconds: float) -> tuple[Song, str]:
    """Writes a rock clip; gives the song and the name of its scale."""
    bpm = (88 + 86 * artist.pace) * float(rng.uniform(0.9, 1.1))
    scale_name = str(rng.choice(list(_LOOPS), p=[0.3, 0.25, 0.3, 0.15]))
    made = Song(
        artist,
        rng,
        seconds,
        bpm,
        beats=4,
        steps=4,
        tonic=int(rng.integers(48, 60)),
        scale=harmony.SCALES[scale_name],
        swing=0.0,
        jitter=float(rng.uniform(0.003, 0.01)),
    )
    _parts(made)
    made.drop_outs({("drums", "bass"): 0.15, ("drums",): 0.1, ("lead",): 0.4, ("chords",): 0.08}, pause=0.12)
    loop = made.pick(_LOOPS[scale_name])
    _guitars(made, loop)
    _drums(made)
    if "bass" in made.parts:
        _bass(made, loop)
    if "lead" in made.parts:
        _lead(made, loop)
    return made, scale_name


def _parts(song: Song) -> None:
    artist, rng = song.artist, song.rng
    drive = 0.0
    if artist.chords == "distorted guitar":
        drive = float(rng.uniform(4, 20))
    elif artist.chords in ("clean guitar", "organ", "steel guitar") and song.chance(0.5):
        drive = float(rng.uniform(1.5, 4))
    song.part("chords", artist.chords, level=float(rng.uniform(-5, 2)), drive=drive, legato=0.04)
    song.part("drums", artist.kit, level=float(rng.uniform(-1, 6)))
    if artist.bass and song.chance(0.95):
        song.part("bass", artist.bass, level=float(rng.uniform(-5, 2)), drive=2.0 if song.chance(0.3) else 0.0)
    if song.chance(0.65):
        solo = 8.0 if artist.lead == "distorted guitar" else 0.0
        song.part("lead", artist.lead, level=float(rng.uniform(-4, 3)), drive=solo, legato=0.09)


def _guitars(song: Song, loop: tuple[int, ...]) -> None:
    rng, artist = song.rng, song.artist
    heavy = artist.chords == "distorted guitar"
    plucked = playing.is_plucked(artist.chords)
    riff = song.pick(_RIFFS)
    rings = riff.count(".") > 4
    picks = not heavy and plucked and artist.habit < 0.35
    order = "".join(str(k) for k in rng.integers(1, 5, 8))
    centre = song.tonic + float(rng.uniform(4, 14))
    for bar in range(song.bars):
        step = loop[bar % len(loop)]
        root = harmony.degree(song.tonic, song.scale, step) - 12
        chord = harmony.chord(song.tonic, song.scale, step)
        hand = harmony.power(root if root > 39 else root + 12) if heavy else harmony.voicing(chord, centre, 4)
        if picks:
            playing.picked(song, "chords", bar, [root, *hand], order)
            continue
        for k, mark in enumerate(riff):
            if mark == ".":
                continue
            accent = mark == "X"
            length = 4.0 if riff == "X......." else (1.9 if rings else 0.5) if accent or not heavy else 0.22
            if plucked:
                playing.strum(
                    song, "chords", bar, k / 2, length, hand, 0.95 if accent else 0.7, up=not heavy and k % 2 == 1
                )
            else:
                playing.block(song, "chords", bar, k / 2, min(length, 1.0), hand, 0.9 if accent else 0.7)


def _drums(song: Song) -> None:
    beat = song.pick(_BEATS)
    top = song.pick(("hat", "hat", "ride", "open", "crash", "shaker"), (4, 3, 3, 1, 0.5, 1))
    line = song.pick(_TOPS, (4, 4, 2, 1))
    sparse = song.chance(0.15)
    for bar in range(song.bars):
        pattern = {**beat, top: line}
        if sparse:
            pattern.pop(top)
        filled = (bar % 4 == 3 and song.chance(0.7)) or song.chance(0.05)
        if bar % 4 == 0 and song.chance(0.6):
            song.play("drums", bar, 0, 1, "crash", 0.9)
        if filled:
            fill = song.pick(_FILLS)
            size = max(len(run) for run in fill.values())
            pattern = {name: run[: 16 - size] + "." * size for name, run in pattern.items()}
            for name, run in fill.items():
                pattern[name] = pattern.get(name, "." * 16)[: 16 - size] + run.ljust(size, ".")
        song.drum(bar, pattern)


def _bass(song: Song, loop: tuple[int, ...]) -> None:
    line = song.pick(("xxxxxxxx", "x.xxx.xx", "x.x.x.x.", "x..xx..x", "x...x...", "xx.xxx.x"), (4, 2, 2, 1, 1, 1))
    for bar in range(song.bars):
        root = harmony.degree(song.tonic, song.scale, loop[bar % len(loop)]) - 12
        root = root - 12 if root > 43 else root
        for k, mark in enumerate(line):
            if mark == "x":
                pitch = root + (song.pick((7, 12, -2)) if k == 7 and song.chance(0.3) else 0)
                song.play("bass", bar, k / 2, 0.48 if line.count("x") > 4 else 0.95, pitch, 0.85)


def _lead(song: Song, loop: tuple[int, ...]) -> None:
    """Long sung notes, or a pentatonic solo with bends."""
    rng = song.rng
    sings = song.artist.lead in ("voice", "organ", "fiddle", "flute")
    minor = harmony.mode(song.scale) == "minor"
    pentatonic = (0, 3, 5, 7, 10) if minor else (0, 2, 4, 7, 9)
    rhythms = (
        ((1.5, 0.5, 2), (2, 2), (1, 1, 2), (4,), (0.5, 0.5, 1, 2))
        if sings
        else ((0.5,) * 8, (1, 0.5, 0.5, 2), (1.5, 1.5, 1))
    )
    tonic = song.tonic + (5 if sings else 12)
    for bar in range(song.bars):
        if bar % 4 == 3 and song.chance(0.5):
            continue
        rhythm = song.pick(rhythms)
        goals = [
            harmony.chord(song.tonic, song.scale, loop[bar % len(loop)]) if k == 0 else [] for k in range(len(rhythm))
        ]
        base = song.tonic + 12 * round((tonic - song.tonic) / 12)
        beat = 0.0
        for length, pitch in zip(rhythm, harmony.tune(rng, base, pentatonic, goals, 0.2), strict=True):
            bend = 2.0 if not sings and length >= 1 and song.chance(0.3) else 0.0
            song.play("lead", bar, beat, length * 0.95, pitch, 0.85, glide=bend)
            beat += length
