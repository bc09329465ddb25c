"""Callbacks of training: a history without gaps, early stopping that survives a kill, progress with time left."""

from __future__ import annotations

import math
import time
from typing import Any

import keras

from fstmuse.errors import ConfigError
from fstmuse.training.run import RunFolder, stalled
from fstmuse.watch import Watch


class History(keras.callbacks.Callback):
    """Writes history.csv after each epoch, and drops the rows that a resumed run does again.

    Must stand before `Checkpoint`: a kill between the two then costs an epoch's work and
    never a row.
    """

    def __init__(self, run: RunFolder) -> None:
        super().__init__()
        self.run = run
        self.rows: list[dict[str, float]] = []

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Keeps what lies before this epoch."""
        self.rows = [row for row in self.run.history() if row["epoch"] <= epoch]

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Adds this epoch.

        Raises:
            ConfigError: the loss is no finite number; nothing of this epoch is kept.
        """
        values = {key: float(value) for key, value in (logs or {}).items()}
        if not math.isfinite(values["loss"]):
            raise ConfigError(
                f"Epoch {epoch + 1}: the loss is {values['loss']}. Lower learning_rate, or switch mixed_precision off; "
                f"{self.run.path} keeps the epochs before."
            )
        rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        self.run.write_history([*self.rows, {"epoch": epoch + 1, **values, "learning_rate": rate}])


class EarlyStopping(keras.callbacks.Callback):
    """Stops when `patience` epochs brought nothing better. It asks the history, which outlives a kill."""

    def __init__(self, run: RunFolder, patience: int) -> None:
        super().__init__()
        self.run = run
        self.patience = patience

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Decides whether this epoch was the last."""
        if stalled(self.run.history(), self.patience):
            self.model.stop_training = True


class Reporter(keras.callbacks.Callback):
    """Tells a watch of steps and epochs, and what is left of them."""

    def __init__(self, watch: Watch, epochs: int, steps: int) -> None:
        super().__init__()
        self.watch = watch
        self.epochs = epochs
        self.steps = steps
        self.now = 0
        self.began = 0.0
        self.first_step = 0.0
        self.durations: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """An epoch begins."""
        self.now, self.began = epoch, time.monotonic()
        self.watch.begin_epoch(epoch + 1, self.epochs, self.steps)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """A step has ended."""
        if batch == 0:
            self.first_step = time.monotonic()
        self.watch.step(batch + 1, (logs or {}).get("loss", 0), self._left(batch + 1))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """An epoch has ended."""
        self.durations.append(time.monotonic() - self.began)
        row = {"epoch": epoch + 1} | {key: float(value) for key, value in (logs or {}).items()}
        self.watch.epoch(row, self.epochs, self.durations[-1], self._typical() * (self.epochs - epoch - 1))

    def close(self) -> None:
        """No epoch goes on. `fit` calls it however training ends: an interrupt tells callbacks nothing."""
        self.watch.leave_epoch()

    def _typical(self) -> float:
        # The first epoch compiles and so tells little; the later ones say what an epoch costs.
        known = sorted(self.durations[1:] or self.durations)
        return known[len(known) // 2]

    def _left(self, done: int) -> float:
        """Of the epochs, in s, in the middle of one."""
        if self.durations:
            typical = self._typical()
        elif done > 1:
            # The first step compiles. Validation is not yet known and left out.
            typical = (time.monotonic() - self.first_step) / (done - 1) * self.steps
        else:
            return -1.0
        return typical * (self.epochs - self.now - done / self.steps)
