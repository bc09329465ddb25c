"""The instruments of the demo set: right pitch, right decay, finite at every rate."""

from __future__ import annotations

import numpy as np
import pytest

from fstmuse.data.demo import drums, harmony, sounds
from fstmuse.data.demo.mix import level
from fstmuse.data.demo.perform import perform, place
from fstmuse.data.demo.score import Note, Part


def test_partials_are_decaying_sines():
    hertz, heights, rings = np.array([220.0, 441.5]), np.array([1.0, 0.5j]), np.array([0.5, 0.2])
    time = np.arange(5000) / 16000
    wanted = sum(
        np.real(a * np.exp((-np.log(1000) / r + 2j * np.pi * f) * time))
        for f, a, r in zip(hertz, heights, rings, strict=True)
    )
    assert np.allclose(sounds.partials(hertz, heights, rings, 5000, 16000), wanted, atol=1e-4)


@pytest.mark.parametrize("name", sorted(sounds.TONES))
@pytest.mark.parametrize("sample_rate", [8000, 44100])
def test_tones_are_in_tune(name, sample_rate):
    tone, rng = sounds.TONES[name], np.random.default_rng(0)
    if isinstance(tone, sounds.Struck):
        sound = sounds.struck(tone, 57, sample_rate, sample_rate, 0.5, rng)
    else:
        sound = sounds.held(tone, 57, 0.0, sample_rate, sample_rate, 0.5, rng)
    assert np.isfinite(sound).all()
    assert 0.3 < np.abs(sound).max() < 3
    # The strongest line of the spectrum is a partial of 220 Hz (a bar's partials are not whole multiples).
    strongest = np.argmax(np.abs(np.fft.rfft(sound * np.hanning(len(sound))))) / len(sound) * sample_rate
    ratio = strongest / 220
    assert abs(ratio / max(1, round(ratio)) - 1) < 0.015


@pytest.mark.parametrize("kit", sorted(drums.KITS))
@pytest.mark.parametrize("sample_rate", [8000, 22050])
def test_drums_are_finite_and_short(kit, sample_rate):
    rng = np.random.default_rng(0)
    names = ("kick", "snare", "clap", "rim", "hat", "open", "ride", "crash", "shaker", "tom1", "tom2", "tom3")
    for name in names:
        sound = drums.hit(name, drums.KITS[kit], 0.5, sample_rate, rng)
        assert np.isfinite(sound).all(), name
        assert 0.02 < np.abs(sound).max() < 1.6, name
        assert len(sound) < 2.5 * sample_rate, name


def test_place_cuts_at_both_ends():
    bus = np.zeros(5)
    place(bus, np.arange(1.0, 5.0), -2, 1.0)
    place(bus, np.arange(1.0, 5.0), 3, 10.0)
    place(bus, np.ones(3), 9, 1.0)
    place(bus, np.ones(3), -7, 1.0)
    assert bus.tolist() == [3, 4, 0, 10, 20]


def test_a_glide_ends_on_another_pitch():
    rng = np.random.default_rng(0)
    part = Part("sub bass", notes=[Note(0.0, 1.0, 45, 1.0, glide=12.0)])
    sound = perform(part, 8000, 8000, 0.5, rng)

    def hertz(piece: np.ndarray) -> float:
        return np.argmax(np.abs(np.fft.rfft(piece * np.hanning(len(piece)), 8000)))

    assert hertz(sound[500:1500]) == pytest.approx(110, abs=6)
    assert hertz(sound[6800:7800]) == pytest.approx(220, abs=12)


def test_silent_part_stays_silent():
    assert not perform(Part("organ"), 4000, 8000, 0.5, np.random.default_rng(0)).any()


def test_level_reaches_the_rms_and_limits_peaks():
    rng = np.random.default_rng(0)
    calm = level(np.sin(np.arange(22050) * 0.1), -20.0, 22050)
    assert 20 * np.log10(np.sqrt(np.mean(calm**2))) == pytest.approx(-20, abs=0.1)
    spiky = level(rng.normal(0, 0.01, 22050) + (rng.random(22050) < 0.001), -12.0, 22050)
    assert spiky.dtype == np.float32
    assert np.abs(spiky).max() <= 0.971


def test_chords_and_tunes_stay_in_the_scale():
    scale = harmony.SCALES["dorian"]
    assert harmony.chord(50, scale, 0, 4) == [50, 53, 57, 60]
    assert harmony.voicing([48, 52, 55], 60, 3) == [55, 60, 64]
    tune = harmony.tune(np.random.default_rng(0), 62, scale, [[50, 53, 57], [], [], [50]] * 8, 0.3)
    assert {(pitch - 50) % 12 for pitch in tune} <= set(scale)
    assert all(tune[k] % 12 == 50 % 12 for k in range(3, 32, 4))
