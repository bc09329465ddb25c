"""What looks on while a network is trained: nobody, a terminal, or a window. Free of TensorFlow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

_MEASURES = ("accuracy", "mae", "rmse", "d_loss", "d_real", "d_fake", "diversity", "nearest")
"""Of an epoch, in the order in which they are told."""

Advance = Callable[[float, float], None]
"""Called with what is done and what there is to do."""


class Watch:
    """Looks on, and shows nothing: the base of those that do.

    All methods are called in the thread that trains, in this order: `say` and `working` at any time outside an epoch;
    for each epoch `begin_epoch`, `step` after each step and `epoch`; `leave_epoch` however the epochs ended.
    """

    def say(self, text: str) -> None:
        """Shows a sentence that stays."""

    @contextmanager
    def working(self, what: str) -> Iterator[Advance]:
        """Shows what is being done, for as long as the context lasts.

        Args:
            what: such as "reading clips".

        Yields:
            To be called with what is done and what there is to do.
        """
        yield lambda done, total: None

    def begin_epoch(self, epoch: int, epochs: int, steps: int) -> None:
        """An epoch begins.

        Args:
            epoch: counted from 1.
            epochs: in the whole training.
            steps: in an epoch.
        """

    def step(self, done: int, loss: float, left_s: float) -> None:
        """A step of the epoch has ended.

        Args:
            done: steps of this epoch so far.
            loss: mean over them.
            left_s: that the epochs will still take, in s; negative while it is not known.
        """

    def epoch(self, row: Mapping[str, float], epochs: int, seconds: float, left_s: float) -> None:
        """An epoch has ended.

        Args:
            row: `epoch` counted from 1, `loss`, the task's measures (`accuracy`; or `mae` and `rmse`), and the same
                with `val_` before where they were measured; of a GAN what `fstmuse.training.gan` and
                `fstmuse.training.samples` measure.
            epochs: in the whole training.
            seconds: that this one took.
            left_s: that the epochs to come will take, in s.
        """

    def leave_epoch(self) -> None:
        """No epoch is going on any more; called however training ends, also by an interrupt."""

    def figure(self, path: Path) -> None:
        """A picture was written, or written anew."""


class ConsoleWatch(Watch):
    """Sentences and a line an epoch; on a terminal also bars, gone when they are done."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._bar: Progress | None = None

    def say(self, text: str) -> None:
        """Prints the sentence."""
        self.console.print(text, markup=False)

    @contextmanager
    def working(self, what: str) -> Iterator[Advance]:
        """A bar, on a terminal."""
        # Imported where it is needed: the window, which also watches, does without.
        from rich.progress import Progress

        with Progress(console=self.console, transient=True, disable=not self.console.is_terminal) as bar:
            task = bar.add_task(what, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)

    def begin_epoch(self, epoch: int, epochs: int, steps: int) -> None:
        """Starts the epoch's bar, on a terminal."""
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        if self.console.is_terminal:
            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                TimeRemainingColumn(),
                TextColumn("{task.fields[loss]}"),
            )
            self._bar = Progress(*columns, console=self.console, transient=True)
            self._bar.start()
            self._bar.add_task(f"epoch {epoch}/{epochs}", total=steps, loss="")

    def step(self, done: int, loss: float, left_s: float) -> None:
        """Moves the bar."""
        if self._bar:
            self._bar.update(self._bar.task_ids[0], completed=done, loss=f"loss {loss:.3f}")

    def epoch(self, row: Mapping[str, float], epochs: int, seconds: float, left_s: float) -> None:
        """Prints the epoch's line."""
        self.leave_epoch()
        parts = [
            f"epoch {row['epoch']:>3.0f}/{epochs}",
            f"loss {row['loss']:.3f}",
            *(f"{name} {row[name]:.3f}" for name in _MEASURES if name in row),
        ]
        if "val_loss" in row:
            parts.append(f"valid loss {row['val_loss']:.3f}")
            parts += [f"{name} {row[f'val_{name}']:.3f}" for name in _MEASURES if f"val_{name}" in row]
        if "val_fd" in row:
            parts.append(f"valid FD {row['val_fd']:.1f}")
        parts.append(f"{seconds:.0f} s, {_minutes(left_s)} left")
        self.console.print("  ".join(parts), highlight=False)

    def leave_epoch(self) -> None:
        """Takes the bar away."""
        if self._bar:
            self._bar.stop()
            self._bar = None


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
