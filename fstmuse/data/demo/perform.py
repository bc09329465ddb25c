"""Turns a part's notes into sound, each pitch synthesised once and placed wherever it is played."""

from __future__ import annotations

import numpy as np
from scipy.signal import butter, resample_poly, sosfilt

from fstmuse.data.demo import drums, sounds
from fstmuse.data.demo.score import Part

_TAKES = 2  # strokes of one drum differ a little
_LONGEST = 3.5


def perform(part: Part, samples: int, sample_rate: int, bright: float, rng: np.random.Generator) -> np.ndarray:
    """The sound of one part.

    Args:
        part: what is played.
        samples: length of the clip.
        sample_rate: in Hz.
        bright: 0 to 1.
        rng: generator.

    Returns:
        float64 (samples,), its loud stretches at an RMS of 10 ** (level / 20); all zero if nothing is played.
    """
    bus = np.zeros(samples)
    if part.instrument in drums.KITS:
        _drums(part, bus, sample_rate, bright, rng)
    else:
        _notes(part, bus, sample_rate, bright, rng)
    if part.drive:
        bus = _distort(bus, part.drive, sample_rate)
    if part.lowpass and part.lowpass < 0.45 * sample_rate:
        bus = sosfilt(butter(2, part.lowpass, fs=sample_rate, output="sos"), bus)
    return bus * 10 ** (part.level / 20) / loudness(bus, sample_rate)


def loudness(sound: np.ndarray, sample_rate: int) -> float:
    """RMS of the louder half of a sound's half seconds; 1 for silence."""
    block = sample_rate // 2
    power = np.sort(np.add.reduceat(sound**2, np.arange(0, len(sound), block)) / block)
    level = float(np.sqrt(power[len(power) // 2 :].mean()))
    return level if level > 1e-6 else 1.0


def _drums(part: Part, bus: np.ndarray, sample_rate: int, bright: float, rng: np.random.Generator) -> None:
    takes: dict[tuple[str, int], np.ndarray] = {}
    for note in part.notes:
        key = (str(note.pitch), int(rng.integers(_TAKES)))
        if key not in takes:
            takes[key] = drums.hit(key[0], drums.KITS[part.instrument], bright, sample_rate, rng)
        place(bus, takes[key], round(note.start * sample_rate), note.velocity**1.5)


def _notes(part: Part, bus: np.ndarray, sample_rate: int, bright: float, rng: np.random.Generator) -> None:
    tone = sounds.TONES[part.instrument]
    release = max(2, int(part.legato * sample_rate))
    fade = 0.5 + 0.5 * np.cos(np.pi * np.arange(release) / release)
    longest: dict[float, float] = {}
    for note in part.notes:
        # A bend upwards reads its string faster and needs more of it.
        needed = min(note.length, _LONGEST) * 2 ** (max(note.glide, 0.0) / 12)
        longest[note.pitch] = max(longest.get(note.pitch, 0.0), needed)
    rung: dict[float, np.ndarray] = {}
    for note in part.notes:
        size = int(min(note.length, _LONGEST) * sample_rate) + release
        if isinstance(tone, sounds.Held):
            sound = sounds.held(tone, note.pitch, note.glide, size, sample_rate, bright, rng)
        else:
            if note.pitch not in rung:
                whole = int(longest[note.pitch] * sample_rate) + 2 * release
                rung[note.pitch] = sounds.struck(tone, note.pitch, whole, sample_rate, bright, rng)
            sound = _bend(rung[note.pitch], note.glide, size) if note.glide else rung[note.pitch][:size].copy()
        count = min(release, len(sound))
        sound[len(sound) - count :] *= fade[release - count :]
        place(bus, sound, round(note.start * sample_rate), note.velocity)


def _bend(sound: np.ndarray, glide: float, size: int) -> np.ndarray:
    """The first `size` samples of a sound read faster and faster (or slower), to end `glide` semitones away."""
    speed = 2 ** (glide / 12 * np.clip(np.linspace(-0.45, 1.5, size), 0, 1))
    return np.interp(np.cumsum(speed), np.arange(len(sound)), sound, right=0.0)


def _distort(bus: np.ndarray, drive: float, sample_rate: int) -> np.ndarray:
    """A valve amplifier and its speaker; at twice the rate, since clipping makes overtones."""
    peak = np.abs(bus).max()
    if peak < 1e-9:
        return bus
    up = np.tanh(resample_poly(bus / peak, 2, 1) * drive + 0.1)
    clipped = resample_poly(up, 1, 2)[: len(bus)]
    band = (70, min(5200, 0.45 * sample_rate))
    return sosfilt(butter(2, band, "bandpass", fs=sample_rate, output="sos"), clipped)


def place(bus: np.ndarray, sound: np.ndarray, start: int, gain: float) -> None:
    """Adds a sound to a bus; what lies before the bus or behind it is cut off.

    Args:
        bus: float64 (samples,), changed in place.
        sound: float64 of any length.
        start: sample of the bus at which the sound begins; may be negative.
        gain: factor.
    """
    skip = max(0, -start)
    start = max(0, start)
    count = min(len(sound) - skip, len(bus) - start)
    if count > 0:
        bus[start : start + count] += gain * sound[skip : skip + count]
