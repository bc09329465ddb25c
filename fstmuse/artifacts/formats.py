"""Other forms of a trained network: SavedModel, Keras, ONNX, LiteRT, as far as Keras' own exporters carry them.

What each takes and gives:

- savedmodel: folder; waveforms of any length to probabilities, windows and averaging included.
- keras: one file; pictures (batch, frames, mels) to probabilities; Keras on any backend. Of a network that hears
  sound: waveform windows (batch, samples), as of litert and onnx, too.
- litert: one .tflite file; waveform windows (batch, samples) to probabilities.
- onnx: one file; pictures (batch, frames, mels) to probabilities: the ONNX converter of this
  TensorFlow cannot carry the front end's FFT.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import logging
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from fstmuse.artifacts.card import NETWORK, SAVED_MODEL, Card
from fstmuse.artifacts.exports import check_format, check_out, check_task, part_of, takes, takes_noise, takes_windows
from fstmuse.artifacts.load import load
from fstmuse.artifacts.serving import Listener
from fstmuse.errors import ExportError
from fstmuse.quiet import without_notes
from fstmuse.spec import as_dict, input_shape

_TOLERANCE = 1e-5
_GIVES = {"infill": "filled pictures", "continue": "those that come next", "vocode": "sound"}


def export(artifact: Path, kind: str, out: Path, *, overwrite: bool = False) -> str:
    """Writes an artifact's network in another form and tries what was written.

    Args:
        artifact: folder of the artifact.
        kind: one of `SUFFIXES`.
        out: file or folder to make.
        overwrite: replace what is there.

    Returns:
        What the written thing takes and gives, in one line.

    Raises:
        ArtifactError: the artifact cannot be loaded.
        ExportError: the format is unknown, `out` exists or does not do, a package is missing,
            or the converter fails or gives other answers than the network.
    """
    check_format(kind)
    check_out(artifact, kind, out, overwrite=overwrite)
    network, card = load(artifact)
    check_task(card, kind)
    out.parent.mkdir(parents=True, exist_ok=True)
    if kind == "savedmodel":
        shutil.copytree(artifact / SAVED_MODEL, out, dirs_exist_ok=overwrite)
        return takes(card)
    if kind == "keras":
        shutil.copyfile(artifact / NETWORK, out)
        if card.task == "generate":
            return takes_noise(card)
        gives = _GIVES.get(card.task, "probabilities")
        return f"{takes_windows(card)} -> {gives}"
    part = part_of(out, kind)
    try:
        told = _WRITERS[kind](network, card, part)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return told


def _onnx(network: keras.Model, card: Card, file: Path) -> str:
    import onnx

    example = _example(card)
    network(example)  # Keras exports only models that have been called
    _converted("ONNX", lambda: network.export(str(file), format="onnx", verbose=False))
    model = onnx.load(file)
    try:
        onnx.checker.check_model(model)
    except onnx.checker.ValidationError as error:
        raise ExportError(f"The ONNX converter wrote an invalid model of {card.network}: {error}") from None
    facts = {
        "labels": json.dumps(card.labels),
        "mel": json.dumps(None if card.mel is None else as_dict(card.mel)),
        "audio": json.dumps(as_dict(card.audio)),
    }
    onnx.helper.set_model_props(model, facts)
    onnx.save(model, file)
    if importlib.util.find_spec("onnxruntime"):
        import onnxruntime

        session = onnxruntime.InferenceSession(file)
        received = session.run(None, {session.get_inputs()[0].name: example.numpy()})[0]
        _require_equal("ONNX", received, network(example, training=False))
    lack = "the ONNX converter cannot carry the front end, whose settings and labels stand in the file's metadata"
    whole = "average them over a clip's windows; labels stand in the file's metadata"
    return f"{takes_windows(card)} -> probabilities; {whole if card.mel is None else lack}"


def _litert(network: keras.Model, card: Card, file: Path) -> str:
    waveform = keras.Input((card.audio.samples,), name="waveform")
    model = keras.Model(waveform, Listener(network, card)(waveform))
    _converted("LiteRT", lambda: model.export(str(file), format="litert", verbose=False))
    windows = np.random.default_rng(0).normal(0, 0.1, (1, card.audio.samples)).astype(np.float32)
    with without_notes(), warnings.catch_warnings():
        # TensorFlow announces that its interpreter moves to a package of its own; until then it is the one there is.
        warnings.filterwarnings("ignore", message=".*tf.lite.Interpreter is deprecated")
        interpreter = tf.lite.Interpreter(str(file))
        entry = interpreter.get_input_details()[0]["index"]
        interpreter.resize_tensor_input(entry, windows.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(entry, windows)
        interpreter.invoke()
        received = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    _require_equal("LiteRT", received, model(windows))
    return (
        f"waveform windows float32 (batch, {card.audio.samples}), mono at {card.audio.sample_rate} Hz -> "
        "probabilities; average them over a clip's windows"
    )


_WRITERS: dict[str, Callable[[keras.Model, Card, Path], str]] = {"onnx": _onnx, "litert": _litert}


def _example(card: Card) -> tf.Tensor:
    """One window as the network takes it: a picture in dB, or sound."""
    usual = (0.0, 0.1) if card.mel is None else (-50.0, 15.0)
    shape = (1, *input_shape(card.audio, card.mel))
    return tf.constant(np.random.default_rng(0).normal(*usual, shape), tf.float32)


def _converted(name: str, convert: Callable[[], None]) -> None:
    """Runs a converter without its chatter; its failure becomes words."""
    chatter = io.StringIO()
    level = logging.root.manager.disable
    try:
        logging.disable(logging.CRITICAL)
        with contextlib.redirect_stdout(chatter), warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            convert()
    except Exception as error:  # the converters raise anything
        reason = str(error).strip().splitlines()
        raise ExportError(
            f"The {name} converter of this TensorFlow cannot carry the network: {reason[0] if reason else error!r}"
        ) from error
    finally:
        logging.disable(level)


def _require_equal(name: str, received: np.ndarray, expected: tf.Tensor) -> None:
    difference = float(np.abs(received - np.asarray(expected)).max())
    if not difference <= _TOLERANCE:
        raise ExportError(
            f"The {name} converter wrote a model whose probabilities differ by {difference:.2g} from the network's, "
            f"expected at most {_TOLERANCE:g}. It was thrown away."
        )
