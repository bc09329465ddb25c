"""Ways of playing that every style may use: strums, picked chords, held chords."""

from __future__ import annotations

from fstmuse.data.demo.score import Song
from fstmuse.data.demo.sounds import TONES, Struck


def strum(
    song: Song, role: str, bar: int, beat: float, length: float, pitches: list[int], velocity: float, up: bool = False
) -> None:
    """A chord whose strings are struck one after the other, from the lowest or, `up`, from the highest."""
    order = pitches[::-1] if up else pitches
    if up:
        order = order[: max(2, len(order) - 1)]
    spread = float(song.rng.uniform(0.006, 0.018)) * song.bpm / 60
    for k, pitch in enumerate(order):
        song.play(role, bar, beat + k * spread, length - k * spread, pitch, velocity * (1 - 0.05 * k))


def block(
    song: Song,
    role: str,
    bar: int,
    beat: float,
    length: float,
    pitches: list[int],
    velocity: float,
    tight: bool = False,
) -> None:
    """All notes of a chord at once."""
    for pitch in pitches:
        song.play(role, bar, beat, length, pitch, velocity, tight=tight)


def picked(song: Song, role: str, bar: int, pitches: list[int], order: str, velocity: float = 0.8) -> None:
    """A broken chord over a bar; `order` has a digit for each step (0 is the lowest note) or a dot.

    The order is spread evenly over the bar, so that eight digits are eighths in 4/4.
    """
    step = song.beats / len(order)
    for k, mark in enumerate(order):
        if mark != ".":
            pitch = pitches[min(int(mark), len(pitches) - 1)]
            accent = 1.0 if k == 0 else 0.8
            song.play(role, bar, k * step, 2.5 * step, pitch, velocity * accent)


def is_plucked(instrument: str) -> bool:
    """Whether an instrument's notes ring after they are struck."""
    return isinstance(TONES[instrument], Struck)
