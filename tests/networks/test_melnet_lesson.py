"""MelNet's tiers as they are trained: with all that settings may ask of them."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from fstmuse.networks.melnet_lesson import joined, tier_lesson, tiers_of
from tests.networks.melnets import little


@pytest.fixture
def bfloat16():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    yield
    keras.config.set_dtype_policy(before)


def pictures() -> dict[str, np.ndarray]:
    return {
        "picture": np.random.default_rng(0).normal(-40, 8, (3, 12, 8)).astype(np.float32),
        "label": np.array([0, 1, 2], np.int32),
    }


def learns(tier: int, noisy: bool = False, **options: object) -> None:
    keras.utils.set_random_seed(0)
    net, given = little(3, **options), pictures()
    net.scaling.fit([given["picture"]])
    told = given | ({"noise": np.zeros_like(given["picture"])} if noisy else {})
    lesson = tier_lesson(net, tier, noisy)
    lesson.compile(keras.optimizers.Adam(0.02), run_eagerly=True)  # tracing takes longer than computing
    losses = lesson.fit(told, epochs=3, verbose=0).history["loss"]
    assert losses[-1] < losses[0] - 0.01
    # Weights and outputs are of full precision, whatever was computed in.
    assert {weight.dtype for weight in lesson.weights} <= {"float32", "int32"}
    assert lesson(told).dtype == "float32"


@pytest.mark.parametrize(("tier", "noisy"), [(1, True), (2, False)])
def test_in_bfloat16_with_one_component(tier: int, noisy: bool, bfloat16: None) -> None:
    learns(tier, noisy, components=1)


@pytest.mark.parametrize("options", [{"one_pass": True}, {"remat": True}])
def test_in_one_pass_and_computed_again(options: dict[str, bool]) -> None:
    learns(2, **options)


def test_joined_tiers_are_those_of_their_lessons(tmp_path: Path) -> None:
    keras.utils.set_random_seed(0)
    net, given = little(3), pictures()
    net.scaling.fit([given["picture"]])
    joined(net).save(tmp_path / "net.keras")
    again = keras.saving.load_model(tmp_path / "net.keras", safe_mode=True)
    told = again(given)
    for tier in (1, 4):
        np.testing.assert_allclose(told[f"nll{tier}"], tier_lesson(net, tier)(given), atol=1e-5)
    scaling = tiers_of(again).scaling
    np.testing.assert_allclose(scaling.back(scaling.forth(given["picture"][:, :1] * 0 - 40)), -40, atol=1e-3)
