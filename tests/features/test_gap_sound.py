"""Gaps in sound: nothing else changes, tones go on, edges join, odd clips are filled or refused in words."""

from __future__ import annotations

import subprocess
import sys
import threading

import numpy as np
import pytest

from fstmuse.errors import AudioError, Cancelled, ConfigError
from fstmuse.features.gap_picture import interpolated
from fstmuse.features.gap_sound import PREDICTED_S, fill_sound
from fstmuse.features.gaps import gaps_in_samples, merged_gaps
from fstmuse.features.mel import LogMel
from fstmuse.features.picture import MelPicture
from fstmuse.features.prediction import burg, carried_on
from fstmuse.spec import MelSpec

RATE = 8000
SPEC = MelSpec(RATE, 512, 256, 24, 0.0, 3000.0)


def tones(seconds: float = 1.5, channels: int = 1, rate: int = RATE, noise: float = 0.003) -> np.ndarray:
    """float32 (n, channels): decaying partials over a little noise, in each channel of another phase."""
    times = np.arange(round(seconds * rate)) / rate
    random = np.random.default_rng(5)
    sound = np.empty((len(times), channels), np.float32)
    for channel in range(channels):
        partials = [np.sin(2 * np.pi * f * times + channel) / k for k, f in enumerate((196.0, 392.3, 587.9, 1200.1), 1)]
        sound[:, channel] = 0.2 * sum(partials) * np.exp(-0.5 * times) + noise * random.standard_normal(len(times))
    return sound


def snr(true: np.ndarray, filled: np.ndarray, start: int, end: int) -> float:
    error = np.square(true[start:end] - filled[start:end]).sum()
    return float(10 * np.log10(np.square(true[start:end]).sum() / error))


def damaged(sound: np.ndarray, *gaps: tuple[int, int], by: float = np.nan) -> np.ndarray:
    sound = sound.copy()
    for start, end in gaps:
        sound[start:end] = by
    return sound


class Louder:
    """A network that says: `gain` dB above the straight line, in all bands."""

    def __init__(self, gain: float, spec: MelSpec = SPEC) -> None:
        self.spec, self.gain, self.asked = spec, gain, []

    def __call__(self, picture: MelPicture, missing: np.ndarray) -> MelPicture:
        self.asked.append((picture, missing))
        values = interpolated(picture, missing).values
        values[missing] += self.gain
        return MelPicture(values, picture.spec)


@pytest.mark.parametrize(("width_s", "least_db"), [(0.02, 18), (0.05, 18), (0.1, 12), (0.23, 6)])
def test_tones_go_on_and_nothing_else_changes(width_s: float, least_db: float):
    true = tones()
    start, end = 5000, 5000 + round(width_s * RATE)
    filled = fill_sound(damaged(true, (start, end)), RATE, [(start, end)])
    assert filled.dtype == np.float32
    np.testing.assert_array_equal(filled[:start], true[:start])
    np.testing.assert_array_equal(filled[end:], true[end:])
    assert snr(true, filled, start, end) > least_db


def test_no_step_at_the_borders():
    true = tones(noise=0)
    start, end = 5000, 6600
    filled = fill_sound(damaged(true, (start, end)), RATE, [(start, end)], Louder(12.0))
    steps, usual = np.abs(np.diff(filled[:, 0])), np.abs(np.diff(true[:, 0])).max()
    assert steps[start - 3 : start + 3].max() <= usual
    assert steps[end - 3 : end + 3].max() <= usual


def test_what_the_gap_holds_counts_for_nothing():
    true, gap = tones(), (5000, 6500)
    expected = fill_sound(damaged(true, gap), RATE, [gap])
    for content in (0.0, 1e30, -np.inf):
        np.testing.assert_array_equal(fill_sound(damaged(true, gap, by=content), RATE, [gap]), expected)


def test_the_seed_decides():
    sound, gap = damaged(tones(), (4000, 8000)), [(4000, 8000)]
    first = fill_sound(sound, RATE, gap, seed=1)
    np.testing.assert_array_equal(fill_sound(sound, RATE, gap, seed=1), first)
    assert not np.array_equal(fill_sound(sound, RATE, gap, seed=2), first)


