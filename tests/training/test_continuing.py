"""A network that goes on: the whole way from sound to an artifact, and what the artifact answers."""

from __future__ import annotations

import csv as csv_files
import dataclasses
import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fstmuse import evaluate as evaluate_command
from fstmuse.artifacts.card import read_card, sealed, write_card
from fstmuse.artifacts.exports import check_task, takes
from fstmuse.artifacts.load import load
from fstmuse.artifacts.save import save
from fstmuse.artifacts.shelf import look
from fstmuse.data.manifest import read_manifest
from fstmuse.errors import ArtifactError, ConfigError, ExportError, ManifestError
from fstmuse.features.mel import LogMel
from fstmuse.inference.continue_evaluation import evaluate_continue
from fstmuse.inference.infill_evaluation import evaluate_infill
from fstmuse.networks import build
from fstmuse.networks.continuers import continuer
from fstmuse.networks.gapnet import gapnet
from fstmuse.networks.prednet import FUTURE, LATENT, prednet
from fstmuse.run_choice import Choice
from fstmuse.training.config import TrainConfig, resolve
from tests.training.filling import RATE, chords, trained_in


def settings(csv: Path, **more: Any) -> TrainConfig:
    usual = {"data": str(csv), "epochs": 2, "batch_size": 6, "clip_seconds": 6.0, "workers": 0, "ema": 0.9}
    return resolve("prednet", usual | {"pitch_semitones": [-4], "learning_rate": 0.01} | more)


def tiny(patch: pytest.MonkeyPatch) -> None:
    """A hundredth of the work; all else is as it is."""
    small = functools.partial(prednet, width=8, dilations=(1,))
    patch.setitem(build.PREDICTORS, "prednet", small)


