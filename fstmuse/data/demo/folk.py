"""Folk: dances and songs in 4/4, 3/4 and 6/8, in diatonic modes, picked, strummed or bowed."""

from __future__ import annotations

import numpy as np

from fstmuse.data.demo import harmony, playing
from fstmuse.data.demo.cast import Artist
from fstmuse.data.demo.score import Song

_LOOPS = {
    "major": ((0, 3, 4, 0), (0, 0, 3, 4), (0, 4, 5, 3), (0, 5, 3, 4), (0, 3, 0, 4), (0, 0, 4, 0)),
    "mixolydian": ((0, 6, 3, 0), (0, 0, 6, 0), (0, 6, 0, 6), (0, 3, 6, 0)),
    "dorian": ((0, 6, 0, 6), (0, 3, 0, 6), (0, 2, 6, 0), (0, 0, 3, 6)),
    "minor": ((0, 6, 5, 6), (0, 3, 6, 0), (0, 5, 2, 6), (0, 0, 6, 0)),
}
_PICKING = {
    4: ("02132423", "03120312", "0.213.21", "01234321", "02310231", "0213021302130213"),
    3: ("012321", "023123", "0.2.3.", "013243", "0.1213"),
    2: ("012321", "021321", "012012", "0.230.23"[:6]),
}
# Beats (from the bar's start), d down, u up, b the bass string alone; by beats in a bar.
_STRUMS = {
    4: ("b.d.b.d.", "d.du.udu", "b.dub.du", "d.dud.du", "b.d.b.du"),
    3: ("b.d.d.", "b.dudu", "d.dud.", "b.d.du"),
    2: ("b.db.d", "d.ud.u", "dududu", "b.ub.u"),
}
_RHYTHMS = {
    4: (
        (1, 1, 1, 1),
        (0.5,) * 8,
        (1.5, 0.5, 1, 1),
        (0.5, 0.5, 1, 0.5, 0.5, 1),
        (1, 0.5, 0.5, 2),
        (0.75, 0.25, 0.5, 0.5, 1, 1),
    ),
    3: ((2, 1), (1, 1, 1), (1.5, 0.5, 1), (1, 0.5, 0.5, 1), (0.5,) * 6),
    2: ((1 / 3,) * 6, (2 / 3, 1 / 3, 2 / 3, 1 / 3), (1 / 3, 1 / 3, 1 / 3, 2 / 3, 1 / 3), (1, 2 / 3, 1 / 3)),
}
_DRUMS = {
    4: (
        {"kick": "X...x...X...x...", "shaker": "o.x.o.x.o.x.o.x."},
        {"kick": "X.......X.......", "rim": "....x.......x...", "shaker": "x.o.x.o.x.o.x.o."},
        {"snare": "o.ooXoooo.ooXooo", "kick": "X.......X......."},
        {"tom3": "X..x..x.X..x..x.", "shaker": "x...x...x...x..."},
        {"kick": "X.....x.X.......", "snare": "....o.......o...", "hat": "x...x...x...x..."},
    ),
    3: (
        {"kick": "X...........", "snare": "....o...o..."},
        {"kick": "X...........", "rim": "....x...x...", "shaker": "x.o.x.o.x.o."},
        {"tom3": "X.....x.....", "shaker": "x...x...x..."},
        {"kick": "X.......x...", "hat": "....x...x.o."},
    ),
    2: (
        {"tom3": "X...x.X...x.", "shaker": "x.o.o.x.o.o."},
        {"kick": "X.....X.....", "rim": "....x.....x."},
        {"tom3": "X.o.o.x.o.o."},
        {"kick": "X...........", "snare": "......o...o.", "shaker": "x.o.o.x.o.o."},
    ),
}