def test_a_network_sets_the_loudness_within_its_bands():
    true, gap = tones(3.0, noise=0.05), (11_000, 13_000)
    sound = damaged(true, gap)
    plain = fill_sound(sound, RATE, [gap], Louder(0.0))
    np.testing.assert_allclose(plain, fill_sound(sound, RATE, [gap]), atol=1e-6)
    louder = fill_sound(sound, RATE, [gap], Louder(10.0))
    low, high = (np.zeros((4000,), bool) for _ in range(2))
    spectra = [np.abs(np.fft.rfft(clip[11_500:12_500, 0] * np.hanning(1000))) ** 2 for clip in (plain, louder)]
    hertz = np.fft.rfftfreq(1000, 1 / RATE)
    low, high = hertz < 2900, hertz > 3000 * 2**0.4
    gains = [10 * np.log10(spectra[1][band].sum() / spectra[0][band].sum()) for band in (low, high)]
    assert 6 < gains[0] < 12
    assert -2 < gains[1] < 3


def test_a_network_is_shown_the_mono_mix_at_its_own_rate_with_the_gap_marked():
    true, gap = tones(3.0, 2, 2 * RATE), (20_000, 24_000)
    network = Louder(0.0)
    fill_sound(damaged(true, gap), 2 * RATE, [gap], network)
    ((picture, missing),) = network.asked
    import soxr

    mono = soxr.resample(true.mean(axis=1), 2 * RATE, RATE, quality="HQ")
    whole = LogMel(SPEC)(mono)[: len(missing)]
    np.testing.assert_allclose(picture.values[~missing], whole[~missing], atol=0.5)
    starts = np.arange(len(missing)) * SPEC.hop_length
    np.testing.assert_array_equal(missing, (starts < 12_000) & (starts + SPEC.n_fft > 10_000))


def test_narrow_gaps_ask_no_network():
    network, gap = Louder(20.0), (5000, 5000 + round(PREDICTED_S * RATE))
    sound = damaged(tones(), gap)
    np.testing.assert_array_equal(fill_sound(sound, RATE, [gap], network), fill_sound(sound, RATE, [gap]))
    assert not network.asked


def test_channels_keep_their_phases():
    true, gap = tones(channels=2), (5000, 6500)
    true[:, 1] = -0.5 * true[:, 0]
    filled = fill_sound(damaged(true, gap), RATE, [gap])
    np.testing.assert_allclose(filled[:, 1], -0.5 * filled[:, 0], atol=2e-4)


@pytest.mark.parametrize("gap", [(0, 300), (0, 3000), (11_700, 12_000), (9000, 12_000), (100, 2000), (0, 1), (7, 8)])
def test_gaps_at_the_ends_and_of_one_sample(gap: tuple[int, int]):
    true = tones()
    filled = fill_sound(damaged(true, gap), RATE, [gap])
    start, end = gap
    np.testing.assert_array_equal(filled[:start], true[:start])
    np.testing.assert_array_equal(filled[end:], true[end:])
    assert np.isfinite(filled).all()
    assert np.abs(filled).max() < 1.5 * np.abs(true).max()
    near = slice(start, min(end, start + 100)) if start else slice(max(0, end - 100), end)
    assert snr(true, filled, near.start, near.stop) > 6


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (192_000, 1), (48_000, 6), (96_000, 2)])
def test_any_rate_and_channels(rate: int, channels: int):
    true = tones(0.6, channels, rate)
    gap = (round(0.3 * rate), round(0.37 * rate))
    filled = fill_sound(damaged(true, gap), rate, [gap], Louder(0.0))
    assert filled.shape == true.shape
    assert snr(true, filled, *gap) > 6


def test_silence_stays_silence():
    sound = np.zeros((8000, 2), np.float32)
    np.testing.assert_array_equal(fill_sound(damaged(sound, (3000, 5000)), RATE, [(3000, 5000)], Louder(9.0)), sound)


def test_one_silent_channel_stays_silent_and_silence_on_one_side_is_met():
    true = tones(channels=2)
    true[:, 1] = 0
    true[6500:] = 0
    filled = fill_sound(damaged(true, (5000, 6500)), RATE, [(5000, 6500)])
    assert not filled[:, 1].any()
    assert np.abs(filled[6400:6500, 0]).max() < 0.05
    assert np.abs(filled[5000:5200, 0]).max() > 0.1


