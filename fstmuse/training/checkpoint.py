"""Checkpoints of a run: whole or not there, so that a kill at any moment costs one epoch at the most.

`checkpoints/epoch-0007.weights.h5` holds model and optimiser after seven epochs,
`best-0005.weights.h5` those after the best epoch (`best_epoch` of `run`). Both names tell
the epoch; no second file has to agree with them.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import keras

from fstmuse.training.run import RunFolder, best_epoch


class Checkpoint(keras.callbacks.Callback):
    """Saves after each epoch. Must stand behind `History`, whose row of the epoch it relies on."""

    def __init__(self, run: RunFolder) -> None:
        super().__init__()
        self.run = run

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Saves this epoch, and throws away what it replaces."""
        folder = self.run.checkpoints
        folder.mkdir(exist_ok=True)
        part = folder / "part.weights.h5"
        self.model.save_weights(part)
        _to_disk(part)
        part.replace(_file(folder, "epoch", epoch + 1))
        keep_best(self.run)
        for old in folder.glob("epoch-*.weights.h5"):
            if _number(old) != epoch + 1:
                old.unlink()


def finished_epochs(run: RunFolder) -> int:
    """Whole epochs that can be gone on from; 0 for a new run."""
    return max((_number(file) for file in run.checkpoints.glob("epoch-*.weights.h5")), default=0)


def restore(model: keras.Model, run: RunFolder) -> None:
    """Gives a compiled model the state after the run's last whole epoch, if there is one."""
    done = finished_epochs(run)
    if done:
        model.optimizer.build(model.trainable_variables)
        model.load_weights(_file(run.checkpoints, "epoch", done))
        keep_best(run)  # the kill may have come between the two


def keep_best(run: RunFolder) -> Path | None:
    """The checkpoint of the best of the finished epochs, made from the last one where that is it."""
    done = finished_epochs(run)
    best = best_epoch([row for row in run.history() if row["epoch"] <= done])
    if best is None:
        return None
    file = _file(run.checkpoints, "best", best)
    if not file.is_file() and best == done:
        part = run.checkpoints / "best.part"
        shutil.copyfile(_file(run.checkpoints, "epoch", done), part)
        _to_disk(part)
        part.replace(file)
    for old in run.checkpoints.glob("best-*.weights.h5"):
        if _number(old) != best:
            old.unlink()
    return file


def _file(folder: Path, kind: str, epoch: int) -> Path:
    return folder / f"{kind}-{epoch:04d}.weights.h5"


def _number(file: Path) -> int:
    return int(file.name.split("-")[1].split(".")[0])


def _to_disk(file: Path) -> None:
    with file.open("rb") as stream:
        os.fsync(stream.fileno())
