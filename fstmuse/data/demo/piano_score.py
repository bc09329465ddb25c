"""Piano pieces as keys that are held: a figure in the left hand, a tune in the right."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from fstmuse.data.demo import harmony

# Notes of a close chord from the lowest; -1 is the root an octave below.
_FIGURES = ((0, 2, 1, 2), (0, 1, 2, 1), (-1, 1, 2, 1), (-1, 2), ())
_SHORTEST = 0.05


@dataclass(frozen=True)
class Key:
    """A key that is held: seconds, MIDI number, velocity (1 to 127), and `left` or `right` hand."""

    start_s: float
    end_s: float
    pitch: int
    velocity: int
    hand: str


@dataclass
class _Sheet:
    """Keys pressed so far, by a player who is a little uneven."""

    rng: np.random.Generator
    seconds: float
    keys: list[Key] = field(default_factory=list)

    def press(self, start: float, length: float, pitch: int, velocity: float, hand: str) -> None:
        start = max(0.0, start + float(self.rng.normal(0, 0.006)))
        end = min(start + max(length, _SHORTEST), self.seconds)
        if end - start >= _SHORTEST:
            self.keys.append(Key(start, end, pitch, int(np.clip(velocity + self.rng.normal(0, 5), 12, 120)), hand))


def compose(rng: np.random.Generator, seconds: float) -> tuple[list[Key], str]:
    """Writes a piece.

    Args:
        rng: the clip's own generator.
        seconds: its length.

    Returns:
        The keys in order of time, and `major` or `minor`.
    """
    scale = harmony.SCALES[str(rng.choice(["major", "minor", "dorian"]))]
    tonic, beats, beat_s = int(rng.integers(55, 67)), int(rng.choice([3, 4])), 60 / float(rng.uniform(60, 140))
    loop = [0, *(int(step) for step in rng.choice([0, 1, 2, 3, 4, 5], 3))]
    figure = _FIGURES[int(rng.integers(len(_FIGURES)))]
    loud, doubled = float(rng.uniform(45, 90)), rng.random() < 0.4
    sheet = _Sheet(rng, seconds)
    for bar in range(int(seconds / beat_s / beats) + 1):
        start, swell = bar * beats * beat_s, loud + 14 * float(np.sin(0.8 * bar))
        chord = harmony.chord(tonic - 12, scale, loop[bar % 4])
        _left(sheet, start, beats, beat_s, chord, figure, swell)
        rhythms = ((1,) * beats, (0.5,) * (2 * beats), (1.5, 0.5, *(1,) * (beats - 2)), (beats,))
        rhythm = rhythms[int(rng.integers(len(rhythms)))]
        goals = [chord if k == 0 else [] for k in range(len(rhythm))]
        at = start
        for length, pitch in zip(rhythm, harmony.tune(rng, tonic + 12, scale, goals, 0.2), strict=True):
            sheet.press(at, 0.97 * length * beat_s, pitch, swell + 8, "right")
            if doubled and length >= 1:
                sheet.press(at, 0.97 * length * beat_s, pitch - 12, swell - 4, "right")
            at += length * beat_s
    return sorted(sheet.keys, key=lambda key: (key.start_s, key.pitch)), harmony.mode(scale)


def _left(
    sheet: _Sheet, start: float, beats: int, beat_s: float, chord: list[int], figure: tuple[int, ...], loud: float
) -> None:
    """A bar of the left hand: a broken chord in eighths, or a bass note and chords after it."""
    close = harmony.voicing(chord, chord[0] + 4, 3)
    if not figure:
        sheet.press(start, 0.95 * beats * beat_s, chord[0] - 12, loud, "left")
        for beat in range(1, beats):
            for pitch in close:
                sheet.press(start + beat * beat_s, 0.8 * beat_s, pitch, loud - 12, "left")
        return
    for k in range(2 * beats):
        mark = figure[k % len(figure)]
        pitch = chord[0] - 12 if mark < 0 else close[mark]
        sheet.press(start + k * beat_s / 2, 0.8 * beat_s, pitch, loud - 10, "left")
