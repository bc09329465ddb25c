"""A network that goes on, asked again and again."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from fstmuse.errors import ConfigError, SpecError
from fstmuse.features.picture import MelPicture
from fstmuse.inference.network_continuer import HEARD, Continuer
from fstmuse.spec import MelSpec

SPEC = MelSpec(8000, 512, 256, 12, 0.0, 4000.0)


@pytest.fixture(scope="module")
def go_on() -> Continuer:
    from fstmuse.networks.continuers import continuer
    from fstmuse.networks.prednet import prednet

    model = prednet((64, SPEC.n_mels), seed=0)
    layer = model.get_layer("unforeseen").get_layer("deviation")
    kernel, bias = layer.get_weights()
    layer.set_weights([np.random.default_rng(1).normal(0, 0.1, kernel.shape), bias])
    return Continuer(continuer(model), SPEC)


def context(frames: int = 60, spec: MelSpec = SPEC) -> MelPicture:
    return MelPicture(np.random.default_rng(0).uniform(-70, -10, (frames, spec.n_mels)), spec)


def test_same_seed_same_frames_and_other_seeds_others(go_on: Continuer) -> None:
    drawn = go_on(context(), 50, seed=3)
    assert drawn.shape == (50, SPEC.n_mels) and drawn.dtype == np.float32
    np.testing.assert_array_equal(drawn, go_on(context(), 50, seed=3))
    assert np.abs(drawn - go_on(context(), 50, seed=4)).mean() > 0.5
    # Fewer frames are the beginning of more.
    np.testing.assert_array_equal(go_on(context(), 7, seed=3), drawn[:7])


def test_without_spread_it_is_the_best_guess_whatever_the_seed(go_on: Continuer) -> None:
    best = go_on(context(), 30, seed=3, spread=0.0)
    np.testing.assert_array_equal(best, go_on(context(), 30, seed=4, spread=0.0))
    mean, last = context().values.mean(axis=0), context().values[-1]
    np.testing.assert_allclose(best[0], mean + 0.93 * (last - mean), atol=1e-3)
    off = [np.abs(go_on(context(), 20, seed=3, spread=spread) - best[:20]).mean() for spread in (0.3, 1.0)]
    assert 0 < off[0] < off[1]


def test_later_frames_follow_from_those_drawn_before(go_on: Continuer) -> None:
    first = go_on(context(), 20, seed=3, spread=0.0)
    whole = go_on(context(), 40, seed=3, spread=0.0)
    further = MelPicture(np.concatenate([context().values, first]), SPEC)
    np.testing.assert_allclose(go_on(further, 20, seed=0, spread=0.0), whole[20:], atol=1e-3)


def test_only_the_last_ten_seconds_are_heard(go_on: Continuer) -> None:
    long = context(HEARD + 50)
    short = MelPicture(long.values[-HEARD:], SPEC)
    np.testing.assert_array_equal(go_on(long, 5, seed=1), go_on(short, 5, seed=1))


def test_nothing_grows_without_end_and_silence_stays_silent(go_on: Continuer) -> None:
    drawn = go_on(context(), 400, seed=1, spread=3.0)
    assert drawn.max() <= context().values.max() and drawn.min() >= SPEC.floor_db
    silent = MelPicture(np.full((60, SPEC.n_mels), SPEC.floor_db), SPEC)
    np.testing.assert_array_equal(go_on(silent, 40, seed=1), SPEC.floor_db)


def test_one_frame_is_enough(go_on: Continuer) -> None:
    assert np.isfinite(go_on(context(1), 21, seed=1)).all()


def test_what_makes_no_sense_is_refused(go_on: Continuer) -> None:
    with pytest.raises(ConfigError, match="Received frames=0; expected 1 or more"):
        go_on(context(), 0, seed=1)
    for spread in (-1.0, float("nan"), float("inf")):
        with pytest.raises(ConfigError, match=r"expected 0 .* or more"):
            go_on(context(), 5, seed=1, spread=spread)
    with pytest.raises(SpecError, match="the picture to go on from: sample_rate 16000, expected 8000"):
        go_on(context(spec=dataclasses.replace(SPEC, sample_rate=16000)), 5, seed=1)
    # Where a picture was cut says nothing of how it was made.
    assert len(go_on(context(spec=dataclasses.replace(SPEC, max_frames=100)), 5, seed=1)) == 5
