"""Clips that go on: what was there stays, tones go on, levels stay sane, odd clips go on or are refused in words."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from fstmuse.errors import AudioError, Cancelled, ConfigError, DataError
from fstmuse.features.continue_picture import HOLD_S, decayed_hold
from fstmuse.features.continue_sound import continue_sound
from fstmuse.features.mel import LogMel
from fstmuse.features.picture import MelPicture
from fstmuse.spec import MelSpec

RATE = 8000
SPEC = MelSpec(RATE, 512, 256, 24, 0.0, 4000.0)


def music(
    seconds: float = 3.0, channels: int = 1, rate: int = RATE, noise: float = 0.003, decay: float = 2.0
) -> np.ndarray:
    """float32 (n, channels): chords, two a second, over a little noise, in each channel of another phase."""
    times = np.arange(round(seconds * rate)) / rate
    random = np.random.default_rng(5)
    sound = np.empty((len(times), channels), np.float32)
    for channel in range(channels):
        partials = [np.sin(2 * np.pi * f * times + channel) / k for k, f in enumerate((196.0, 392.3, 587.9, 1200.1), 1)]
        sound[:, channel] = 0.2 * sum(partials) * np.exp(-decay * (times % 0.5))
        sound[:, channel] += noise * random.standard_normal(len(times))
    return sound


def level(sound: np.ndarray) -> float:
    return float(10 * np.log10(np.square(sound).mean() + 1e-12))


def flux_at(sound: np.ndarray, place: int) -> float:
    """Spectral flux of the frames that a place lies in, relative to the median of the sound before it."""
    starts = np.arange(0, len(sound) - 512, 128)
    spectra = np.abs(np.fft.rfft(sound[starts[:, None] + np.arange(512), 0] * np.hanning(512), axis=1))
    flux = np.linalg.norm(np.diff(spectra, axis=0), axis=1) / np.linalg.norm(spectra[:-1], axis=1)
    joint = (starts[1:] < place) & (starts[1:] + 512 > place)
    return float(flux[joint].mean() / np.median(flux[starts[1:] + 512 < place]))


class Fading:
    """A network that says: from the last frame on so many dB per frame, in all bands."""

    def __init__(self, by: float, spec: MelSpec = SPEC) -> None:
        self.spec, self.by, self.asked = spec, by, []

    def __call__(self, context: MelPicture, frames: int, seed: int, spread: float = 1.0) -> np.ndarray:
        self.asked.append((context, frames, seed, spread))
        return context.values[-1] + self.by * np.arange(1, frames + 1, dtype=np.float32)[:, None]


@pytest.mark.parametrize("channels", [1, 6])
def test_what_was_there_stays_and_the_rest_is_sane(channels: int):
    sound = music(channels=channels)[:23_500]
    longer = continue_sound(sound, RATE, 1.5)
    assert (longer.dtype, longer.shape) == (np.float32, (23_500 + 12_000, channels))
    np.testing.assert_array_equal(longer[:23_500], sound)
    assert flux_at(longer, 23_500) < 1.5
    for made in (longer[23_500:29_500], longer[29_500:]):
        assert -12 < level(made) - level(sound) < 3
    assert np.abs(longer[23_500:]).max() <= np.abs(sound).max()


def test_a_tone_goes_on_as_it_was():
    sound = music(noise=0.0)[: round(2.9 * RATE)]
    times = np.arange(len(sound) + 800) / RATE
    sound[:, 0] = 0.3 * np.sin(2 * np.pi * 440 * times[: len(sound)])
    longer = continue_sound(sound, RATE, 2.0)[:, 0]
    np.testing.assert_allclose(
        longer[len(sound) : len(sound) + 400], 0.3 * np.sin(2 * np.pi * 440 * times[-800:-400]), atol=0.02
    )
    made = longer[len(sound) :].reshape(-1, 400)
    assert np.square(made).mean(axis=1).min() > 0.5 * 0.3**2 / 2


def test_a_network_decides_how_it_goes_on():
    sound, network = music(), Fading(-1.0)
    longer = continue_sound(sound, RATE, 1.0, network, seed=3, spread=0.5)
    context, frames, seed, spread = network.asked[0]
    assert (seed, spread, context.spec) == (3, 0.5, SPEC)
    # The last frame that it saw ends where the sound does, and it was asked for all that is made.
    np.testing.assert_allclose(context.values[-1], LogMel(SPEC)(sound[-512:, 0])[0], atol=1e-3)
    assert frames * 256 >= RATE
    end = 10 * np.log10(np.square(longer[-1000:]).mean() / np.square(sound[-1000:]).mean())
    assert end == pytest.approx(-1.0 * (RATE - 500 + 256) / 256, abs=4)


@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_plucked_chords_go_on_as_loud_as_they_were(spread: float):
    """Most of the time they are some 10 dB softer than the mean of their power."""
    sound = music(4.3, decay=12.0)
    longer = continue_sound(sound, RATE, 2.5, spread=spread)
    assert level(longer[len(sound) + RATE // 2 :]) == pytest.approx(level(sound[-2 * RATE :]), abs=1.5)
    assert np.abs(longer[len(sound) :]).max() <= np.abs(sound).max()


def test_onsets_come_again_in_their_time():
    sound = music(4.2, decay=12.0)
    ups = {}
    for spread in (0.0, 1.0):
        made = continue_sound(sound, RATE, 2.4, spread=spread)[len(sound) :, 0]
        blocks = 10 * np.log10(np.square(made.reshape(-1, 800)).mean(axis=1))
        ups[spread] = blocks[5:].std()
        if spread:
            # Chords begin 0.3 s behind the end, and each half second.
            onsets = 3 + 5 * np.arange(4)
            assert (blocks[onsets] > blocks[onsets - 1] + 6).all()
    assert ups[0.0] < 1.5 < 4 < ups[1.0]


@pytest.mark.parametrize("click", [0.6, -0.9])
def test_one_odd_last_sample_is_kept_and_not_gone_on_from(click: float):
    sound = music(channels=2)
    smooth = continue_sound(sound, RATE, 0.5)
    sound[-1, 1] = click
    longer = continue_sound(sound, RATE, 0.5)
    np.testing.assert_array_equal(longer[: len(sound)], sound)
    np.testing.assert_array_equal(longer[len(sound) :, 0], smooth[len(sound) :, 0])
    np.testing.assert_allclose(
        longer[len(sound) : len(sound) + 50, 1], smooth[len(sound) : len(sound) + 50, 1], atol=0.01
    )
    assert np.abs(np.diff(longer[len(sound) :, 1])).max() < 1.2 * np.abs(np.diff(sound[:-1, 1])).max()


def test_silence_with_one_odd_last_sample_is_silence():
    sound = music()
    sound[-RATE:] = 0
    sound[-1] = 0.5
    with pytest.raises(AudioError, match="are silence, which goes on by itself"):
        continue_sound(sound, RATE, 0.5)


def test_no_network_makes_it_blow_up():
    sound = music()
    longer = continue_sound(sound, RATE, 2.0, Fading(3.0))
    assert np.abs(longer[len(sound) :]).max() <= np.abs(sound).max()
    assert level(longer[-RATE:]) < level(sound) + 6


def test_what_fades_out_stays_soft():
    sound = music(4.0, noise=0.0) * np.float32(10) ** (-np.linspace(0, 3, 4 * RATE, dtype=np.float32)[:, None])
    longer = continue_sound(sound, RATE, 2.0)
    assert level(longer[-RATE:]) < level(sound[-RATE:]) + 3 < level(sound) - 30


def test_silent_channels_stay_silent():
    sound = music(channels=2)
    sound[:, 1] = 0
    longer = continue_sound(sound, RATE, 1.0)
    assert not longer[:, 1].any()
    assert longer[-100:, 0].any()


def test_the_seed_decides():
    sound = music(1.0)
    first = continue_sound(sound, RATE, 0.5, seed=1)
    np.testing.assert_array_equal(continue_sound(sound, RATE, 0.5, seed=1), first)
    assert not np.array_equal(continue_sound(sound, RATE, 0.5, seed=2), first)


@pytest.mark.parametrize(("rate", "seconds"), [(8000, 0.1), (8000, 0.3), (192_000, 0.3), (44_100, 0.12)])
def test_short_clips_and_other_rates(rate: int, seconds: float):
    sound = music(seconds, rate=rate)
    longer = continue_sound(sound, rate, 0.4, Fading(0.0))
    np.testing.assert_array_equal(longer[: len(sound)], sound)
    made = longer[len(sound) :]
    assert len(made) == round(0.4 * rate)
    assert -15 < level(made) - level(sound) < 3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda sound: sound[:700], r"0.087 s of sound; expected 0.1 s or more"),
        (lambda sound: sound * 0, "nothing but silence"),
        (
            lambda sound: np.concatenate([sound, np.zeros((6000, 1), np.float32)]),
            r"ends at 3.00 s; .* 0.75 s of silence",
        ),
        (lambda sound: np.concatenate([sound, np.zeros((3000, 1), np.float32)]), r"last 0\.064 s are silence"),
        (
            lambda sound: np.where(np.arange(len(sound))[:, None] == 4000, np.nan, sound),
            "1 samples are NaN.*at 0.500 s",
        ),
        (lambda sound: sound[:, 0], r"expected floats of shape \(n, channels\)"),
        (lambda sound: (32767 * sound).astype(np.int16), r"expected floats of shape \(n, channels\)"),
    ],
)
def test_other_sound_is_refused(change, words: str):
    with pytest.raises(AudioError, match=words):
        continue_sound(change(music()), RATE, 1.0)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"seconds": 0.0}, "more than 0, up to 30 s"),
        ({"seconds": float("nan")}, "more than 0, up to 30 s"),
        ({"seconds": 31.0}, "more than 0, up to 30 s"),
        ({"seconds": 1.0, "spread": -0.1}, "the best guess"),
        ({"seconds": 1.0, "iterations": -1}, "expected 0 or more"),
        ({"seconds": 1.0, "seed": -1}, "seed=-1; expected 0 or more"),
    ],
)
def test_impossible_settings_are_refused(settings: dict, words: str):
    with pytest.raises(ConfigError, match=words):
        continue_sound(music(), RATE, **settings)


def test_an_answer_of_another_shape_is_refused():
    class Odd(Fading):
        def __call__(self, context: MelPicture, frames: int, seed: int, spread: float = 1.0) -> np.ndarray:
            return super().__call__(context, frames, seed, spread)[:-1]

    with pytest.raises(DataError, match="The network answered"):
        continue_sound(music(), RATE, 1.0, Odd(0.0))


def test_progress_rises_and_cancel_stops():
    shares: list[float] = []
    sound = music(1.0, channels=2)
    continue_sound(sound, RATE, 0.2, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(shares) > 10
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        continue_sound(sound, RATE, 0.2, cancel=stop)


def test_the_hold_dies_away_to_the_mean():
    held = decayed_hold(np.array([0.0, -10.0]), np.array([-40.0, -10.0]), np.array([0.0, HOLD_S, 100.0]))
    np.testing.assert_allclose(held, [[0, -10], [-40 + 40 / np.e, -10], [-40, -10]], atol=1e-6)
