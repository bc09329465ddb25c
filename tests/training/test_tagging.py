"""A tagger of raw sound: the whole way from clips with several tags to an artifact, its figures and its answers."""

from __future__ import annotations

import csv as csv_module
import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from fstmuse import evaluate as evaluate_command
from fstmuse import invert as invert_command
from fstmuse import predict as predict_command
from fstmuse.artifacts.card import read_card, sealed, write_card
from fstmuse.artifacts.exports import check_task
from fstmuse.artifacts.formats import export
from fstmuse.artifacts.load import load
from fstmuse.artifacts.shelf import describe, look
from fstmuse.audio.write import write
from fstmuse.data.manifest import Clip, Manifest, read_manifest, write_manifest
from fstmuse.errors import ArtifactError, ConfigError, ManifestError, SpecError
from fstmuse.inference.generate_hearing import Hearer
from fstmuse.inference.session import Session
from fstmuse.inference.tag_evaluation import check_tags
from fstmuse.lesson import part_of, read_lesson
from fstmuse.networks import build
from fstmuse.networks.samplecnn import samplecnn
from fstmuse.run_choice import Choice
from fstmuse.training.config import TrainConfig, resolve
from fstmuse.watch import Watch
from tests.training.filling import trained_in

RATE = 22050
PITCHES = {"high": 3000.0, "low": 200.0}
TAGS = {
    "train": (("high",), ("low",), ("high", "low"), (), ("high",), ("low", "rare"), ("high", "low"), ()),
    "valid": (("high",), ("low",), ("high", "low")),
    "test": (("high",), ("low",), ("high", "low"), ()),
}


def sound(tags: tuple[str, ...], seed: int, seconds: float = 3.0) -> np.ndarray:
    """float32 (samples,): a tone for each tag that has a pitch, in noise."""
    time = np.arange(round(seconds * RATE)) / RATE
    tones = sum(0.3 * np.sin(2 * np.pi * PITCHES[tag] * time) for tag in tags if tag in PITCHES)
    return (tones + 0.02 * np.random.default_rng(seed).standard_normal(len(time))).astype(np.float32)


@pytest.fixture(scope="module")
def csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, clips = tmp_path_factory.mktemp("tags"), []
    for split, rows in TAGS.items():
        for number, tags in enumerate(rows):
            name = f"{split}{number}.wav"
            write(folder / name, sound(tags, len(clips)), RATE)
            clips.append(Clip(name, name, labels=tags, split=split))
    write_manifest(Manifest("tones", tuple(clips)), folder / "tones.csv")
    return folder / "tones.csv"


def settings(csv: Path, **more: Any) -> TrainConfig:
    usual = {"data": str(csv), "epochs": 2, "batch_size": 4, "crops_per_clip": 4, "clip_seconds": 3.0, "workers": 0}
    return resolve("samplecnn", usual | {"learning_rate": 0.02, "gain_db": 3.0, "schedule": "constant"} | more)


