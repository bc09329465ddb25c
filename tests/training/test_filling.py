"""A network that fills gaps: the whole way from sound to an artifact, a kill, what the artifact answers."""

from __future__ import annotations

import dataclasses
import io
import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from rich.console import Console

from fstmuse import infill as infill_command
from fstmuse import train as train_command
from fstmuse.artifacts.card import read_card
from fstmuse.artifacts.load import load
from fstmuse.artifacts.shelf import look
from fstmuse.errors import ArtifactError, ManifestError
from fstmuse.features.mel import LogMel
from fstmuse.inference.infill_evaluation import evaluate_infill
from fstmuse.lesson import prepare_cache, read_lesson
from fstmuse.networks import build
from fstmuse.networks.gapnet import gapnet
from fstmuse.run_choice import Choice
from fstmuse.tasks import infill
from fstmuse.training import fit as fitting
from fstmuse.training.checkpoint import finished_epochs
from fstmuse.training.run import RunFolder
from fstmuse.watch import Watch
from tests.training.filling import RATE, chords, settings, trained_in

ENTRY = fitting.find("gapnet")


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousandth of the work; all else is as it is."""
    monkeypatch.setitem(build.FILLERS, "gapnet", lambda shape, objective: gapnet(shape, width=8, dilations=(1, 2)))


@pytest.fixture(scope="module")
def choice(csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Choice:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(build.FILLERS, "gapnet", lambda shape, objective: gapnet(shape, width=8, dilations=(1, 2)))
        return trained_in(tmp_path_factory.mktemp("home"), settings(csv), "filler")


def test_the_whole_way(choice: Choice) -> None:
    rows = choice.run.history()
    assert [row["epoch"] for row in rows] == [1, 2]
    assert {"loss", "mae", "rmse", "val_loss", "val_mae", "val_rmse"} <= set(rows[0])
    card = read_card(choice.artifact)
    assert (card.task, card.labels, card.network) == ("infill", (), "gapnet")
    told = card.metrics["test"]
    assert told == choice.metrics and told["n"] == 2 and told["width"] == 10
    assert set(told["beside"]) == {"linear interpolation", "hold", "clip mean", "repeat", "LPC"}
    assert set(told["boundary_flux"]) == {"truth", "network", *told["beside"]}
    assert set(told["sound"]["ways"]) == {"LPC", "infill --plain", "infill"} and told["sound"]["n"] == 2
    assert told["rmse_interval"][0] <= told["rmse"] <= told["rmse_interval"][1]
    for file in ("saved_model/saved_model.pb", "figures/curves.png", "evaluation/pieces-test/widths.png"):
        assert (choice.artifact / file).is_file(), file
    readme = (choice.artifact / "README.md").read_text("utf-8")
    assert "any length" in readme and f"| **network** | {told['rmse']:.2f} |" in readme
    linear = told["beside"]["linear interpolation"]["rmse"]
    expected = f"RMSE in the gap {told['rmse']:.2f} dB (linear interpolation {linear:.2f} dB), n = 2"
    assert str(look(choice.artifact).score) == expected


def test_what_comes_next_is_named_and_works(
    csv: Path, choice: Choice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run_command: Callable
) -> None:
    told = io.StringIO()
    console = Console(file=told, soft_wrap=True)
    train_command._tell(settings(csv), choice, read_lesson(settings(csv), Watch()), console)
    assert "\nTest: RMSE in the gap " in told.getvalue()
    _, module, command, *arguments = shlex.split(told.getvalue().split("\nNext: ")[1])
    assert (module, command) == ("-m", "fstmuse.infill") and arguments[1].endswith("e0.wav")
    monkeypatch.chdir(tmp_path)
    code, out, err = run_command(infill_command, *arguments)
    assert (code, err) == (0, "") and out.startswith("e0.infilled.wav: 1 gap, 0.200 s of 3.00 s, filled by filler")


def test_the_artifact_fills_gaps_and_passes_on_what_is_known(choice: Choice) -> None:
    network, card = load(choice.artifact)
    picture = LogMel(card.mel)(chords(99))[None]
    missing = np.zeros(picture.shape[:2], np.float32)
    missing[:, 50:60] = 1
    expected = network.predict_on_batch({"picture": picture, "missing": missing})
    np.testing.assert_array_equal(expected[:, :50], picture[:, :50])
    assert np.isfinite(expected).all() and not np.array_equal(expected, picture)

    import tensorflow as tf

    model = tf.saved_model.load(str(choice.artifact / "saved_model"))
    serve = model.signatures["serve"]
    result = serve(waveform=tf.constant(chords(99)[None]), missing=tf.constant(missing))
    assert int(result["sample_rate"]) == RATE
    np.testing.assert_allclose(result["picture"], expected, atol=0.02)
    with pytest.raises(tf.errors.InvalidArgumentError, match="one number for each frame"):
        serve(waveform=tf.constant(chords(99)[None]), missing=tf.constant(missing[:, 1:]))


def test_a_resumed_run_is_the_undisturbed_one_to_the_bit(csv: Path, choice: Choice, tmp_path: Path) -> None:
    config = settings(csv)
    watch = Watch()
    lesson = read_lesson(config, watch)
    cache = prepare_cache(config, lesson, watch)
    sets = [infill.examples([cache], lesson.manifest.split(split).clips, ENTRY) for split in ("train", "valid")]
    run = RunFolder(tmp_path / "run")
    run.begin(config, {})

    class Killed(Exception):
        pass

    class Killer(Watch):
        def begin_epoch(self, epoch: int, epochs: int, steps: int) -> None:
            if epoch == 2:
                raise Killed

    with pytest.raises(Killed):
        fitting.fit(config, *sets, run, Killer())
    assert finished_epochs(run) == 1
    resumed = fitting.fit(config, *sets, run, watch)
    assert run.history() == choice.run.history()
    network, _ = load(choice.artifact)
    for one, other in zip(resumed.weights, network.weights, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


def test_what_is_kept_is_the_average_that_was_validated(csv: Path, tmp_path: Path) -> None:
    config = settings(csv, epochs=1)
    watch = Watch()
    lesson = read_lesson(config, watch)
    cache = prepare_cache(config, lesson, watch)
    sets = [infill.examples([cache], lesson.manifest.split(split).clips, ENTRY) for split in ("train", "valid")]
    found = {}
    for ema in (0.0, 0.9):
        run = RunFolder(tmp_path / f"run-{ema}")
        run.begin(dataclasses.replace(config, ema=ema), {})
        network = fitting.fit(dataclasses.replace(config, ema=ema), *sets, run, watch)
        network.compile(loss=infill_loss())
        data = infill.validation_dataset(sets[1], ENTRY, infill.Gaps(1, 12), 6)
        found[ema] = (network.evaluate(data, verbose=0), run.history()[0]["val_loss"])
    for measured, noted in found.values():
        assert measured == pytest.approx(noted, rel=1e-5)
    assert found[0.0][1] != found[0.9][1]


def infill_loss() -> keras.losses.Loss:
    from fstmuse.tasks.infill_losses import GapError

    return GapError()


def test_the_untrained_network_is_linear_interpolation(csv: Path, choice: Choice, tmp_path: Path) -> None:
    from fstmuse.artifacts.save import save
    from fstmuse.data.manifest import read_manifest

    save(build.build_filler("gapnet"), read_card(choice.artifact), tmp_path / "untrained")
    manifest = read_manifest(csv)
    evaluation = evaluate_infill(tmp_path / "untrained", manifest, csv.parent, "test", seconds=3.0)
    told = evaluation.as_dict()
    assert told["rmse"] == pytest.approx(told["beside"]["linear interpolation"]["rmse"], rel=1e-3)
    assert list(evaluation.curve_errors) == list(range(1, 41))
    assert [width for width, ways in evaluation.curve_errors.items() if "LPC" in ways] == [
        1,
        2,
        4,
        7,
        10,
        14,
        20,
        30,
        40,
    ]
    # As sound, too, it is what needs no network.
    ways = told["sound"]["ways"]
    assert ways["infill"]["snr"] == pytest.approx(ways["infill --plain"]["snr"], abs=0.1)
    with pytest.raises(ManifestError, match="split valid has no usable clip"):
        empty = dataclasses.replace(manifest, clips=manifest.split("test").clips)
        evaluate_infill(tmp_path / "untrained", empty, csv.parent, "valid", seconds=3.0)


def test_a_card_of_another_kind_is_refused(choice: Choice, tmp_path: Path) -> None:
    from fstmuse.artifacts.save import save

    card = read_card(choice.artifact)
    other = keras.Sequential([keras.Input((64, 64)), keras.layers.GlobalAveragePooling1D(), keras.layers.Dense(2)])
    classifier = dataclasses.replace(card, task="classify", labels=("a", "b"), network="mine", metrics={})
    save(other, classifier, tmp_path / "other")
    disguised = dataclasses.replace(card, network="mine")
    with pytest.raises(Exception, match="labels"):
        dataclasses.replace(card, labels=("a",))
    save(build.build_filler("gapnet"), disguised, tmp_path / "mine")
    load(tmp_path / "mine")
    (tmp_path / "mine" / "network.keras").write_bytes((tmp_path / "other" / "network.keras").read_bytes())
    from fstmuse.artifacts.card import sealed, write_card

    write_card(sealed(disguised, tmp_path / "mine"), tmp_path / "mine")
    with pytest.raises(ArtifactError, match=r"the network takes .* expected picture \(None, 64, 64\)"):
        load(tmp_path / "mine")
    with pytest.raises(ArtifactError, match="trained to classify; expected an artifact that fills gaps"):
        evaluate_infill(tmp_path / "other", None, tmp_path, "test", seconds=1.0)


def test_evaluate_measures_it_again(csv: Path, choice: Choice, tmp_path: Path) -> None:
    """In a process that has never seen the network's layers."""
    command = [sys.executable, "-m", "fstmuse.evaluate", str(choice.artifact), "--data", str(csv), "--split", "valid"]
    result = subprocess.run([*command, "--out", str(tmp_path / "out")], capture_output=True, text=True, timeout=250)
    assert result.returncode == 0, result.stderr[-2000:]
    assert "filler on pieces, split valid: 2 clips, a gap of 10 frames in the middle" in result.stdout
    told = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert told["n"] == 2 and f"{told['beside']['hold']['rmse']:.2f}" in result.stdout
    rows = (tmp_path / "out" / "clips.csv").read_text().splitlines()
    assert rows[0] == "clip_id,way,rmse,mae,lsd,boundary_flux,boundary_flux_of_truth,snr" and len(rows) == 1 + 2 * 8
    assert {row.split(",")[1] for row in rows[1:] if not row.endswith(",")} == {"LPC", "infill --plain", "infill"}
    assert f"{told['sound']['ways']['LPC']['snr']:.2f}" in result.stdout