@pytest.mark.parametrize("samples", [2, 3, 5, 40, 200, 1000])
def test_tiny_clips(samples: int):
    true = tones()[:samples]
    gap = (samples // 2, samples // 2 + max(1, samples // 4))
    filled = fill_sound(damaged(true, gap), RATE, [gap], Louder(3.0))
    assert np.isfinite(filled).all()
    np.testing.assert_array_equal(filled[: gap[0]], true[: gap[0]])


def test_several_gaps_overlapping_and_close():
    true = tones()
    gaps = [(6000, 6700), (2000, 2600), (6500, 7200), (7210, 7400)]
    sound = damaged(true, *gaps)
    filled = fill_sound(sound, RATE, gaps)
    known = np.isfinite(sound[:, 0])
    np.testing.assert_array_equal(filled[known], true[known])
    assert np.isfinite(filled).all()
    assert snr(true, filled, 2000, 2600) > 6
    assert snr(true, filled, 7210, 7400) > 0
    np.testing.assert_array_equal(filled, fill_sound(sound, RATE, merged_gaps(gaps, len(sound), RATE)))


def test_the_sound_that_is_handed_in_is_not_changed():
    sound = damaged(tones(), (5000, 6000))
    kept = sound.copy()
    fill_sound(sound, RATE, [(5000, 6000)])
    np.testing.assert_array_equal(sound, kept)


@pytest.mark.parametrize(
    ("gaps", "words"),
    [
        ([], "no gap"),
        ([(0, 12_000)], r"as wide as the clip \(1.50 s\)"),
        ([(0, 6000), (6000, 12_000)], "as wide as the clip"),
        ([(11_000, 12_001)], "12,000 samples"),
        ([(5, 5)], "within the clip"),
        ([(-5, 5)], "within the clip"),
    ],
)
def test_impossible_gaps_are_refused(gaps: list[tuple[int, int]], words: str):
    with pytest.raises(ConfigError, match=words):
        fill_sound(tones(), RATE, gaps)


def test_a_negative_seed_is_refused():
    with pytest.raises(ConfigError, match="seed=-1; expected 0 or more"):
        fill_sound(tones(), RATE, [(5000, 6000)], seed=-1)


def test_broken_samples_elsewhere_are_refused():
    with pytest.raises(AudioError, match=r"2 samples outside the gaps.*first at 0.500 s"):
        fill_sound(damaged(tones(), (4000, 4002)), RATE, [(6000, 6100)])


@pytest.mark.parametrize("samples", [np.zeros(50, np.float32), np.zeros((50, 2), np.int16), np.zeros((50, 0))])
def test_other_arrays_are_refused(samples: np.ndarray):
    with pytest.raises(AudioError, match=r"expected floats of shape \(n, channels\)"):
        fill_sound(samples, RATE, [(5, 9)])


def test_progress_rises_and_cancel_stops():
    shares: list[float] = []
    gaps = [(2000, 3000), (6000, 6100)]
    sound = damaged(tones(), *gaps)
    fill_sound(sound, RATE, gaps, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        fill_sound(sound, RATE, gaps, cancel=stop)


def test_seconds_become_samples():
    assert gaps_in_samples([(1.0, 1.25), (0.5, 0.6), (1.2, 1.3)], RATE, 12_000) == [(4000, 4800), (8000, 10_400)]
    assert gaps_in_samples([(1.4, 1.505)], RATE, 12_000) == [(11_200, 12_000)]
    assert gaps_in_samples([(1.0, 1.00001)], RATE, 12_000) == [(8000, 8001)]


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        ((1.6, 1.7), "from 0 to 1.50 s"),
        ((1.0, 1.6), "from 0 to 1.50 s"),
        ((-0.1, 1.0), "from 0 to 1.50 s"),
        ((1.0, 1.0), "a later end"),
        ((1.2, 1.0), "a later end"),
        ((float("nan"), 1.0), "a later end"),
        ((0.0, 1.5), "as wide as the clip"),
    ],
)
def test_seconds_outside_the_clip_are_refused(gap: tuple[float, float], words: str):
    with pytest.raises(ConfigError, match=words):
        gaps_in_samples([gap], RATE, 12_000)


def test_burg_equals_librosa():
    librosa = pytest.importorskip("librosa")
    sound = tones(0.2, noise=0.02)[:, 0].astype(np.float64)
    np.testing.assert_allclose(burg(sound, 32), librosa.lpc(sound, order=32), atol=1e-5)


def test_prediction_of_a_tone_is_the_tone():
    times = np.arange(4000) / RATE
    tone = np.sin(2 * np.pi * 440 * times)
    np.testing.assert_allclose(carried_on(tone[:3600], 400, RATE), tone[3600:], atol=0.02)


def test_import_needs_no_tensorflow():
    code = "import sys, fstmuse.features.gap_sound; sys.exit(bool({'tensorflow', 'keras'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
