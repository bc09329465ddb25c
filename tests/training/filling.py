"""A small lesson without labels: five "pieces" of synthesised chords, in clips of three seconds; trainings on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fstmuse import workflow
from fstmuse.audio.write import write
from fstmuse.data.manifest import Clip, Manifest, write_manifest
from fstmuse.lesson import read_lesson
from fstmuse.run_choice import Choice, choose
from fstmuse.training.config import TrainConfig, resolve
from fstmuse.watch import Watch

RATE = 22050
SPLITS = {"a": "train", "b": "train", "c": "train", "d": "valid", "e": "test"}


def chords(seed: int, seconds: float = 3.0) -> np.ndarray:
    """float32 (samples,): decaying notes, one struck each third of a second."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * RATE)) / RATE
    sound = np.zeros_like(time)
    for onset in np.arange(0, seconds, 1 / 3):
        since = np.maximum(time - onset, 0)
        pitch = 220 * 2 ** (rng.integers(0, 24) / 12)
        sound += np.where(time >= onset, np.exp(-3 * since) * np.sin(2 * np.pi * pitch * since), 0)
    return (0.1 * sound + 1e-4 * rng.standard_normal(len(time))).astype(np.float32)


def make_pieces(folder: Path) -> Path:
    """Writes two clips of each piece with `pieces.csv`; returns the CSV."""
    folder.mkdir(parents=True, exist_ok=True)
    clips = []
    for number, (piece, split) in enumerate(SPLITS.items()):
        for part in range(2):
            name = f"{piece}{part}.wav"
            write(folder / name, chords(10 * number + part), RATE)
            clips.append(Clip(name, name, split=split, group=piece))
    write_manifest(Manifest("pieces", tuple(clips)), folder / "pieces.csv")
    return folder / "pieces.csv"


@pytest.fixture(scope="module")
def csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The CSV of the pieces."""
    return make_pieces(tmp_path_factory.mktemp("pieces"))


def trained_in(home: Path, config: TrainConfig, name: str) -> Choice:
    """What `python -m fstmuse.train` does, for a module's fixtures, which come before those that set folders for tests.

    Args:
        home: in place of the developer's folders.
        config: the settings.
        name: of the network.
    """
    watch = Watch()
    with pytest.MonkeyPatch.context() as patch:
        for place in ("DATA", "CACHE", "MODELS", "RUNS"):
            patch.setenv(f"FSTMUSE_{place}", str(home / place.lower()))
        lesson = read_lesson(config, watch)
        return workflow.train(config, lesson, choose(config, lesson, name, resume=False, fresh=False), watch)


def settings(csv: Path, **more: Any) -> TrainConfig:
    """A gapnet's, for a training of seconds."""
    usual = {"data": str(csv), "epochs": 2, "batch_size": 6, "crops_per_clip": 2, "clip_seconds": 3.0, "workers": 0}
    usual |= {"ema": 0.9, "gap_most": 12, "learning_rate": 0.02, "pitch_semitones": []}
    return resolve("gapnet", usual | more)
