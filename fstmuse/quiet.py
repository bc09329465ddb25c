"""TensorFlow and tensorflow-io, imported without the notes that they write for their own developers.

The only place of the project that silences anything, and it silences exactly what is
listed here: whatever else is written while they load is written out afterwards.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator

from fstmuse import startup

# Notes of TensorFlow 2.20+ on machines without a GPU, at its start and on first calls. They are logged before its log
# level is read, or as errors, so that TF_CPP_MIN_LOG_LEVEL does not stop them.
_NOTES = (
    "All log messages before absl::InitializeLog",
    "oneDNN custom operations are on",
    "Could not find cuda drivers",
    "failed call to cuInit",
    "This TensorFlow binary is optimized",
    "To enable the following instructions",
    "Unable to register cu",
    "computation_placer",
    "oneDNN supports DT_INT64 only",
    "INFO: Created TensorFlow Lite XNNPACK delegate for CPU.",
)


def load_tensorflow() -> None:
    """Imports TensorFlow and finds its devices; errors are shown, start-up notes are not.

    Ctrl-C meanwhile ends a command at once; elsewhere it raises KeyboardInterrupt when TensorFlow is loaded.
    """
    if "tensorflow" in sys.modules:
        return
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    with _interrupts_held(), without_notes(), _without_jax():
        import tensorflow as tf

        tf.config.list_physical_devices()
        logging.getLogger("tensorflow").addFilter(_told_to_users)


def _told_to_users(record: logging.LogRecord) -> bool:
    """All but the advice that functions are compiled for one size after another: clips have many lengths."""
    return "triggered tf.function retracing" not in record.getMessage()


def load_tensorflow_io() -> None:
    """Imports tensorflow-io, whose native library does not load with TensorFlow 2.18 or later.

    Only its pure-Python audio functions are used here, so its warnings about that
    library concern nobody.
    """
    load_tensorflow()
    with _interrupts_held(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="unable to load libtensorflow_io_plugins.so")
        warnings.filterwarnings("ignore", message="file system plugins are not loaded")
        import tensorflow_io  # noqa: F401


@contextlib.contextmanager
def without_notes() -> Iterator[None]:
    """Keeps the listed notes from standard error; whatever else is written there follows at the end."""
    # The notes come from C++, so that only the file descriptor itself can be listened to.
    with tempfile.TemporaryFile() as held:
        sys.stderr.flush()
        stderr = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(stderr, 2)
            os.close(stderr)
            held.seek(0)
            for line in held.read().decode(errors="replace").splitlines():
                if line.strip() and not any(note in line for note in _NOTES):
                    print(line, file=sys.stderr)


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C takes effect at the end; in a command, until TensorFlow is there, it ends the process.

    KeyboardInterrupt is raised wherever Python happens to be; in the callbacks that run
    while packages load it is printed and forgotten, and the command would go on.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield  # only the main thread may set handlers, and only it is interrupted
        return
    held: list[tuple] = []
    # Behind TensorFlow things may have begun that have to be finished.
    if startup.is_command() and before is signal.default_int_handler and "tensorflow" not in sys.modules:
        startup.end_at_once()
    else:
        signal.signal(signal.SIGINT, lambda *arguments: held.append(arguments))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if held:
        before(*held[0])


@contextlib.contextmanager
def _without_jax() -> Iterator[None]:
    """TensorFlow does not see JAX.

    Its converter for phones imports JAX wherever that is installed, for models written in
    it: half a second and 100 MB that nothing here needs. Afterwards JAX can be imported.
    """
    if "jax" in sys.modules or os.environ["KERAS_BACKEND"] == "jax":
        yield
        return
    sys.modules["jax"] = None
    try:
        yield
    finally:
        del sys.modules["jax"]
