"""The side of `steps.py` that a framework's process runs: waits for its turn, times steps. Standard library only."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any


def serve(
    step: Callable[[], Any],
    facts: dict[str, Any],
    profile: Callable[[], list] | None = None,
    clock: Callable[[], float] = time.perf_counter,
    warm_up: Callable[[], Any] | None = None,
) -> None:
    """Says what it is, then answers one request a line; the process ends when the pipe closes.

    Args:
        step: one training step, whole when it returns.
        facts: printed first, as one line of JSON.
        profile: rows of (operation, milliseconds a step), costliest first.
        clock: what times are read from, in s.
        warm_up: what is done twice at first; None: a step.

    Requests are `{"steps": N}`, answered by `{"ms": [N times]}`, and `{"profile": true}`, answered by
    `{"profile": rows}`.
    """
    # The frameworks print to stdout now and then; the answers go where nothing else is written.
    answers, sys.stdout = sys.stdout, sys.stderr
    for _ in range(2):  # traces, compiles, allocates
        (warm_up or step)()

    def answer(what: dict[str, Any]) -> None:
        answers.write(json.dumps(what) + "\n")
        answers.flush()

    answer(facts)
    for line in sys.stdin:
        request = json.loads(line)
        if request.get("profile"):
            answer({"profile": profile() if profile else []})
            continue
        times = []
        for _ in range(request["steps"]):
            start = clock()
            step()
            times.append(1000 * (clock() - start))
        answer({"ms": times})
    os._exit(0)  # nothing is to be saved, and a framework's threads may not be waited for
