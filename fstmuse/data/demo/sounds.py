"""Pitched instruments: strings, bars and keys as decaying partials; winds, bows and voices as held waves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

_BLOCK = 256
_TABLE = 4096


@dataclass(frozen=True)
class Struck:
    """An instrument that is plucked or hit and then rings.

    Args:
        slope: partial k has amplitude k ** -slope.
        ring: seconds in which a low partial falls by 60 dB.
        damping: Hz above which partials fall faster.
        place: where the string is plucked, as a share of its length; 0 leaves out the comb.
        stretch: inharmonicity of a stiff string.
        click: noise of the attack.
        ratios: frequencies of the partials relative to the first; empty is a string's.
    """

    slope: float
    ring: float
    damping: float
    place: float = 0.0
    stretch: float = 0.0
    click: float = 0.0
    ratios: tuple[float, ...] = ()


@dataclass(frozen=True)
class Held:
    """An instrument that sounds as long as it is played.

    Args:
        slope: partial k has amplitude k ** -slope.
        even: strength of the even partials.
        formants: (Hz, width in Hz, gain) of resonances; several tuples of them are vowels.
        breath: level of noise.
        attack: seconds.
        vibrato: depth in semitones.
    """

    slope: float
    even: float = 1.0
    formants: tuple[tuple[tuple[float, float, float], ...], ...] = ()
    breath: float = 0.0
    attack: float = 0.04
    vibrato: float = 0.1


_VOWELS = (
    ((730, 120, 1.0), (1090, 150, 0.6), (2440, 220, 0.25)),
    ((570, 110, 1.0), (840, 140, 0.6), (2410, 220, 0.12)),
    ((300, 90, 1.0), (2200, 220, 0.35), (3000, 280, 0.25)),
    ((530, 110, 1.0), (1840, 200, 0.4), (2480, 240, 0.25)),
)
_FIDDLE = (((280, 150, 0.9), (460, 180, 1.0), (1000, 500, 0.6), (2500, 900, 0.7)),)

TONES: dict[str, Struck | Held] = {
    "steel guitar": Struck(1.0, 3.5, 1600, 0.17, 3e-5, 0.25),
    "nylon guitar": Struck(1.4, 2.4, 900, 0.27, 1e-5, 0.2),
    "banjo": Struck(0.7, 0.9, 2200, 0.09, 3e-5, 0.5),
    "harp": Struck(1.7, 3.0, 1200, 0.4, 1e-5, 0.15),
    "clean guitar": Struck(1.1, 4.0, 2000, 0.13, 5e-5, 0.15),
    "distorted guitar": Struck(0.9, 6.0, 2600, 0.11, 5e-5, 0.1),
    "piano": Struck(1.3, 4.5, 1500, 0.12, 3e-4, 0.15),
    "electric piano": Struck(2.0, 3.5, 1500, 0.0, 0.0, 0.1, (1.0, 2.0, 3.0, 7.1, 14.3)),
    "vibes": Struck(1.6, 3.0, 1800, 0.0, 0.0, 0.1, (1.0, 3.98, 9.9)),
    "upright bass": Struck(1.5, 1.6, 700, 0.25, 3e-5, 0.25),
    "electric bass": Struck(1.1, 3.0, 900, 0.18, 3e-5, 0.1),
    "sub bass": Struck(3.2, 3.0, 400, 0.0, 0.0, 0.05, (1.0, 2.0, 3.0)),
    "fiddle": Held(0.9, 1.0, _FIDDLE, 0.02, 0.05, 0.18),
    "flute": Held(2.2, 0.6, (), 0.07, 0.06, 0.12),
    "accordion": Held(0.9, 0.7, (((700, 500, 1.0), (2200, 900, 0.5)),), 0.01, 0.05, 0.03),
    "organ": Held(1.2, 0.9, (), 0.0, 0.01, 0.06),
    "pad": Held(1.3, 1.0, (), 0.01, 0.25, 0.1),
    "voice": Held(1.2, 1.0, _VOWELS, 0.02, 0.05, 0.25),
}


def hertz(pitch: float) -> float:
    """Frequency of a MIDI number."""
    return 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)


def partials(
    frequencies: np.ndarray, amplitudes: np.ndarray, rings: np.ndarray, samples: int, sample_rate: int
) -> np.ndarray:
    """A sum of sines that each die away at their own rate.

    The n-th power of one complex number for each partial is the outer product of its powers
    within a block and over the blocks, so that one matrix product makes the whole note.

    Args:
        frequencies: float (partials,), in Hz; those near half the rate are left out.
        amplitudes: float or complex (partials,).
        rings: float (partials,), seconds to fall by 60 dB.
        samples: length.
        sample_rate: in Hz.

    Returns:
        float64 (samples,).
    """
    keep = frequencies < 0.46 * sample_rate
    poles = (-6.9078 / rings[keep] + 2j * np.pi * frequencies[keep]) / sample_rate
    blocks = -(-samples // _BLOCK)
    over = amplitudes[keep] * np.exp(poles * (_BLOCK * np.arange(blocks))[:, None])
    within = np.exp(poles[:, None] * np.arange(_BLOCK))
    # Real part of the complex product, without computing the imaginary one.
    return (over.real @ within.real - over.imag @ within.imag).reshape(-1)[:samples]


def struck(tone: Struck, pitch: float, samples: int, sample_rate: int, bright: float, rng: np.random.Generator):
    """One note of a `Struck` instrument: float64 (samples,), of about unit height."""
    first = hertz(pitch)
    if tone.ratios:
        ratios = np.array(tone.ratios)
        rank = np.arange(1.0, len(ratios) + 1)
    else:
        rank = np.arange(1.0, min(60, int(0.46 * sample_rate / first)) + 1)
        ratios = rank * np.sqrt(1 + tone.stretch * rank**2)
    frequencies = first * ratios
    amplitudes = rank ** -(tone.slope + 0.7 * (0.5 - bright))
    if tone.place:
        amplitudes = amplitudes * np.abs(np.sin(np.pi * rank * tone.place)) + 1e-4
    rings = tone.ring * (220 / first) ** 0.4 / (1 + (frequencies / (tone.damping * 2 ** (bright - 0.5))) ** 1.3)
    phases = np.exp(1j * (rng.uniform(-0.6, 0.6, len(rank)) - np.pi / 2))
    sound = partials(frequencies, amplitudes * phases, np.maximum(rings, 0.02), samples, sample_rate)
    sound /= np.abs(sound).max() + 1e-9
    attack = min(samples, int(0.012 * sample_rate))
    noise = rng.normal(0, tone.click * (0.3 + bright) / 2, attack) * np.linspace(1, 0, attack) ** 2
    sound[:attack] += lfilter([0.6, 0.4], [1.0], noise)
    return sound


def held(
    tone: Held, pitch: float, glide: float, samples: int, sample_rate: int, bright: float, rng: np.random.Generator
) -> np.ndarray:
    """One note of a `Held` instrument without its release: float64 (samples,), of about unit height."""
    first = hertz(pitch)
    rank = np.arange(1.0, max(2, int(0.45 * sample_rate / (first * 2 ** (max(glide, 0) / 12)))) + 1)
    amplitudes = rank ** -(tone.slope + 0.8 * (0.5 - bright))
    amplitudes[1::2] *= tone.even
    if tone.formants:
        vowel = tone.formants[int(rng.integers(len(tone.formants)))]
        gain = sum(g / (1 + ((rank * first - hz) / width) ** 2) for hz, width, g in vowel)
        amplitudes = amplitudes * (gain + 0.02) * np.sqrt(rank)
    spectrum = np.zeros(_TABLE // 2 + 1, complex)
    count = min(len(rank), _TABLE // 2)
    spectrum[1 : count + 1] = (amplitudes * np.exp(2j * np.pi * rng.random(len(rank))))[:count]
    table = np.fft.irfft(spectrum)
    table /= np.abs(table).max() + 1e-12
    time = np.arange(samples) / sample_rate
    wobble = tone.vibrato * np.clip((time - 0.15) / 0.3, 0, 1) * np.sin(2 * np.pi * rng.uniform(4.5, 6.5) * time)
    scoop = -0.4 * tone.vibrato * np.exp(-time / 0.05) * rng.uniform(0, 4)
    bend = glide * np.arange(samples) / samples
    steps = first * 2 ** ((wobble + scoop + bend + rng.normal(0, 0.04)) / 12) / sample_rate
    sound = table[((np.cumsum(steps) + rng.random()) * _TABLE).astype(np.int64) % _TABLE]
    if tone.breath:
        noise = rng.normal(0, tone.breath * (0.4 + bright), samples)
        sound = sound + lfilter([1.0, -0.7], [1.0], noise)
    return sound * np.minimum(1, time / tone.attack) * (0.75 + 0.25 * np.exp(-time / 0.4))
