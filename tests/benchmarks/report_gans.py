r"""Why the reports' GANs made no music: what they were shown, what they draw, and how it was made into sound.

    python tests/benchmarks/report_gans.py [--steps 200 60] [--figure FILE] [--json FILE]

On the demo set (`FSTMUSE_DATA`, made where it lacks). Three parts:

- Units. What pictures are in the numbers that each network draws, of all training clips: how much lies beyond a
  sigmoid's 1, and which share of the variance the loudest 1 % of values have.
- Drawn. toygan and cmelgan as in the reports, and on log-mels, trained side by side for so many steps with their
  presets' rates and losses: no full training, and of a quarter of the channels on shorter pictures (toygan 128 of 1,291
  frames; cmelgan 64 of 256 frames and bands, and no groups in its discriminator): a step of the whole toygan is some
  2 * 10^12 products, about a minute on one core. The distance is the Fréchet distance of log-mel statistics
  (`fstmuse.tasks.generate_metrics`) between 64 drawn windows and 64 of validation clips, in dB²; beside it that of
  windows of the training clips, of one picture (each band's mean in dB) and of noise with each band's mean and
  deviation. toygan's sigmoid reaches 1: what windows of the training clips are when all above is cut off is the best
  that it could draw.
- Sound. A real picture, made into sound as the reports did, and rightly. toyGAN's was handed over transposed, and
  written at 1,000 Hz; cMelGAN's transposed, and with Slaney's filters for HTK's. LSD in dB.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import time
from pathlib import Path

import numpy as np
import soxr
from report_gans_figure import BOUND, draw

from fstmuse.audio.decode import decode
from fstmuse.data.dataset import Examples
from fstmuse.data.registry import resolve as find_data
from fstmuse.features.inversion import invert
from fstmuse.features.mel import LogMel
from fstmuse.features.picture import MelPicture
from fstmuse.networks.catalogue import find
from fstmuse.networks.cmelgan import Grown, Judged, cmelgan
from fstmuse.networks.entry import Entry
from fstmuse.networks.gan import Gan, noise_shapes
from fstmuse.networks.scaling import from_floor, standardised, unscaled
from fstmuse.networks.toygan import toygan
from fstmuse.spec import AudioSpec, MelSpec
from fstmuse.tasks import generate
from fstmuse.tasks.generate_metrics import band_noise, decibels, frechet_distance, mutual_distance, statistics
from fstmuse.tasks.spectral import log_spectral_distance
from fstmuse.training.config import resolve
from fstmuse.training.gan import GanTrainer
from fstmuse.training.optimizers import gan_optimizers

NETWORKS = ("toygan", "toygan-log", "cmelgan", "cmelgan-log")
SIZES = {"toygan": (128, 128), "cmelgan": (64, 64)}
"""Frames and bands of the pictures trained on."""
GROWN = (Grown(128, 4, 4), Grown(32, 8, 2), Grown(8, 8, 2), Grown(1, 8, 1))
JUDGED = (
    Judged(8, 21, 1, 1, 1),
    Judged(8, 22, 4, 1, 1),
    Judged(16, 22, 4, 1, 4),
    Judged(32, 22, 4, 1, 4),
    Judged(64, 22, 4, 1, 2),
    Judged(208, 6, 2, 1, 2),
)
"""Not grouped: Keras gives grouped convolutions to XLA, which takes far longer for their gradients on CPUs."""
LOUDEST = 0.01
COUNT = 64
WRONG_RATE = 1000
Rows = list[np.ndarray]


class Kept(list):
    """Pictures as rows of a cache."""

    row = list.__getitem__


def sounds(split: str, rate: int) -> tuple[Rows, list[str]]:
    """The clips of one split of the demo set, and their labels."""
    manifest, root = find_data("demo")
    clips = manifest.split(split).clips
    return [decode(root / clip.path, sample_rate=rate) for clip in clips], [clip.labels[0] for clip in clips]


def small(name: str) -> Entry:
    """The catalogue's entry, with less of a picture."""
    entry = find(name)
    frames, mels = SIZES[name.removesuffix("-log")]
    mel = dataclasses.replace(entry.mel, n_mels=mels, max_frames=0)
    return dataclasses.replace(entry, mel=mel, audio=AudioSpec(mel.sample_rate, frames * mel.hop_length / 22050))


