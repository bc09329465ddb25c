"""A trained vocoder beside Griffin-Lim: what each makes of pictures of real piano, and what it costs.

    python tests/benchmarks/vocoder.py ARTIFACT [--data FOLDER] [--seconds 30] [--json FILE]

The five pieces of piano that are held out for test, and three recordings of rock, pop and ambient that no network here
has learnt from; a part from the middle of each, means over parts. LSD: mean over frames of
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
MUSIC = {
    "piano": tuple(f"piano_disklavier/MAPS_MUS-{piece}_ENSTDkAm.flac" for piece in PIECES),
    "other music": (
        "musdb_sample/Music Delta - 80s Rock.stem.mp4",
        "musdb_sample/The Easton Ellises - Falcon 69.stem.mp4",
        "mtat_sample/e/joram-moments_of_clarity-08-solipsism-59-88.mp3",
    ),
}
OURS, RIVAL = "vocoder", "fast Griffin-Lim 32"
Way = Callable[[MelPicture], np.ndarray]
COLUMNS = ("lsd_db", "lsd_bins_db", "convergence_db", "real_time_factor")


def measure(way: Way, sounds: list[np.ndarray], spec: MelSpec) -> dict[str, float]:
    """Means over parts of one way."""
    mel, rows = LogMel(spec), []
    for sound in sounds:
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
    return {name: statistics.fmean(row[name] for row in rows) for name in COLUMNS}


def part(file: Path, seconds: float, rate: int) -> np.ndarray:
    """From the middle of a file."""
    start_s = max(0.0, (probe(file).duration_s - seconds) / 2)
    return decode(file, sample_rate=rate, start_s=start_s, duration_s=seconds)


def main() -> None:
    """Measures, prints, writes JSON when asked; exit code 1 where the vocoder does not win."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data = os.environ.get("FSTMUSE_TEST_DATA", Path(__file__).resolve().parents[3] / "shared" / "data")
    parser.add_argument("artifact", help="a trained vocoder: its folder, or name in the folder of models")
    parser.add_argument("--data", type=Path, default=Path(data), help="folder with piano_disklavier in it")
    parser.add_argument("--seconds", type=float, default=30.0, help="of each file")
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
    ways: dict[str, Way] = {
        "plain Griffin-Lim 100": lambda picture: invert(picture, iterations=100, momentum=PLAIN),
        "fast Griffin-Lim 8": lambda picture: invert(picture, iterations=8),
        RIVAL: invert,
        "fast Griffin-Lim 100": lambda picture: invert(picture, iterations=100),
        "vocoder, untrained": NetworkVocoder(vocoder(spec), spec),
        OURS: ours,
    }
    load = os.getloadavg()[0]
    result: dict = {"seconds": options.seconds, "load": load, "music": {}}
    won = []
    with threadpoolctl.threadpool_limits(1):
        for music, files in MUSIC.items():
            sounds = [part(options.data / file, options.seconds, spec.sample_rate) for file in files]
            print(f"{music}: {len(sounds)} parts of {options.seconds:g} s, one thread, load {load:.1f}")
            print(f"{'':<24}" + "".join(f"{name:>18}" for name in COLUMNS))
            found = result["music"][music] = {}
            for name, way in ways.items():
                figures = found[name] = measure(way, sounds, spec)
                print(f"{name:<24}" + "".join(f"{figures[column]:>18.3f}" for column in COLUMNS), flush=True)
            won += [_verdict(f"{music}, {column}", found, column) for column in ("lsd_db", "lsd_bins_db")]
        mel = LogMel(spec)
        through = {name: lambda sound, way=way: way(MelPicture(mel(sound), spec)) for name, way in ways.items()}
        held = result["held"] = {}
        for name, way in ({"the original": lambda sound: sound} | through).items():
            held[name] = wobble(way, spec.sample_rate)
            print(
                f"{name:<24}held notes waver {held[name]['std']:.2f} cents, are off {held[name]['off']:.2f}", flush=True
            )
        won.append(_verdict("held notes", held, "std"))
    result["network_mb"] = (folder / NETWORK).stat().st_size / 1e6
    result["artifact_mb"] = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
    print(f"{NETWORK} {result['network_mb']:.1f} MB, the whole artifact {result['artifact_mb']:.1f} MB")
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n")
    sys.exit(not all(won))


def _verdict(what: str, found: dict[str, dict[str, float]], column: str) -> bool:
    mine, its = found[OURS][column], found[RIVAL][column]
    print(f"{'won' if mine < its else 'LOST':<8}{what}: {mine:.2f} against {its:.2f}")
    return mine < its


if __name__ == "__main__":
    main()
