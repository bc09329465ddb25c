"""Callbacks of training: a history without gaps, early stopping that survives a kill, progress with time left."""

from __future__ import annotations

import time
from typing import Any

import keras
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from fstmuse.training.run import RunFolder


class History(keras.callbacks.Callback):
    """Writes history.csv after each epoch, and drops the rows that a resumed run does again.

    Must stand before `BackupAndRestore`: a kill between the two then costs an epoch's
    work and never a row.
    """

    def __init__(self, run: RunFolder) -> None:
        super().__init__()
        self.run = run
        self.rows: list[dict[str, float]] = []

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Keeps what lies before this epoch."""
        self.rows = [row for row in self.run.history() if row["epoch"] <= epoch]

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Adds this epoch."""
        values = {key: float(value) for key, value in (logs or {}).items()}
        rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        self.run.write_history([*self.rows, {"epoch": epoch + 1, **values, "learning_rate": rate}])


class ResumableEarlyStopping(keras.callbacks.EarlyStopping):
    """Early stopping on the validation loss that counts the epochs before a kill, too."""

    def __init__(self, run: RunFolder, patience: int) -> None:
        super().__init__(monitor="val_loss", patience=patience, mode="min")
        self.run = run

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Replays the epochs that are done."""
        super().on_train_begin(logs)
        done = self.model._initial_epoch or 0
        for row in self.run.history():
            if row["epoch"] <= done:
                self.on_epoch_end(int(row["epoch"]) - 1, row)


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
        self._close()
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

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Leaves no bar behind."""
        self._close()

    def _close(self) -> None:
        if self.bar:
            self.bar.stop()
            self.bar = None


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
