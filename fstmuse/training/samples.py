"""What a GAN draws after each epoch: its distance to real music, a picture and a sound at fixed seeds, and warnings.

A GAN's losses say who is ahead, not how good it is. The best epoch is chosen by `val_fd` instead, the Fréchet distance
of fixed statistics of log-mels between drawn windows and windows of the validation clips.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import keras
import numpy as np

from fstmuse.audio.write import write
from fstmuse.data.dataset import Examples
from fstmuse.features.inversion import invert
from fstmuse.features.picture import MelPicture
from fstmuse.networks.catalogue import Entry
from fstmuse.networks.creators import not_below_silence
from fstmuse.networks.gan import noise_shapes
from fstmuse.tasks.figures import spectrogram_figure
from fstmuse.tasks.generate import chosen_windows
from fstmuse.tasks.generate_metrics import decibels, frechet_distance, mutual_distance, statistics
from fstmuse.tasks.generate_neighbours import COPY, Neighbours
from fstmuse.training.run import RunFolder, best_epoch
from fstmuse.watch import Watch

PICTURES, MOST_FRAMES = 256, 32_768
"""How many windows are drawn and compared, and how many frames they have together at most."""

LEAST_PICTURES = 16
AT_ONCE = 16
COLUMNS = 3
_ROWS = ((0, "real"), (0, "drawn"), (1, "drawn"))
HEARD_S, MOST_SOUNDS = 6.0, 3
TURNS = 16
_SILENT = 1e-6

WINNING, LOSING = 0.98, 0.5
"""Shares of pictures that the discriminator is right of: beyond, one side wins."""

COLLAPSED = 1 / 3
"""Of the mutual distance of real windows: what is closer together has collapsed."""

LEARNT = 0.05
"""Share of copies, see `COPY`, from which on a generator repeats what it learnt from."""


class Samples(keras.callbacks.Callback):
    """Draws by the generator's average. Must stand before `History`, whose `val_fd` it gives.

    Args:
        entry: of the network.
        train: what is learnt from.
        valid: what is compared with.
        seed: of the noise and of the windows compared with.
        run: its folder.
        watch: is told, and shown the picture.
    """

    def __init__(self, entry: Entry, train: Examples, valid: Examples, seed: int, run: RunFolder, watch: Watch) -> None:
        super().__init__()
        self.entry, self.train, self.valid = entry, train, valid
        self.seed, self.run, self.watch = seed, run, watch
        self.names = run.facts().get("labels", [])
        self.warned: set[str] = set()

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Looks at real windows."""
        self.create = self.model.creator()
        count = int(np.clip(MOST_FRAMES // self.entry.input_shape[0], LEAST_PICTURES, PICTURES))
        self.real = chosen_windows(self.valid, count, self.seed)
        levels = decibels(self.real["picture"], self.entry.mel)
        self.statistics, self.spread = statistics(levels), mutual_distance(levels)
        self.neighbours = Neighbours(self.train, self.entry.mel, self.seed)
        learnt = chosen_windows(self.train, len(levels), self.seed)["picture"]
        beside = frechet_distance(statistics(decibels(learnt, self.entry.mel)), self.statistics)
        self.watch.say(
            f"Valid FD is the Fréchet distance of log-mel statistics between {len(levels)} drawn windows and as "
            f"many of the validation clips, in dB²; of windows of the training clips it is {beside:.1f}."
        )

    def on_epoch_end(self, epoch: int, logs: dict[str, Any]) -> None:
        """Draws, measures, shows and warns."""
        drawn = self._draw(len(self.real["picture"]), self.entry.input_shape[0], self.real.get("label"))
        levels = decibels(drawn, self.entry.mel)
        logs["val_fd"] = frechet_distance(statistics(levels), self.statistics)
        logs["diversity"] = mutual_distance(levels) / self.spread
        relative = self.neighbours.relative(levels)
        logs["nearest"] = float(np.median(relative))  # of unseen music near 1
        logs["copied"] = float((relative < COPY).mean())
        self._warn(epoch + 1, logs)
        self._show(epoch + 1, drawn)
        self._sound(epoch + 1)
        self._choose(epoch + 1, logs["val_fd"])

    def _warn(self, epoch: int, logs: dict[str, Any]) -> None:
        """Says what goes wrong, when it begins to."""
        right = logs["d_real"], logs["d_fake"]
        found = {
            "discriminator": min(right) > WINNING,
            "generator": sum(right) / 2 < LOSING,
            "collapse": logs["diversity"] < COLLAPSED,
            "copies": logs["copied"] > LEARNT,
        }
        so = f"the discriminator is right of {right[0]:.0%} of real and {right[1]:.0%} of drawn pictures"
        words = {
            "discriminator": f"{so}: it tells the generator little. Lower discriminator_rate, or raise r1 or "
            "learning_rate.",
            "generator": f"{so}, less than by guessing: it teaches nothing. Raise discriminator_rate, or lower "
            "learning_rate or r1.",
            "collapse": f"drawn windows differ by {logs['diversity']:.0%} of what real ones differ by: the generator "
            "draws nearly the same again and again. Lower learning_rate, raise r1, or begin anew with another seed.",
            "copies": f"{logs['copied']:.0%} of drawn windows are far nearer to one training clip than to any other, "
            "which music that was not learnt from hardly ever is: the generator repeats what it learnt from. Add "
            "clips, raise r1, train for fewer epochs, or take a smaller network.",
        }
        now = {name for name, holds in found.items() if holds}
        for name in sorted(now - self.warned):
            self.watch.say(f"Epoch {epoch}: {words[name]}")
        self.warned = now

    def _show(self, epoch: int, drawn: np.ndarray) -> None:
        """Draws a picture of real windows above drawn ones, label by label."""
        numbers = self.real.get("label", np.zeros(len(drawn), np.int32))
        kinds = np.unique(numbers)

        def one(column: int, row: int) -> int:
            alike = np.flatnonzero(numbers == kinds[column % len(kinds)])
            return int(alike[(2 * (column // len(kinds)) + row) % len(alike)])

        shown = [(one(column, row), what) for row, what in _ROWS for column in range(COLUMNS)]
        pictures = [(drawn if what == "drawn" else self.real["picture"])[number] for number, what in shown]
        names = self.names if len(self.names) > 1 else ["window"]
        titles = [f"{names[numbers[number]]}, {what}" for number, what in shown]
        spectrogram_figure(pictures, titles, self.entry.mel, _file(self.run, epoch, "png"))

    def _sound(self, epoch: int) -> None:
        """Turns one drawn sound of each label into a WAV file, one behind the other."""
        mel = self.entry.mel
        numbers = np.unique(self.real["label"])[:MOST_SOUNDS] if "label" in self.real else None
        frames = (
            mel.frames(round(HEARD_S * mel.sample_rate)) if "cells" in self.create.input else self.entry.input_shape[0]
        )
        drawn = self._draw(1 if numbers is None else len(numbers), frames, numbers)
        sounds = [invert(MelPicture(picture, mel), iterations=TURNS) for picture in drawn]
        peaks = [max(float(np.abs(sound).max()), _SILENT) for sound in sounds]
        sound = np.concatenate([0.9 * sound / peak for sound, peak in zip(sounds, peaks, strict=True)])
        write(_file(self.run, epoch, "wav"), sound, mel.sample_rate)

    def _choose(self, epoch: int, distance: float) -> None:
        """Shows this epoch's samples as those of the run if it is the one to keep."""
        before = [row for row in self.run.history() if row["epoch"] < epoch]
        if best_epoch([*before, {"epoch": epoch, "val_fd": distance}]) == epoch:
            for kind in ("png", "wav"):
                shutil.copyfile(_file(self.run, epoch, kind), self.run.figures / f"samples.{kind}")
            self.watch.figure(self.run.figures / "samples.png")

    def _draw(self, count: int, frames: int, labels: np.ndarray | None) -> np.ndarray:
        """Pictures of noise that is the same each time: float32 (count, frames, mels), as the entry's spec has them."""
        rng = np.random.default_rng(self.seed)
        shapes = noise_shapes(self.create, frames)
        inputs = {name: rng.standard_normal((count, *shape), np.float32) for name, shape in shapes.items()}
        if labels is not None:
            inputs["label"] = labels
        parts = [
            self.create.predict_on_batch({name: values[first : first + AT_ONCE] for name, values in inputs.items()})
            for first in range(0, count, AT_ONCE)
        ]
        return np.asarray(not_below_silence(np.concatenate(parts)[:, :frames], self.entry.mel))


def _file(run: RunFolder, epoch: int, kind: str) -> Path:
    folder = run.path / "samples"
    folder.mkdir(exist_ok=True)
    return folder / f"epoch-{epoch:04d}.{kind}"
