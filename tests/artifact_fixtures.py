"""Artifacts for the tests of inference and of the commands, made once in a session.

`toy_artifact` is the default network with random weights: enough where two ways to one answer are compared.
`tone_artifact` knows what it hears: low, middle and high tones, so that right answers are known beforehand.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

TONE_RATE = 8000
TONES = {"High": 2600.0, "Low": 220.0, "Middle": 900.0}

_made: dict[str, Path] = {}


def tone(label: str, seconds: float, rate: int = TONE_RATE, seed: int = 0) -> np.ndarray:
    """float32 (samples,): the tone that `tone_artifact` calls `label`."""
    times = np.arange(round(seconds * rate)) / rate
    noise = np.random.default_rng(seed).standard_normal(len(times))
    return (0.5 * np.sin(2 * np.pi * TONES[label] * times) + 0.001 * noise).astype(np.float32)


def write_tone(path: Path, label: str, seconds: float = 2.0, rate: int = TONE_RATE, channels: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.repeat(tone(label, seconds, rate)[:, None], channels, axis=1), rate)
    return path


@pytest.fixture(scope="session")
def toy_artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if "toy" not in _made:
        _made["toy"] = _make_toy(tmp_path_factory.mktemp("artifacts") / "toy")
    return _made["toy"]


@pytest.fixture(scope="session")
def tone_artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if "tone" not in _made:
        _made["tone"] = _make_tone(tmp_path_factory.mktemp("artifacts") / "tones")
    return _made["tone"]


def _make_toy(folder: Path) -> Path:
    import keras

    from fstmuse.artifacts.card import Card
    from fstmuse.artifacts.save import save
    from fstmuse.networks.build import build
    from fstmuse.networks.catalogue import find

    entry = find("toymodel-pooled")
    keras.utils.set_random_seed(0)
    network = build(entry.name, 3)
    # Fresh networks say 1/3 to everything; larger last weights spread the answers, so that differences show.
    kernel, bias = network.get_layer("probabilities").get_weights()
    network.get_layer("probabilities").set_weights([5 * kernel, bias])
    labels = ("Folk", "Hip-Hop", "Rock")
    save(network, Card("toy", entry.name, "classify", labels, entry.audio, entry.mel, 4.0), folder)
    return folder


def _make_tone(folder: Path) -> Path:
    import keras

    from fstmuse.artifacts.card import Card
    from fstmuse.artifacts.save import save
    from fstmuse.features.mel import LogMel
    from fstmuse.spec import AudioSpec, MelSpec

    labels = tuple(sorted(TONES))
    audio, mel = AudioSpec(TONE_RATE, 1.0), MelSpec(TONE_RATE, 512, 256, 24, 0.0, 4000.0)
    picture = keras.Input((None, mel.n_mels), name="picture")
    pooled = keras.layers.GlobalAveragePooling1D()(picture)
    network = keras.Model(picture, keras.layers.Dense(len(labels), activation="softmax", name="out")(pooled))
    # Matched filters: the mean picture of each tone less the mean over tones, compared at its own level.
    means = np.stack([LogMel(mel)(tone(label, 1.0)).mean(axis=0) for label in labels], axis=1)
    kernel = 0.002 * (means - means.mean(axis=1, keepdims=True))
    middle = means.mean(axis=1) @ kernel
    network.get_layer("out").set_weights([kernel, -middle])
    save(network, Card("tones", "tone-detector", "classify", labels, audio, mel, 1.0), folder)
    return folder
