"""Artifacts that are missing, changed, unsafe or inconsistent are refused, by the command with exit code 2."""

from __future__ import annotations

import dataclasses
import functools
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fstmuse import predict
from fstmuse.artifacts.card import read_card, sealed, write_card
from fstmuse.artifacts.save import record_metrics
from fstmuse.errors import ArtifactError
from tests.artifact_fixtures import write_tone


@pytest.fixture
def copy(tone_artifact: Path, tmp_path: Path) -> Path:
    """An artifact of one's own to spoil."""
    return Path(shutil.copytree(tone_artifact, tmp_path / "models" / "mine"))


def sign(artifact: Path, **changes: object) -> None:
    """Makes the card true again, as someone would who replaces files on purpose."""
    write_card(sealed(dataclasses.replace(read_card(artifact), **changes), artifact), artifact)


def edit(artifact: Path, changes: dict) -> None:
    """Writes into the card as a hand would: {"mel.fmax": 4000}."""
    card = json.loads((artifact / "card.json").read_text("utf-8"))
    for name, value in changes.items():
        *tables, field = name.split(".")
        functools.reduce(dict.__getitem__, tables, card)[field] = value
    (artifact / "card.json").write_text(json.dumps(card), "utf-8")


def refusal(artifact: Path) -> str:
    from fstmuse.inference.session import Session

    with pytest.raises(ArtifactError) as caught:
        Session(artifact)
    return str(caught.value)


def test_missing(copy: Path) -> None:
    message = refusal(copy.parent / "other")
    assert (
        message == f"{copy.parent / 'other'} holds no artifact: no card.json there. Artifacts in {copy.parent}: mine."
    )


@pytest.mark.parametrize("file", ["network.keras", "saved_model/saved_model.pb"])
def test_changed(copy: Path, file: str) -> None:
    content = bytearray((copy / file).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / file).write_bytes(content)
    assert f"{copy}: {file} is not what card.json says" in refusal(copy)


def test_added_and_lost(copy: Path) -> None:
    (copy / "saved_model" / "extra.py").write_text("print('hello')")
    assert "saved_model/extra.py is not what card.json says" in refusal(copy)
    (copy / "saved_model" / "extra.py").unlink()
    (copy / "network.keras").unlink()
    assert "network.keras is not what card.json says (changed, missing or added since)" in refusal(copy)


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", "cannot be read"), ("[]", "format 'list', expected 1"), ('{"format": 9}', "format 9, expected 1")],
)
def test_damaged_card(copy: Path, text: str, message: str) -> None:
    (copy / "card.json").write_text(text)
    assert message in refusal(copy)


