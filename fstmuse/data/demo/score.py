"""What is played, before it sounds: notes, parts, and a song that keeps the beat.

The styles (`folk`, `hiphop`, `rock`) only write into a `Song`; `sounds`, `drums` and
`perform` make it audible, `mix` makes it a recording.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from fstmuse.data.demo.cast import Artist

STRENGTH = {"X": 1.0, "x": 0.75, "o": 0.35}


@dataclass(frozen=True)
class Note:
    """One note.

    Args:
        start: in seconds from the clip's start; negative where it began before the excerpt.
        length: in seconds.
        pitch: MIDI number (may be fractional), or the name of a drum.
        velocity: 0 to 1.
        glide: semitones by which the pitch moves until the note's end.
    """

    start: float
    length: float
    pitch: float | str
    velocity: float
    glide: float = 0.0


@dataclass
class Part:
    """All that one instrument plays.

    Args:
        instrument: name of a sound in `sounds.TONES`, or of a kit in `drums.KITS`.
        level: in dB relative to the other parts.
        drive: gain into the distortion; 0 is clean.
        lowpass: cut-off of a low-pass in Hz, as of an old sample; 0 is none.
        legato: seconds in which a note dies away after its end.
    """

    instrument: str
    level: float = 0.0
    drive: float = 0.0
    lowpass: float = 0.0
    legato: float = 0.06
    notes: list[Note] = field(default_factory=list)


@dataclass
class Song:
    """An excerpt being written: its clock, its key and its parts.

    Args:
        artist: who plays.
        rng: the clip's own generator.
        seconds: length of the excerpt.
        bpm: beats a minute (in 6/8 a beat is a dotted quarter).
        beats: beats in a bar.
        steps: steps in a beat, the grid of the drum patterns.
        tonic: MIDI number of the key's note in the octave of C3 (48 to 59).
        scale: semitones of the scale's degrees above the tonic.
        swing: share of a step by which every second step comes late.
        jitter: standard deviation of the players' timing, in seconds.
    """

    artist: Artist
    rng: np.random.Generator
    seconds: float
    bpm: float
    beats: int
    steps: int
    tonic: int
    scale: tuple[int, ...]
    swing: float = 0.0
    jitter: float = 0.006
    parts: dict[str, Part] = field(default_factory=dict)
    silent: dict[str, set[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # An excerpt starts anywhere in a bar, or pictures of different songs would be aligned.
        self.offset = float(self.rng.uniform(0, self.beats)) * 60 / self.bpm
        self.bars = int(np.ceil((self.seconds + self.offset) * self.bpm / 60 / self.beats))

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return bool(self.rng.random() < probability)

    def pick(self, options, weights=None):
        """One of the options, by weights where given."""
        options = list(options)
        if weights is not None:
            weights = np.asarray(weights, float) / np.sum(weights)
        return options[int(self.rng.choice(len(options), p=weights))]

    def part(self, role: str, instrument: str, **settings) -> Part:
        """The part of a role, made on first use."""
        return self.parts.setdefault(role, Part(instrument, **settings))

    def seconds_at(self, beat: float) -> float:
        """When a beat (counted from the song's start) sounds, swing included."""
        step = beat * self.steps
        nearest = round(step)
        if abs(step - nearest) < 1e-6 and nearest % 2:
            step = nearest + self.swing
        return step / self.steps * 60 / self.bpm - self.offset

    def play(
        self,
        role: str,
        bar: int,
        beat: float,
        length: float,
        pitch: float | str,
        velocity: float = 0.8,
        glide: float = 0.0,
        tight: bool = False,
    ) -> None:
        """Writes one note; beat and length in beats; nothing in bars where the role is silent.

        A `tight` note comes exactly on time and at its velocity, as from a machine or a loop.
        """
        if bar in self.silent.get(role, ()):
            return
        start = self.seconds_at(bar * self.beats + beat)
        if not tight:
            start += float(self.rng.normal(0, self.jitter))
            velocity *= float(self.rng.uniform(0.85, 1.1))
        length = max(length * 60 / self.bpm, 0.03)
        if start < self.seconds and start + length > -1.0:
            self.parts[role].notes.append(Note(start, length, pitch, min(velocity, 1.0), glide))

    def drum(self, bar: int, pattern: dict[str, str], loud: float = 1.0, tight: bool = False) -> None:
        """Writes one bar of drums; a pattern gives each drum a string of steps: X accent, x, o ghost, . rest."""
        for name, line in pattern.items():
            for step, mark in enumerate(line[: self.beats * self.steps]):
                if mark in STRENGTH:
                    velocity = STRENGTH[mark] * loud
                    self.play("drums", bar, step / self.steps, 1 / self.steps, name, velocity, tight=tight)

    def drop_outs(self, intro: dict[tuple[str, ...], float], pause: float = 0.1) -> None:
        """Gives the clip a form: who waits at the start, who pauses for a bar later.

        Args:
            intro: roles that wait together, with the chance that they do.
            pause: chance that one role leaves out one bar somewhere.
        """
        if self.bars < 3:
            return
        for roles, probability in intro.items():
            if self.chance(probability):
                waiting = int(self.rng.integers(1, max(2, round(self.bars * 0.34)) + 1))
                for role in roles:
                    self.silent.setdefault(role, set()).update(range(waiting))
        for role in self.parts:
            if self.chance(pause):
                self.silent.setdefault(role, set()).add(int(self.rng.integers(0, self.bars)))
        # Somebody always plays: the chords do, where all the others wait.
        for bar in range(self.bars):
            if all(bar in self.silent.get(role, ()) for role in self.parts if role != "lead"):
                self.silent["chords"].discard(bar)