@pytest.fixture(scope="module")
def choice(csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Choice:
    with pytest.MonkeyPatch.context() as patch:
        tiny(patch)
        return trained_in(tmp_path_factory.mktemp("home"), settings(csv), "ahead")


def test_the_whole_way(choice: Choice) -> None:
    rows = choice.run.history()
    assert [row["epoch"] for row in rows] == [1, 2]
    assert {"loss", "mae", "rmse", "val_loss", "val_mae", "val_rmse"} <= set(rows[0])
    card = read_card(choice.artifact)
    assert (card.task, card.labels, card.network, card.data["train"]) == ("continue", (), "prednet", 12)
    told = card.metrics["test"]
    assert told == choice.metrics and (told["n"], told["frames"]) == (2, FUTURE)
    assert list(told["beside"]) == ["decayed hold", "hold", "clip mean", "repeat"]
    assert told["rmse_interval"][0] <= told["rmse"] <= told["rmse_interval"][1]
    draws = told["draws"]
    assert draws["best of 10 draws"]["rmse"] <= draws["one draw"]["rmse"] and told["spread"] > 0
    beside = told["beside"]["decayed hold"]["rmse"]
    assert str(look(choice.artifact).score) == f"RMSE {told['rmse']:.2f} dB (decayed hold {beside:.2f} dB), n = 2"
    readme = (choice.artifact / "README.md").read_text("utf-8")
    assert "any length" in readme and f"| **network, best guess** | {told['rmse']:.2f} |" in readme
    assert "Split test of pieces, 2 clips, their last 20 frames foretold:" in readme and "| one draw |" in readme


def test_its_files_say_what_the_card_says(choice: Choice) -> None:
    folder = choice.artifact / "evaluation" / "pieces-test"
    metrics = json.loads((folder / "metrics.json").read_text("utf-8"))
    assert {key: metrics[key] for key in choice.metrics} == choice.metrics
    assert (folder / "lags.png").is_file() and (folder / "skipped.csv").is_file()
    with (folder / "lags.csv").open(newline="", encoding="utf-8") as file:
        lags = list(csv_files.DictReader(file))
    ours = [row for row in lags if row["way"] == "network"]
    assert [int(row["lag"]) for row in ours] == list(range(1, FUTURE + 1)) and len(lags) == 6 * FUTURE
    for measure in ("mae", "lsd"):
        assert np.mean([float(row[measure]) for row in ours]) == pytest.approx(metrics[measure], rel=1e-6)
    with (folder / "clips.csv").open(newline="", encoding="utf-8") as file:
        clips = [row for row in csv_files.DictReader(file) if row["way"] == "network"]
    assert np.sqrt(np.mean([float(row["rmse"]) ** 2 for row in clips])) == pytest.approx(metrics["rmse"])


def test_the_command_tells_its_figures(csv: Path, choice: Choice, tmp_path: Path, run_command: Callable) -> None:
    folder = tmp_path / "figures"
    code, out, _ = run_command(evaluate_command, choice.artifact, "--data", csv, "--split", "valid", "--out", folder)
    told = json.loads((folder / "metrics.json").read_text("utf-8"))
    assert code == 0 and "ahead on pieces, split valid: 2 clips, their last 20 frames foretold" in out
    rows = {tuple(line.split("  ")[0].split(", ")): line.split() for line in out.splitlines() if "." in line}
    assert f"{told['rmse']:.2f}" in rows["network", "best guess"]
    assert f"{told['beside']['decayed hold']['lsd']:.2f}" in rows["decayed hold",]
    assert f"{told['draws']['best of 10 draws']['mae']:.2f}" in rows["best of 10 draws",]
    assert f"Draws are {told['spread']:.2f} dB apart" in out and str(folder) in out


def test_the_saved_model_goes_on_where_the_sound_ends(choice: Choice) -> None:
    import tensorflow as tf

    network, card = load(choice.artifact)
    # 100 samples more than whole hops: it is the end that counts.
    sound = chords(99)[: 100 + 1024 + 90 * 512]
    code = np.random.default_rng(0).standard_normal((1, LATENT), np.float32)
    picture = LogMel(card.mel)(sound[100:])[None, :91]
    expected = network.predict_on_batch({"picture": picture, "code": code})
    model = tf.saved_model.load(str(choice.artifact / "saved_model"))
    serve = model.signatures["serve"]
    result = serve(waveform=tf.constant(sound[None]), code=tf.constant(code))
    assert int(result["sample_rate"]) == RATE and result["picture"].shape == (1, FUTURE, 64)
    np.testing.assert_allclose(result["picture"], expected, atol=0.05)
    # As the artifact's README has it.
    assert serve.structured_input_signature[1]["code"].shape[-1] == LATENT
    with pytest.raises(tf.errors.InvalidArgumentError, match="shorter than a frame, 1024 samples"):
        serve(waveform=tf.constant(sound[None, :1000]), code=tf.constant(code))


def test_the_untrained_network_is_the_decayed_hold(csv: Path, choice: Choice, tmp_path: Path) -> None:
    save(continuer(prednet((231, 64), width=8, dilations=(1,))), read_card(choice.artifact), tmp_path / "untrained")
    told = evaluate_continue(tmp_path / "untrained", read_manifest(csv), csv.parent, "test", seconds=6.0).as_dict()
    assert told["rmse"] == pytest.approx(told["beside"]["decayed hold"]["rmse"], rel=1e-4)
    assert told["spread"] < 1e-4 and told["draws"]["best of 10 draws"]["lsd"] == pytest.approx(told["lsd"])


def test_other_tasks_refuse_it_in_words(csv: Path, choice: Choice, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="was trained to continue; expected an artifact that fills gaps"):
        evaluate_infill(choice.artifact, read_manifest(csv), csv.parent, "test", seconds=3.0)
    emptied = read_manifest(csv).split("train")
    with pytest.raises(ManifestError, match="the split test has no usable clip"):
        evaluate_continue(choice.artifact, emptied, csv.parent, "test", seconds=3.0)
    card = read_card(choice.artifact)
    with pytest.raises(ExportError, match="which gives pictures; expected savedmodel or keras"):
        check_task(card, "litert")
    assert "code float32 (batch, latent) -> the log-mel pictures that come next" in takes(card)
    # A network that fills gaps, and a card that says it goes on.
    other = tmp_path / "other"
    save(gapnet((None, 64), width=8, dilations=(1,)), dataclasses.replace(card, task="infill"), other)
    write_card(sealed(dataclasses.replace(read_card(other), task="continue"), other), other)
    with pytest.raises(ArtifactError, match=r"expected picture \(None, None, 64\) and a code"):
        load(other)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"gap_most": 20}, "expected 40: prednet has no use for it"),
        ({"mixup": 0.2}, "expected 0.0: prednet has no use for it"),
        ({"objective": "kl"}, "expected one of elbo"),
    ],
)
def test_settings_without_a_meaning_are_refused(wrong: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        resolve("prednet", wrong)