IMPOSSIBLE: dict[str, tuple[dict, str]] = {
    "negative rate": ({"audio.sample_rate": -1}, "Received sample_rate=-1; expected more than 0 Hz"),
    "fractional rate": ({"audio.sample_rate": 8000.5}, "sample_rate=8000.5; expected a whole number"),
    "infinite window": ({"audio.seconds": float("inf")}, "seconds=inf; expected a finite number"),
    "window beyond all floats": ({"audio.seconds": 10**400}, "is damaged"),
    "endless window": ({"audio.seconds": 1e12}, "expected 1 to 2,147,483,647 samples at 8000 Hz"),
    "window of no sample": ({"audio.seconds": 1e-9}, "seconds=1e-09; expected 1 to"),
    "no audio": ({"audio": None}, "Received None; expected the fields of AudioSpec"),
    "mel in words": ({"mel.n_mels": "24"}, "n_mels='24'; expected a whole number"),
    "mel without end": ({"mel.fmax": float("nan")}, "fmax=nan; expected a finite number"),
    "hop null": ({"hop_seconds": None}, "hop_seconds=None; expected more than 0 and at most the window, 1.0 s"),
    "hop in words": ({"hop_seconds": "6"}, "hop_seconds=6; expected more than 0"),
    "hop 0": ({"hop_seconds": 0}, "hop_seconds=0; expected more than 0"),
    "hop beyond the window": ({"hop_seconds": 1.5}, "hop_seconds=1.5; expected more than 0 and at most the window"),
    "two rates": ({"audio.sample_rate": 44100}, "audio.sample_rate=44100; expected that of mel, 8000 Hz"),
    "no labels": ({"labels": []}, "labels=(); expected names, at least one"),
    "labels in one word": ({"labels": "abc"}, "labels=abc; expected names, at least one"),
    "labels of numbers": ({"labels": [1, 2, 3]}, "labels=(1, 2, 3); expected names"),
    "a label twice": ({"labels": ["Low", "High", "Low"]}, "labels=Low twice; expected each name once"),
    "checksums null": ({"checksums": None}, "checksums=None; expected a table"),
    "checksum null": ({"checksums": {"card": None}}, "checksums['card']=None; expected text"),
    "metrics of nothing": ({"metrics": {"test": None}}, "metrics['test']=None; expected a table"),
    "no task": ({"task": None}, "task=None; expected text"),
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_card_with_impossible_fields(copy: Path, case: str) -> None:
    changes, message = IMPOSSIBLE[case]
    edit(copy, changes)
    received = refusal(copy)
    assert received.startswith(f"{copy / 'card.json'} is damaged: ") and message in received


EDITED = {
    "labels": ["Low", "High", "Middle"],
    "hop_seconds": 0.5,
    "audio.pad": "zero",
    "mel.fmax": 3000.0,
    "mel.hop_length": 512,
    "mel.n_mels": 32,
    "network": "shortchunk",
    "task": "tag",
}


@pytest.mark.parametrize("field", EDITED)
def test_edited_card(copy: Path, field: str) -> None:
    edit(copy, {field: EDITED[field]})
    assert refusal(copy).startswith(f"{copy / 'card.json'} was edited: ")


def test_remarks_and_metrics_of_a_card_may_change(copy: Path) -> None:
    from fstmuse.inference.session import Session

    metrics = {"accuracy": 0.9, "accuracy_interval": [0.8, 1.0], "balanced_accuracy": 0.9, "macro_f1": 0.9, "n": 3}
    record_metrics(copy, "test", metrics)
    edit(copy, {"name": "mine", "data": {"name": "my music"}})
    card = Session(copy).card
    assert (card.name, card.metrics["test"]["accuracy"]) == ("mine", 0.9)


def test_card_and_network_of_other_pictures(copy: Path) -> None:
    sign(copy, mel=dataclasses.replace(read_card(copy).mel, n_mels=32))
    message = refusal(copy)
    assert "the network takes (None, None, 24), expected (None, 32, 32), the pictures of audio and mel" in message
    assert "Card and network are not of one artifact" in message


def test_network_of_a_fixed_number_of_frames(copy: Path) -> None:
    import keras

    picture = keras.Input((31, 24))
    keras.Model(picture, keras.layers.Dense(3)(keras.layers.Flatten()(picture))).save(copy / "network.keras")
    sign(copy)
    assert "the network takes (None, 31, 24), expected (None, 32, 24)" in refusal(copy)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fmax": 4000.0}, "mel of toymodel-pooled: fmax 4000.0, expected 8000.0"),
        ({"hop_length": 512}, "mel of toymodel-pooled: hop_length 512, expected 1024"),
    ],
)
def test_a_network_of_the_catalogue_hears_as_there(
    toy_artifact: Path, tmp_path: Path, changes: dict, message: str
) -> None:
    copy = Path(shutil.copytree(toy_artifact, tmp_path / "mine"))
    sign(copy, mel=dataclasses.replace(read_card(copy).mel, **changes))
    assert message in refusal(copy)


def test_card_and_network_of_two_artifacts(copy: Path) -> None:
    sign(copy, labels=("Low", "High"))
    message = refusal(copy)
    assert "the network gives (None, 3), expected (None, 2) for the labels Low, High" in message
    assert "Card and network are not of one artifact" in message


def test_network_that_holds_code(copy: Path) -> None:
    import keras

    picture = keras.Input((None, 24))
    pooled = keras.layers.Lambda(lambda x: x[:, 0, :3])(picture)
    keras.Model(picture, pooled).save(copy / "network.keras")
    sign(copy)
    message = refusal(copy)
    assert message.startswith(f"{copy / 'network.keras'} cannot be loaded: ") and "Lambda" in message


