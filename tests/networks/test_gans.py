"""GANs draw what they say: shapes, no seams, scalings that undo themselves, weights normalised as defined."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from fstmuse.errors import ConfigError
from fstmuse.networks import cmelgan, scaling, toygan
from fstmuse.networks.build import GANS
from fstmuse.networks.creators import creator
from fstmuse.networks.gan import Gan, cells_for, noise_shapes, row_of_cells
from fstmuse.networks.melgan_c import Spread
from fstmuse.networks.weight_norm import WeightNorm
from tests.networks.gans import SMALL_GANS, noise


def drawn_by(network: keras.Model, inputs: dict[str, np.ndarray]) -> np.ndarray:
    return np.asarray(network(inputs, training=False))


@pytest.fixture(scope="module")
def melgan() -> Gan:
    keras.utils.set_random_seed(0)
    return SMALL_GANS["melgan-c"](3)


@pytest.mark.parametrize("labels", [0, 3])
@pytest.mark.parametrize("name", SMALL_GANS)
def test_draws_and_judges(name: str, labels: int) -> None:
    gan = SMALL_GANS[name](labels)
    heeds = labels > 0 and name != "toygan"
    assert [("label" in network.input) for network in (gan.generator, gan.discriminator)] == [heeds, heeds]
    inputs = noise(gan.generator, 4)
    pictures = drawn_by(gan.generator, inputs)
    assert pictures.shape[0] == 4 and pictures.dtype == np.float32 and np.isfinite(pictures).all()
    assert np.abs(pictures[0] - pictures[3]).mean() > 1e-4  # of the same label
    if name == "melgan-c":
        assert pictures.shape[1:] == (32, 64) and np.abs(pictures).max() < 1
    else:
        assert pictures.shape[1:] == gan.discriminator.input["picture"].shape[1:]
    seen = {"picture": pictures} | ({"label": inputs["label"]} if heeds else {})
    answers = gan.discriminator.predict_on_batch(seen)
    assert {name: answer.shape for name, answer in answers.items()} == {"music": (4, 1)} | (
        {"label": (4, 3)} if heeds and name == "melgan-c" else {}
    )
    verdict = answers["music"]
    assert verdict.shape == (4, 1) and np.ptp(verdict) > 0
    if heeds:
        other = {"label": (inputs["label"] + 1) % 3}
        assert np.abs(drawn_by(gan.generator, inputs | other) - pictures).mean() > 1e-4
        assert np.abs(gan.discriminator.predict_on_batch(seen | other)["music"] - verdict).max() > 0
    if name != "melgan-c":
        assert verdict.min() > 0 and verdict.max() < 1


def test_counts_are_those_of_the_reports() -> None:
    with keras.StatelessScope(initialize_variables=False):
        toy, conditional = toygan.toygan((1291, 128)), GANS["cmelgan"]((256, 256), 3)
        longer = cmelgan.cmelgan((256, 256), 3, over_frames=cmelgan.OVER_FRAMES)
    assert toy.generator.get_layer("start").count_params() == 129 * 323 * 32 * 128
    assert toy.generator.get_layer("drawn").output.shape == (None, 1292, 128, 1)
    assert toy.discriminator.get_layer("drawn").count_params() == 1275 * 112 * 256 + 1
    generator = conditional.generator
    counts = [sum(layer.count_params() for layer in generator.layers if str(n) in layer.name[:6]) for n in (1, 2, 3, 4)]
    assert [generator.get_layer(name).count_params() for name in ("start", "label_style")] == [528_384, 384]
    assert counts == [10_757_888, 1_592_192, 296_672, 2_132]
    assert conditional.discriminator.count_params() == 1_201_345
    assert longer.generator.count_params() == 24_016_692  # what the report's notebook prints
    assert longer.generator.output_shape == (None, 256, 256)
    judge = conditional.discriminator
    places = [judge.get_layer(f"conv{number}_relu").output.shape[1:] for number in range(1, 7)]
    assert places == [(256, 256, 16), (256, 256, 32), (64, 64, 64), (16, 16, 128), (4, 4, 256), (1, 1, 832)]
    assert judge.get_layer("conv2_padded").output.shape[1] == 256 + 2 * 393
    keras.backend.clear_session()


def test_convolutions_over_frames_are_called_where_asked_for() -> None:
    grown = (cmelgan.Grown(4, 4, 4), cmelgan.Grown(1, 8, 2))
    judged = (cmelgan.Judged(4, 32, 1, 1, 32),)
    longer = cmelgan.cmelgan((32, 32), 0, grown=grown, judged=judged, first=4, over_frames=((4, 2),)).generator
    assert drawn_by(longer, noise(longer, 2)).shape == (2, 32, 32)
    called = keras.Model(longer.input, longer.get_layer("frames1").output)
    frames = drawn_by(called, noise(longer, 2))
    # As many frames as before from a stride of 2: the first and last quarters are of padding alone.
    assert frames.shape == (2, 32, 32) and np.ptp(frames[:, :7], axis=1).max() < 1e-6 < np.ptp(frames, axis=1).max()


def test_pictures_that_do_not_go_into_the_blocks_are_refused() -> None:
    with pytest.raises(ConfigError, match="250 x 256; cMelGAN draws multiples of 64 x 64"):
        cmelgan.cmelgan((250, 256), 3)


def test_melgan_has_no_seams(melgan: Gan) -> None:
    outer, each = row_of_cells(melgan.generator)
    assert each == 16
    inputs = noise(melgan.generator, 2, 160)
    whole = drawn_by(melgan.generator, inputs)
    assert whole.shape == (2, 160, 64) and inputs["cells"].shape[1] == outer + 10
    start = drawn_by(melgan.generator, inputs | {"cells": inputs["cells"][:, : outer + 3]})
    np.testing.assert_allclose(start, whole[:, :48], atol=1e-5)
    end = drawn_by(melgan.generator, inputs | {"cells": inputs["cells"][:, 7:]})
    np.testing.assert_allclose(end, whole[:, 112:], atol=1e-5)


def test_melgan_has_no_padding_in_time(melgan: Gan) -> None:
    """Of cells that are all alike, every frame of a cell is as that of the next: at edges, too."""
    inputs = noise(melgan.generator, 1, 64)
    alike = np.repeat(inputs["cells"][:, :1], inputs["cells"].shape[1], axis=1)
    picture = drawn_by(melgan.generator, inputs | {"cells": alike}).reshape(4, 16, 64)
    np.testing.assert_allclose(picture, np.broadcast_to(picture[:1], picture.shape), atol=1e-5)


def test_each_cell_reaches_few_frames(melgan: Gan) -> None:
    inputs = noise(melgan.generator, 1, 320)
    outer = row_of_cells(melgan.generator)[0]
    cells = inputs["cells"].copy()
    cells[:, 14] += 1
    moved = np.abs(drawn_by(melgan.generator, inputs | {"cells": cells}) - drawn_by(melgan.generator, inputs)).max(
        (0, 2)
    )
    (touched,) = np.nonzero(moved > 1e-6)
    own = (14 - outer // 2) * 16
    assert touched.min() >= own - 4 * 16 and touched.max() < own + 5 * 16
    assert moved[own : own + 16].min() > 1e-4


@pytest.mark.parametrize("frames", [1, 16, 17, 128])
def test_cells_suffice(melgan: Gan, frames: int) -> None:
    made = drawn_by(melgan.generator, noise(melgan.generator, 1, frames))
    assert frames <= made.shape[1] < frames + 16


def test_a_picture_of_no_frames_is_refused(melgan: Gan) -> None:
    with pytest.raises(ConfigError, match="Received a picture of 0 frames"):
        cells_for(melgan.generator, 0)


def test_the_discriminator_sees_how_much_pictures_differ() -> None:
    rng = np.random.default_rng(0)
    apart = rng.normal(size=(4, 3, 2, 5)).astype(np.float32)
    alike = np.repeat(apart[:1], 4, axis=0)
    told = [np.asarray(Spread()(pictures)) for pictures in (apart, alike)]
    np.testing.assert_array_equal(told[0][..., :5], apart)
    np.testing.assert_allclose(told[0][..., 5], np.std(apart, axis=0).mean(), rtol=1e-4)
    assert np.abs(told[1][..., 5]).max() < 1e-3


def test_bands_are_standardised_and_back() -> None:
    rng = np.random.default_rng(0)
    bands, spread = np.array([-20, -60, -100]), np.array([5, 12, 0])
    windows = [(rng.normal(size=(2, 50, 3)) * spread + bands).astype(np.float32) for _ in range(8)]
    scaled = scaling.standardised(3)
    scaled.fit(windows)
    rows = np.concatenate(windows).reshape(-1, 3)
    units = np.asarray(scaled.forth(rows[None]))
    expected = np.clip((rows - rows.mean(0)) / np.maximum(rows.std(0), 0.1), -3, 3) / 3
    np.testing.assert_allclose(units[0], expected, atol=1e-4)
    within = (np.abs(expected) < 1).all(axis=1)
    np.testing.assert_allclose(np.asarray(scaled.back(units))[0, within], rows[within], atol=1e-3)
    assert scaled.learns and not scaled.forth.trainable_variables
    with pytest.raises(ConfigError, match="no pictures to scale by"):
        scaled.fit([])


def test_scalings_that_do_not_learn() -> None:
    picture = np.array([[[-100.0, -50.0, 0.0]]], np.float32)
    unit, plain = scaling.from_floor(-100.0, 3), scaling.unscaled(3)
    for kind in (unit, plain):
        kind.fit(iter(()))  # nothing is asked of it
        np.testing.assert_allclose(np.asarray(kind.back(kind.forth(picture))), picture, atol=1e-5)
    np.testing.assert_allclose(np.asarray(unit.forth(picture))[0, 0], [0, 0.5, 1], atol=1e-6)
    np.testing.assert_array_equal(np.asarray(plain.forth(picture)), picture)


def test_creator_draws_decibels_saves_and_reloads(melgan: Gan, tmp_path: Path) -> None:
    melgan.scaling.fit([np.random.default_rng(0).normal(-50, 12, (4, 20, 64))])
    create = creator(melgan.generator, melgan.scaling.back)
    assert noise_shapes(create, 40) == noise_shapes(melgan.generator, 40) == {"style": (64,), "cells": (11, 32)}
    inputs = noise(create, 3, 40)
    units, pictures = drawn_by(melgan.generator, inputs), drawn_by(create, inputs)
    np.testing.assert_allclose(np.asarray(melgan.scaling.forth(pictures)), units, atol=1e-5)
    assert -90 < pictures.min() < pictures.max() < -10
    create.save(tmp_path / "creator.keras")
    again = keras.saving.load_model(tmp_path / "creator.keras", compile=False, safe_mode=True)
    np.testing.assert_allclose(drawn_by(again, inputs), pictures, atol=1e-4)
    assert cells_for(again, 128) == cells_for(melgan.generator, 128)


WRAPPED = {
    "dense": lambda: layers.Dense(5, name="inner"),
    "frames": lambda: layers.Conv1D(5, 3, name="inner"),
    "grouped": lambda: layers.Conv1D(6, 3, groups=2, name="inner"),
    "grown": lambda: layers.Conv1DTranspose(5, 4, strides=2, padding="same", name="inner"),
}


@pytest.mark.parametrize("kind", WRAPPED)
def test_weight_norm_is_as_defined_and_saves(kind: str, tmp_path: Path) -> None:
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(2, 9, 4)).astype(np.float32)
    layer = WRAPPED[kind]()
    model = keras.Sequential([keras.Input((9, 4)), WeightNorm(layer)])
    plain = np.asarray(layer(x))
    np.testing.assert_allclose(drawn_by(model, x), plain, atol=1e-5)  # gains that leave it as it is
    kernel, gain = layer.kernel.numpy(), np.arange(1, layer.kernel.shape[-1] + 1, dtype=np.float32)
    model.layers[0].gain.assign(gain)
    axes = tuple(range(kernel.ndim - 1))
    layer.kernel.assign(kernel * 7)  # its length does not matter
    made = drawn_by(model, x)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_allclose(drawn_by(again, x), made, atol=1e-6)
    layer.kernel.assign(gain * kernel / np.sqrt(np.square(kernel).sum(axes)))
    np.testing.assert_allclose(made, np.asarray(layer(x)), atol=1e-4)


def test_weight_norm_learns_directions_and_lengths() -> None:
    keras.utils.set_random_seed(0)
    layer = layers.Dense(3)
    model = keras.Sequential([keras.Input((4,)), WeightNorm(layer)])
    before = [variable.numpy() for variable in model.trainable_variables]
    model.compile(keras.optimizers.SGD(1e-2), "mse")
    x = np.random.default_rng(0).normal(size=(16, 4)).astype(np.float32)
    losses = [float(model.train_on_batch(x, x[:, :3] * 2)) for _ in range(20)]
    assert losses[-1] < 0.9 * losses[0] and len(before) == 3
    assert all(
        np.abs(now.numpy() - then).max() > 1e-3 for now, then in zip(model.trainable_variables, before, strict=True)
    )
