"""What is usual in a clip: power's mean, no louder than the end; frames that come again follow on what is like them."""

from __future__ import annotations

import numpy as np
import pytest

from fstmuse.features.continue_usual import drawn_frames, level_trend, usual_level, varied

HOP_S, PERIOD = 0.023, 16
BEATS = -20 - 20 * (np.arange(172) % PERIOD)[:, None] / PERIOD + np.array([0.0, -10.0, 5.0])
"""4 s in dB of three bands that decay from beat to beat."""


def mean_power(values: np.ndarray) -> np.ndarray:
    return 10 * np.log10(np.power(10, values / 10).mean(axis=0))


def test_usual_is_the_mean_of_the_power():
    np.testing.assert_allclose(usual_level(BEATS, HOP_S), mean_power(BEATS), atol=0.3)
    assert (usual_level(BEATS, HOP_S) > BEATS.mean(axis=0) + 3).all()


def test_usual_is_not_much_louder_than_the_end():
    soft = BEATS - np.where(np.arange(172) > 120, 30.0, 0.0)[:, None]
    np.testing.assert_allclose(usual_level(soft, HOP_S), mean_power(soft[-43:]) + 2, atol=0.1)
    # A band that rests is not given up at once.
    rests = BEATS - np.where(np.arange(172) > 120, 30.0, 0.0)[:, None] * [0, 1, 0]
    assert usual_level(rests, HOP_S)[1] == pytest.approx(mean_power(rests[-43:])[1] + 6, abs=0.3)


def test_a_fade_is_a_trend_and_a_rest_is_none():
    fade = -0.35 * np.arange(172)[:, None]
    np.testing.assert_allclose(level_trend(BEATS + fade), fade - fade.mean(), atol=1.5)
    rest = BEATS - np.where((np.arange(172) > 30) & (np.arange(172) < 60), 80.0, 0.0)[:, None]
    assert np.abs(level_trend(rest)).max() < 3


@pytest.mark.parametrize("seed", range(4))
def test_the_beat_goes_on(seed: int):
    drawn = drawn_frames(BEATS, 43, HOP_S, seed)
    np.testing.assert_array_equal(drawn % PERIOD, np.arange(172, 215) % PERIOD)
    assert drawn.max() < 172


def test_seeds_draw_other_frames_and_little_sound_none():
    noise = np.random.default_rng(0).normal(-30, 6, (172, 3))
    drawn = [drawn_frames(noise, 400, HOP_S, seed) for seed in (1, 2, 1)]
    assert len(drawn[0]) == 400
    np.testing.assert_array_equal(drawn[0], drawn[2])
    assert (drawn[0] != drawn[1]).any()
    assert drawn_frames(noise[:60], 10, HOP_S, 1) is None
    assert drawn_frames(noise[:60], 10, 1.0, 1) is None


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_what_varies_is_as_loud_as_what_does_not(share: float):
    usual = np.array([-30.0, -35.0, -20.0])
    given = varied(BEATS, usual, np.zeros((172, 1)), np.arange(172), share)
    np.testing.assert_allclose(mean_power(given), usual, atol=1e-9)
    np.testing.assert_allclose(given.std(axis=0), share * BEATS.std(axis=0))
