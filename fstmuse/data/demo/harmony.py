"""Scales, chords and tunes, as MIDI numbers."""

from __future__ import annotations

import numpy as np

SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
}


def mode(scale: tuple[int, ...]) -> str:
    """`major` or `minor`, by the scale's third."""
    return "minor" if 3 in scale else "major"


def degree(tonic: int, scale: tuple[int, ...], step: int) -> int:
    """MIDI number of a scale's step, counted from 0 at the tonic and going on over octaves."""
    return tonic + 12 * (step // len(scale)) + scale[step % len(scale)]


def chord(tonic: int, scale: tuple[int, ...], root: int, notes: int = 3) -> list[int]:
    """Stacked thirds on a scale's step: 3 notes are a triad, 4 a seventh, 5 a ninth."""
    return [degree(tonic, scale, root + 2 * k) for k in range(notes)]


def voicing(pitches: list[int], centre: float, size: int) -> list[int]:
    """The chord's notes in the octaves nearest to `centre`, `size` of them, ascending.

    Args:
        pitches: MIDI numbers in any octave.
        centre: MIDI number around which the hands lie.
        size: notes to play; more than the chord has doubles it in the next octave.
    """
    classes = {pitch % 12 for pitch in pitches}
    near = sorted((p for p in range(24, 100) if p % 12 in classes), key=lambda p: (abs(p - centre), p))
    return sorted(near[:size])


def power(root: int) -> list[int]:
    """Root, fifth and octave."""
    return [root, root + 7, root + 12]


def tune(
    rng: np.random.Generator, tonic: int, scale: tuple[int, ...], goals: list[list[int]], leap: float
) -> list[int]:
    """A tune that walks in the scale and comes near a chord note where it should.

    Args:
        rng: generator.
        tonic: MIDI number around which the tune lies.
        scale: semitones above the tonic.
        goals: for each note the pitches it should reach, or an empty list where it may walk.
        leap: chance of a step wider than a second.

    Returns:
        MIDI numbers, one for each goal, within an octave and a half of the tonic.
    """
    ladder = [degree(tonic, scale, step) for step in range(-3, 10)]
    place = int(rng.integers(2, 8))
    line = []
    for goal in goals:
        move = int(rng.integers(2, 5)) if rng.random() < leap else int(rng.choice([0, 1, 1, 1]))
        place += move * (1 if rng.random() < (10 - place) / 10 else -1)
        place = int(np.clip(place, 0, len(ladder) - 1))
        if goal:
            classes = {pitch % 12 for pitch in goal}
            place = min(
                (k for k in range(len(ladder)) if ladder[k] % 12 in classes),
                key=lambda k: abs(k - place),
                default=place,
            )
        line.append(ladder[place])
    return line
