"""A trained vocoder beside Griffin-Lim: what each makes of pictures of real piano, and what it costs.

    python tests/benchmarks/vocoder.py ARTIFACT [--data FOLDER] [--pieces 5] [--seconds 30] [--json FILE]

The five pieces that are held out for test, a part from the middle of each; means over pieces. LSD: mean over frames of
the square root of the mean over bands of squared differences in dB, relative to the part's loudest value and not below
-80 dB, of log-mels and of the magnitudes of all frequency bins. Held notes: standard deviation of the pitch over time
in cents, by librosa's YIN, of eight synthesised notes, and how far its mean is off. Factors of real time: of wall time,
on one thread, the second time. The gate of issue 4: the vocoder becomes the default only where it wins in LSD and in
steadiness.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import threadpoolctl

from fstmuse.artifacts.card import NETWORK
from fstmuse.artifacts.find import find_artifact
from fstmuse.audio.decode import decode, probe
from fstmuse.features.griffin_lim import PLAIN
from fstmuse.features.inversion import invert
from fstmuse.features.mel import LogMel
from fstmuse.features.picture import MelPicture
from fstmuse.features.stft import stft
from fstmuse.quiet import load_tensorflow
from fstmuse.spec import MelSpec
from fstmuse.tasks.held_notes import wobble
from fstmuse.tasks.spectral import log_spectral_distance, spectral_convergence

PIECES = ("chpn_op7_1", "mendel_op62_5", "scn16_4", "ty_november", "grieg_butterfly")
OURS, RIVAL = "vocoder", "fast Griffin-Lim 32"
Way = Callable[[MelPicture], np.ndarray]
COLUMNS = ("lsd_db", "lsd_bins_db", "convergence_db", "held_std_cents", "held_off_cents", "real_time_factor")


def measure(way: Way, sounds: dict[str, np.ndarray], spec: MelSpec) -> dict[str, float]:
    """Means over pieces of one way."""
    mel, rows = LogMel(spec), []
    for sound in sounds.values():
        picture = MelPicture(mel(sound), spec)
        way(picture)  # what is compiled is compiled now
        began = time.perf_counter()
        again = way(picture)[: len(sound)]
        took_s = time.perf_counter() - began
        true, made = (np.abs(stft(wave, spec.n_fft, spec.hop_length)) for wave in (sound, again))
        rows.append(
            {
                "lsd_db": log_spectral_distance(picture.values, mel(again)),
                "lsd_bins_db": log_spectral_distance(*(20 * np.log10(bins + 1e-7) for bins in (true, made))),
                "convergence_db": spectral_convergence(true, made),
                "real_time_factor": took_s * spec.sample_rate / len(sound),
            }
        )
    held = wobble(lambda sound: way(MelPicture(mel(sound), spec)), spec.sample_rate)
    figures = {name: statistics.fmean(row[name] for row in rows) for name in rows[0]}
    return figures | {"held_std_cents": held["std"], "held_off_cents": held["off"]}


def parts(folder: Path, pieces: int, seconds: float, rate: int) -> dict[str, np.ndarray]:
    """By piece, a part from its middle."""
    sounds = {}
    for piece in PIECES[:pieces]:
        file = folder / "piano_disklavier" / f"MAPS_MUS-{piece}_ENSTDkAm.flac"
        start_s = max(0.0, (probe(file).duration_s - seconds) / 2)
        sounds[piece] = decode(file, sample_rate=rate, start_s=start_s, duration_s=seconds)
    return sounds


def main() -> None:
    """Measures, prints, writes JSON when asked; exit code 1 where the vocoder does not win."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data = os.environ.get("FSTMUSE_TEST_DATA", Path(__file__).resolve().parents[3] / "shared" / "data")
    parser.add_argument("artifact", help="a trained vocoder: its folder, or name in the folder of models")
    parser.add_argument("--data", type=Path, default=Path(data), help="folder with piano_disklavier in it")
    parser.add_argument("--pieces", type=int, choices=range(1, len(PIECES) + 1), default=len(PIECES))
    parser.add_argument("--seconds", type=float, default=30.0, help="of each piece")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    options = parser.parse_args()
    load_tensorflow()
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    from fstmuse.inference.network_vocoder import NetworkVocoder, load_vocoder
    from fstmuse.networks.vocoder import vocoder

    folder = find_artifact(options.artifact)
    ours = load_vocoder(folder)
    spec = ours.spec
    sounds = parts(options.data, options.pieces, options.seconds, spec.sample_rate)
    ways: dict[str, Way] = {
        "plain Griffin-Lim 100": lambda picture: invert(picture, iterations=100, momentum=PLAIN),
        "fast Griffin-Lim 8": lambda picture: invert(picture, iterations=8),
        RIVAL: invert,
        "fast Griffin-Lim 100": lambda picture: invert(picture, iterations=100),
        "vocoder, untrained": NetworkVocoder(vocoder(spec), spec),
        OURS: ours,
    }
    load = os.getloadavg()[0]
    print(f"{len(sounds)} pieces, {options.seconds:g} s of each, one thread, load {load:.1f}")
    print(f"{'':<24}" + "".join(f"{name:>18}" for name in COLUMNS))
    result: dict = {"pieces": list(sounds), "seconds": options.seconds, "load": load, "ways": {}}
    original = wobble(lambda sound: sound, spec.sample_rate)
    result["ways"]["the original"] = {"held_std_cents": original["std"], "held_off_cents": original["off"]}
    print(f"{'the original':<24}{'':>54}{original['std']:>18.2f}{original['off']:>18.2f}")
    with threadpoolctl.threadpool_limits(1):
        for name, way in ways.items():
            figures = result["ways"][name] = measure(way, sounds, spec)
            print(f"{name:<24}" + "".join(f"{figures[column]:>18.3f}" for column in COLUMNS), flush=True)
    result["network_mb"] = (folder / NETWORK).stat().st_size / 1e6
    result["artifact_mb"] = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
    print(f"{NETWORK} {result['network_mb']:.1f} MB, the whole artifact {result['artifact_mb']:.1f} MB")
    won = True
    for column in ("lsd_db", "lsd_bins_db", "held_std_cents"):
        mine, its = result["ways"][OURS][column], result["ways"][RIVAL][column]
        won &= mine < its
        print(f"{'won' if mine < its else 'LOST':<8}{column}: {mine:.2f} against {its:.2f}")
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n")
    sys.exit(not won)


if __name__ == "__main__":
    main()
