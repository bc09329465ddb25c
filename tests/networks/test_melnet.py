"""MelNet sees what has been drawn before, and nothing else; its tiers undo themselves; it learns, saves and reloads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from fstmuse.errors import ConfigError
from fstmuse.networks import melnet_tiers
from fstmuse.networks.melnet import MelNet, Size, melnet
from fstmuse.networks.melnet_layers import FrequencyDelayedStack
from fstmuse.networks.melnet_mixture import mixture_nll
from fstmuse.networks.melnet_report import BIG, ReportNll, ReportTier, melnet_report
from tests.networks.melnets import LITTLE, lesson, little
from tests.networks.test_backends import needs_jax, run_on_jax

STEP = """
import sys
import jax, keras, numpy as np
from fstmuse.networks.melnet import Size, melnet
from fstmuse.networks.melnet_mixture import mixture_nll
from fstmuse.networks.melnet_drawing import draw
from fstmuse.networks.melnet_sampling import TierSampler
assert keras.backend.backend() == "jax"
jax.config.update("jax_disable_most_optimizations", True)
model = melnet((None, 4), 0, Size((4,), (1,)), components=2, remat=True).tiers[0]
model.compile(keras.optimizers.SGD(0.1), mixture_nll)
picture = np.random.default_rng(0).uniform(-1, 1, (2, 3, 4)).astype("float32")
losses = [float(model.train_on_batch({"picture": picture}, picture)) for _ in range(2)]
assert np.isfinite(losses).all() and losses[1] < losses[0], losses
drawn = draw([TierSampler(model, jax.jit)], 3, (0, 1))
assert drawn.shape == (2, 3, 4) and np.isfinite(drawn).all()
assert "tensorflow" not in sys.modules
print("trained melnet")
"""


@pytest.fixture(scope="module")
def net() -> MelNet:
    keras.utils.set_random_seed(0)
    return little(3)


def sight(model: Any, inputs: dict[str, np.ndarray], place: tuple[int, int, int], name: str = "picture") -> np.ndarray:
    """How strongly the mixture at (clip, frame, band) depends on each element of an input, by gradients."""
    tensors = {key: tf.convert_to_tensor(value) for key, value in inputs.items()}
    with tf.GradientTape() as tape:
        tape.watch(tensors[name])
        mixture = model(tensors)[place]
        answer = tf.reduce_sum(mixture * tf.range(1.0, len(mixture) + 1))
    return np.abs(tape.gradient(answer, tensors[name]).numpy())


@pytest.mark.parametrize(("tier", "places"), [(1, ((1, 2), (2, 0))), (4, ((3, 2),))])
def test_each_element_sees_what_is_drawn_before_it(net: MelNet, tier: int, places: tuple) -> None:
    inputs = lesson(tier)
    order = np.arange(inputs["picture"][0].size).reshape(inputs["picture"][0].shape)
    for frame, band in places:
        told = sight(net.tiers[tier - 1], inputs, (1, frame, band))
        before = order < order[frame, band]
        assert (told[1][~before] == 0).all()
        assert (told[0] == 0).all()  # the other clip
        if tier == 1:
            assert (told[1][before] > 0).all()
        else:  # a single layer looks along axes
            assert (told[1][:frame, band] > 0).all() and (told[1][frame - 1] > 0).all()
            assert (told[1][frame, :band] > 0).all()


@pytest.mark.parametrize("one_pass", [False, True])
def test_later_tiers_see_all_that_is_known(one_pass: bool) -> None:
    keras.utils.set_random_seed(0)
    model, inputs = little(3, one_pass=one_pass).tiers[1], lesson(2)
    assert ("picture" in model.input) is not one_pass
    if one_pass:
        del inputs["picture"]
    told = sight(model, inputs, (0, 1, 2), "known")
    assert (told[0, :, 2] > 0).all() and (told[0, 1] > 0).all()  # later frames and higher bands, too
    assert (told[1] == 0).all()


def test_labels_are_heard_everywhere(net: MelNet) -> None:
    inputs = {"picture": tf.constant(lesson(1)["picture"])}
    one, other = (net.tiers[0](inputs | {"label": tf.constant(label)}).numpy() for label in ([0, 0], [0, 2]))
    np.testing.assert_array_equal(one[0], other[0])
    assert np.abs(one[1] - other[1]).max(-1).min() > 0
    assert all("label" in tier.input for tier in net.tiers) and "label" not in little(0).tiers[0].input


def test_the_report_sees_what_it_is_to_foretell_and_other_clips() -> None:
    """Its mixture at frame t is for frame t + 1 of the picture, which it has seen."""
    keras.utils.set_random_seed(0)
    tier = ReportTier(4, 1, 2)
    picture, vectors = (np.random.default_rng(0).normal(size=size).astype(np.float32) for size in ((2, 4, 3), (2, 4)))

    def model(inputs: dict[str, tf.Tensor]) -> tf.Tensor:
        return tier(inputs["picture"], tf.constant(vectors))

    told = sight(model, {"picture": picture}, (0, 1, 1))
    assert told[0, 2, 1] > 0  # the target itself
    assert told[1, 1, 1] > 0  # the other clip
    deviations = model({"picture": 100 * picture})[..., 2:4].numpy()
    assert 0.6 < deviations.min() < deviations.max() < 1.7  # exp(1 / 2) with two components
    target = tf.concat([picture[:, 1:], picture[:, :1]], axis=1)
    assert np.isfinite(ReportNll()(target, model({"picture": picture})))


def test_the_report_answers_for_the_whole_picture() -> None:
    model = melnet_report((4, 4), 3, 4, depths=(1, 1, 1, 1), components=2)
    inputs = {"picture": tf.random.stateless_normal((2, 4, 4), (0, 0)), "label": tf.constant([0, 1])}
    assert model(inputs).shape == (2, 4, 4, 6) == (2, *model.output_shape[1:])


def test_parameters_are_those_of_the_report() -> None:
    with keras.StatelessScope(initialize_variables=False):
        assert melnet_report((None, 180)).count_params() == 4_039_433
        assert melnet_report((None, 180), dims=BIG).count_params() == 50_675_657
    keras.backend.clear_session()


def test_learns_saves_and_reloads(tmp_path: Path) -> None:
    keras.utils.set_random_seed(0)
    model = little(3).tiers[1]
    inputs = lesson(2)
    model.compile(keras.optimizers.Adam(0.05), mixture_nll, run_eagerly=True)  # tracing takes longer than computing
    losses = [float(model.train_on_batch(inputs, inputs["picture"])) for _ in range(2)]
    assert losses[1] < losses[0] - 0.02
    tensors = {name: tf.convert_to_tensor(value) for name, value in inputs.items()}
    model.save(tmp_path / "tier.keras")
    again = keras.saving.load_model(tmp_path / "tier.keras", compile=False, safe_mode=True)
    np.testing.assert_allclose(again(tensors).numpy(), model(tensors).numpy(), atol=1e-6)


def test_gradients_are_the_same_when_computed_again() -> None:
    x = tf.random.stateless_normal((2, 3, 4, 5), (0, 0))

    def gradients(remat: bool) -> list[np.ndarray]:
        keras.utils.set_random_seed(3)
        stack = FrequencyDelayedStack(5, remat)
        stack(x, x)

        @tf.function
        def computed() -> list[tf.Tensor]:
            with tf.GradientTape() as tape:
                tape.watch(x)
                loss = tf.reduce_sum(tf.square(stack(x, x, training=True)))
            return tape.gradient(loss, [x, *(weight.value for weight in stack.trainable_variables)])

        return [gradient.numpy() for gradient in computed()]

    for kept, again in zip(gradients(False), gradients(True), strict=True):
        np.testing.assert_allclose(again, kept, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("tiers", [1, 2, 3, 4, 6])
def test_tiers_undo_themselves(tiers: int) -> None:
    frames, mels = (2 * stride for stride in melnet_tiers.strides(tiers))
    picture = np.random.default_rng(0).normal(size=(2, frames, mels)).astype(np.float32)
    parts = melnet_tiers.split(picture, tiers)
    assert sum(part.size for part in parts) == picture.size
    np.testing.assert_array_equal(melnet_tiers.join(parts, tiers), picture)
    for tier in range(1, tiers + 1):
        told = melnet_tiers.lesson(picture, tier, tiers)
        np.testing.assert_array_equal(told["picture"], parts[tier - 1])
        assert told["picture"].shape[1:] == melnet_tiers.shape(frames, mels, tier, tiers)
        if tier > 1:
            np.testing.assert_array_equal(told["known"], melnet_tiers.join(parts[: tier - 1], tiers))


def test_four_tiers_are_those_of_the_paper() -> None:
    assert [melnet_tiers.shape(64, 32, tier, 4) for tier in (1, 2, 3, 4)] == [(16, 16), (16, 16), (32, 16), (32, 32)]


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((1, 18, 8), "received pictures of 18 frames; 4 tiers need a multiple of 4. Take 16."),
        ((1, 2, 8), "of 2 frames; 4 tiers need a multiple of 4. Take 4."),
        ((1, 16, 7), "of 7 mel bands; 4 tiers need a multiple of 2. Take 6."),
    ],
)
def test_odd_sizes_are_refused(shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        melnet_tiers.split(np.zeros(shape), 4)


def test_settings_that_make_no_network_are_refused() -> None:
    with pytest.raises(ConfigError, match="channels of 2 tiers and depths of 1"):
        melnet((None, 8), 0, Size((4, 4), (1,)))
    with pytest.raises(ConfigError, match="mixtures of 0 components"):
        melnet((None, 8), 0, LITTLE, components=0)
    with pytest.raises(ConfigError, match="received tier 5; expected 1 to 4"):
        melnet_tiers.lesson(np.zeros((1, 8, 8)), 5, 4)
    with pytest.raises(ConfigError, match="9 x 4; frames and bands must be even"):
        melnet_report((9, 4))


@needs_jax
def test_learns_and_draws_on_jax() -> None:
    run_on_jax(STEP, "melnet")
