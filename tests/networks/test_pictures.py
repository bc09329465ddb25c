"""Networks that give pictures back: the report's autoencoders to the last parameter, and the one that goes on."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from fstmuse.errors import ConfigError
from fstmuse.networks.convae import convae
from fstmuse.networks.convvae import convvae
from fstmuse.networks.prednet import FUTURE, LATENT, DecayedHold, LastFrames, continuation, prednet
from fstmuse.networks.variational import Objective, Reconstruction, Sampling, find_objective
from tests.networks.pictures import PICTURE_NETWORKS

REPORT = (431, 64)
SMALL = (43, 16)

CONVAE_LAYERS = {
    **{"conv1": 640, "conv2": 73_856, "conv3": 590_336, "conv4": 4_719_616},
    **{"t_conv1": 4_719_104, "t_conv2": 589_952, "t_conv3": 73_792, "t_conv4": 577},
}
CONVVAE_LAYERS = {
    **{"conv1": 144, "conv2": 8_192, "conv3": 16_384, "batch2encode": 128},  # 64 trained, 64 moving statistics
    **{"linear1": 12_157_184, "linear2": 12_157_184, "linear3": 12_204_416},
    **{"t_conv1": 16_384, "t_conv2": 8_192, "t_conv3": 321},
}


def counts(model: keras.Model) -> dict[str, int]:
    return {layer.name: layer.count_params() for layer in model.layers if layer.count_params()}


def trainable(model: keras.Model) -> int:
    return sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)


def pictures(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 1, shape).astype(np.float32)


def weights(model: keras.Model, *names: str) -> list[np.ndarray]:
    return [array.copy() for name in names for array in model.get_layer(name).get_weights()]


def same(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def answer_of(model: keras.Model, x: np.ndarray) -> tuple[np.ndarray, list[float]]:
    """What a model gives and adds to its losses, without the time that compiling takes."""
    answer = keras.ops.convert_to_numpy(model(x, training=False))
    return answer, [float(loss) for loss in model.losses]


def objective_of(name: str) -> keras.losses.Loss | str | None:
    return "mse" if name == "convae" else find_objective("elbo").loss()


def test_convae_has_the_layers_of_the_report() -> None:
    model = convae(REPORT)
    assert counts(model) == CONVAE_LAYERS
    assert model.count_params() == trainable(model) == 10_767_873
    assert trainable(model) * 4 / 1e6 == pytest.approx(43.071, abs=5e-4)  # the "size (MB)" of its table
    assert model.input_shape == model.output_shape == (None, *REPORT)
    assert model.get_layer("conv4").output.shape == (None, 27, 4, 1024)


def test_convae_has_the_same_parameters_at_stride_1() -> None:
    model = convae(REPORT, strides=1)
    assert counts(model) == CONVAE_LAYERS
    assert model.output_shape == (None, *REPORT)
    assert model.get_layer("conv4").output.shape == (None, *REPORT, 1024)


def test_convvae_has_the_layers_of_the_report() -> None:
    model = convvae(REPORT)
    assert counts(model) == CONVVAE_LAYERS
    assert trainable(model) == 36_568_465
    assert trainable(model) * 4 / 1e6 == pytest.approx(146.274, abs=5e-4)  # the "size (MB)" of its table
    assert model.count_params() == 36_568_465 + 64
    assert model.input_shape == model.output_shape == (None, *REPORT)
    # The report's (32, 14, 106) are channels, mels, frames.
    assert model.get_layer("pool").output.shape == (None, 106, 14, 32)
    assert model.get_layer("conv1").kernel.shape == (3, 3, 1, 16)
    # A deconvolution has no room for a rest: what it gives is the picture.
    assert model.get_layer("t_crop3").output.shape == (None, *REPORT, 1)
    keras.backend.clear_session()


@pytest.mark.parametrize("shape", [(430, 64), (431, 63), (7, 64), (431, 12)])
def test_convvae_refuses_what_its_strides_cannot_give_back(shape: tuple[int, int]) -> None:
    with pytest.raises(ConfigError, match=rf"{shape[0]} frames and {shape[1]} mels .* 4k \+ 3 frames"):
        convvae(shape)


@pytest.mark.parametrize("shape", [(11, 16), (431, 128)])
def test_convvae_takes_other_sizes(shape: tuple[int, int]) -> None:
    assert convvae(shape, latent=2).output_shape == (None, *shape)
    keras.backend.clear_session()


@pytest.mark.parametrize("name", PICTURE_NETWORKS)
def test_trains_saves_and_reloads(name: str, tmp_path: Path) -> None:
    model = PICTURE_NETWORKS[name](SMALL)
    model.compile(keras.optimizers.Adam(1e-3), objective_of(name))
    x = pictures(4, *SMALL)
    y = x[:, -model.output_shape[1] :]
    before = [variable.numpy().copy() for variable in model.trainable_variables]
    losses = model.fit(x, y, epochs=3, batch_size=2, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    moved = [not np.array_equal(old, new.numpy()) for old, new in zip(before, model.trainable_variables, strict=True)]
    assert sum(moved) > 0.9 * len(moved)
    expected, added = answer_of(model, x)
    assert expected.dtype == np.float32 and np.array_equal(expected, answer_of(model, x)[0])
    model.save(tmp_path / "network.keras")
    reloaded = keras.saving.load_model(tmp_path / "network.keras", safe_mode=True)
    again, added_again = answer_of(reloaded, x)
    np.testing.assert_allclose(again, expected, atol=1e-6)
    np.testing.assert_allclose(added_again, added, rtol=1e-5)
    assert (len(added) > 0) == (name != "convae")
    # What a reloaded network is trained for is what it was trained for.
    assert reloaded.train_on_batch(x, y) == pytest.approx(losses[-1], rel=0.2)


def test_divergence_alone_teaches_the_decoder_nothing() -> None:
    model = convvae(SMALL, "kl", seed=1)
    model.compile(keras.optimizers.Adam(1e-2), find_objective("kl").loss())
    x = pictures(4, *SMALL)
    decoder, encoder = ("linear3", "t_conv1", "t_conv2", "t_conv3"), ("conv1", "linear1", "linear2")
    still, moving = weights(model, *decoder), weights(model, *encoder)
    with pytest.warns(UserWarning, match="Gradients do not exist"):
        losses = model.fit(x, x, epochs=30, verbose=0).history["loss"]
    assert same(still, weights(model, *decoder))
    assert not same(moving, weights(model, *encoder))
    assert losses[-1] < losses[0] / 5
    # It has forgotten what it saw: any picture gets one answer.
    answers = model.predict_on_batch(np.stack([x[0], 1 - x[0]]))
    assert abs(answers[0] - answers[1]).max() < 0.02


def test_bound_teaches_all_of_it() -> None:
    model = convvae(SMALL, "elbo", seed=1)
    model.compile(keras.optimizers.Adam(1e-2), find_objective("elbo").loss())
    x = pictures(2, *SMALL)
    still = weights(model, "linear3", "t_conv1", "t_conv2", "t_conv3")
    model.fit(x, x, verbose=0)
    now = weights(model, "linear3", "t_conv1", "t_conv2", "t_conv3")
    assert all(not np.array_equal(old, new) for old, new in zip(still, now, strict=True))


def test_divergence_is_that_of_normal_distributions() -> None:
    mean, deviation = np.array([[0.0, 1.5]], np.float32), np.array([[1.0, 0.5]], np.float32)
    layer = Sampling(values=10, beta=2.0)
    layer([mean, 2 * np.log(deviation)])
    # Kullback and Leibler in closed form: log(1/s) + (s^2 + m^2) / 2 - 1/2; 0 for N(0, 1).
    expected = np.log(2) + (0.25 + 2.25) / 2 - 0.5
    assert float(layer.losses[0]) == pytest.approx(2.0 / 10 * expected, rel=1e-5)
    free = Sampling(values=10, free_bits=0.3)
    free([mean, 2 * np.log(deviation)])
    assert float(free.losses[0]) == pytest.approx((0.3 + expected) / 10, rel=1e-5)


def test_code_is_drawn_in_training_alone() -> None:
    mean = np.full((20_000, 1), 3.0, np.float32)
    log_variance = np.full_like(mean, 2 * np.log(0.5))
    drawn = keras.ops.convert_to_numpy(Sampling(1, seed=3)([mean, log_variance], training=True))
    assert drawn.mean() == pytest.approx(3.0, abs=0.02) and drawn.std() == pytest.approx(0.5, abs=0.02)
    again = Sampling(1, seed=3)
    first, second = (keras.ops.convert_to_numpy(again([mean, log_variance], training=True)) for _ in range(2))
    assert np.array_equal(first, drawn) and not np.array_equal(first, second)
    assert np.array_equal(Sampling(1)([mean, log_variance]), mean)
    assert not np.any(Sampling(1, at_rest="prior")([mean, log_variance]))
    with pytest.raises(ConfigError, match="at_rest is 'zero'"):
        Sampling(1, at_rest="zero")


def test_reconstruction_is_in_nats_per_value() -> None:
    truth = np.zeros((2, 3, 4), np.float32)
    assert float(Reconstruction(0.1)(truth, truth + 0.2)) == pytest.approx(2.0, rel=1e-5)  # (0.2 / 0.1)^2 / 2


def test_unknown_objective_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"Unknown objective 'elba'. Did you mean 'elbo'"):
        find_objective("elba")
    assert find_objective(own := Objective(beta=0.5, deviation=0.2)) is own
    assert own.loss().deviation == 0.2 and find_objective("kl").loss() is None


def test_prednet_is_small_and_starts_at_the_decayed_hold() -> None:
    model = prednet((84, 64))
    assert model.count_params() == 347_368
    assert continuation(model).count_params() == 177_768
    x = pictures(2, 84, 64)
    context = x[:, :-FUTURE]
    mean, last = context.mean(axis=1, keepdims=True), context[:, -1:]
    baseline = mean + (last - mean) * 0.93 ** np.arange(1, 21)[None, :, None]
    np.testing.assert_allclose(model.predict_on_batch(x), baseline, atol=1e-6)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(DecayedHold()(context)), baseline, atol=1e-6)


@pytest.fixture(scope="module")
def taught() -> keras.Model:
    """A PredNet after some steps: its last layer is no longer zero."""
    model = prednet((64, 16), seed=0)
    model.compile(keras.optimizers.Adam(3e-3), find_objective("elbo").loss(), run_eagerly=True)  # sooner than a trace
    x = pictures(8, 64, 16)
    model.fit(x, x[:, -FUTURE:], epochs=5, verbose=0)
    return model


def test_prednet_does_not_see_what_it_predicts(taught: keras.Model) -> None:
    x = pictures(2, 64, 16)
    other = x.copy()
    other[:, -FUTURE:] = 1 - other[:, -FUTURE:]
    np.testing.assert_array_equal(taught.predict_on_batch(x), taught.predict_on_batch(other))
    other = x.copy()
    other[:, -FUTURE - 1] += 0.1
    assert abs(taught.predict_on_batch(x) - taught.predict_on_batch(other)).max() > 0.05


def test_other_codes_continue_otherwise(taught: keras.Model, tmp_path: Path) -> None:
    taught.save(tmp_path / "network.keras")
    ahead = continuation(keras.saving.load_model(tmp_path / "network.keras", safe_mode=True))
    context = pictures(1, 64, 16)[:, :-FUTURE]
    codes = np.random.default_rng(1).normal(size=(3, LATENT)).astype(np.float32)
    drawn = [ahead.predict_on_batch([context, code[None]]) for code in codes]
    assert drawn[0].shape == (1, FUTURE, 16)
    assert min(abs(drawn[0] - drawn[1]).max(), abs(drawn[1] - drawn[2]).max()) > 1e-3
    np.testing.assert_array_equal(drawn[0], ahead.predict_on_batch([context, codes[:1]]))
    likely = ahead.predict_on_batch([context, np.zeros((1, LATENT), np.float32)])
    np.testing.assert_allclose(likely, taught.predict_on_batch(pictures(1, 64, 16)), atol=1e-6)
    assert abs(likely - drawn[0]).max() > 1e-3


def test_code_does_not_teach_what_is_expected() -> None:
    model = prednet((64, 16), Objective(beta=0.0), seed=0)
    x = pictures(4, 64, 16)
    # All of the loss but the error of the expected frames, which is added by a layer of its own.
    with tf.GradientTape() as tape:
        answer = model(x, training=True)
        loss = find_objective("elbo").loss()(x[:, -FUTURE:], answer)
    parts = {name: model.get_layer(name).trainable_variables for name in ("past", "expected", "unforeseen")}
    found = {name: [g is not None for g in grads] for name, grads in tape.gradient(loss, parts).items()}
    assert not any(found["past"]) and not any(found["expected"]) and any(found["unforeseen"])


def test_a_short_context_is_filled_up_with_its_first_frame() -> None:
    picture = pictures(2, 5, 3)
    last = keras.ops.convert_to_numpy(LastFrames(7)(picture))
    np.testing.assert_array_equal(last, np.concatenate([picture[:, [0, 0]], picture], axis=1))
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(LastFrames(4)(picture)), picture[:, -4:])


@pytest.mark.parametrize("frames", [1, 44, 64, 411])
def test_prednet_goes_on_from_a_context_of_any_length(taught: keras.Model, frames: int) -> None:
    answer = continuation(taught).predict_on_batch([pictures(1, frames, 16), np.zeros((1, LATENT), np.float32)])
    assert answer.shape == (1, FUTURE, 16) and np.isfinite(answer).all()


def test_prednet_needs_a_context() -> None:
    with pytest.raises(ConfigError, match="20 frames leave no context before the 20 to predict"):
        prednet((FUTURE, 64))
    with pytest.raises(ConfigError, match="KL divergence alone predicts nothing"):
        prednet((84, 64), "kl")
