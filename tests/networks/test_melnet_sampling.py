"""Pictures are drawn from the very mixtures that the whole network gives for them, by single steps."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from fstmuse.errors import ConfigError
from fstmuse.networks import melnet_tiers
from fstmuse.networks.melnet import MelNet
from fstmuse.networks.melnet_drawing import draw
from fstmuse.networks.melnet_sampling import TierSampler
from tests.networks.melnets import lesson, little

LABEL = np.array([0, 2], np.int32)


def rngs() -> list[np.random.Generator]:
    return [np.random.default_rng(seed) for seed in (0, 1)]


@pytest.fixture(scope="module")
def net() -> MelNet:
    """Weights as after some training: what biases and vectors are at first, 0, would hide faults."""
    keras.utils.set_random_seed(0)
    made, rng = little(3), np.random.default_rng(0)
    for tier in made.tiers:
        for weight in tier.weights:
            weight.assign(np.asarray(weight) + rng.normal(0, 0.1, weight.shape))
    return made


@pytest.fixture(scope="module")
def samplers(net: MelNet) -> list[TierSampler]:
    return [TierSampler(tier, tf.function) for tier in net.tiers]


@pytest.mark.parametrize("tier", [1, 4])
def test_mixtures_are_those_of_the_whole_network(net: MelNet, samplers: list[TierSampler], tier: int) -> None:
    model, sampler, inputs = net.tiers[tier - 1], samplers[tier - 1], lesson(tier)
    count, rng = inputs["picture"].shape[1], np.random.default_rng(1)
    told = sampler.conditions({name: value for name, value in inputs.items() if name != "picture"})
    compiled = tf.function(sampler.step)
    state, frame, frames, mixtures = sampler.start(2), np.zeros((2, sampler.mels), np.float32), [], []
    for place in range(count):
        now = [part[:, min(place, part.shape[1] - 1)] for part in told]
        numbers = rng.random((2, sampler.mels), np.float32), rng.standard_normal((2, sampler.mels), np.float32)
        frame, mixture, state = compiled(state, frame, *now, *numbers, np.float32(0.8))
        frames.append(np.asarray(frame))
        mixtures.append(np.asarray(mixture))
    picture = np.stack(frames, axis=1)
    assert np.std(picture) > 0.1
    whole = model({name: tf.constant(picture if name == "picture" else inputs[name]) for name in model.input}).numpy()
    np.testing.assert_allclose(np.stack(mixtures, axis=1), whole, atol=1e-4)
    assert np.ptp(whole, axis=(1, 2)).max() > 0.1


def test_draws_pictures(samplers: list[TierSampler]) -> None:
    calls = []
    drawn = draw(samplers, 8, (3, 9), label=LABEL, on_frame=lambda *call: calls.append(call))
    assert drawn.shape == (2, 8, 8) and drawn.dtype == np.float32 and np.abs(drawn).max() <= 1
    assert calls == [(tier, done, rows) for tier, rows in enumerate((2, 2, 4, 4), 1) for done in range(1, rows + 1)]
    np.testing.assert_array_equal(draw(samplers, 8, (3, 9), label=LABEL), drawn)
    assert np.abs(draw(samplers, 8, (4, 10), label=LABEL) - drawn).max() > 0.1
    assert np.abs(draw(samplers, 8, (3, 9), label=LABEL, temperature=0.3) - drawn).max() > 0.1


def test_a_seed_draws_the_same_whatever_is_drawn_beside_it(samplers: list[TierSampler]) -> None:
    both = draw(samplers, 8, (3, 9), label=LABEL)
    np.testing.assert_allclose(draw(samplers, 8, (9,), label=LABEL[1:])[0], both[1], atol=1e-5)


@pytest.mark.parametrize(("last", "frames"), [((4, 3), 6), ((4, 4), 8), ((3, 4), 0), ((1, 1), 0)])
def test_what_is_whole_is_kept(samplers: list[TierSampler], last: tuple[int, int], frames: int) -> None:
    drawn = draw(samplers, 8, (3, 9), label=LABEL, on_frame=lambda tier, done, rows: (tier, done) == last)
    assert drawn.shape == (2, frames, 8)
    np.testing.assert_array_equal(drawn, draw(samplers, 8, (3, 9), label=LABEL)[:, :frames])


def test_a_low_temperature_leaves_nothing_to_chance(samplers: list[TierSampler]) -> None:
    one, other = (draw(samplers, 8, (seed, 9), label=LABEL, temperature=1e-6) for seed in (1, 2))
    np.testing.assert_allclose(one, other, atol=0.05)


def test_goes_on_after_a_prime(samplers: list[TierSampler]) -> None:
    prime = np.random.default_rng(5).uniform(-1, 1, (2, 4, 8)).astype(np.float32)
    longer = draw(samplers, 8, (3, 9), label=LABEL, prime=prime)
    np.testing.assert_array_equal(longer[:, :4], prime)
    other = draw(samplers, 8, (3, 9), label=LABEL, prime=-prime)
    assert np.abs(longer[:, 4:] - other[:, 4:]).max() > 0.01  # it is heard


def test_what_is_given_is_heard_as_what_is_drawn(samplers: list[TierSampler]) -> None:
    """A prime of the frames that have been drawn anyway leaves the states that drawing them has left."""
    whole = np.stack(list(samplers[0].frames(4, rngs(), label=LABEL, temperature=1e-6)), axis=1)
    again = samplers[0].frames(4, rngs(), label=LABEL, temperature=1e-6, prime=whole[:, :2])
    np.testing.assert_allclose(np.stack(list(again), axis=1), whole, atol=1e-4)


def test_refines_what_is_coarse(samplers: list[TierSampler]) -> None:
    picture = np.random.default_rng(5).uniform(-1, 1, (2, 8, 8)).astype(np.float32)
    coarse = melnet_tiers.lesson(picture, 3, 4)["known"]
    drawn = draw(samplers, 8, (3, 9), label=LABEL, coarse=coarse)
    np.testing.assert_array_equal(melnet_tiers.lesson(drawn, 3, 4)["known"], coarse)
    with pytest.raises(ConfigError, match=r"a coarse picture of shape \(2, 5, 5\); 8 frames need one of"):
        draw(samplers, 8, (0, 1), label=LABEL, coarse=np.zeros((2, 5, 5)))


def test_draws_in_one_pass() -> None:
    once = little(0, one_pass=True)
    drawn = draw([TierSampler(tier, tf.function) for tier in once.tiers], 4, (0, 1, 2))
    assert drawn.shape == (3, 4, 8) and np.isfinite(drawn).all() and np.std(drawn, axis=0).mean() > 0.1


def test_a_saved_tier_draws_alike(net: MelNet, samplers: list[TierSampler], tmp_path: Path) -> None:
    net.tiers[0].save(tmp_path / "tier.keras")
    again = TierSampler(keras.saving.load_model(tmp_path / "tier.keras", compile=False, safe_mode=True), tf.function)
    frames = [list(sampler.frames(2, rngs(), label=LABEL)) for sampler in (samplers[0], again)]
    np.testing.assert_allclose(*frames, atol=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"frames": 10}, "pictures of 10 frames; 4 tiers need a multiple of 4"),
        ({"temperature": 0}, "temperature of 0; expected a number above 0"),
        ({"label": None}, "needs a label for each of 2 clips"),
        ({"prime": np.zeros((2, 6, 8))}, "a prime of 6 frames; 4 tiers need a multiple of 4. Take 4."),
        ({"prime": np.zeros((2, 8, 8))}, "a prime of 8 frames leaves nothing of 8 to draw"),
        ({"prime": np.zeros((1, 4, 8))}, r"prime of shape \(1, 4, 8\); expected \(2, frames, 8\)"),
        ({"prime": np.full((2, 4, 8), np.nan)}, "holds values that are no numbers"),
    ],
)
def test_what_cannot_be_drawn_is_refused(samplers: list[TierSampler], options: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        draw(samplers, **({"frames": 8, "seeds": (0, 1), "label": LABEL} | options))


def test_a_tier_that_is_told_nothing_is_refused(samplers: list[TierSampler]) -> None:
    with pytest.raises(ConfigError, match=r"received nothing as known to tier2; expected \(2, 2, 4\)"):
        next(samplers[1].frames(2, rngs(), label=LABEL))
