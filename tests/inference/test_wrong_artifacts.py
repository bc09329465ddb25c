"""Artifacts that are missing, changed, unsafe or inconsistent are refused, by the command with exit code 2."""

from __future__ import annotations

import dataclasses
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fstmuse import predict
from fstmuse.artifacts.card import checksums, read_card, write_card
from fstmuse.errors import ArtifactError
from tests.artifact_fixtures import write_tone


@pytest.fixture
def copy(tone_artifact: Path, tmp_path: Path) -> Path:
    """An artifact of one's own to spoil."""
    return Path(shutil.copytree(tone_artifact, tmp_path / "models" / "mine"))


def sign(artifact: Path, **changes: object) -> None:
    """Makes the card true again, as someone would who replaces files on purpose."""
    write_card(dataclasses.replace(read_card(artifact), checksums=checksums(artifact), **changes), artifact)


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


def test_card_with_an_impossible_spec(copy: Path) -> None:
    card = json.loads((copy / "card.json").read_text())
    card["audio"]["sample_rate"] = -1
    (copy / "card.json").write_text(json.dumps(card))
    assert "card.json is damaged: Received sample_rate=-1" in refusal(copy)


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
    "another task": (lambda folder: sign(folder, task="infill"), "was trained to infill"),
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
