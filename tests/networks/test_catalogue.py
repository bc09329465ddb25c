"""The catalogue tells the truth about the networks it lists."""

from __future__ import annotations

import json

import keras
import numpy as np
import pytest
from typer.testing import CliRunner

from fstmuse.errors import ConfigError
from fstmuse.networks.build import (
    BUILDERS,
    FILLERS,
    GANS,
    MELNETS,
    PREDICTORS,
    VOCODERS,
    build,
    build_filler,
    build_gan,
    build_melnet,
    build_predictor,
    build_vocoder,
)
from fstmuse.networks.catalogue import CATALOGUE, find
from fstmuse.networks.prednet import FUTURE
from fstmuse.networks.variational import OBJECTIVES
from fstmuse.train import app

# A gigabyte of weights and optimiser state: counted like the others, trained only in its small pictures below.
LARGE = {"toymodel"}
CLASSIFIERS = [name for name, entry in CATALOGUE.items() if entry.task == "classify"]
TAGGERS = [name for name, entry in CATALOGUE.items() if entry.task == "tag"]
GAPS = [name for name, entry in CATALOGUE.items() if entry.task == "infill"]
SOUND = [name for name, entry in CATALOGUE.items() if entry.task == "vocode"]
DRAWN = [name for name, entry in CATALOGUE.items() if entry.task == "generate"]
AHEAD = [name for name, entry in CATALOGUE.items() if entry.task == "continue"]


@pytest.mark.parametrize("name", [name for name in CATALOGUE if name not in {*GANS, *MELNETS, *TAGGERS}])
def test_parameter_counts_are_those_of_the_built_model(name: str) -> None:
    entry = CATALOGUE[name]
    if name in BUILDERS:
        model = build(name, entry.counted_outputs)
    else:
        others = {**dict.fromkeys(PREDICTORS, build_predictor), **dict.fromkeys(VOCODERS, build_vocoder)}
        model = others.get(name, build_filler)(name)
    assert model.count_params() == entry.parameters
    assert sum(int(np.prod(variable.shape)) for variable in model.trainable_variables) == entry.trainable
    if name in BUILDERS:
        assert model.output_shape == (None, entry.counted_outputs)
    elif name in VOCODERS:
        assert (entry.counted_outputs, model.output_shape) == (0, (None, None))
    else:
        assert entry.counted_outputs == 0
        frames = FUTURE if name in PREDICTORS else entry.input_shape[0] if entry.bound else None
        assert model.output_shape == (None, frames, entry.mel.n_mels)
    keras.backend.clear_session()


@pytest.mark.parametrize("name", TAGGERS)
def test_parameter_counts_are_those_of_the_built_tagger(name: str) -> None:
    entry = CATALOGUE[name]
    with keras.StatelessScope(initialize_variables=False):
        model = build(name, entry.counted_outputs)
    assert model.count_params() == entry.parameters
    assert sum(int(np.prod(variable.shape)) for variable in model.trainable_variables) == entry.trainable
    assert model.output_shape == (None, entry.counted_outputs)
    assert model.layers[-1].activation is keras.activations.sigmoid
    taken = model.input_shape[1:]
    assert len(taken) == len(entry.input_shape) == (1 if entry.hears_sound else 2)
    assert all(size in (None, wanted) for size, wanted in zip(taken, entry.input_shape, strict=True))
    keras.backend.clear_session()


@pytest.mark.parametrize("name", GANS)
def test_parameter_counts_are_those_of_the_built_gan(name: str) -> None:
    entry = CATALOGUE[name]
    with keras.StatelessScope(initialize_variables=False):  # toyGAN's weights would be a gigabyte
        gan = build_gan(name, entry.counted_outputs)
    networks = (gan.generator, gan.discriminator)
    assert sum(network.count_params() for network in networks) == entry.parameters
    trained = [variable for network in networks for variable in network.trainable_variables]
    assert sum(int(np.prod(variable.shape)) for variable in trained) == entry.trainable
    frames, mels = entry.input_shape
    assert gan.generator.output_shape == (None, frames if entry.bound else None, mels)
    assert gan.discriminator.output["music"].shape == (None, 1)
    keras.backend.clear_session()


@pytest.mark.parametrize("name", MELNETS)
def test_parameter_counts_are_those_of_the_built_melnet(name: str) -> None:
    entry = CATALOGUE[name]
    with keras.StatelessScope(initialize_variables=False):
        net = build_melnet(name, entry.counted_outputs)
    assert len(net.tiers) == entry.tiers
    trained = [variable for tier in net.tiers for variable in tier.trainable_variables]
    assert sum(int(np.prod(variable.shape)) for variable in trained) == entry.trainable
    assert sum(tier.count_params() for tier in net.tiers) + net.scaling.forth.count_params() == entry.parameters
    keras.backend.clear_session()