def song(artist: Artist, rng: np.random.Generator, seconds: float) -> tuple[Song, str]:
    """Writes a folk clip; gives the song and the name of its scale."""
    beats = int(rng.choice([4, 3, 2], p=[0.45, 0.3, 0.25]))
    slow, fast = {4: (84, 150), 3: (84, 170), 2: (58, 116)}[beats]
    bpm = (slow + (fast - slow) * artist.pace) * float(rng.uniform(0.85, 1.15))
    scale_name = str(rng.choice(list(_LOOPS), p=[0.4, 0.2, 0.2, 0.2]))
    made = Song(
        artist,
        rng,
        seconds,
        bpm,
        beats,
        steps=6 if beats == 2 else 4,
        tonic=int(rng.integers(48, 60)),
        scale=harmony.SCALES[scale_name],
        swing=float(rng.uniform(0, 0.25)) if beats == 4 else 0.0,
        jitter=float(rng.uniform(0.004, 0.014)),
    )
    _parts(made)
    made.drop_outs({("lead",): 0.3, ("drums", "bass"): 0.3, ("drums",): 0.2}, pause=0.12)
    loop = made.pick(_LOOPS[scale_name])
    _accompany(made, loop)
    if "lead" in made.parts:
        _sing(made, loop)
    if "drums" in made.parts:
        pattern = made.pick(_DRUMS[beats])
        for bar in range(made.bars):
            made.drum(bar, pattern, 0.8)
    return made, scale_name


def _parts(song: Song) -> None:
    artist, rng = song.artist, song.rng
    drive = float(rng.uniform(2, 4)) if artist.chords == "clean guitar" and artist.habit > 0.7 else 0.0
    song.part("chords", artist.chords, level=float(rng.uniform(-4, 2)), drive=drive)
    if song.chance(0.75):
        song.part("lead", artist.lead, level=float(rng.uniform(-4, 3)), legato=0.09)
    if artist.bass and song.chance(0.85):
        song.part("bass", artist.bass, level=float(rng.uniform(-5, 2)))
    if song.chance(artist.drums):
        song.part("drums", artist.kit, level=float(rng.uniform(-6, 3)))


def _accompany(song: Song, loop: tuple[int, ...]) -> None:
    rng, plucked = song.rng, playing.is_plucked(song.artist.chords)
    picks = (song.artist.habit + rng.normal(0, 0.15)) < 0.5
    order, strokes = song.pick(_PICKING[song.beats]), song.pick(_STRUMS[song.beats])
    centre = song.tonic + float(rng.uniform(4, 14))
    for bar in range(song.bars):
        chord = harmony.chord(song.tonic, song.scale, loop[bar % len(loop)])
        hand = harmony.voicing(chord, centre, 5)
        if plucked and picks:
            playing.picked(song, "chords", bar, [chord[0] - 12 if chord[0] > 52 else chord[0], *hand], order)
        elif plucked or song.artist.habit > 0.6:
            _strokes(song, bar, chord[0], hand, strokes)
        else:
            playing.block(song, "chords", bar, 0, song.beats * 0.97, hand[:3], 0.7)
        if "bass" in song.parts:
            root = chord[0] - 12 if chord[0] < 55 else chord[0] - 24
            song.play("bass", bar, 0, song.beats / 2, root, 0.9)
            if song.beats != 3 and song.chance(0.85):
                song.play("bass", bar, song.beats / 2, song.beats / 2, root + song.pick((7, 7, 0, -5)), 0.75)


def _strokes(song: Song, bar: int, root: int, hand: list[int], strokes: str) -> None:
    step = song.beats / len(strokes)
    for k, mark in enumerate(strokes):
        if mark == "b":
            song.play("chords", bar, k * step, 2 * step, root - 12 if root > 54 else root, 0.9)
        elif mark != ".":
            velocity = 0.85 if k * step % 1 == 0 else 0.6
            playing.strum(song, "chords", bar, k * step, 2 * step, hand, velocity, up=mark == "u")


def _sing(song: Song, loop: tuple[int, ...]) -> None:
    """A tune of two bars that comes back, as dances have it."""
    rhythms = [song.pick(_RHYTHMS[song.beats]) for _ in range(2)]
    tonic = song.tonic + (12 if song.artist.lead in ("fiddle", "flute", "accordion") else 7)
    phrases: dict[tuple[int, ...], list[int]] = {}
    for bar in range(song.bars):
        rhythm = rhythms[bar % 2]
        root = loop[bar % len(loop)]
        chord = harmony.chord(song.tonic, song.scale, root)
        key = (bar % 4, root)
        if key not in phrases:
            goals = [chord if k in (0, len(rhythm) // 2) else [] for k in range(len(rhythm))]
            phrases[key] = harmony.tune(song.rng, tonic - tonic % 12 + song.tonic % 12, song.scale, goals, 0.15)
        beat = 0.0
        for length, pitch in zip(rhythm, phrases[key], strict=True):
            if song.chance(0.08):
                song.play("lead", bar, beat - 0.12, 0.12, pitch + 2, 0.6)
            song.play("lead", bar, beat, length * 0.97, pitch, 0.8)
            beat += length