def network(entry: Entry, labels: int) -> Gan:
    """A quarter of the report's channels."""
    mels, log = entry.mel.n_mels, entry.mel.log == "db"
    if entry.name.startswith("toygan"):
        scaling = from_floor(entry.mel.floor_db, mels) if log else unscaled(mels)
        return toygan(entry.input_shape, width=32, judge_widths=(8, 16, 32, 64), scaling=scaling)
    scaling = standardised(mels) if log else unscaled(mels)
    return cmelgan(entry.input_shape, labels, grown=GROWN, judged=JUDGED, first=64, scaling=scaling)


def examples(entry: Entry, split: str) -> Examples:
    """All clips of one split."""
    waves, labels = sounds(split, entry.mel.sample_rate)
    make, window = LogMel(entry.mel), entry.input_shape[0]
    rows = Kept(make(wave)[: len(wave) // entry.mel.hop_length] for wave in waves)
    names = sorted(set(labels))
    heeds = 0 if entry.name.startswith("toygan") else len(names)
    targets = np.eye(len(names), dtype=np.float32)[[names.index(label) for label in labels]][:, :heeds]
    return Examples(rows, np.arange(len(rows)), np.array([len(row) for row in rows]), targets, window)


def units(name: str) -> tuple[dict[str, float], np.ndarray]:
    """What pictures of the whole network's spec are in its numbers: figures, and the numbers."""
    entry = find(name)
    make = LogMel(dataclasses.replace(entry.mel, max_frames=0))
    waves, _ = sounds("train", entry.mel.sample_rate)
    pictures = [make(wave)[: len(wave) // entry.mel.hop_length] for wave in waves]
    if entry.mel.log == "db":
        scaling = from_floor(entry.mel.floor_db, entry.mel.n_mels)
        scaling = scaling if name.startswith("toygan") else standardised(entry.mel.n_mels)
        scaling.fit(pictures)
        pictures = [np.asarray(scaling.forth(picture[None]))[0] for picture in pictures]
    values = np.concatenate([picture.ravel() for picture in pictures])
    squares = np.square(values - values.mean(dtype=np.float64))
    loudest = values >= np.quantile(values, 1 - LOUDEST)
    return {
        "median": float(np.median(values)),
        "largest": float(values.max()),
        "beyond 1": float(np.mean(values > 1)),
        "below 0.01 of largest": float(np.mean(np.abs(values) < 0.01 * values.max())),
        "variance in the loudest 1 %": float(squares[loudest].sum() / squares.sum()),
    }, values


def train(entry: Entry, data: Examples, steps: int) -> GanTrainer:
    """So many steps with the preset's settings."""
    import keras

    keras.utils.set_random_seed(0)
    config = resolve(entry.name, {})
    gan = network(entry, data.targets.shape[1])
    gan.scaling.fit([generate.chosen_windows(data, 256, 0)["picture"]])
    trainer = GanTrainer(gan, entry, loss=entry.objectives[0], discriminator_steps=config.discriminator_steps)
    trainer.compile(**gan_optimizers(config, steps, faithful=True))
    batches = generate.training_dataset(data, entry, batch_size=config.batch_size, draws=1, seed=0, epoch=0)
    batches = iter(batches)
    trainer.make_train_function()
    began = time.perf_counter()
    for step in range(1, steps + 1):
        found = trainer.train_function(batches)
        if step in (1, 2) or step % 25 == 0:
            told = ", ".join(f"{key} {float(found[key]):.3f}" for key in ("loss", "d_loss", "d_real", "d_fake"))
            print(f"  {entry.name}: step {step}, {time.perf_counter() - began:.0f} s: {told}", flush=True)
    return trainer


def drawn(trainer: GanTrainer, entry: Entry, labels: np.ndarray | None) -> np.ndarray:
    """As many pictures as windows are compared with, in dB."""
    create, random = trainer.creator(), np.random.default_rng(0)
    inputs = {
        name: random.standard_normal((COUNT, *shape), np.float32)
        for name, shape in noise_shapes(create, entry.input_shape[0]).items()
    }
    if labels is not None:
        inputs["label"] = labels
    parts = [
        create.predict_on_batch({name: value[first : first + 8] for name, value in inputs.items()})
        for first in range(0, COUNT, 8)
    ]
    return decibels(np.concatenate(parts), entry.mel)


def trained(name: str, steps: int) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """Distances of a network trained so long, and pictures in dB."""
    entry = small(name)
    data, beside = examples(entry, "train"), examples(entry, "valid")
    windows, others = (generate.chosen_windows(one, COUNT, 0) for one in (beside, data))
    real, learnt = (decibels(batch["picture"], entry.mel) for batch in (windows, others))
    made = drawn(train(entry, data, steps), entry, windows.get("label"))
    in_db = dataclasses.replace(entry.mel, log="db")
    ways = {
        "training clips": learnt,
        "drawn": made,
        "one picture": np.broadcast_to(learnt.mean(axis=(0, 1)), learnt.shape),
        "noise": band_noise(learnt, in_db, 0),
    }
    if name == "toygan":
        ways[BOUND] = decibels(np.minimum(others["picture"], 1.0), entry.mel)
    figures = {way: frechet_distance(statistics(pictures), statistics(real)) for way, pictures in ways.items()}
    figures |= {"diversity": mutual_distance(made) / mutual_distance(real), "steps": steps}
    figures |= {"mean level": float(made.mean()), "real mean level": float(real.mean())}
    shown = {"real": real, "drawn": made}
    if name == "toygan":
        shown[BOUND] = decibels(np.minimum(windows["picture"], 1.0), entry.mel)
    return figures, shown


def sounded(name: str, wave: np.ndarray) -> tuple[MelSpec, dict[str, np.ndarray]]:
    """The pictures in dB of a square picture, and of the sounds that it becomes: rightly, and as the report did."""
    mel = dataclasses.replace(find(name).mel, max_frames=0)
    in_db = dataclasses.replace(mel, log="db")
    wave = wave[: mel.n_mels * mel.hop_length]
    values = LogMel(mel)(wave)
    taken = mel if name == "toygan" else dataclasses.replace(mel, scale="slaney")
    heard = {"rightly": invert(MelPicture(values, mel)), "report": invert(MelPicture(values.T, taken))}
    if name == "toygan":  # as many seconds of what a player makes of 1,000 samples a second
        slow = heard["report"][: len(wave) * WRONG_RATE // mel.sample_rate]
        heard["report"] = soxr.resample(slow, WRONG_RATE, mel.sample_rate)
    pictures = {"real": LogMel(in_db)(wave)}
    for way, sound in heard.items():
        sound = np.pad(sound, (0, max(0, len(wave) - len(sound))))[: len(wave)]
        level = np.sqrt(np.mean(wave**2) / max(np.mean(sound**2), 1e-12))
        pictures[way] = LogMel(in_db)((sound * level).astype(np.float32))
    return in_db, pictures


def main() -> None:
    """Prints the figures, writes JSON and figure when asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, nargs=2, default=(200, 60), metavar=("TOYGAN", "CMELGAN"))
    parser.add_argument("--figure", type=Path, help="draw to this .png file")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    figures: dict[str, dict] = {"units": {}, "drawn": {}, "sound": {}}
    values, pictures, heard = {}, {}, {}
    print("In the network's units, all training clips:")
    for name in NETWORKS:
        figures["units"][name], values[name] = units(name)
        print(f"  {name:12}" + ", ".join(f"{what} {value:.4g}" for what, value in figures["units"][name].items()))
    wave = sounds("valid", 22050)[0][0]
    print("A real picture made into sound, LSD in dB:")
    for name in NETWORKS[::2]:
        heard[name] = sounded(name, wave)
        real = heard[name][1]["real"]
        figures["sound"][name] = {
            way: log_spectral_distance(real, heard[name][1][way]) for way in ("rightly", "report")
        }
        print(f"  {name:12}" + ", ".join(f"{way} {value:.2f}" for way, value in figures["sound"][name].items()))
    for name in NETWORKS:
        steps = options.steps[0 if name.startswith("toygan") else 1]
        figures["drawn"][name], pictures[name] = trained(name, steps)
        row = ", ".join(f"{what} {value:.4g}" for what, value in figures["drawn"][name].items())
        print(f"  {name}: Fréchet distance: {row}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    if options.figure:
        print(
            draw(figures, values, {name: (small(name).mel, pictures[name]) for name in NETWORKS}, heard, options.figure)
        )


if __name__ == "__main__":
    main()