def _write_file(x, target):
    import tensorflow as tf

    tf.io.write_file(str(target), "owned")
    return x


def _read_file(x, target):
    import tensorflow as tf

    return x + tf.cast(tf.strings.length(tf.io.read_file(str(target))), tf.float32)


def _numpy_function(x, target):
    import tensorflow as tf

    return tf.ensure_shape(tf.numpy_function(np.negative, [x], tf.float32), x.shape)


def _hidden_in_a_loop(x, target):
    import tensorflow as tf

    return tf.map_fn(lambda row: tf.cond(row[0] > 0, lambda: _read_file(row, target), lambda: row), x)


UNSAFE: dict[str, tuple[Callable, str]] = {
    "writes a file": (_write_file, "WriteFile"),
    "reads a file": (_read_file, "ReadFile"),
    "calls Python": (_numpy_function, "PyFunc"),
    "hides it in a loop": (_hidden_in_a_loop, "ReadFile"),
}


def spoil_saved_model(artifact: Path, trick: Callable, target: Path) -> None:
    import tensorflow as tf

    module = tf.Module()
    module.serve = tf.function(
        lambda waveform: {"probabilities": trick(waveform, target)},
        input_signature=[tf.TensorSpec((None, None), tf.float32, name="waveform")],
    )
    shutil.rmtree(artifact / "saved_model")
    tf.saved_model.save(module, str(artifact / "saved_model"), signatures={"serve": module.serve})
    sign(artifact)


@pytest.mark.parametrize("case", UNSAFE)
def test_unsafe_saved_model(copy: Path, tmp_path: Path, case: str) -> None:
    trick, operation = UNSAFE[case]
    target = tmp_path / "target"
    spoil_saved_model(copy, trick, target)
    message = refusal(copy)
    assert f"its graph holds the operation {operation}," in message
    assert "do not use this artifact" in message
    assert not target.exists()


def test_an_honest_saved_model_passes(copy: Path, tmp_path: Path) -> None:
    from fstmuse.inference.session import Session

    spoil_saved_model(copy, lambda x, target: x * 2.0, tmp_path)
    assert Session(copy).card.name == "tones"


SPOILERS: dict[str, tuple[Callable[[Path], object], str]] = {
    "no such folder": (shutil.rmtree, "holds no artifact"),
    "changed": (lambda folder: (folder / "network.keras").write_bytes(b"other"), "is not what card.json says"),
    "unsafe": (lambda folder: spoil_saved_model(folder, _write_file, folder / "t"), "holds the operation WriteFile"),
    "inconsistent": (lambda folder: sign(folder, labels=("A", "B")), "Card and network are not of one artifact"),
    "another task": (lambda folder: sign(folder, task="transcribe"), "was trained to transcribe"),
}


@pytest.mark.parametrize("case", SPOILERS)
def test_the_command_ends_with_2(
    copy: Path, tmp_path: Path, case: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil, message = SPOILERS[case]
    spoil(copy)
    capsys.readouterr()
    monkeypatch.setattr(sys, "argv", ["predict", str(copy), str(write_tone(tmp_path / "a.wav", "Low"))])
    with pytest.raises(SystemExit) as end:
        predict.main()
    out, err = capsys.readouterr()
    assert end.value.code == 2
    assert out == "" and err.startswith("Error: ") and message in err and err.count("\n") <= 2


def test_unknown_bare_name(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fstmuse.artifacts.find import find_artifact

    monkeypatch.setenv("FSTMUSE_MODELS", str(copy.parent))
    assert find_artifact("mine") == copy
    assert find_artifact(str(copy)) == copy
    with pytest.raises(ArtifactError, match=r"No artifact 'mien'.*Did you mean 'mine'\?"):
        find_artifact("mien")
    monkeypatch.setenv("FSTMUSE_MODELS", str(copy / "nothing"))
    with pytest.raises(ArtifactError, match=r"which holds none\. Train one by"):
        find_artifact("mine")
