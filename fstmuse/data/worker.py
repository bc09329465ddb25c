"""What runs in a worker process of the loader.

Imports as little as can be at the top: the number of threads must be set before NumPy is
first imported, and each worker pays for every import when it starts.
"""

from __future__ import annotations

import os
import pickle
import signal
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from typing import Any, NamedTuple

_THREAD_SETTINGS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


class Ready(NamedTuple):
    """Sent once, when the worker has started; with an error, it could not."""

    error: str | None


class Report(NamedTuple):
    """Sent for each clip: where its array lies, or what is wrong with it."""

    index: int
    samples: int
    error: str | None
    retryable: bool
    shape: tuple[int, ...]
    dtype: str
    inline: Any
    """The array itself where it did not fit into its slot."""


def serve(connection: Connection, memory_name: str, settings_bytes: int) -> None:
    """Loads clips until the parent says stop or is gone.

    Args:
        connection: receives `(index, clip, offset, slot_bytes)` or None, sends Ready and Report.
        memory_name: shared memory; at its front lie the pickled `(root, spec, transform)`.
        settings_bytes: length of these.
    """
    # Ctrl-C reaches the whole process group; it is the parent that decides what to do.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in _THREAD_SETTINGS:
        os.environ[name] = "1"
    memory = SharedMemory(memory_name)
    try:
        _serve(connection, memory, settings_bytes)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass  # the parent has gone
    finally:
        memory.close()


def _serve(connection: Connection, memory: SharedMemory, settings_bytes: int) -> None:
    try:
        import numpy as np
        import threadpoolctl

        from fstmuse.data.one_clip import load_one

        # For a caller whose main module brought NumPy in before the settings above.
        threadpoolctl.threadpool_limits(1)
        root, spec, transform = pickle.loads(memory.buf[:settings_bytes])
    except Exception as error:
        connection.send(Ready(f"{type(error).__name__}: {error}"))
        return
    connection.send(Ready(None))
    while (task := connection.recv()) is not None:
        index, clip, offset, slot_bytes = task
        array, samples, error, retryable = load_one(clip, root, spec, transform)
        if array is None:
            connection.send(Report(index, samples, error, retryable, (), "", None))
        elif array.nbytes > slot_bytes or array.dtype.hasobject:
            connection.send(Report(index, samples, None, False, array.shape, array.dtype.str, array))
        else:
            # The view must not outlive this line, or the memory could not be closed.
            np.ndarray(array.shape, array.dtype, memory.buf, offset)[...] = array
            connection.send(Report(index, samples, None, False, array.shape, array.dtype.str, None))
