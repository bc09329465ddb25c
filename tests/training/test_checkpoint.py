"""Runs survive a kill at any moment: checkpoints are whole, history fits them, early stopping stays stopped."""

from __future__ import annotations

import shutil
from pathlib import Path

import keras
import numpy as np
import pytest

from fstmuse.errors import ConfigError, DataError
from fstmuse.training.callbacks import EarlyStopping, History
from fstmuse.training.checkpoint import Checkpoint, finished_epochs, keep_best, restore
from fstmuse.training.config import TrainConfig
from fstmuse.training.fit import require_disk
from fstmuse.training.run import RunFolder, best_epoch, stalled


def compiled(seed: int = 0) -> keras.Model:
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile(keras.optimizers.Adam(0.01), "mse")
    return model


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path / "run")
    folder.begin(TrainConfig(), {})
    return folder


def epochs(run: RunFolder, model: keras.Model, losses: list[float], start: int = 0) -> None:
    """What `fit` does, with validation losses that the test chooses."""
    callbacks = [History(run), Checkpoint(run)]
    rng = np.random.default_rng(start)
    for callback in callbacks:
        callback.set_model(model)
    for epoch, loss in enumerate(losses, start=start):
        for callback in callbacks:
            callback.on_epoch_begin(epoch)
        model.train_on_batch(rng.normal(size=(4, 3)), rng.normal(size=(4, 2)))
        for callback in callbacks:
            callback.on_epoch_end(epoch, {"loss": loss, "val_loss": loss})


def same(one: keras.Model, other: keras.Model) -> bool:
    return all(np.array_equal(a.numpy(), b.numpy()) for a, b in zip(one.weights, other.weights, strict=True))


def names(run: RunFolder) -> list[str]:
    return sorted(file.name for file in run.checkpoints.iterdir())


def test_last_and_best_are_kept_and_restored(run: RunFolder) -> None:
    model = compiled()
    epochs(run, model, [3.0, 1.0, 2.0])
    assert names(run) == ["best-0002.weights.h5", "epoch-0003.weights.h5"]
    assert finished_epochs(run) == 3
    other = compiled(seed=9)
    restore(other, run)
    assert same(model, other)
    assert int(other.optimizer.iterations.numpy()) == 3
    other.load_weights(keep_best(run))
    assert not same(model, other)


@pytest.mark.parametrize("torn", ["part.weights.h5", "best.part"])
def test_a_file_torn_by_a_kill_is_never_read(run: RunFolder, torn: str) -> None:
    model = compiled()
    epochs(run, model, [3.0, 1.0])
    (run.checkpoints / torn).write_bytes(b"half a file")
    other = compiled(seed=9)
    restore(other, run)
    assert same(model, other)
    epochs(run, other, [0.5], start=2)
    assert finished_epochs(run) == 3
    assert "best-0003.weights.h5" in names(run)


def test_a_kill_between_last_and_best_loses_neither(run: RunFolder) -> None:
    model = compiled()
    epochs(run, model, [3.0, 1.0])
    (run.checkpoints / "best-0002.weights.h5").unlink()
    restore(compiled(), run)
    assert "best-0002.weights.h5" in names(run)


def test_a_kill_between_history_and_checkpoint_costs_an_epoch_and_no_row(run: RunFolder) -> None:
    model = compiled()
    epochs(run, model, [3.0, 2.0])
    run.write_history([*run.history(), {"epoch": 3, "loss": 0.1, "val_loss": 0.1, "learning_rate": 0.01}])
    assert finished_epochs(run) == 2
    assert keep_best(run).name == "best-0002.weights.h5"
    epochs(run, model, [2.5], start=2)
    assert [row["epoch"] for row in run.history()] == [1, 2, 3]
    assert run.history()[2]["loss"] == 2.5
    assert keep_best(run).name == "best-0002.weights.h5"


def test_a_loss_that_is_no_number_ends_training_and_keeps_what_was(run: RunFolder) -> None:
    model = compiled()
    epochs(run, model, [3.0])
    with pytest.raises(ConfigError, match=r"Epoch 2: the loss is nan\. Lower learning_rate"):
        epochs(run, model, [float("nan")], start=1)
    assert finished_epochs(run) == 1
    assert [row["epoch"] for row in run.history()] == [1]


def test_stalled_counts_epochs_since_the_best() -> None:
    rows = [{"epoch": number, "val_loss": loss} for number, loss in enumerate([3.0, 1.0, 2.0, 2.0], start=1)]
    assert best_epoch(rows) == 2
    assert not stalled(rows, 3)
    assert stalled(rows, 2)
    assert not stalled(rows, 0)
    assert not stalled([], 2)
    assert best_epoch([{"epoch": 1, "val_loss": float("nan")}]) is None


@pytest.mark.parametrize(
    ("distances", "best"),
    [
        ([300, 200, 219], 3),
        ([300, 200, 221], 2),
        ([200, 219, 190, 230], 3),
        ([200, 219, 170, 190], 3),
        ([5, float("nan")], 1),
    ],
)
def test_of_epochs_of_a_gan_that_are_alike_the_last_is_kept(distances: list[float], best: int) -> None:
    assert best_epoch([{"epoch": n, "val_fd": distance} for n, distance in enumerate(distances, 1)]) == best


def test_early_stopping_asks_the_history(run: RunFolder) -> None:
    model = compiled()
    stop = EarlyStopping(run, patience=2)
    stop.set_model(model)
    epochs(run, model, [1.0, 2.0])
    stop.on_epoch_end(1)
    assert not model.stop_training
    epochs(run, model, [2.0], start=2)
    stop.on_epoch_end(2)
    assert model.stop_training


def test_too_little_disk_is_told_before_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=10**6))
    with pytest.raises(DataError, match=r"toymodel needs 5,467 MB, 1 MB are free for you there\. Make room"):
        require_disk(TrainConfig(network="toymodel", freq_mask=0), 3, tmp_path / "runs")


def test_a_place_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="cannot be made"):
        require_disk(TrainConfig(), 3, tmp_path / "file" / "runs")
    assert [file.name for file in tmp_path.iterdir()] == ["file"]
