"""The child that answers: it holds TensorFlow and the loaded networks, and lives as long as the window."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import threading
import time
import traceback
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fstmuse.errors import ArtifactError, Cancelled, FstMuseError

from ..core.messages import (
    Cancel,
    Failed,
    Load,
    Loaded,
    Log,
    Progress,
    Ready,
    Refused,
    Result,
    Run,
    Saving,
    Started,
    Stop,
)
from ..core.wording import of_the_window
from .channel import Channel, leave, settle

if TYPE_CHECKING:
    from fstmuse.inference.session import Session

KEPT = 4
"""Networks that stay loaded; the least recently used one is let go."""

# More often, nobody would see it, and the window would be busy reading it.
_PROGRESS_S = 0.05

# How soon a cancel is heard while files are written, and how long it then waits for their names.
_LISTEN_S, _NAMING_S = 0.02, 0.2


def main(connection: Connection) -> None:
    """Answers until the window says stop or has gone.

    Args:
        connection: receives `Load`, `Run`, `Cancel` and `Stop`; sends `Ready`, `Loaded`, `Refused`, `Started`,
            `Progress`, `Result`, `Failed` and `Log`.
    """
    settle()
    engine = _Engine(connection)
    try:
        engine.load_tensorflow()
    except Exception:
        engine.channel.send(Log(logging.ERROR, traceback.format_exc()))
        raise
    engine.serve()


@dataclass
class _Task:
    """A `Run` with its own token: cancelling it does not touch a later one of the same job."""

    run: Run
    token: threading.Event = field(default_factory=threading.Event)


class _Engine:
    def __init__(self, connection: Connection) -> None:
        self._saving = threading.Lock()
        self._tasks: dict[int, _Task] = {}  # the last one of each job that is not answered yet
        self._loads: deque[str] = deque()
        self._sessions = _Sessions()
        self._writer = ThreadPoolExecutor(1, "writer")
        self.channel = Channel(connection, on_gone=self._leave, accept=self._accept)

    def load_tensorflow(self) -> None:
        """Takes seconds; then the window is told."""
        from fstmuse.quiet import load_tensorflow

        load_tensorflow()
        import keras
        import tensorflow as tf

        import fstmuse

        versions = {"fstmuse": fstmuse.__version__, "tensorflow": tf.__version__, "keras": keras.__version__}
        self.channel.send(Ready(_device(tf), versions))

    def serve(self) -> None:
        """Questions first, then networks to be loaded beforehand."""
        while True:
            try:
                message = self.channel.inbox.get(block=not self._loads)
            except queue.Empty:
                self._load(self._loads.popleft())
                continue
            if isinstance(message, _Task):
                self._run(message)
            elif isinstance(message, Load) and message.artifact not in self._loads:
                self._loads.append(message.artifact)

    def _accept(self, message: object) -> object:
        """In the channel's thread: what cannot wait until the network has answered."""
        if isinstance(message, Stop):
            self._leave()
        elif isinstance(message, Run):
            task = self._tasks[message.job] = _Task(message)
            return task
        elif isinstance(message, Cancel):
            task = self._tasks.get(message.job)
            if task is not None:
                task.token.set()
        else:
            return message
        return None

    def _leave(self) -> None:
        # Nothing but a file that is being written would be missed.
        with self._saving:
            leave()

    def _load(self, artifact: str) -> None:
        with contextlib.suppress(Exception):  # the window has been told by Refused
            self._session(artifact)

    def _session(self, artifact: str) -> Session:
        """The network, loaded and warm; the window is told when it was not, or cannot be."""
        session = self._sessions.get(artifact)
        if session is not None:
            return session
        try:
            session = self._sessions.load(artifact)
        except Exception as error:
            self.channel.send(Refused(artifact, _in_words(error)))
            raise
        self.channel.send(Loaded(artifact))
        return session

    def _run(self, task: _Task) -> None:
        run = task.run
        try:
            if task.token.is_set():
                raise Cancelled("Cancelled before it began.")
            session = self._session(run.artifact)
            method = getattr(session, run.verb, None)
            if method is None:
                raise ArtifactError(f"{run.artifact} cannot {run.verb}; update FstMuse, or choose another model.")
            keeps = session.card.in_turn
            self.channel.send(Started(run.job, run.artifact, keeps))
            began = time.monotonic()
            result = method(*filter(None, [run.sound]), **run.options, progress=self._progress(run), cancel=task.token)
            seconds = time.monotonic() - began
            signature = session.card.signature
            # What was kept of a run that was cancelled is worth its file.
            files, unsaved = self._save(run.save, result, signature, threading.Event() if keeps else task.token)
            self.channel.send(Result(run.job, run.artifact, result, files, seconds, unsaved, signature))
        except Exception as error:
            known = isinstance(error, FstMuseError | MemoryError)
            details = "" if known else traceback.format_exc()
            self.channel.send(Failed(run.job, run.artifact, type(error).__name__, _in_words(error), details))
        finally:
            if self._tasks.get(run.job) is task:
                del self._tasks[run.job]

    def _progress(self, run: Run) -> Callable[[float], None]:
        told = 0.0

        def tell(fraction: float) -> None:
            nonlocal told
            now = time.monotonic()
            if now - told >= _PROGRESS_S:
                told = now
                self.channel.send(Progress(run.job, run.artifact, fraction))

        return tell

    def _save(
        self, save: Saving | None, result: Any, model: str, token: threading.Event
    ) -> tuple[tuple[str, ...], str]:
        """Paths that were written, or why none were.

        In a thread: drawing a picture takes a second, of a long clip many, and hears of no cancelling meanwhile.
        """
        if save is None or not save.formats:
            return (), ""
        writing = self._writer.submit(self._write, save, result, model, token)
        while not wait([writing], _LISTEN_S).done and not token.is_set():
            pass
        # One that is just giving the files their names is let do so.
        if not wait([writing], _NAMING_S).done:
            return (), "Cancelled before the files were written."
        try:
            return tuple(str(file) for file in writing.result()), ""
        except Exception as error:
            return (), _in_words(error)

    def _write(self, save: Saving, result: Any, model: str, token: threading.Event) -> list[Path]:
        from fstmuse.inference.outputs import outputs, save_result

        with self._saving:
            # What the user has chosen is for results of all kinds.
            formats = [format for format in save.formats if format in outputs(result)]
            return save_result(result, save.folder, formats, model, cancel=token)


