"""Phases from slopes: partials keep their frequency from frame to frame, and notes their pitch."""

from __future__ import annotations

import numpy as np
import pytest

from fstmuse.errors import ConfigError
from fstmuse.features.griffin_lim import griffin_lim
from fstmuse.features.phase_slopes import SlopePhases
from fstmuse.features.stft import stft
from fstmuse.tasks.held_notes import held_note, unsteadiness
from tests.features.test_mel import music

RATE = 22050


def magnitudes(samples: int = 11025) -> np.ndarray:
    return np.abs(stft(music(samples), 1024, 256))


@pytest.mark.parametrize(("n_fft", "hop"), [(1024, 256), (1024, 512), (1000, 300)])
def test_partials_turn_on_by_their_frequency(n_fft, hop):
    for cycles in (40.0, 71.3, 110.5, 200.8):  # in a window: at a bin, beside one, between two
        tone = np.sin(2 * np.pi * cycles / n_fft * np.arange(8 * n_fft)).astype(np.float32)
        phases = SlopePhases(n_fft, hop)(np.abs(stft(tone, n_fft, hop, 12)))
        peak = round(cycles)
        step = np.angle(np.exp(1j * (np.diff(phases[:, peak].astype(float)) - 2 * np.pi * cycles * hop / n_fft)))
        # To a twentieth of a bin; the bin's own frequency would be off by up to half of one.
        assert np.abs(step).max() < 0.05 * 2 * np.pi * hop / n_fft
        beside = np.exp(1j * phases[:, peak - 1 : peak + 2].astype(float))
        np.testing.assert_allclose(beside[:, 0], -beside[:, 1], atol=1e-4)
        np.testing.assert_allclose(beside[:, 2], -beside[:, 1], atol=1e-4)


def test_blocks_and_the_whole_are_alike():
    asked = magnitudes()
    whole, parts = SlopePhases(1024, 256)(asked), SlopePhases(1024, 256)
    np.testing.assert_array_equal(np.concatenate([parts(asked[:5]), parts(asked[5:6]), parts(asked[6:])]), whole)
    assert whole.dtype == np.float32 and whole.shape == asked.shape and 0 <= whole.min() < whole.max() < 6.3


def test_a_held_note_wavers_less_than_from_random_phases():
    asked = np.abs(stft(held_note(69, RATE, 1.5), 2048, 512))
    cents = {
        begin: unsteadiness(griffin_lim(asked, 2048, 512, iterations=8, phases=begin), 69, RATE)[0]
        for begin in ("slopes", "random")
    }
    assert cents["slopes"] < 1.5 and 2 * cents["slopes"] < cents["random"]


def test_nothing_is_left_to_chance():
    asked = magnitudes(4000)
    first, other = (griffin_lim(asked, 1024, 256, iterations=2, phases="slopes", seed=seed) for seed in (0, 1))
    np.testing.assert_array_equal(first, other)
    assert np.abs(first - griffin_lim(asked, 1024, 256, iterations=2, phases="random")).max() > 0.01


def test_silence_and_one_frame():
    asked = magnitudes(4000)
    assert (griffin_lim(np.zeros_like(asked), 1024, 256, phases="slopes") == 0).all()
    asked[4:8] = 0
    assert np.isfinite(griffin_lim(asked, 1024, 256, iterations=2, phases="slopes")).all()
    one = griffin_lim(asked[:1], 1024, 256, iterations=2, phases="slopes")
    assert one.shape == (256,) and np.isfinite(one).all() and np.abs(one).max() > 0.01


def test_known_frames_stay_whatever_the_search_begins_with():
    sound = music(11025)
    spectra = stft(sound, 1024, 256)
    mask = np.ones(len(spectra), bool)
    mask[20:24] = False
    settings = {"known": (mask, spectra), "samples": 11025, "iterations": 4}
    made = {begin: griffin_lim(np.abs(spectra), 1024, 256, phases=begin, **settings) for begin in ("slopes", "random")}
    for wave in made.values():
        np.testing.assert_allclose(wave[2000:5120], sound[2000:5120], atol=2e-3)
    np.testing.assert_array_equal(griffin_lim(np.abs(spectra), 1024, 256, **settings), made["random"])


def test_unknown_name():
    with pytest.raises(ConfigError, match=r"Unknown phases 'slope'\. Did you mean 'slopes'"):
        griffin_lim(magnitudes(2000), 1024, 256, phases="slope")
