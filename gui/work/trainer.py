"""What runs in the child that trains: the same as `python -m fstmuse.train`, watched through the pipe.

TensorFlow is imported here, within functions: the window must not have it.
"""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fstmuse.errors import FstMuseError
from fstmuse.watch import Advance, Watch

from ..core.messages import Failed, Stop
from ..core.training_messages import Epoch, Figure, Said, Step, Train, Trained
from ..core.wording import of_the_window
from .channel import Channel, leave

if TYPE_CHECKING:
    from fstmuse.training.run import RunFolder

EVERY_S = 0.1
"""Steps are told at most this often."""

GRACE_S = 10.0
"""What a training may take to stop once the window has gone."""


def main(connection: Connection, train: Train, models: str) -> None:
    """Trains, and tells of it; `Stop` ends it as Ctrl-C ends the command, so that it can be resumed.

    Not for a daemonic process: clips are read by processes of its own.

    Args:
        connection: sends Said, Step, Epoch and Figure, and at the end Trained or Failed.
        train: what to do.
        models: folder that the artifact is written to.
    """
    if sys.stderr is not None:
        faulthandler.enable()
    os.environ["FSTMUSE_MODELS"] = models
    # Spawned with Ctrl-C held back, and perhaps from a shell that ignores it; here it is how a training stops.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    stopping = Stopping()
    channel = Channel(connection, on_gone=stopping.window_gone, accept=stopping.accept)
    channel.send(_outcome(train, PipeWatch(channel.send, stopping), stopping))
    leave()


