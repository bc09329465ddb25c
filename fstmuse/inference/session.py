"""One object that answers all that can be asked of an artifact."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol

import numpy as np

from fstmuse.artifacts.load import load
from fstmuse.artifacts.serving import Listener
from fstmuse.audio.decode import probe
from fstmuse.audio.stream import stream
from fstmuse.audio.windows import CountedBlocks, window_times, windows
from fstmuse.errors import ArtifactError, AudioError, Cancelled
from fstmuse.inference.results import Classification

# Sound that is heard in one step: enough to fill two cores, little enough for 300 MB over any length.
_STEP_SECONDS = 12.0

Progress = Callable[[float], None]


class Cancel(Protocol):
    """A token that says whether the user has changed their mind; `threading.Event` is one."""

    def is_set(self) -> bool:
        """True: stop."""


class Session:
    """A loaded artifact.

    Args:
        artifact: its folder.

    Attributes:
        card: what the artifact is.

    Raises:
        ArtifactError: the artifact is missing, damaged or unsafe.
    """

    def __init__(self, artifact: Path | str) -> None:
        import tensorflow as tf

        self.artifact = Path(artifact)
        network, self.card = load(self.artifact)
        listener = Listener(network, self.card)
        window = tf.TensorSpec((None, self.card.audio.samples), tf.float32)
        # One trace for every batch size, made on the first question.
        self._listen = tf.function(listener, input_signature=[window])
        self._batch = max(1, math.floor(_STEP_SECONDS / self.card.audio.seconds))

    def classify(
        self,
        sound: Path | str | np.ndarray,
        *,
        along_time: bool = False,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> Classification:
        """Class probabilities of a file or of a waveform of any length, in constant memory.

        Args:
            sound: path of an audio file of any rate and number of channels, or float32 (samples,) mono at
                `card.audio.sample_rate` Hz.
            along_time: keep the probabilities of every window, too.
            progress: called with the share that is done, 0 to 1, rising.
            cancel: looked at between steps.

        Returns:
            Mean probabilities over the windows, and with `along_time` those of each.

        Raises:
            ArtifactError: the artifact was not trained to classify.
            AudioError: the sound cannot be decoded, is empty, or is silent throughout.
            Cancelled: `cancel` was set.
        """
        if self.card.task != "classify":
            raise ArtifactError(
                f"{self.artifact} was trained to {self.card.task}; expected an artifact that classifies."
            )
        name, blocks, expected_s = self._open(sound)
        counted = CountedBlocks(_audible(blocks, name))
        starts, by_window = self._hear(counted, expected_s, progress, cancel)
        rate = self.card.audio.sample_rate
        if progress:
            progress(1.0)
        return Classification(
            path=name,
            labels=self.card.labels,
            probabilities=by_window.mean(axis=0, dtype=np.float64).astype(np.float32),
            duration_s=counted.samples / rate,
            times_s=window_times(starts, self.card.audio.samples, counted.samples, rate) if along_time else None,
            along_time=by_window if along_time else None,
        )

    def _open(self, sound: Path | str | np.ndarray) -> tuple[str, Iterable[np.ndarray], float]:
        rate = self.card.audio.sample_rate
        if isinstance(sound, np.ndarray):
            if sound.ndim != 1:
                raise AudioError(f"Received a waveform of shape {sound.shape}; expected (samples,), mono at {rate} Hz.")
            return "waveform", [np.asarray(sound, np.float32)], len(sound) / rate
        blocks = stream(Path(sound), sample_rate=rate, block_samples=self.card.audio.samples)
        return str(sound), blocks, probe(Path(sound)).duration_s

    def _hear(
        self, blocks: Iterable[np.ndarray], expected_s: float, progress: Progress | None, cancel: Cancel | None
    ) -> tuple[list[int], np.ndarray]:
        """Starts of the windows and their probabilities, float32 (windows, labels)."""
        audio = self.card.audio
        starts: list[int] = []
        outputs: list[np.ndarray] = []
        held: list[np.ndarray] = []

        def step() -> None:
            if cancel is not None and cancel.is_set():
                raise Cancelled("Cancelled before the end of the sound.")
            outputs.append(self._listen(np.stack(held)).numpy())
            held.clear()
            if progress:
                done = (starts[-1] + audio.samples) / audio.sample_rate
                progress(min(0.99, done / expected_s) if expected_s > 0 else 0.0)

        for start, window in windows(blocks, audio.samples, min(self.card.hop_samples, audio.samples), audio.pad):
            starts.append(start)
            held.append(window)
            if len(held) == self._batch:
                step()
        if held:
            step()
        return starts, np.concatenate(outputs)


def _audible(blocks: Iterable[np.ndarray], name: str) -> Iterator[np.ndarray]:
    """The blocks, unless all of them are silent: any answer about silence would be made up."""
    heard = False
    for block in blocks:
        heard = heard or bool(np.any(block))
        yield block
    if not heard:
        raise AudioError(f"{name}: silent from beginning to end; expected music. Nothing can be said of it.")
