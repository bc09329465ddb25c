"""Layers of growing pictures do what the plain ones do that they are quicker than."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from fstmuse.networks.grown import GrownConv2D, Trimmed


@pytest.mark.parametrize("times", [(1, 1), (2, 2), (1, 2), (2, 1)])
def test_grows_and_convolves_as_two_layers_would(times: tuple[int, int], tmp_path: Path) -> None:
    keras.utils.set_random_seed(3)
    picture = np.random.default_rng(0).normal(size=(2, 5, 6, 3)).astype(np.float32)
    place = keras.Input((None, 6, 3))
    one = keras.Model(place, GrownConv2D(4, times, name="grown")(place))
    plain = layers.Conv2D(4, 3, padding="same", use_bias=False)
    other = keras.Model(place, plain(layers.UpSampling2D(times)(place)))
    plain.set_weights(one.get_layer("grown").get_weights())
    grown = one.predict_on_batch(picture)
    assert grown.shape == one.compute_output_shape(picture.shape) == (2, 5 * times[0], 6 * times[1], 4)
    np.testing.assert_allclose(grown, other.predict_on_batch(picture), atol=1e-5)
    one.save(tmp_path / "one.keras")
    again = keras.models.load_model(tmp_path / "one.keras")
    np.testing.assert_array_equal(again.predict_on_batch(picture), grown)


def test_trims_as_cropping_does(tmp_path: Path) -> None:
    picture = np.random.default_rng(0).normal(size=(2, 9, 2, 3)).astype(np.float32)
    place = keras.Input((None, 2, 3))
    trimmed = keras.Model(place, Trimmed(2)(place))
    assert trimmed.output_shape == (None, None, 2, 3)
    np.testing.assert_array_equal(trimmed.predict_on_batch(picture), picture[:, 2:-2])
    assert Trimmed(2).compute_output_shape((4, 9, 2, 3)) == (4, 5, 2, 3)
    trimmed.save(tmp_path / "trimmed.keras")
    again = keras.models.load_model(tmp_path / "trimmed.keras")
    np.testing.assert_array_equal(again.predict_on_batch(picture), picture[:, 2:-2])
