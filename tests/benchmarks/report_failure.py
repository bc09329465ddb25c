r"""Why the report's networks filled no gap: its failure made again, beside what fills one, on the same held-out clips.

    python -m fstmuse.train convae --data piano_disklavier --root DIR --epochs 5 --name report-convae
    python -m fstmuse.train convvae --data piano_disklavier --root DIR --epochs 4 --set objective=kl \
        --name report-convvae
    python tests/benchmarks/report_failure.py [--data DIR] [--convae NAME] [--convvae NAME] [--gapnet NAME]
        [--power FILE.keras] [--steps 60] [--figure FILE] [--json FILE]

A gap of 10 frames in the middle of each test clip of the real piano, 64 mels, 1024/512. Drawn as the networks give
them, gap and known part alike: ConvAE trained on pictures of power from 0 to 1 (`--steps` steps of 8 windows of 64
frames, unless `--power` names a network that was kept before), in the colours of the truth above it: the report
normalises its mel spectrograms and speaks of no logarithm; ConvAE trained on pictures in dB, which is this project's
preset; ConvVAE trained by its KL divergence alone, once more in colours stretched over what little it says. Below them
a gapnet, and the straight line. RMSE: in the gap of the clip shown, and of all clips, in dB.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np

from fstmuse.artifacts.card import Card
from fstmuse.artifacts.find import find_artifact
from fstmuse.artifacts.load import load
from fstmuse.data.registry import resolve
from fstmuse.inference.gap_stretches import Stretches, read_stretches
from fstmuse.tasks.drawing import BLUE, GREY, INK, SHOWN_DB, mel_ticks, new_figure, save
from fstmuse.tasks.gap_metrics import BASELINES, LINEAR, RANGE_DB, gap_errors, in_range

WIDTH, AROUND = 10, 40
"""Frames of the gap, and shown on either side of it."""
BATCH, RATE, BESIDE = 8, 1e-3, 27
"""Of the training on power: as in the preset of convae, but on so many frames on either side of the gap alone."""
TRUTH, HIDDEN, AS_POWER = "what was there", "what the networks see", "what was there, as power"
POWER, DECIBELS, KL = "ConvAE on power", "ConvAE on dB", "ConvVAE, KL alone"
OURS, OWN = "gapnet", "in colours of its own"
SHOWN = ("scn16_4", "chpn_op7_1")
Pictures = list[np.ndarray]


def stretches_of(card: Card, root: Path, split: str) -> Stretches:
    """The clips of 431 frames of one split."""
    manifest, root = resolve("piano_disklavier", root, labelled=False)
    return read_stretches(card, card.mel.frames(card.audio.samples), manifest, root, split, 10.0, 2)


def drawn(network: Any, parts: Stretches) -> Pictures:
    """Whole pictures as a network gives them, in dB."""
    found = []
    for number, picture in enumerate(parts.pictures):
        missing = np.zeros((1, len(picture)), np.float32)
        missing[0, slice(*parts.gap(number, WIDTH))] = 1
        seen = np.where(missing[..., None] > 0, np.float32(parts.mel.floor_db), picture)
        found.append(np.asarray(network.predict_on_batch({"picture": seen, "missing": missing}))[0])
    return found


def drawn_on_power(network: Any, parts: Stretches) -> Pictures:
    """Whole pictures as a network of power from 0 to 1 gives them, in dB."""
    lowest = 10 ** (-RANGE_DB / 10)
    found = []
    for picture in parts.pictures:
        answer = network.predict_on_batch(hidden(power(picture)[None], parts))[0]
        found.append(10 * np.log10(np.maximum(answer, lowest)) + picture.max())
    return found


def trained_on_power(parts: Stretches, steps: int) -> Any:
    """A ConvAE trained on power from 0 to 1 by the mean squared error of all that it draws."""
    import keras

    from fstmuse.networks.convae import convae

    keras.utils.set_random_seed(0)
    start, stop = parts.gap(0, WIDTH)
    near = slice(start - BESIDE, stop + BESIDE)
    network = convae((near.stop - near.start, parts.mel.n_mels))
    network.compile(keras.optimizers.Adam(RATE), loss="mse")
    random = np.random.default_rng(0)
    for step in range(steps):
        chosen = random.integers(len(parts), size=BATCH)
        whole = np.stack([power(parts.pictures[number]) for number in chosen])
        loss = network.train_on_batch(hidden(whole, parts)[:, near], whole[:, near])
        if step % 20 == 19:
            print(f"  step {step + 1} of {steps}: mean squared error {float(loss):.6f}", flush=True)
    powers = np.array([power(picture) for picture in parts.pictures])
    print(f"  one colour for all pictures: {np.var(powers):.6f}; {np.mean(powers < 0.01):.1%} of values below 0.01")
    wide = convae(parts.pictures[0].shape)
    # Nothing but convolutions: what was learnt on windows fits whole pictures.
    wide.set_weights(network.get_weights())
    return wide


def power(picture: np.ndarray) -> np.ndarray:
    """Decibels as power, the loudest value 1."""
    return 10 ** ((picture - picture.max()) / 10)


def hidden(pictures: np.ndarray, parts: Stretches) -> np.ndarray:
    """Copies with zeros in the gap; all pictures are of one length."""
    start, stop = parts.gap(0, WIDTH)
    copies = pictures.copy()
    copies[:, start:stop] = 0
    return copies


def lined(parts: Stretches) -> Pictures:
    """The clips with a straight line in the gap."""
    filled = []
    for number, picture in enumerate(parts.pictures):
        start, stop = parts.gap(number, WIDTH)
        filled.append(np.concatenate([picture[:start], BASELINES[LINEAR](picture, start, stop), picture[stop:]]))
    return filled


def in_gap(parts: Stretches, pictures: Pictures) -> np.ndarray:
    """RMSE in each clip's gap, in dB, of what is cut off as the clips are."""
    cut = [in_range(one, like=true) for one, true in zip(pictures, parts.pictures, strict=True)]
    gaps = [slice(*parts.gap(number, WIDTH)) for number in range(len(parts))]
    truths = [true[gap] for true, gap in zip(parts.pictures, gaps, strict=True)]
    return gap_errors(truths, [one[gap] for one, gap in zip(cut, gaps, strict=True)]).rmse


