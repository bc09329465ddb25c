"""How loud and how lively continuations are, beside what came in truth, in real piano and in real music.

    python -m tests.benchmarks.going_on [--data FOLDER] [--model ARTIFACT] [--spread 0 1] [--clips 6]

The five pieces of piano that are held out for test (16 kHz, mono; 10 s to 40 s of them) and clips of FMA (44,100 Hz,
mixed down), cut off at random places where there is sound, two in each piece and one in each clip; 10 s come before,
4 s are made. Medians over the places, of the made sound and of the true one:

- level: RMS of 0.5 to 2 s behind the end against that of the last 2 s before it, in dB; later: of the time from 2 s on.
- rises: how much the bands of a mel picture (64 bands, 1024/512 at 16 kHz) rise from frame to frame, in dB, the mean
  over bands and frames from 0.5 s on: onsets are rises. A texture that is held has those of its noise.
- varies: by how much the loudness of such frames, over all bands, goes up and down: its standard deviation in dB.
- step: the largest step within two samples of the join against the largest of the 50 ms before (the worst of all
  places).
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import soxr

from fstmuse.audio.decode import decode
from fstmuse.features.continue_picture import CONTEXT_S, PictureContinuer
from fstmuse.features.continue_sound import continue_sound
from fstmuse.features.mel import LogMel
from fstmuse.spec import MelSpec
from tests.benchmarks.gap_sound import PIECES, places

SPEC = MelSpec(16000, 1024, 512, 64, 0.0, 8000.0)
BEFORE_S, SETTLED_S, SOON_S, SECONDS = 2.0, 0.5, 2.0, 4.0
MEASURES = ("level", "later", "rises", "varies")


def level(sound: np.ndarray) -> float:
    """RMS in dB."""
    return float(10 * np.log10(np.square(sound).mean() + 1e-12))


def measured(before: np.ndarray, after: np.ndarray, rate: int) -> dict[str, float]:
    """All figures of one continuation; both float (samples,)."""
    end, settled, soon = level(before[-round(BEFORE_S * rate) :]), round(SETTLED_S * rate), round(SOON_S * rate)
    mel = soxr.resample(after, rate, SPEC.sample_rate)[round(SETTLED_S * SPEC.sample_rate) :]
    picture = LogMel(SPEC)(mel.astype(np.float32))[: (len(mel) - SPEC.n_fft) // SPEC.hop_length + 1]
    picture = np.maximum(picture, picture.max() - 60)
    loudness = 10 * np.log10(np.power(10, picture / 10).sum(axis=1))
    steps = np.abs(np.diff(np.concatenate([before[-round(0.05 * rate) :], after[:2]])))
    return {
        "level": level(after[settled:soon]) - end,
        "later": level(after[soon:]) - end,
        "rises": float(np.maximum(np.diff(picture, axis=0), 0).mean()),
        "varies": float(loudness.std()),
        "step": float(steps[-2:].max() / steps[:-2].max()),
    }


def load(artifact: Path) -> PictureContinuer:
    """The network of an artifact."""
    from fstmuse.artifacts.load import load
    from fstmuse.inference.network_continuer import Continuer

    network, card = load(artifact)
    return Continuer(network, card.mel)


def main() -> None:
    """Prints a table for piano and one for FMA."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = Path(__file__).resolve().parents[2]
    default = Path(os.environ.get("FSTMUSE_TEST_DATA", root.parent / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=default, help="folder of real audio")
    parser.add_argument("--model", type=Path, help="an artifact that goes on")
    parser.add_argument("--spread", type=float, nargs="+", default=[0.0, 1.0])
    parser.add_argument("--clips", type=int, default=6)
    options = parser.parse_args()
    ways: dict[str, dict] = {f"plain, spread {spread:g}": {"spread": spread} for spread in options.spread}
    if options.model:
        network = load(options.model)
        ways |= {f"network, spread {s:g}": {"spread": s, "continuer": network} for s in options.spread}
    folder = options.data / "piano_disklavier"
    piano = [decode(folder / f"MAPS_MUS-{name}_ENSTDkAm.flac", start_s=10, duration_s=30) for name in PIECES]
    music = [
        decode(file, duration_s=30)
        for file in sorted((options.data / "fma_small" / "000").glob("*.mp3"))[: options.clips]
    ]
    for title, clips, rate, cuts in (("piano", piano, 16000, 2), ("FMA", music, 44100, 1)):
        rows: dict[str, list[dict[str, float]]] = {name: [] for name in ("truth", *ways)}
        began = time.perf_counter()
        for seed, clip in enumerate(clips):
            count = round(SECONDS * rate)
            for place in places(clip[: len(clip) - count], rate, cuts, seed):
                before = clip[max(0, place - round(CONTEXT_S * rate)) : place].astype(np.float32)
                rows["truth"].append(measured(before, clip[place : place + count], rate))
                for name, how in ways.items():
                    made = continue_sound(before[:, None], rate, SECONDS, **how)[len(before) :, 0]
                    rows[name].append(measured(before, made, rate))
        print(f"\n{title} ({len(rows['truth'])} places, {time.perf_counter() - began:.0f} s)", flush=True)
        print(f"{'':24}" + "".join(f"{measure:>9}" for measure in (*MEASURES, "step")))
        for name, found in rows.items():
            medians = [np.median([one[measure] for one in found]) for measure in MEASURES]
            worst = max(one["step"] for one in found)
            print(f"{name:24}" + "".join(f"{value:9.2f}" for value in (*medians, worst)), flush=True)


if __name__ == "__main__":
    main()
