"""What a search tries: around the preset, never what the user fixed, and short trainings of a part of the clips."""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path

import pytest

from fstmuse.data.manifest import Clip, Manifest
from fstmuse.errors import ConfigError
from fstmuse.lesson import Lesson, part_of
from fstmuse.networks.catalogue import CATALOGUE
from fstmuse.training.config import resolve
from fstmuse.training.search_plan import Plan, trial_epochs
from fstmuse.training.search_space import axes, settings


@pytest.mark.parametrize("network", CATALOGUE)
def test_every_network_has_a_space_around_its_preset_whose_corners_can_be_trained(network: str) -> None:
    config = resolve(network, {})
    found = axes(config, ())
    assert {"learning_rate", "batch_size"} <= {axis.name for axis in found}
    for axis in found:
        assert min(axis.values) < axis.start <= max(axis.values) or axis.start == min(axis.values) == 1, axis
        assert getattr(config, axis.setting) > 0
    at_start = settings(found, {axis.name: axis.start for axis in found}, config)
    assert at_start == pytest.approx({name: getattr(config, name) for name in at_start}, rel=0.01)
    for corner in (min, max):
        chosen = settings(found, {axis.name: corner(axis.values) for axis in found}, config)
        dataclasses.replace(config, **chosen)  # raises where a value is impossible


def test_what_the_user_fixed_stays() -> None:
    config = resolve("melgan-c-tiny", {"learning_rate": 0.01})
    found = axes(config, {"learning_rate"})
    assert [axis.name for axis in found] == ["discriminator_rate/learning_rate", "r1", "batch_size"]
    point = {axis.name: axis.start for axis in found} | {"discriminator_rate/learning_rate": 0.5}
    assert settings(found, point, config)["discriminator_rate"] == 0.005
    both = settings(axes(config, ()), point | {"learning_rate": 0.002}, config)
    assert (both["learning_rate"], both["discriminator_rate"]) == (0.002, 0.001)


def test_a_preset_without_is_left_without() -> None:
    assert {axis.name for axis in axes(resolve("toymodel", {}), ())} == {"learning_rate", "batch_size"}
    assert "mixup" in {axis.name for axis in axes(resolve("toymodel", {"mixup": 0.2}), ())}


def test_nothing_left_to_search_is_an_error() -> None:
    with pytest.raises(ConfigError, match="Received learning_rate, batch_size: nothing is left to search for toymodel"):
        axes(resolve("toymodel", {}), {"learning_rate", "batch_size", "seed"})


def test_an_average_looks_back_over_the_same_share_of_a_short_training() -> None:
    config = resolve("gapnet", {})
    plan = Plan(config, frozenset(), epochs=10, usual_epochs=40, clips=50, usual_clips=100)
    short = plan.trial({"learning_rate": 0.5}, seed=7)
    assert (short.epochs, short.learning_rate, short.seed, short.jit_compile) == (10, 0.5, 7, False)
    assert 1 - short.ema == pytest.approx(8 * (1 - config.ema))
    fixed = dataclasses.replace(plan, fixed=frozenset({"ema", "jit_compile"})).trial({}, seed=7)
    assert (fixed.ema, fixed.jit_compile) == (config.ema, config.jit_compile)


def test_of_networks_that_draw_in_turn_the_first_tier_is_tried() -> None:
    config = resolve("melnet-tiny", {})
    assert [axis.name for axis in axes(config, ())] == ["learning_rate", "batch_size"]
    plan = Plan(config, frozenset(), 2, 10, 18, 180)
    assert (plan.trial({}, 3).tier, plan.trial({}, 3).epochs) == (1, 2)


def test_trials_are_short() -> None:
    assert [trial_epochs(usual) for usual in (1, 4, 40, 200)] == [1, 3, 10, 50]


def lesson_of(train: dict[str, int], valid: int) -> Lesson:
    clips = [
        Clip(f"{label}-{n}", "a.wav", labels=(label,), split="train") for label in train for n in range(train[label])
    ]
    clips += [Clip(f"v{n}", "v.wav", labels=("a",), split="valid") for n in range(valid)] + [
        Clip("t", "t.wav", labels=("a",), split="test")
    ]
    manifest = Manifest("many", tuple(clips))
    return Lesson(manifest, manifest, Path("/"), tuple(train), ())


def counted(lesson: Lesson) -> dict[str, int]:
    return Counter(clip.labels[0] for clip in lesson.manifest.split("train").clips)


def test_a_part_keeps_each_labels_share() -> None:
    lesson = lesson_of({"a": 150, "b": 50, "c": 20, "d": 3}, valid=100)
    part = part_of(lesson, least=8, seed=1)
    assert counted(part) == {"a": 15, "b": 5, "c": 4, "d": 3}
    assert len(part.manifest.split("valid")) == 100
    assert not part.manifest.split("test").clips
    assert part_of(lesson, 8, 1).manifest == part.manifest != part_of(lesson, 8, 2).manifest


def test_a_part_is_enough_for_a_batch_and_its_validation_no_longer_than_needed() -> None:
    part = part_of(lesson_of({"a": 60, "b": 30}, valid=2500), least=30, seed=0)
    assert counted(part) == {"a": 20, "b": 10}
    assert len(part.manifest.split("valid")) == 250
    assert len(part_of(lesson_of({"a": 60}, valid=500), 1, 0).manifest.split("valid")) == 200
