"""A PredNet that takes dB: the same as the one in 0..1, at any level, saved and loaded."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from fstmuse.networks.continuers import continuer
from fstmuse.networks.prednet import FUTURE, LATENT, continuation, prednet
from fstmuse.tasks.going_on_metrics import AHEAD, DECAYED

MELS = 12


@pytest.fixture(scope="module")
def trained() -> keras.Model:
    """A PredNet whose last layers are no longer zero."""
    model = prednet((64, MELS), seed=0)
    random = np.random.default_rng(1)
    for part, name in (("expected", "correction"), ("unforeseen", "deviation")):
        kernel, bias = model.get_layer(part).get_layer(name).get_weights()
        kernel = random.normal(0, 0.1, kernel.shape)
        model.get_layer(part).get_layer(name).set_weights([kernel, bias])
    return model


def pictures(count: int = 2, frames: int = 50) -> np.ndarray:
    return np.random.default_rng(0).uniform(-70, -10, (count, frames, MELS)).astype(np.float32)


def codes(count: int = 2) -> np.ndarray:
    return np.random.default_rng(2).standard_normal((count, LATENT), np.float32)


def ask(network: keras.Model, picture: np.ndarray, code: np.ndarray) -> np.ndarray:
    return keras.ops.convert_to_numpy(network({"picture": picture, "code": code}, training=False))


def test_untrained_it_is_the_decayed_hold_that_it_is_measured_beside() -> None:
    picture = pictures()
    whole = np.concatenate([picture, np.zeros((2, FUTURE, MELS), np.float32)], axis=1)
    expected = [AHEAD[DECAYED](one, 50, 50 + FUTURE) for one in whole]
    np.testing.assert_allclose(ask(continuer(prednet((64, MELS))), picture, codes()), expected, atol=1e-3)


def test_it_is_the_trained_network_in_db(trained: keras.Model) -> None:
    picture, code = pictures(), codes()
    level = picture.max(axis=(1, 2), keepdims=True)
    unit = keras.ops.convert_to_numpy(continuation(trained)([(picture - level) / 80 + 1, code], training=False))
    np.testing.assert_allclose(ask(continuer(trained), picture, code), level + 80 * (unit - 1), atol=1e-3)


def test_a_louder_picture_goes_on_louder_and_what_is_too_soft_does_not_matter(trained: keras.Model) -> None:
    network, picture, code = continuer(trained), pictures(), codes()
    answer = ask(network, picture, code)
    np.testing.assert_allclose(ask(network, picture + 9, code), answer + 9, atol=1e-3)
    soft = picture.copy()
    soft[:, 10] = soft.max(axis=(1, 2))[:, None] - 80
    softer = soft.copy()
    softer[:, 10] -= 15
    np.testing.assert_array_equal(ask(network, softer, code), ask(network, soft, code))


def test_it_is_saved_and_loaded(trained: keras.Model, tmp_path: Path) -> None:
    network = continuer(trained)
    network.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras", safe_mode=True)
    for frames in (1, 44, 100):
        picture = pictures(2, frames)
        answer = ask(network, picture, codes())
        assert answer.shape == (2, FUTURE, MELS) and np.isfinite(answer).all()
        np.testing.assert_array_equal(ask(loaded, picture, codes()), answer)
