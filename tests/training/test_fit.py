"""Training repeats itself for a seed, learns something learnable, and one or two devices agree."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.training.lessons import make_lesson

FIT = """
import sys, json, dataclasses, pathlib
if __name__ == "__main__":
    from fstmuse.quiet import load_tensorflow
    load_tensorflow()
    import tensorflow as tf
    csv, runs, mode, seed = sys.argv[1:5]
    if mode.startswith("mirrored"):
        logical = [tf.config.LogicalDeviceConfiguration()] * 2
        tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], logical)
    from fstmuse.networks.catalogue import find
    from fstmuse.tasks import classify
    from fstmuse.training.config import resolve
    from fstmuse.training.fit import fit
    from fstmuse.training.run import RunFolder
    from fstmuse.lesson import prepare_cache, read_lesson
    from fstmuse.watch import Watch
    settings = dict(data=csv, epochs=2, batch_size=6, seed=int(seed), workers=0, clip_seconds=6.0)
    if mode == "half":
        settings |= dict(mixed_precision=True, jit_compile=False)
    elif mode == "mirrored preset":
        settings |= dict(distribute="mirrored")
    elif mode != "random":
        # One replica and two draw other random numbers: for a comparison nothing may be drawn at all.
        settings |= dict(gain_db=0.0, masks=0, mixup=0.0, jit_compile=False, schedule="constant", learning_rate=1e-3)
        import keras
        import fstmuse.networks.build as build
        def plain(shape, outputs):
            picture = keras.Input(shape)
            x = keras.layers.Rescaling(0.02, 1.0)(picture)
            x = keras.layers.Conv1D(8, 5, strides=4, activation="relu")(x)
            x = keras.layers.GlobalAveragePooling1D()(x)
            return keras.Model(picture, keras.layers.Dense(outputs, activation="softmax")(x))
        build.BUILDERS["toymodel-pooled"] = plain
        settings |= dict(distribute="mirrored" if mode == "mirrored" else "none")
    config = resolve("toymodel-pooled", settings)
    watch = Watch()
    entry, lesson = find(config.network), read_lesson(config, watch)
    cache = prepare_cache(config, lesson, watch)
    run = RunFolder(pathlib.Path(runs))
    run.begin(config, {})
    sets = [classify.examples(cache, lesson.manifest.split(s).clips, lesson.labels, entry) for s in ("train", "valid")]
    network = fit(config, *sets, run, watch)
    assert {weight.dtype for weight in network.weights} == {"float32"}
    assert network.compute_dtype == network.layers[4].compute_dtype == "float32"
    print(json.dumps(run.history()))
"""


def fit(csv: Path, run: Path, mode: str, seed: int) -> list[dict[str, float]]:
    import json

    result = subprocess.run(
        [sys.executable, "-c", FIT, str(csv), str(run), mode, str(seed)], capture_output=True, text=True, timeout=200
    )
    assert result.returncode == 0, result.stderr[-3000:]
    return json.loads(result.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_lesson(tmp_path_factory.mktemp("lesson"))


def test_one_seed_one_history_and_another_seed_another(csv: Path, tmp_path: Path) -> None:
    first, second = (fit(csv, tmp_path / str(number), "random", seed=3) for number in range(2))
    assert len(first) == 2
    assert first == second
    assert fit(csv, tmp_path / "other", "random", seed=4) != first


def test_two_devices_give_the_loss_of_one(csv: Path, tmp_path: Path) -> None:
    one, two = fit(csv, tmp_path / "one", "single", 0), fit(csv, tmp_path / "two", "mirrored", 0)
    for key in ("loss", "val_loss", "accuracy"):
        np.testing.assert_allclose([row[key] for row in one], [row[key] for row in two], rtol=1e-4, err_msg=key)
    assert one[1]["loss"] != one[0]["loss"]


def test_half_precision_trains_and_leaves_a_float32_network(csv: Path, tmp_path: Path) -> None:
    half, full = fit(csv, tmp_path / "half", "half", 0), fit(csv, tmp_path / "full", "random", 0)
    assert all(np.isfinite(row["loss"]) for row in half)
    assert half[0]["loss"] != full[0]["loss"]
    np.testing.assert_allclose(half[0]["loss"], full[0]["loss"], rtol=0.5)


def test_the_default_network_trains_on_two_devices(csv: Path, tmp_path: Path) -> None:
    history = fit(csv, tmp_path / "run", "mirrored preset", 0)
    assert len(history) == 2
    assert all(np.isfinite([row["loss"], row["val_loss"]]).all() for row in history)
