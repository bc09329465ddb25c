"""Drums: every hit is made of a sinking tone, filtered noise, or ringing metal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, sosfilt

from fstmuse.data.demo.sounds import partials


@dataclass(frozen=True)
class Kit:
    """What a drum kit sounds like.

    Args:
        pitch: of the kick, in Hz.
        boom: seconds the kick rings.
        snap: share of noise in the snare, 0 to 1.
        crack: seconds the snare rings.
        metal: share of ringing metal in the hats, the rest is noise.
        top: cut-off of a low-pass over the kit, in Hz.
        gains: dB by which drums differ from the normal balance.
    """

    pitch: float
    boom: float
    snap: float
    crack: float
    metal: float
    top: float
    gains: tuple[tuple[str, float], ...] = ()


KITS = {
    "acoustic": Kit(62, 0.28, 0.6, 0.18, 0.4, 10000),
    "brushes": Kit(70, 0.2, 0.95, 0.12, 0.2, 8000, (("kick", -5.0), ("snare", -5.0), ("crash", -6.0))),
    "hand": Kit(85, 0.3, 0.25, 0.12, 0.0, 7000, (("kick", -1.0), ("snare", -3.0), ("hat", -3.0), ("crash", -8.0))),
    "machine": Kit(50, 0.5, 0.75, 0.16, 0.8, 10500),
    "lofi": Kit(60, 0.22, 0.7, 0.2, 0.3, 5500),
}
_BALANCE = {"kick": 0.0, "snare": -1.0, "clap": -3.0, "rim": -5.0, "hat": -8.0, "open": -8.0, "ride": -9.0}
_BALANCE |= {"crash": -6.0, "shaker": -11.0, "tom1": -3.0, "tom2": -3.0, "tom3": -3.0}


def hit(name: str, kit: Kit, bright: float, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """One hit of a drum.

    Args:
        name: kick, snare, clap, rim, hat, open, ride, crash, shaker, tom1, tom2 or tom3 (high to low).
        kit: one of `KITS`, or one like it.
        bright: 0 to 1.
        sample_rate: in Hz.
        rng: generator; each call is another stroke of the same drum.

    Returns:
        float64 (samples,); the balance between the drums is in its height.
    """
    tune = 2 ** ((bright - 0.5) * 0.4)
    if name == "kick":
        sound = _skin(kit.pitch * tune, 2.2, kit.boom, sample_rate)
        sound += 0.15 * (0.3 + bright) * _noise(0.02, 1500, 7000, len(sound), sample_rate, rng)
    elif name.startswith("tom"):
        sound = _skin({"1": 190, "2": 140, "3": 100}[name[3]] * tune, 0.5, 0.3, sample_rate)
        sound += 0.1 * _noise(0.03, 800, 5000, len(sound), sample_rate, rng)
    elif name == "snare":
        size = int(sample_rate * (kit.crack * 2.5 + 0.05))
        sound = kit.snap * _noise(kit.crack, 900, 8500, size, sample_rate, rng)
        body = _skin(185 * tune, 0.4, kit.crack * 0.8, sample_rate)[:size]
        sound[: len(body)] += (1.1 - kit.snap) * body
    elif name == "clap":
        sound = _noise(0.09, 900, 6000, int(0.3 * sample_rate), sample_rate, rng)
        for late in (0.011, 0.023):
            sound = sound + np.roll(sound, int(late * sample_rate)) * 0.8
    elif name == "rim":
        size = int(0.08 * sample_rate)
        sound = partials(np.array([1700.0, 2350.0, 430.0]) * tune, np.ones(3), np.full(3, 0.06), size, sample_rate)
    elif name == "shaker":
        sound = _noise(0.05, 4500, 10000, int(0.12 * sample_rate), sample_rate, rng)
        rise = int(0.02 * sample_rate)
        sound[:rise] *= np.linspace(0, 1, rise)
    else:
        length, low = {"hat": (0.045, 6000), "open": (0.3, 5500), "ride": (0.5, 4500), "crash": (1.3, 3000)}[name]
        length *= 0.7 + 0.6 * bright
        size = int(min(2.2 * length, 1.8) * sample_rate)
        sound = (1 - kit.metal) * _noise(length, low, 10500, size, sample_rate, rng)
        ratios = np.array([2.0, 3.0, 4.16, 5.43, 6.79, 8.21, 9.7, 11.3, 13.1, 15.2])
        bell = partials(ratios * 480 * tune, np.exp(2j * rng.random(10)), np.full(10, 2 * length), size, sample_rate)
        sound += kit.metal * bell / (np.abs(bell).max() + 1e-9)
    sound = sound / (np.abs(sound).max() + 1e-9)
    if kit.top < 0.45 * sample_rate:
        sound = sosfilt(butter(2, kit.top, fs=sample_rate, output="sos"), sound)
    return sound * 10 ** ((_BALANCE[name] + dict(kit.gains).get(name, 0.0)) / 20)


def _skin(pitch: float, sink: float, ring: float, sample_rate: int) -> np.ndarray:
    """A drum skin: a sine that sinks to `pitch` from (1 + sink) times it."""
    time = np.arange(int(sample_rate * (ring * 1.6 + 0.03))) / sample_rate
    phase = np.cumsum(pitch * (1 + sink * np.exp(-time / 0.025))) / sample_rate
    return np.sin(2 * np.pi * phase) * np.exp(-time * 4.5 / ring) * np.minimum(1, time / 0.001)


def _noise(ring: float, low: float, high: float, size: int, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """Noise in a band that falls by 60 dB in about 1.5 times `ring` seconds."""
    high = min(high, 0.47 * sample_rate)
    sos = butter(2, (min(low, 0.7 * high), high), "bandpass", fs=sample_rate, output="sos")
    sound = sosfilt(sos, rng.normal(0, 1, size)) * np.exp(-np.arange(size) * 4.5 / (ring * sample_rate))
    return sound / (np.abs(sound).max() + 1e-9)
