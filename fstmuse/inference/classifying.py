"""Class probabilities of sound of any length, window by window. Free of TensorFlow at import."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from fstmuse.artifacts.card import Card
from fstmuse.audio.windows import CountedBlocks, window_times, windows
from fstmuse.errors import Cancelled
from fstmuse.inference.blocks import audible, cut, decoded_blocks, part_s
from fstmuse.inference.results import Classification, part_name
from fstmuse.interrupt import Cancel, Progress

Listen = Callable[[np.ndarray], Any]
"""From windows float32 (batch, samples) to a tensor of probabilities (batch, labels)."""


def classify(
    listen: Listen,
    card: Card,
    batch: int,
    sound: Path | str | np.ndarray,
    *,
    along_time: bool = False,
    start_s: float = 0.0,
    duration_s: float | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Classification:
    """Hears a sound: `fstmuse.inference.session.Session.classify` tells of what comes.

    Args:
        listen: the network.
        card: of its artifact.
        batch: windows that are heard in one step.
        sound: path of an audio file, or float (samples,) mono at `card.audio.sample_rate` Hz, in [-1, 1].
        along_time: keep the probabilities of every window, too.
        start_s: of a file: where the part to hear begins, in s.
        duration_s: of a file: length of the part to hear, in s; None goes to its end.
        progress: called with the share that is done, 0 to 1, rising.
        cancel: looked at between steps.

    Returns:
        Mean probabilities over the windows, and with `along_time` those of each.

    Raises:
        AudioError: the sound cannot be decoded, is empty, silent throughout, or no finite float numbers.
        Cancelled: `cancel` was set.
    """
    if isinstance(sound, np.ndarray):
        name, blocks, start_s, duration_s = "waveform", cut(sound, card.audio), 0.0, None
        expected_s = len(sound) / card.audio.sample_rate
    else:
        name, blocks = str(sound), decoded_blocks(Path(sound), card.audio, start_s, duration_s)
        expected_s = part_s(Path(sound), start_s, duration_s) if progress else 0.0
    counted = CountedBlocks(audible(blocks, name))
    starts, by_window = _heard(listen, card, batch, counted, expected_s, progress, cancel)
    rate = card.audio.sample_rate
    times_s = start_s + window_times(starts, card.audio.samples, counted.samples, rate)
    if progress:
        progress(1.0)
    return Classification(
        path=name,
        labels=card.labels,
        probabilities=by_window.mean(axis=0, dtype=np.float64).astype(np.float32),
        duration_s=counted.samples / rate,
        times_s=times_s if along_time else None,
        along_time=by_window if along_time else None,
        start_s=start_s,
        part=part_name(start_s, duration_s),
    )


def _heard(
    listen: Listen,
    card: Card,
    batch: int,
    blocks: Iterable[np.ndarray],
    expected_s: float,
    progress: Progress | None,
    cancel: Cancel | None,
) -> tuple[list[int], np.ndarray]:
    """Starts of the windows and their probabilities, float32 (windows, labels)."""
    audio = card.audio
    starts: list[int] = []
    outputs: list[np.ndarray] = []
    held: list[np.ndarray] = []

    def step() -> None:
        if cancel is not None and cancel.is_set():
            raise Cancelled("Cancelled before the end of the sound.")
        outputs.append(listen(np.stack(held)).numpy())
        held.clear()
        if progress and expected_s > 0:
            done = (starts[-1] + audio.samples) / audio.sample_rate
            progress(min(0.99, done / expected_s))

    for start, window in windows(blocks, audio.samples, card.hop_samples, audio.pad):
        starts.append(start)
        held.append(window)
        if len(held) == batch:
            step()
    if held:
        step()
    return starts, np.concatenate(outputs)
