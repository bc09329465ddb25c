"""The GRU with a gradient of its own gives what Keras' gives: outputs, and gradients of inputs and weights."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from fstmuse.networks.gru import TrainedGRU
from fstmuse.networks.melnet_layers import TimeDelayedStack


def outputs_and_gradients(layer: keras.layers.Layer, x: tf.Tensor, training: bool) -> list[np.ndarray]:
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x, training=training)
        loss = tf.reduce_sum(y * np.sin(np.arange(tf.size(y)), dtype=np.float32).reshape(y.shape))
    return [np.asarray(part) for part in (y, *tape.gradient(loss, [x, *layer.trainable_variables]))]


@pytest.mark.parametrize("backwards", [False, True])
def test_it_is_keras_gru(backwards: bool) -> None:
    keras.utils.set_random_seed(0)
    ours = TrainedGRU(5, return_sequences=True, go_backwards=backwards)
    theirs = keras.layers.GRU(5, return_sequences=True, go_backwards=backwards)
    x = tf.random.normal((3, 7, 4), seed=1)
    for layer in (ours, theirs):
        layer.build(x.shape)
    rng = np.random.default_rng(0)
    theirs.set_weights([rng.normal(0, 0.5, weight.shape) for weight in theirs.get_weights()])
    ours.set_weights(theirs.get_weights())
    expected = outputs_and_gradients(theirs, x, True)
    for training in (True, False):
        for one, other in zip(outputs_and_gradients(ours, x, training), expected, strict=True):
            np.testing.assert_allclose(one, other, atol=2e-5)


def test_any_number_of_steps() -> None:
    layer = TrainedGRU(5, return_sequences=True)
    layer.build((None, None, 4))
    run = tf.function(lambda x: layer(x, training=True), input_signature=[tf.TensorSpec((None, None, 4))])
    for steps in (2, 7):
        x = tf.random.normal((3, steps, 4), seed=1)
        np.testing.assert_allclose(run(x), layer(x, training=True), atol=2e-5)


@pytest.mark.parametrize("remat", [False, True])
def test_it_is_used_within_stacks_when_they_are_trained(remat: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    called = []
    usual = keras.layers.GRU.inner_loop
    monkeypatch.setattr(
        keras.layers.GRU, "inner_loop", lambda self, *rest, **more: called.append(1) or usual(self, *rest, **more)
    )
    stack = TimeDelayedStack(4, remat)
    x = tf.random.normal((2, 3, 5, 4), seed=1)
    with tf.GradientTape() as tape:
        tape.watch(x)
        trained = stack(x, training=True)
    assert tape.gradient(trained, x) is not None  # computed again on the way, when Keras knows of no training
    assert not called
    np.testing.assert_allclose(stack(x, training=False), trained, atol=1e-5)
    assert len(called) == 3