class _Sessions:
    """The loaded networks, the least recently used one first."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, tuple[object, Session]] = OrderedDict()

    def get(self, artifact: str) -> Session | None:
        """The network as it is on the disk now; None when it is not loaded."""
        stamp, session = self._held.get(artifact, (None, None))
        if session is None:
            return None
        if stamp != _stamp(artifact):  # trained again under the same name, or deleted
            del self._held[artifact]
            return None
        self._held.move_to_end(artifact)
        return session

    def load(self, artifact: str) -> Session:
        from fstmuse.inference.session import Session

        # Taken first: what changes while it is loaded is loaded again.
        stamp = _stamp(artifact)
        while len(self._held) >= KEPT:
            self._held.popitem(last=False)
        session = Session(artifact)
        session.warm_up()
        self._held[artifact] = (stamp, session)
        return session


def _stamp(artifact: str) -> object:
    """Changes when the artifact does."""
    from fstmuse.artifacts.card import CARD

    try:
        found = (Path(artifact) / CARD).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _in_words(error: Exception) -> str:
    """What is shown to people."""
    if isinstance(error, FstMuseError):
        return of_the_window(str(error))
    import tensorflow as tf

    if isinstance(error, MemoryError | tf.errors.ResourceExhaustedError):
        return "There is not enough memory. Close other programs, or choose a smaller model, and retry."
    return f"{type(error).__name__}: {error}"


def _device(tf: Any) -> str:
    """What computes, in words."""
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        names = (tf.config.experimental.get_device_details(gpu).get("device_name", "GPU") for gpu in gpus)
        return ", ".join(names)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return f"CPU, {cores} core" if cores == 1 else f"CPU, {cores} cores"
