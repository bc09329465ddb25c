"""A step of a GAN's two networks, whose outcome is known in closed form."""

from __future__ import annotations

from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from fstmuse.networks.catalogue import find
from fstmuse.networks.gan import Gan
from fstmuse.networks.scaling import unscaled
from fstmuse.training.gan import GanTrainer
from tests.networks.gans import FRAMES, SMALL_GANS

ENTRY = find("melgan-c-tiny")


def linear_trainer(rate: float = 0.0, **more: object) -> GanTrainer:
    """Two networks of one matrix each, with plain gradient descent."""
    keras.utils.set_random_seed(5)
    frames, mels = ENTRY.input_shape
    style, picture = keras.Input((3,), name="style"), keras.Input((frames, mels), name="picture")
    drawn = keras.layers.Reshape((frames, mels))(keras.layers.Dense(frames * mels, name="matrix")(style))
    answer = keras.layers.Dense(1, use_bias=False, name="weights")(keras.layers.Flatten()(picture))
    gan = Gan(
        keras.Model({"style": style}, drawn), keras.Model({"picture": picture}, {"music": answer}), unscaled(mels)
    )
    trainer = GanTrainer(gan, ENTRY, loss="hinge", **more)
    trainer.compile(keras.optimizers.SGD(rate), keras.optimizers.SGD(0.01))
    return trainer


def picture(seed: int = 0, batch: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(batch, *ENTRY.input_shape)).astype(np.float32)


def judged_by(trainer: GanTrainer) -> np.ndarray:
    return trainer.discriminator.get_weights()[0].copy()


def test_the_penalty_pulls_a_linear_discriminator_towards_nothing() -> None:
    plain, penalised = linear_trainer(), linear_trainer(r1_weight=2.0, r1_every=3)
    start = judged_by(plain)
    np.testing.assert_array_equal(start, judged_by(penalised))
    for trainer in (plain, penalised):
        measured = trainer.train_on_batch({"picture": picture()}, return_dict=True)
    # Its gradient is its weights wherever it is: half their squared length has them for gradient, three steps at once.
    assert measured["r1"] == pytest.approx((start**2).sum() / 2, rel=1e-4)
    np.testing.assert_allclose(judged_by(penalised), judged_by(plain) - 0.01 * 2.0 * 3 * start, atol=1e-6)
    before = judged_by(penalised)
    for trainer in (plain, penalised):
        trainer.discriminator.set_weights([before])
        trainer.train_on_batch({"picture": picture(1)})
    np.testing.assert_allclose(judged_by(penalised), judged_by(plain), atol=1e-6)  # none is due in the second step


def test_the_average_follows_the_generator() -> None:
    trainer = linear_trainer(rate=1.0, average=0.15)
    expected = trainer.generator.get_weights()
    for step in range(1, 4):
        trainer.train_on_batch({"picture": picture(step)})
        momentum = min(0.15, (1 + step) / (10 + step))
        now = trainer.generator.get_weights()
        expected = [momentum * old + (1 - momentum) * new for old, new in zip(expected, now, strict=True)]
    for mean, hoped in zip(trainer.averaged.get_weights(), expected, strict=True):
        np.testing.assert_allclose(mean, hoped, atol=1e-6)
    assert np.abs(trainer.averaged.get_weights()[0] - trainer.generator.get_weights()[0]).max() > 1e-6


def test_the_discriminator_takes_as_many_steps_as_asked() -> None:
    trainer = linear_trainer(discriminator_steps=3)
    trainer.train_on_batch({"picture": picture()})
    assert (int(trainer.discriminator_optimizer.iterations), int(trainer.optimizer.iterations)) == (3, 1)


