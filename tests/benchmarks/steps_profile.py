"""What a TensorFlow step spends its time on, from the profiler's own trace."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

STEPS = 3


def keras_profile(step: Callable[[], object]) -> list[tuple[str, float]]:
    """Rows of (operation, milliseconds a step), costliest first: time of an event less that of those within it.

    Times of several threads add up, so that the sum may pass a step's wall time.
    """
    import tensorflow as tf
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    with tempfile.TemporaryDirectory() as folder:
        with tf.profiler.experimental.Profile(folder):
            for _ in range(STEPS):
                step()
        space = xplane_pb2.XSpace()
        space.ParseFromString(next(Path(folder).rglob("*.xplane.pb")).read_bytes())
    spent: Counter[str] = Counter()
    for plane in space.planes:
        if plane.name != "/host:CPU":
            continue
        names = {number: metadata.name for number, metadata in plane.event_metadata.items()}
        for line in plane.lines:
            _add_own_time(line, names, spent)
    return [(name, picoseconds / 1e9 / STEPS) for name, picoseconds in spent.most_common()]


def _add_own_time(line, names: dict[int, str], spent: Counter[str]) -> None:
    """Adds to each operation what its events on one thread took, less the events nested in them."""
    open_events: list[tuple[int, str]] = []  # (end, operation)
    for event in sorted(line.events, key=lambda event: (event.offset_ps, -event.duration_ps)):
        while open_events and open_events[-1][0] <= event.offset_ps:
            open_events.pop()
        # Operations are traced as "name:Type"; the type is what tells kernels apart.
        name = names[event.metadata_id].rsplit(":", 1)[-1]
        if open_events:
            spent[open_events[-1][1]] -= event.duration_ps
        spent[name] += event.duration_ps
        open_events.append((event.offset_ps + event.duration_ps, name))
