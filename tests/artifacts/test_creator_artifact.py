"""Artifacts that make music from noise: what is saved is what is drawn, what is served is sound; wrong cards."""

from __future__ import annotations

import dataclasses
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from fstmuse.artifacts.card import read_card, sealed, write_card
from fstmuse.artifacts.exports import check_task, takes
from fstmuse.artifacts.readme import readme
from fstmuse.artifacts.shelf import describe, look
from fstmuse.errors import ArtifactError, ExportError, SpecError
from tests.generate_fixtures import BOUND_MEL, LABELS, RATE, bound_creator, small_creator

__all__ = ["bound_creator", "small_creator"]


def test_the_saved_model_draws_what_the_network_draws(small_creator: Path):
    import tensorflow as tf

    from fstmuse.artifacts.load import load

    network, _ = load(small_creator)
    served = tf.saved_model.load(str(small_creator / "saved_model"))
    rng = np.random.default_rng(0)
    noise = {"style": rng.normal(size=(2, 64)), "cells": rng.normal(size=(2, 10, 32))}
    noise = {name: tf.constant(values, tf.float32) for name, values in noise.items()} | {"label": tf.constant([0, 2])}
    answer = served.signatures["serve"](**noise)
    np.testing.assert_allclose(answer["picture"], np.maximum(network(noise), -100), atol=1e-4)
    assert answer["picture"].shape == (2, 32, 64) and int(answer["sample_rate"]) == RATE

    generate = served.signatures["generate"]
    asked = {"seconds": tf.constant(0.7), "label": tf.constant("Rock")}
    piece, again, other = (generate(seed=tf.constant(seed), **asked)["waveform"].numpy() for seed in (7, 7, 8))
    np.testing.assert_array_equal(piece, again)
    assert piece.shape == (5600,) and np.abs(piece - other).max() > 0.01
    assert np.abs(piece).max() <= 0.991
    assert np.sqrt(np.mean(np.square(piece))) == pytest.approx(0.1, rel=1e-3) or np.abs(piece).max() > 0.98
    with pytest.raises(tf.errors.InvalidArgumentError, match="unknown label; known: Folk, R&B/Soul, Rock"):
        generate(seed=tf.constant(7), seconds=tf.constant(0.7), label=tf.constant("Rok"))


def test_one_of_magnitudes_serves_pictures_alone(bound_creator: Path):
    import tensorflow as tf

    served = tf.saved_model.load(str(bound_creator / "saved_model"))
    assert set(served.signatures) >= {"serve"} and "generate" not in served.signatures
    text = (bound_creator / "README.md").read_text("utf-8")
    program = re.search(r"```python\n(.*?)```", text, re.DOTALL)[1]
    said: list[str] = []
    there = str(bound_creator / "saved_model")
    exec(program.replace('"saved_model"', repr(there)), {"print": lambda *what: said.append(str(*what))})
    assert said == [str((1, 30, BOUND_MEL.n_mels))]


def test_what_is_saved_passes_the_audit(small_creator: Path, bound_creator: Path):
    from fstmuse.artifacts.audit import audit_saved_model

    for artifact in (small_creator, bound_creator):
        audit_saved_model(artifact / "saved_model")


def test_what_is_told_of_it(small_creator: Path, bound_creator: Path):
    card = read_card(small_creator)
    text = readme(card)
    assert 'label=tf.constant("Folk")' in text and "seconds=tf.constant(12.0)" in text and "any length" in text
    assert "- Labels: Folk, R&B/Soul, Rock" in text
    assert takes(card).startswith("seed int32 (), seconds float32 () and label string () -> sound at 8000 Hz")
    assert "signature generate" not in takes(read_card(bound_creator))
    with pytest.raises(ExportError, match="which gives pictures; expected savedmodel or keras"):
        check_task(card, "onnx")
    told = dict(describe(look(small_creator)))
    assert told["Test"] == "not evaluated; run python -m fstmuse.evaluate creator"
    assert told["Makes"].startswith("mono at 8,000 Hz")
    with pytest.raises(SpecError, match="names, at least two"):
        dataclasses.replace(card, labels=("Rock",))


def test_a_card_of_other_labels_is_refused(small_creator: Path, bound_creator: Path, tmp_path: Path):
    from fstmuse.artifacts.load import load

    for source, labels in ((small_creator, ()), (bound_creator, LABELS)):
        folder = Path(shutil.copytree(source, tmp_path / source.name))
        write_card(sealed(dataclasses.replace(read_card(folder), labels=labels), folder), folder)
        with pytest.raises(ArtifactError, match="Card and network are not of one artifact"):
            load(folder)