def figures_of(parts: Stretches, pictures: Pictures) -> dict[str, float]:
    """RMSE in the gap and beside it, and how much a picture differs from one colour, in dB over all clips."""
    known = [np.delete(one, np.s_[slice(*parts.gap(n, WIDTH))], axis=0) for n, one in enumerate(pictures)]
    true = [np.delete(one, np.s_[slice(*parts.gap(n, WIDTH))], axis=0) for n, one in enumerate(parts.pictures)]
    cut = [in_range(one, like=other) for one, other in zip(known, true, strict=True)]
    return {
        "rmse": float(np.sqrt(np.mean(in_gap(parts, pictures) ** 2))),
        "rmse_of_known": float(np.sqrt(np.mean([np.mean((a - b) ** 2) for a, b in zip(cut, true, strict=True)]))),
        "deviation": float(np.sqrt(np.mean([one.var() for one in pictures]))),
    }


def draw(parts: Stretches, ways: dict[str, Pictures], path: Path) -> Path:
    """A row for each way: a whole clip, and the surroundings of the gap in two."""
    pieces = [clip.group for clip in parts.clips]
    chosen = [pieces.index(piece) + 2 for piece in SHOWN]
    start, stop = parts.gap(0, WIDTH)
    near = slice(start - AROUND, stop + AROUND)
    columns = [(chosen[0], slice(None)), *((number, near) for number in chosen)]
    rows = dict(ways)
    blank = [one.copy() for one in parts.pictures]
    for one in blank:
        one[start:stop] = one.max() - RANGE_DB
    rows = {TRUTH: list(parts.pictures), HIDDEN: blank, AS_POWER: list(parts.pictures)} | rows
    names = [name for way in rows for name in ([way, f"{way}, {OWN}"] if way == KL else [way])]
    untold = (TRUTH, HIDDEN, AS_POWER)
    ticks, hertz = mel_ticks(parts.mel)
    hop_s = parts.mel.hop_length / parts.mel.sample_rate
    figure = new_figure(12.0, 1.35 * len(names) + 0.8)
    grid = figure.subplots(len(names), 3, sharex="col", sharey=True, width_ratios=(2.2, 1, 1))
    for line, name in zip(grid, names, strict=True):
        pictures = rows[name.removesuffix(f", {OWN}")]
        errors = in_gap(parts, pictures)
        for axes, (number, frames) in zip(line, columns, strict=True):
            top = parts.pictures[number].max()
            shown = pictures[number][frames]
            low, high = (shown.min(), shown.max()) if name.endswith(OWN) else (top - SHOWN_DB, top)
            if name in (AS_POWER, POWER):
                shown, low, high = 10 ** ((shown - top) / 10), 0, 1
            first = frames.start or 0
            extent = (first * hop_s, (first + len(shown)) * hop_s, -0.5, parts.mel.n_mels - 0.5)
            look = {"cmap": "magma", "vmin": low, "vmax": high, "extent": extent}
            axes.imshow(shown.T, origin="lower", aspect="auto", interpolation="nearest", **look)
            axes.plot([start * hop_s, stop * hop_s], [1.03, 1.03], transform=axes.get_xaxis_transform(), **_BAR)
            axes.set_yticks(ticks[::2], hertz[::2], fontsize=7)
            axes.tick_params(axis="x", labelsize=7)
            axes.locator_params(axis="x", nbins=5)
            axes.spines[:].set_visible(False)
            if name not in untold and not name.endswith(OWN):
                axes.set_title(f"{errors[number]:.1f} dB", fontsize=9, loc="right", color=GREY)
            elif name.endswith(OWN):
                axes.set_title(f"{low - top:.1f} to {high - top:.1f} dB", fontsize=9, loc="right", color=GREY)
        told = "" if name in untold else f"     all {len(parts)} clips: {_pooled(errors):.2f} dB"
        line[0].set_title(name + ("" if name.endswith(OWN) else told), fontsize=10, loc="left", color=INK)
    for axes, (number, _) in zip(grid[-1], columns, strict=True):
        axes.set_xlabel(f"s of {parts.clips[number].clip_id}", fontsize=8)
    figure.suptitle("A gap of 10 frames in a piano (blue), and RMSE in it", fontsize=12, x=0.01, ha="left")
    return save(figure, path)


