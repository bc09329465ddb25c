"""Every form that is written answers as the network does; what cannot be written is refused in words."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from fstmuse.artifacts.card import Card
from fstmuse.artifacts.formats import export
from fstmuse.artifacts.save import save
from fstmuse.errors import ExportError
from fstmuse.features.frontend import LogMelFrontEnd
from fstmuse.networks.build import build
from fstmuse.networks.catalogue import find

LABELS = ("Folk", "Hip-Hop", "Rock")


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    entry = find("toymodel-pooled")
    keras.utils.set_random_seed(0)
    folder = tmp_path_factory.mktemp("models") / "tiny"
    save(build(entry.name, 3), Card("tiny", entry.name, "classify", LABELS, entry.audio, entry.mel, 6.0), folder)
    return folder


def noise(samples: int, batch: int = 1) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.1, (batch, samples)).astype(np.float32)


def test_saved_model_serves_without_fstmuse(artifact: Path, tmp_path: Path) -> None:
    export(artifact, "savedmodel", tmp_path / "out")
    program = (
        "import sys, json, tensorflow as tf\n"
        f"serve = tf.saved_model.load({str(tmp_path / 'out')!r}).signatures['serve']\n"
        "result = serve(waveform=tf.ones((2, 30000)) * 0.1)\n"
        "assert not any(name.startswith('fstmuse') for name in sys.modules)\n"
        "print(json.dumps([result['probabilities'].shape.as_list(), [l.decode() for l in result['labels'].numpy()],"
        " int(result['sample_rate'])]))\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path)
    assert result.returncode == 0, result.stderr[-2000:]
    assert json.loads(result.stdout) == [[2, 3], list(LABELS), 22050]


def test_artifact_of_the_default_network_is_small(artifact: Path) -> None:
    assert sum(file.stat().st_size for file in artifact.rglob("*") if file.is_file()) < 5_000_000


def test_keras_file_answers_as_the_saved_model(artifact: Path, tmp_path: Path) -> None:
    export(artifact, "keras", tmp_path / "out.keras")
    network = keras.saving.load_model(tmp_path / "out.keras", safe_mode=True)
    entry = find("toymodel-pooled")
    waveform = noise(entry.audio.samples, batch=2)
    serve = tf.saved_model.load(str(artifact / "saved_model")).signatures["serve"]
    expected = serve(waveform=tf.constant(waveform))["probabilities"]
    np.testing.assert_allclose(network(LogMelFrontEnd(entry.mel)(waveform)), expected, atol=1e-5)


def test_litert_takes_windows(artifact: Path, tmp_path: Path) -> None:
    told = export(artifact, "litert", tmp_path / "out.tflite")
    assert "float32 (batch, 132300)" in told
    assert (tmp_path / "out.tflite").stat().st_size > 100_000


def test_onnx_takes_pictures_or_names_the_package_it_lacks(artifact: Path, tmp_path: Path) -> None:
    try:
        import onnx
        import tf2onnx  # noqa: F401
    except ImportError:
        with pytest.raises(ExportError, match="pip install"):
            export(artifact, "onnx", tmp_path / "out.onnx")
        assert not list(tmp_path.iterdir())
        return
    assert "cannot carry the front end" in export(artifact, "onnx", tmp_path / "out.onnx")
    properties = {item.key: item.value for item in onnx.load(tmp_path / "out.onnx").metadata_props}
    assert json.loads(properties["labels"]) == list(LABELS)


def test_a_converter_that_fails_leaves_words_and_no_file(artifact: Path, tmp_path: Path, monkeypatch) -> None:
    def fail(*_, **__):
        raise RuntimeError("no such operation\nand a long story")

    monkeypatch.setattr(keras.Model, "export", fail)
    with pytest.raises(ExportError, match=r"LiteRT converter of this TensorFlow cannot carry the network: .*no such"):
        export(artifact, "litert", tmp_path / "out.tflite")
    assert not list(tmp_path.iterdir())


def test_unknown_format_and_existing_file_are_refused(artifact: Path, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"Unknown format 'onx'\. Did you mean 'onnx'\?"):
        export(artifact, "onx", tmp_path / "out")
    (tmp_path / "out.keras").write_text("mine")
    with pytest.raises(ExportError, match="exists already"):
        export(artifact, "keras", tmp_path / "out.keras")
    assert (tmp_path / "out.keras").read_text() == "mine"
