"""Mixtures are densities, bounded, and drawn from as they say."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from scipy import stats

from fstmuse.networks.melnet_mixture import LOG_DEVIATIONS, GaussianMixtureHead, draw, mixture_nll


@pytest.mark.parametrize("components", [1, 4])
def test_likelihood_is_that_of_scipy(components: int) -> None:
    rng = np.random.default_rng(0)
    picture = rng.normal(size=(2, 3, 5)).astype(np.float32)
    means, log_deviations, logits = rng.normal(size=(3, 2, 3, 5, components)).astype(np.float32)
    mixtures = np.concatenate([means, log_deviations, logits], axis=-1)
    weights = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    densities = stats.norm(means, np.exp(log_deviations)).pdf(picture[..., None])
    expected = -np.log((weights * densities).sum(-1))
    told = np.asarray(mixture_nll(picture, mixtures))
    np.testing.assert_allclose(told, expected, atol=1e-4)


def test_likelihood_far_away_is_finite() -> None:
    mixtures = np.array([[[[0, 1, -7, -7, 0, 9]]]], np.float32)
    assert 1e6 < float(mixture_nll(np.full((1, 1, 1), 5, np.float32), mixtures)[0, 0, 0]) < 1e8


def test_head_begins_broad_and_stays_within_bounds() -> None:
    head = GaussianMixtureHead(4)
    x = np.random.default_rng(0).normal(size=(2, 3, 5, 8)).astype(np.float32)
    means, log_deviations, _ = np.split(np.asarray(head(x)), 3, axis=-1)
    np.testing.assert_allclose(means.mean((0, 1, 2)), [-1, -1 / 3, 1 / 3, 1], atol=0.5)
    np.testing.assert_allclose(log_deviations.mean(), -1, atol=0.3)
    assert head.count_params() == 9 * 12
    head.kernel.assign(np.asarray(head.kernel) * 100)
    log_deviations = np.split(np.asarray(head(x)), 3, axis=-1)[1]
    assert (log_deviations.min(), log_deviations.max()) == LOG_DEVIATIONS
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(head))
    assert again.components == 4


def test_draws_are_of_the_mixture() -> None:
    rng = np.random.default_rng(0)
    weights = np.array([0.2, 0.5, 0.3], np.float32)
    mixture = np.concatenate([[-2, 0, 3], np.log([0.5, 0.1, 1]), np.log(weights)]).astype(np.float32)
    count = 40_000
    uniform, normal = rng.random(count, np.float32), rng.standard_normal(count, np.float32)
    many = np.broadcast_to(mixture, (count, 9))
    drawn = np.asarray(draw(many, uniform, normal, np.float32(1)))
    places = np.linspace(-4, 6, 41)
    parts = zip(weights, (-2, 0, 3), (0.5, 0.1, 1), strict=True)
    expected = sum(weight * stats.norm(mean, deviation).cdf(places) for weight, mean, deviation in parts)
    np.testing.assert_allclose((drawn[:, None] < places).mean(0), expected, atol=0.01)
    alone = np.asarray(draw(np.array([[3, -1, 0]], np.float32), uniform[:1], normal[:1], np.float32(1)))
    np.testing.assert_allclose(alone, 3 + np.exp(-1) * normal[:1], rtol=1e-5)
    cold = np.asarray(draw(many, uniform, normal, np.float32(0.01)))
    np.testing.assert_allclose(cold, 0, atol=0.01)  # the likeliest component's mean