@pytest.fixture(scope="module")
def choice(csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Choice:
    with pytest.MonkeyPatch.context() as patch:
        # 3^4 behind 729 samples hears as much as 3^9, at a hundredth of the work.
        tiny = {"m": 3, "n": 4, "first": 729, "filters": 8, "dropout": 0.0, "momentum": 0.8}
        patch.setitem(build.BUILDERS, "samplecnn", lambda shape, tags: samplecnn(shape[0], tags, **tiny))
        return trained_in(tmp_path_factory.mktemp("home"), settings(csv), "tags")


def test_the_whole_way(choice: Choice) -> None:
    rows = choice.run.history()
    assert [row["epoch"] for row in rows] == [1, 2]
    assert {"loss", "roc_auc", "val_loss", "val_roc_auc"} <= set(rows[0]) and rows[-1]["loss"] < rows[0]["loss"]
    card = read_card(choice.artifact)
    assert (card.task, card.labels, card.mel) == ("tag", ("high", "low", "rare"), None)
    assert (card.audio.samples, card.data["train"], card.data["valid"]) == (59_049, 8, 3)
    told = card.metrics["test"]
    assert told == choice.metrics and (told["n"], told["left_out"]) == (4, ["rare"])
    assert [row["support"] for row in told["per_tag"]] == [2, 2, 0]
    assert told["per_tag"][2]["roc_auc"] is None
    assert told["roc_auc"] == np.mean([row["roc_auc"] for row in told["per_tag"][:2]])
    assert "No clip has rare, or each does" in told["notes"][0] and "59,049 samples" in told["protocol"]
    folder = choice.artifact / "evaluation" / "tones-test"
    assert json.loads((folder / "metrics.json").read_text("utf-8")) == told
    names = {"metrics.json", "predictions.csv", "tags.csv", "tags.png", "best_worst.csv", "skipped.csv"}
    assert {path.name for path in folder.iterdir()} == names
    with (folder / "predictions.csv").open(newline="", encoding="utf-8") as file:
        answers = list(csv_module.DictReader(file))
    assert [row["truth"] for row in answers] == ["high", "low", "high|low", ""]
    given = np.array([[float(row[f"p_{tag}"]) for tag in card.labels] for row in answers])
    truth = np.array([[tag in row["truth"].split("|") for tag in card.labels] for row in answers])
    bce = -np.log(np.where(truth, given, 1 - given)).mean(axis=1)
    np.testing.assert_allclose([float(row["bce"]) for row in answers], bce, atol=1e-4)
    assert told["bce"] == pytest.approx(bce.mean(), abs=1e-4)
    assert told["best"][0]["bce"] == pytest.approx(bce.min(), abs=1e-4)


def test_card_and_readme_in_words(choice: Choice) -> None:
    told = read_card(choice.artifact).metrics["test"]
    readme = (choice.artifact / "README.md").read_text("utf-8")
    assert "the samples themselves" in readme and "a probability by itself" in readme
    assert f"test: ROC-AUC {told['roc_auc']:.3f} (95 % interval" in readme
    model = look(choice.artifact)
    assert str(model.score) == f"ROC-AUC {told['roc_auc']:.3f}, n = 4"
    assert dict(describe(model))["Hears"].endswith("the samples themselves")


def test_every_form_answers_as_the_network(choice: Choice, tmp_path: Path) -> None:
    import tensorflow as tf

    network, card = load(choice.artifact)
    windows = np.stack([sound(("high",), 90, 59_049 / RATE), sound(("low",), 91, 59_049 / RATE)])
    expected = network(windows, training=False).numpy()
    assert expected.min() > 0 and not np.allclose(expected.sum(axis=1), 1)
    serve = tf.saved_model.load(str(choice.artifact / "saved_model")).signatures["serve"]
    served = serve(waveform=tf.constant(windows))
    np.testing.assert_allclose(served["probabilities"], expected, atol=1e-5)
    session = Session(choice.artifact)
    session.warm_up()
    long = np.concatenate(windows)
    answer = session.classify(long, along_time=True)
    np.testing.assert_allclose(answer.along_time, expected, atol=1e-5)
    np.testing.assert_allclose(answer.probabilities, expected.mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(
        serve(waveform=tf.constant(long[None]))["probabilities"][0], answer.probabilities, atol=1e-5
    )
    told = export(choice.artifact, "keras", tmp_path / "out.keras")
    assert told == "waveform windows float32 (batch, 59049), mono at 22050 Hz -> probabilities"
    again = keras.saving.load_model(tmp_path / "out.keras", safe_mode=True)
    np.testing.assert_allclose(again(windows, training=False), expected, atol=1e-6)
    for kind in ("onnx", "litert"):  # the same converters as of pictures; they take seconds
        check_task(card, kind)


def test_the_commands_tell_tags(csv: Path, choice: Choice, tmp_path: Path, run_command: Callable) -> None:
    out = tmp_path / "figures"
    code, said, _ = run_command(evaluate_command, choice.artifact, "--data", csv, "--split", "train", "--out", out)
    told = json.loads((out / "metrics.json").read_text("utf-8"))
    assert code == 0 and "tags on tones, split train: 8 clips" in said
    assert f"ROC-AUC            {told['roc_auc']:.3f}  (95 % interval" in said and "Means over 3 tags" in said
    assert "was trained by the split train" in said and "Clips without any of the tags are counted" in told["protocol"]
    only = ("--labels", "low,high", "--out", tmp_path / "two")
    code, said, _ = run_command(evaluate_command, choice.artifact, "--data", csv, *only)
    told = json.loads((tmp_path / "two" / "metrics.json").read_text("utf-8"))
    assert code == 0 and (told["n"], told["evaluated_labels"]) == (3, ["high", "low"])
    assert "Clips without any of the tags are left out" in told["protocol"]
    code, said, _ = run_command(predict_command, choice.artifact, csv.parent / "test2.wav", "--format", "json")
    answer = json.loads(said)["results"][0]
    assert code == 0 and set(answer["probabilities"]) == {"high", "low", "rare"}


def test_what_does_not_fit_is_refused_in_words(
    csv: Path, choice: Choice, tmp_path: Path, run_command: Callable
) -> None:
    card, manifest = read_card(choice.artifact), read_manifest(csv)
    with pytest.raises(ManifestError, match=r"the tag 'hihg', which tags does not know\. Did you mean 'high'"):
        check_tags(card, manifest, "test", ["hihg"])
    other = Manifest("other", (Clip("a", "a.wav", labels=("Jazz",), split="test"),))
    with pytest.raises(ManifestError, match=r"no clip of the split test has a tag .* Its clips have Jazz"):
        check_tags(card, other, "test")
    with pytest.raises(ArtifactError, match="was trained to tag; expected an artifact that draws music"):
        Session(choice.artifact).generate()
    with pytest.raises(ArtifactError, match="was trained to tag; expected an artifact that classifies"):
        Hearer(choice.artifact)
    code, _, error = run_command(invert_command, csv.parent / "test2.wav", "--model", choice.artifact)
    assert code == 2 and "which hears the samples themselves" in error
    for setting, value in (("freq_mask", 4), ("class_weights", True), ("gap_most", 3)):
        with pytest.raises(ConfigError, match=f"'{setting}'.*samplecnn has no use for it"):
            settings(csv, **{setting: value})


def test_a_card_says_truly_whether_sound_is_heard(choice: Choice, tmp_path: Path) -> None:
    card = read_card(choice.artifact)
    with pytest.raises(SpecError, match=r"Received mel=None; expected a MelSpec, or none where .* classify or tag"):
        dataclasses.replace(card, task="infill", labels=())
    other = tmp_path / "other"
    shutil.copytree(choice.artifact, other)
    write_card(sealed(dataclasses.replace(card, network="shortchunk-tag"), other), other)
    with pytest.raises(ArtifactError, match="received mel none, expected what shortchunk-tag takes: pictures"):
        load(other)
    audio = dataclasses.replace(card.audio, seconds=2.0)
    write_card(sealed(dataclasses.replace(card, network="mine", audio=audio, hop_seconds=1.0), other), other)
    with pytest.raises(ArtifactError, match=r"takes \(None, 59049\), expected \(None, 44100\), the windows of audio"):
        load(other)


class Listening(Watch):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, line: str) -> None:
        self.said.append(line)


def test_rare_tags_and_clips_without_one_are_told_of(csv: Path) -> None:
    watch = Listening()
    lesson = read_lesson(settings(csv), watch)
    assert lesson.labels == ("high", "low", "rare") and len(lesson.manifest) == 15
    assert watch.said == [
        "3 clips without a tag are learnt and measured as such; --labels with tags leaves them out.",
        "No clip of the split valid has 1 of 3 tags: rare.",
        "No clip of the split test has 1 of 3 tags: rare.",
    ]
    assert len(read_lesson(settings(csv, labels=("low", "high")), Watch()).manifest) == 12
    assert len(part_of(lesson, 4, 0).manifest.split("train").clips) >= 4
    with pytest.raises(ManifestError, match=r"needs exactly one\. .* or a network that tags"):
        read_lesson(resolve("shortchunk", {"data": str(csv), "labels": ("high", "low")}), Watch())


def test_a_validation_without_tags_is_refused(csv: Path) -> None:
    manifest = read_manifest(csv)
    bare = [
        Clip(clip.clip_id, clip.path, labels=() if clip.split == "valid" else clip.labels, split=clip.split)
        for clip in manifest.clips
    ]
    path = csv.with_name("bare.csv")
    write_manifest(Manifest("bare", tuple(bare)), path)
    with pytest.raises(ManifestError, match="no tag is on some clips of the split valid and not on others"):
        read_lesson(settings(path), Watch())
