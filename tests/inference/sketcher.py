"""What stands for a network that draws in turn where tests are of what is done with its pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from fstmuse.inference.turn_creator import TurnCreator
from fstmuse.interrupt import Cancel, Progress
from fstmuse.spec import AudioSpec
from tests.card_fixtures import make_artifact
from tests.generate_fixtures import CREATOR_MEL, LABELS, RATE


def card_of_turns(folder: Path) -> Path:
    """An artifact that draws in turn, as far as its card goes."""
    audio = AudioSpec(RATE, 1.0)
    spec = {"audio": audio, "mel": CREATOR_MEL, "hop_seconds": audio.seconds}
    return make_artifact(folder, network="melnet-tiny", task="generate", labels=LABELS, **spec)


class Sketcher(TurnCreator):
    """Draws noise by seed and label at once, half of it where it is cancelled.

    Attributes:
        batches: seeds of each drawing.
        refined: the last picture that was to be refined.
        interrupt: is called while it draws.
    """

    def __init__(self) -> None:
        self.spec, self.strides = CREATOR_MEL, (2, 1)
        self.batches: list[list[int]] = []
        self.refined: np.ndarray | None = None
        self.interrupt: Callable[[], None] = lambda: None

    def many(
        self,
        frames: int,
        seeds: Sequence[int],
        labels: Sequence[int],
        *,
        temperature: float = 1.0,
        prime: np.ndarray | None = None,
        refine: np.ndarray | None = None,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> np.ndarray:
        """As of a network."""
        self.batches.append(list(seeds))
        self.refined = refine
        self.interrupt()
        if progress:
            progress(0.5)
            progress(1.0)
        kept = frames // 2 if cancel is not None and cancel.is_set() else frames
        slope = np.linspace(-30, -60, self.spec.n_mels)
        drawn = [
            slope + 5 * np.random.default_rng((seed, label)).standard_normal((frames, self.spec.n_mels))
            for seed, label in zip(seeds, labels, strict=True)
        ]
        return np.stack(drawn).astype(np.float32)[:, :kept]