def test_counts_of_reports_and_paper() -> None:
    assert CATALOGUE["toymodel"].parameters == 151_860_099
    assert CATALOGUE["fstmuse"].parameters == 7_521_479
    assert CATALOGUE["shortchunk"].trainable == 12_104_244
    assert CATALOGUE["shortchunk"].counted_outputs == 50
    samplecnn, rese = CATALOGUE["samplecnn"], CATALOGUE["rese2-multi"]
    assert (samplecnn.input_shape, samplecnn.trainable, samplecnn.parameters) == ((59_049,), 1_869_874, 1_875_762)
    assert (rese.trainable, rese.parameters - rese.trainable) == (26_980_146, 13_056)
    assert CATALOGUE["dieleman"].trainable == 107_870


def test_every_entry_has_a_builder_and_no_builder_is_unlisted() -> None:
    assert set(BUILDERS) == {*CLASSIFIERS, *TAGGERS} and set(FILLERS) == set(GAPS) and set(PREDICTORS) == set(AHEAD)
    assert set(VOCODERS) == set(SOUND) and set(GANS) | set(MELNETS) == set(DRAWN)
    assert set(MELNETS) == {name for name in DRAWN if CATALOGUE[name].in_turn}
    others = set(PREDICTORS) | set(VOCODERS) | set(GANS) | set(MELNETS)
    assert set(CATALOGUE) == set(BUILDERS) | set(FILLERS) | others


@pytest.mark.parametrize("name", ["gapnet", "convae", "convvae"])
def test_fillers_do_not_look_into_the_gap_nor_at_the_level(name: str) -> None:
    frames, mels = CATALOGUE[name].input_shape
    shape = (43, 16) if CATALOGUE[name].bound else (frames, mels)
    model = FILLERS[name](shape, OBJECTIVES["elbo"])
    for variable in model.trainable_variables:
        if not np.any(variable):  # the last layer of gapnet is zero at first
            variable.assign(np.random.default_rng(1).normal(0, 0.1, variable.shape))
    picture = np.random.default_rng(0).normal(-40, 10, (2, *shape)).astype(np.float32)
    missing = np.zeros((2, shape[0]), np.float32)
    missing[:, 20:30] = 1
    answer = model.predict_on_batch({"picture": picture, "missing": missing})
    assert answer.shape == picture.shape and np.isfinite(answer).all()
    other = np.where(missing[..., None] > 0, 50, picture).astype(np.float32)
    np.testing.assert_array_equal(model.predict_on_batch({"picture": other, "missing": missing}), answer)
    softer = model.predict_on_batch({"picture": picture - 12, "missing": missing})
    np.testing.assert_allclose(softer, answer - 12, atol=2e-3)
    if name == "gapnet":
        np.testing.assert_array_equal(answer[missing == 0], picture[missing == 0])
    keras.backend.clear_session()


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_trains_saves_and_reloads(name: str, tmp_path) -> None:
    entry = CATALOGUE[name]
    shape = (40, 48) if name in LARGE else entry.input_shape
    model = BUILDERS[name](shape, 3)
    model.compile(keras.optimizers.SGD(1e-3), "categorical_crossentropy")
    rng = np.random.default_rng(0)
    pictures = rng.normal(-40, 10, (2, *shape)).astype(np.float32)
    before = [variable.numpy().copy() for variable in model.trainable_variables]
    loss = model.train_on_batch(pictures, np.eye(3, dtype=np.float32)[[0, 2]])
    assert np.isfinite(loss)
    moved = [not np.array_equal(old, new.numpy()) for old, new in zip(before, model.trainable_variables, strict=True)]
    assert sum(moved) > len(moved) / 2
    expected = model.predict_on_batch(pictures)
    np.testing.assert_allclose(expected.sum(axis=1), 1, atol=1e-5)
    model.save(tmp_path / "network.keras")
    reloaded = keras.saving.load_model(tmp_path / "network.keras", safe_mode=True)
    np.testing.assert_allclose(reloaded.predict_on_batch(pictures), expected, atol=1e-6)


@pytest.mark.parametrize("name", ["toymodel-pooled", "fstmuse-pooled"])
def test_pooled_networks_do_not_hear_loudness(name: str) -> None:
    model = build(name, 3)
    pictures = np.random.default_rng(0).normal(-50, 8, (2, *CATALOGUE[name].input_shape)).astype(np.float32)
    np.testing.assert_allclose(model.predict_on_batch(pictures), model.predict_on_batch(pictures + 12), atol=1e-4)


def test_unknown_network_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"Unknown network 'shortchank'\. Did you mean 'shortchunk'\?"):
        find("shortchank")


def test_list_prints_every_network_with_its_size() -> None:
    result = CliRunner().invoke(app, ["--list"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    for entry in CATALOGUE.values():
        assert entry.name in result.output
        assert f"{entry.parameters:,}" in result.output


def test_list_as_json_is_the_catalogue() -> None:
    result = CliRunner().invoke(app, ["--list", "--json"])
    rows = json.loads(result.output)
    assert [row["name"] for row in rows] == list(CATALOGUE)
    assert all(row["parameters"] == CATALOGUE[row["name"]].parameters for row in rows)
    assert all(tuple(row["input_shape"]) == CATALOGUE[row["name"]].input_shape for row in rows)