class Stopping:
    """Stops the main thread, wherever it is, once, and only while it does its work."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self._deciding = threading.Lock()
        self._begun = self._over = False

    def accept(self, message: Any) -> None:
        """Hears what the window says."""
        if isinstance(message, Stop):
            self.stop()

    def stop(self) -> None:
        """Raises KeyboardInterrupt in the main thread."""
        with self._deciding:
            if self._over or self.asked.is_set():
                return
            self.asked.set()
            if not self._begun:
                return
            # To that very thread, so that a wait of the system's is broken off, too.
            if hasattr(signal, "pthread_kill"):
                signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            else:
                signal.raise_signal(signal.SIGINT)

    def begin(self) -> None:
        """From here on the main thread is interrupted.

        Raises:
            KeyboardInterrupt: it was asked for already.
        """
        with self._deciding:
            self._begun = True
        if self.asked.is_set():
            raise KeyboardInterrupt

    def over(self) -> None:
        """From here on nothing is interrupted."""
        with self._deciding:
            self._over = True

    def window_gone(self) -> None:
        """Stops in good order, and by force when that takes too long: nobody is left to ask."""
        self.stop()
        threading.Thread(target=self._leave_at_last, name="window-gone", daemon=True).start()

    def _leave_at_last(self) -> None:
        time.sleep(GRACE_S)
        for process in multiprocessing.active_children():
            process.kill()
        leave()


class PipeWatch(Watch):
    """Sends what there is to see through the pipe.

    Args:
        send: takes a message.
        stopping: looked at now and then, for an interrupt that went astray: Python forgets those that are raised in
            callbacks of its own.
    """

    def __init__(self, send: Callable[[object], None], stopping: Stopping) -> None:
        self._send = send
        self._stopping = stopping
        self._told = 0.0
        self._epoch, self._steps = "", 1

    def say(self, text: str) -> None:
        """Passes a sentence on."""
        self._send(Said(text))

    @contextmanager
    def working(self, what: str) -> Iterator[Advance]:
        """Tells how far the work is."""
        self._tell(what, -1.0, -1.0, at_once=True)
        yield lambda done, total: self._tell(what, done / total if total else -1.0, -1.0, done >= total)

    def begin_epoch(self, epoch: int, epochs: int, steps: int) -> None:
        """Remembers how the epoch is called."""
        self._epoch, self._steps = f"epoch {epoch}/{epochs}", steps

    def step(self, done: int, loss: float, left_s: float) -> None:
        """Tells how far the epoch is."""
        self._tell(self._epoch, done / self._steps, left_s)

    def epoch(self, row: Mapping[str, float], epochs: int, seconds: float, left_s: float) -> None:
        """Sends the row, then what is left."""
        self.row(row, epochs)
        self._tell(self._epoch, 1.0, left_s, at_once=True)

    def row(self, row: Mapping[str, float], epochs: int) -> None:
        """Sends a row of the history, of this start of the run or an earlier one."""
        self._send(Epoch(dict(row), epochs))

    def leave_epoch(self) -> None:
        """What follows has no measure: the artifact is written."""
        if not self._stopping.asked.is_set():
            self._send(Step("writing the network", -1.0))

    def figure(self, path: Path) -> None:
        """Tells where the picture lies."""
        self._send(Figure(str(path.absolute())))

    def _tell(self, what: str, fraction: float, left_s: float, at_once: bool = False) -> None:
        if self._stopping.asked.is_set():
            raise KeyboardInterrupt
        now = time.monotonic()
        if at_once or now - self._told >= EVERY_S:
            self._told = now
            self._send(Step(what, min(fraction, 1.0), left_s))


def _outcome(train: Train, watch: PipeWatch, stopping: Stopping) -> Trained | Failed:
    try:
        try:
            stopping.begin()
            return _train(train, watch)
        finally:
            stopping.over()
    except KeyboardInterrupt:
        return Failed(0, "", "Cancelled", "Stopped. What was learnt up to the last whole epoch is kept.")
    except FstMuseError as error:
        return Failed(0, "", type(error).__name__, of_the_window(str(error)))
    except Exception as error:
        return Failed(0, "", type(error).__name__, _plain(error), traceback.format_exc())


def _plain(error: Exception) -> str:
    # TensorFlow's own class for it cannot be named before TensorFlow is there.
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return "There is not enough memory for this training. Choose a smaller batch size or a smaller network."
    if isinstance(error, OSError):
        return f"The system refused: {error}. See that the disk has room and the folders can be written to."
    return f"Training broke off by a fault of FstMuse ({type(error).__name__}: {error}). The details tell where."


def _train(train: Train, watch: PipeWatch) -> Trained:
    from fstmuse.data.registry import DATASETS
    from fstmuse.data.wording import FEW_CLIPS, counted
    from fstmuse.lesson import read_lesson
    from fstmuse.run_choice import choose
    from fstmuse.training.config import resolve

    # Whatever is wrong with data or names is told before the seconds that TensorFlow takes to load.
    config = resolve(train.network, dict(train.settings) | {"data": train.data})
    lesson = read_lesson(config, watch)
    if lesson.labels and train.data not in DATASETS and (clips := len(lesson.manifest.usable)) < FEW_CLIPS:
        watch.say(
            f"Only {counted(clips, 'clip')} to learn from and to test with: a small network such as toymodel-pooled "
            "does best. Advanced settings help it: a smaller learning rate, weighing rare labels more, mixup, masks."
        )
    choice = choose(config, lesson, train.name or None, resume=False, fresh=train.fresh)
    _tell_of_earlier(choice.run, config.all_epochs, watch)
    already = choice.metrics is not None
    if already:
        for figure in sorted(choice.artifact.glob("evaluation/*/*.png")):
            watch.figure(figure)
        watch.say("Nothing to do: a run of the same settings on the same data is finished.")
    else:
        from fstmuse.quiet import load_tensorflow

        with watch.working("loading TensorFlow"):
            load_tensorflow()
            from fstmuse import workflow

        choice = workflow.train(config, lesson, choice, watch)
    if choice.metrics is None:
        return Trained("", {})
    return Trained(str(choice.artifact.absolute()), choice.metrics, already)


def _tell_of_earlier(run: RunFolder, epochs: int, watch: PipeWatch) -> None:
    """Shows again what an unfinished run has shown."""
    for row in run.history():
        watch.row(row, epochs)
    for figure in sorted(run.figures.glob("*.png")):
        watch.figure(figure)
