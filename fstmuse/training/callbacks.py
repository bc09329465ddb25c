"""Callbacks of training: a history without gaps, early stopping that survives a kill, progress with time left."""

from __future__ import annotations

import math
import time
from typing import Any

import keras
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from fstmuse.errors import ConfigError
from fstmuse.training.run import RunFolder, stalled


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
    """A line an epoch with what is left, and on a terminal a bar within the epoch."""

    def __init__(self, console: Console, epochs: int, steps: int) -> None:
        super().__init__()
        self.console = console
        self.epochs = epochs
        self.steps = steps
        self.bar: Progress | None = None
        self.began = 0.0
        self.durations: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Starts the epoch's bar."""
        self.began = time.monotonic()
        if self.console.is_terminal:
            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                TimeRemainingColumn(),
                TextColumn("{task.fields[loss]}"),
            )
            self.bar = Progress(*columns, console=self.console, transient=True)
            self.bar.start()
            self.bar.add_task(f"epoch {epoch + 1}/{self.epochs}", total=self.steps, loss="")

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Moves the bar."""
        if self.bar:
            self.bar.update(self.bar.task_ids[0], completed=batch + 1, loss=f"loss {(logs or {}).get('loss', 0):.3f}")

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Prints the epoch's line."""
        self.close()
        self.durations.append(time.monotonic() - self.began)
        logs = logs or {}
        # The first epoch compiles and so tells little; the later ones say what an epoch costs.
        typical = sorted(self.durations[1:] or self.durations)[len(self.durations[1:] or self.durations) // 2]
        left = typical * (self.epochs - epoch - 1)
        parts = [
            f"epoch {epoch + 1:>3}/{self.epochs}",
            f"loss {logs['loss']:.3f}",
            f"accuracy {logs.get('accuracy', 0):.3f}",
        ]
        if "val_loss" in logs:
            parts.append(f"valid loss {logs['val_loss']:.3f}  accuracy {logs.get('val_accuracy', 0):.3f}")
        parts.append(f"{self.durations[-1]:.0f} s, {_minutes(left)} left")
        self.console.print("  ".join(parts), highlight=False)

    def close(self) -> None:
        """Takes the bar away. `fit` calls it however training ends: an interrupt tells callbacks nothing."""
        if self.bar:
            self.bar.stop()
            self.bar = None


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