_BAR = {"color": BLUE, "linewidth": 3, "solid_capstyle": "butt", "clip_on": False}


def _pooled(errors: Sequence[float]) -> float:
    return float(np.sqrt(np.mean(np.square(errors))))


def _kept(file: Path | None) -> Any:
    import keras

    return keras.models.load_model(file) if file and file.is_file() else None


def main() -> None:
    """Prints the figures, writes JSON and figure when asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data = os.environ.get("FSTMUSE_TEST_DATA", Path(__file__).resolve().parents[3] / "shared" / "data")
    parser.add_argument("--data", type=Path, default=Path(data), help="folder with piano_disklavier in it")
    parser.add_argument("--convae", default="report-convae", help="an artifact, trained as said above")
    parser.add_argument("--convvae", default="report-convvae", help="an artifact, trained as said above")
    parser.add_argument("--gapnet", default="gapnet-piano", help="an artifact on the same 64 mels")
    parser.add_argument("--power", type=Path, help="keep ConvAE on power in this .keras file, or take it from there")
    parser.add_argument("--steps", type=int, default=60, help="of ConvAE on power")
    parser.add_argument("--figure", type=Path, help="draw to this .png file")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    networks = {
        name: load(find_artifact(artifact))
        for name, artifact in ((DECIBELS, options.convae), (KL, options.convvae), (OURS, options.gapnet))
    }
    card = networks[DECIBELS][1]
    test = stretches_of(card, options.data, "test")
    on_power = _kept(options.power) or trained_on_power(stretches_of(card, options.data, "train"), options.steps)
    if options.power:
        on_power.save(options.power)
    ways = {POWER: drawn_on_power(on_power, test)}
    ways |= {name: drawn(network, test) for name, (network, _) in networks.items()} | {LINEAR: lined(test)}
    figures = {name: figures_of(test, pictures) for name, pictures in ways.items()}
    print(f"\n{len(test)} clips, dB      in the gap   beside it   deviation of what is drawn")
    for name, row in figures.items():
        print(f"{name:24}{row['rmse']:10.2f}{row['rmse_of_known']:12.2f}{row['deviation']:12.2f}")
    if options.figure:
        print(draw(test, ways, options.figure))
    if options.json:
        options.json.write_text(json.dumps({"n": len(test), "ways": figures}, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