def test_both_networks_learn_from_the_same_drawings(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer, drawn, judged = linear_trainer(discriminator_steps=2), [], []
    draw, judge = trainer._draw, trainer._judge
    monkeypatch.setattr(trainer, "_draw", lambda *key: drawn.append(draw(*key)) or drawn[-1])
    monkeypatch.setattr(
        trainer, "_judge", lambda shown, *more, **how: judged.append(shown) or judge(shown, *more, **how)
    )
    trainer.train_step({"picture": tf.constant(picture())})
    assert len(drawn) == 2 and len(judged) == 5
    np.testing.assert_array_equal(judged[1], drawn[0])
    for shown in (judged[3], judged[4]):
        np.testing.assert_array_equal(shown, drawn[1])


@pytest.mark.parametrize("weight", [0.0, 2.0])
def test_the_discriminator_learns_to_name_labels(weight: float) -> None:
    keras.utils.set_random_seed(0)
    gan = SMALL_GANS["melgan-c"](3)
    entry = SimpleNamespace(input_shape=(FRAMES, 64), mel=ENTRY.mel)
    trainer = GanTrainer(gan, entry, loss="hinge", label_weight=weight)
    trainer.compile(keras.optimizers.Adam(0.0), keras.optimizers.Adam(0.01))
    labels = np.arange(6, dtype=np.int32) % 3
    pictures = np.random.default_rng(0).normal(size=(6, FRAMES, 64)).astype(np.float32) + labels[:, None, None]
    before = gan.discriminator.get_layer("labels").get_weights()[0].copy()
    for _ in range(12):
        trainer.reset_metrics()
        row = trainer.train_on_batch({"picture": pictures, "label": labels}, return_dict=True)
    moved = np.abs(gan.discriminator.get_layer("labels").get_weights()[0] - before).max()
    assert (moved > 0.01, row["named_real"] > 0.9) == ((True, True) if weight else (False, False))


def test_the_average_is_kept_in_single_precision() -> None:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        gan = SMALL_GANS["melgan-c"](3)
        trainer = GanTrainer(gan, SimpleNamespace(input_shape=(FRAMES, 64), mel=ENTRY.mel), loss="hinge")
    finally:
        keras.config.set_dtype_policy(before)
    assert gan.generator.get_layer("level1_conv").compute_dtype == "bfloat16"
    kept = [layer for layer in trainer.averaged.layers if not isinstance(layer, keras.layers.InputLayer)]
    assert {layer.compute_dtype for layer in kept} == {"float32"}
    assert trainer.averaged.get_layer("level1_styled").says.compute_dtype == "float32"


def test_loudness_is_varied_where_it_is_judged() -> None:
    trainer = linear_trainer(gain_db=6.0)
    units = picture()
    louder = np.asarray(trainer._louder(units, 1)) - units  # the scaling is none: dB are units
    assert np.ptp(louder, axis=(1, 2)).max() < 1e-5
    assert np.abs(louder[:, 0, 0]).min() > 0 and np.abs(louder).max() <= 6
    assert louder[0, 0, 0] != louder[1, 0, 0]


@pytest.mark.parametrize(("name", "loss"), [("toygan", "bce"), ("cmelgan", "lsgan"), ("melgan-c", "hinge")])
def test_every_kind_of_network_takes_a_step(name: str, loss: str) -> None:
    gan = SMALL_GANS[name](3)
    frames, mels = gan.discriminator.input["picture"].shape[1:]
    shape = (frames or FRAMES, mels)
    entry = SimpleNamespace(input_shape=shape, mel=ENTRY.mel)
    trainer = GanTrainer(gan, entry, loss=loss, r1_weight=float(loss == "hinge"), gain_db=3.0)
    trainer.compile(keras.optimizers.Adam(0.01), keras.optimizers.Adam(0.01))
    before = [[weight.copy() for weight in one.get_weights()] for one in (trainer.generator, trainer.discriminator)]
    pictures = np.random.default_rng(0).normal(-1, 1, (2, *shape)).astype(np.float32)
    # Not compiled, which would take longer. Labels of the data are left alone by networks that heed none.
    row = trainer.train_step({"picture": tf.constant(pictures), "label": tf.constant([0, 2])})
    assert all(np.isfinite(list(row.values())))
    for one, weights in zip((trainer.generator, trainer.discriminator), before, strict=True):
        moved = [np.any(now != old) for now, old in zip(one.get_weights(), weights, strict=True)]
        assert np.mean(moved) > 0.7, one.name
