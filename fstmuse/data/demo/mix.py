"""The recording: balance, room, compression, equaliser, noise and level, all drawn at random.

Mastering pulls each clip's spectrum part of the way to a target that has nothing to do with
its style, and the level is random too. So the mean spectrum, which a linear model could
read, says little about the style; what remains is what is played and how.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import maximum_filter1d, uniform_filter1d
from scipy.signal import fftconvolve

from fstmuse.data.demo.perform import loudness, perform
from fstmuse.data.demo.score import Song

_QUIETEST, _LOUDEST = -30.0, -12.0  # RMS of a clip in dB relative to full scale
_CEILING = 0.97
_BANDS = 26


def record(song: Song, sample_rate: int) -> np.ndarray:
    """Performs and mixes a song.

    Args:
        song: what is played.
        sample_rate: in Hz.

    Returns:
        float32 (round(seconds * sample_rate),), mono, below full scale.
    """
    rng, artist = song.rng, song.artist
    samples = round(song.seconds * sample_rate)
    bright = float(np.clip(artist.bright + rng.normal(0, 0.2), 0, 1))
    dry, sent = np.zeros(samples), np.zeros(samples)
    for role, part in song.parts.items():
        sound = perform(part, samples, sample_rate, bright, rng)
        dry += sound
        sent += sound * (0.15 if role == "bass" else 1.0)
    mix = dry + artist.wet * float(rng.uniform(0.5, 1.3)) * room(sent, artist.room, sample_rate, rng)
    mix /= loudness(mix, sample_rate)
    mix = _compress(mix, artist.squeeze, sample_rate)
    mix = mix + _noise(samples, sample_rate, song.artist.style == "Hip-Hop", rng)
    mix = _master(mix, artist.tilt + float(rng.normal(0, 1.0)), artist.grip, sample_rate, rng)
    return level(mix, float(rng.uniform(_QUIETEST, _LOUDEST)), sample_rate)


def room(sound: np.ndarray, seconds: float, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """A room as noise that dies away, as loud as what is sent into it.

    Args:
        sound: float64 (samples,), what is sent into the room.
        seconds: until the room has fallen by 60 dB.
        sample_rate: in Hz.
        rng: draws the room.
    """
    size = int(seconds * sample_rate)
    tail = rng.normal(0, 1, size) * np.exp(-6.9 * np.arange(size) / size)
    tail = uniform_filter1d(tail, int(rng.integers(1, 5)))
    wet = fftconvolve(sound, tail)[: len(sound)]
    return wet * (loudness(sound, sample_rate) / loudness(wet, sample_rate))


def _compress(sound: np.ndarray, amount: float, sample_rate: int) -> np.ndarray:
    """Takes level away above the mean, by up to three quarters of it (4:1)."""
    envelope = np.sqrt(uniform_filter1d(sound**2, int(0.03 * sample_rate)).clip(1e-6))
    return sound * np.maximum(envelope, 0.7) ** (-0.75 * amount)


def _noise(samples: int, sample_rate: int, old_records: bool, rng: np.random.Generator) -> np.ndarray:
    """Hiss, hum and the crackle of vinyl; a clip may have none of them."""
    noise = rng.normal(0, 10 ** (rng.uniform(-75, -45) / 20), samples)
    if rng.random() < 0.2:
        mains = float(rng.choice([50.0, 60.0]))
        phase = 2 * np.pi * mains / sample_rate * np.arange(samples)
        noise += 10 ** (rng.uniform(-55, -38) / 20) * (np.sin(phase) + 0.5 * np.sin(3 * phase))
    if rng.random() < (0.4 if old_records else 0.2):
        clicks = rng.integers(0, samples, int(rng.uniform(3, 25) * samples / sample_rate))
        noise[clicks] += rng.normal(0, 1, len(clicks)) ** 3 * 10 ** (rng.uniform(-30, -14) / 20)
    return noise


def _master(sound: np.ndarray, tilt: float, grip: float, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """Equalises towards a random target: a slope in dB per octave with bumps.

    Args:
        sound: float64 (samples,).
        tilt: the target's slope.
        grip: how much of the difference is taken away, 0 to 1.
        sample_rate: in Hz.
        rng: draws the bumps.
    """
    spectrum = np.fft.rfft(sound)
    hertz = np.fft.rfftfreq(len(sound), 1 / sample_rate)
    edges = np.geomspace(40, sample_rate / 2, _BANDS + 1)
    starts = np.searchsorted(hertz, edges[:-1])
    power = np.add.reduceat(np.abs(spectrum) ** 2, starts)
    centres = np.sqrt(edges[:-1] * edges[1:])
    measured = 10 * np.log10(power + 1e-12)
    # Bands grow with frequency, so a slope of 0 here is pink noise.
    target = (tilt + 3) * np.log2(centres / 1000) + np.convolve(rng.normal(0, 4, _BANDS + 2), [0.3, 0.4, 0.3], "valid")
    wanted = target - measured
    # Bands without music would pull the mean and bring up nothing but noise.
    wanted = np.clip(wanted - np.median(wanted), -18, 10) * grip
    gain = np.interp(np.log(hertz.clip(20)), np.log(centres), wanted)
    rumble = hertz**4 / (hertz**4 + 25.0**4)  # no offset, nothing below what is heard
    return np.fft.irfft(spectrum * rumble * 10 ** (gain / 20), len(sound))


def level(sound: np.ndarray, decibels: float, sample_rate: int) -> np.ndarray:
    """Brings a clip to an RMS, with a limiter for the peaks and a short fade at both ends.

    Args:
        sound: float64 (samples,), not silent.
        decibels: RMS in dB relative to full scale; a little less where the limiter works.
        sample_rate: in Hz.

    Returns:
        float32 (samples,), within 0.97 of full scale.
    """
    sound = sound * (10 ** (decibels / 20) / np.sqrt(np.mean(sound**2) + 1e-12))
    width = int(0.004 * sample_rate) | 1
    peaks = maximum_filter1d(np.abs(sound), 2 * width + 1)
    gain = uniform_filter1d(np.minimum(1, _CEILING / np.maximum(peaks, 1e-9)), width)
    sound = np.clip(sound * gain, -_CEILING, _CEILING)
    edge = min(int(0.005 * sample_rate), len(sound) // 2)
    ramp = np.linspace(0, 1, edge)
    sound[:edge] *= ramp
    sound[len(sound) - edge :] *= ramp[::-1]
    return sound.astype(np.float32)
