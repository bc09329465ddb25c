"""How near filled gaps come to what was there, in real piano and in real music, and how long one takes.

    python tests/benchmarks/gap_sound.py [--data FOLDER] [--model ARTIFACT] [--pieces 5] [--clips 10] [--places 5]
        [--widths MS ...] [--true-pictures] [--json FILE]

The five pieces of piano that are held out for test (16 kHz, mono) and clips of FMA (44,100 Hz, mixed down), gaps at
random places where there is sound. SNR: of the samples in the gap. LSD: of mel pictures (128 bands, 2048/512, at
22,050 Hz or the clip's own lower rate), over the frames that touch the gap. Beside silence: the last known frame held,
or bins interpolated, with phases by Griffin-Lim (32 iterations, known samples put back) from random phases, from a
phase vocoder on both sides, or from the predicted sound; linear prediction from both sides alone; and
`fill_sound` as it is, without and with a network. With `--true-pictures` it is measured also with what no network has,
the picture of what was there: that is what there is to gain. The bar of issue 4 is on the time that one gap takes in
30 s of stereo.
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
import soxr

from fstmuse.audio.decode import decode
from fstmuse.features.gap_picture import CONTEXT_S, Filler
from fstmuse.features.gap_sound import fill_sound
from fstmuse.features.gap_spectrum import Frames, frames_of, laid, resynthesised, window_of
from fstmuse.features.mel import LogMel
from fstmuse.features.picture import MelPicture
from fstmuse.features.prediction import bridged, crossed
from fstmuse.features.presets import PRESETS
from fstmuse.spec import MelSpec
from fstmuse.tasks.spectral import log_spectral_distance

PIECES = ("chpn_op7_1", "mendel_op62_5", "scn16_4", "ty_november", "grieg_butterfly")
WIDTHS_MS = (20, 50, 70, 100, 230, 500)
MOST_S = 1.0
AROUND_S = 6.0
Method = Callable[[np.ndarray, int, int, int], np.ndarray]


def methods(network: Filler | None, true: np.ndarray | None) -> dict[str, Method]:
    """Each from a clip float64 (samples,) with zeros in its gap, rate, start and end to the gap's samples.

    Args:
        network: fills pictures; None is left out.
        true: the clip without a gap, for what knows it; None is left out.
    """

    def whole(sound: np.ndarray, rate: int, start: int, end: int, filler: Filler | None = None) -> np.ndarray:
        return fill_sound(sound[:, None].astype(np.float32), rate, [(start, end)], filler)[start:end, 0]

    known = {
        "silence": lambda sound, rate, start, end: np.zeros(end - start),
        "hold, random phases": lambda *gap: searched(*gap, held=True, phases="random"),
        "lines, random phases": lambda *gap: searched(*gap, held=False, phases="random"),
        "lines, vocoder's phases": lambda *gap: searched(*gap, held=False, phases="vocoder"),
        "lines, predicted phases": lambda *gap: searched(*gap, held=False, phases="predicted"),
        "prediction (Burg)": predicted,
        "fill_sound, plain": whole,
    }
    if network is not None:
        known["fill_sound, network"] = lambda *gap: whole(*gap, network)
    if true is not None:
        for name, spec in PRESETS.items():
            known[f"fill_sound, true {name} picture"] = lambda *gap, spec=spec: whole(
                *gap, Oracle(spec, true, *gap[1:])
            )
    return known


class Oracle:
    """In a network's place: the picture of what was there.

    Args:
        spec: of the pictures.
        true: the clip, float64 (samples,).
        rate: of it, in Hz.
        start: first sample of the gap.
        end: the one behind it.
    """

    def __init__(self, spec: MelSpec, true: np.ndarray, rate: int, start: int, end: int) -> None:
        self.spec = spec
        around = round(CONTEXT_S * rate)
        heard = true[max(0, start - around) : end + around]
        if rate != spec.sample_rate:
            heard = soxr.resample(heard, rate, spec.sample_rate, quality="HQ")
        self._values = LogMel(spec)(heard.astype(np.float32))

    def __call__(self, picture: MelPicture, missing: np.ndarray) -> MelPicture:
        """The picture with its missing frames as they were."""
        return MelPicture(np.where(missing[:, None], self._values[: len(missing)], picture.values), self.spec)


def predicted(sound: np.ndarray, rate: int, start: int, end: int) -> np.ndarray:
    return crossed(*bridged(sound[:start], sound[end:], end - start, rate))


def searched(sound: np.ndarray, rate: int, start: int, end: int, held: bool, phases: str) -> np.ndarray:
    """Griffin-Lim around the gap, 32 iterations."""
    frames = frames_of(start, end, window_of(rate))
    left = frames.spectra(sound, frames.first - 1, frames.first)[0]
    right = frames.spectra(sound, frames.stop, frames.stop + 1)[0]
    share = (np.arange(1, len(frames) + 1) / (len(frames) + 1))[:, None] * (not held)
    logs = [np.log(np.maximum(np.abs(edge), 1e-7)) for edge in (left, right)]
    magnitude = np.exp(logs[0] + (logs[1] - logs[0]) * share)
    turns = np.random.default_rng(0).uniform(-np.pi, np.pi, magnitude.shape)
    begun = sound.copy()
    if phases == "predicted":
        begun[start:end] = predicted(sound, rate, start, end)
    elif phases == "vocoder":
        begun[start:end] = vocoded(frames, sound, magnitude)
    else:
        random = magnitude * np.exp(1j * turns)
        begun[start:end] = laid(frames, random)
    return resynthesised(frames, begun, magnitude, turns, 32)


def vocoded(frames: Frames, sound: np.ndarray, magnitude: np.ndarray) -> np.ndarray:
    """Each bin's phase carried on at its own frequency, from both sides, one fading into the other."""
    step, bins = frames.hop // 4, 2 * np.pi * np.arange(magnitude.shape[1]) / frames.n_fft

    def at(sample: int) -> np.ndarray:
        alone = Frames(0, 1, frames.n_fft, 0, 0)
        return np.angle(alone.spectra(sound[sample : sample + frames.n_fft])[0])

    def frequency(sample: int) -> np.ndarray:
        off = at(sample + step) - at(sample) - bins * step
        return bins + (np.mod(off + np.pi, 2 * np.pi) - np.pi) / step

    starts = np.arange(frames.first, frames.stop)[:, None] * frames.hop
    before, behind = (frames.first - 1) * frames.hop, frames.stop * frames.hop
    left = at(before) + (starts - before) * frequency(before - step)
    right = at(behind) + (starts - behind) * frequency(behind)
    share = (np.arange(1, len(frames) + 1) / (len(frames) + 1))[:, None]
    phase = np.angle((1 - share) * np.exp(1j * left) + share * np.exp(1j * right))
    return laid(frames, magnitude * np.exp(1j * phase))


def places(sound: np.ndarray, rate: int, count: int, seed: int) -> list[int]:
    """Samples at which there is sound, with enough of it around."""
    random = np.random.default_rng(seed)
    margin = round(AROUND_S * rate)
    found: list[int] = []
    while len(found) < count:
        place = int(random.integers(margin, len(sound) - margin))
        if sound[place : place + rate // 4].std() > 10 ** (-50 / 20):
            found.append(place)
    return found


def measure(
    sound: np.ndarray, rate: int, start: int, end: int, network: Filler | None, knowing: bool
) -> dict[str, tuple[float, float]]:
    """SNR and LSD of one gap by method, in dB."""
    first = start - round(AROUND_S * rate)
    true = sound[first : end + round(AROUND_S * rate)].astype(np.float64)
    start, end = start - first, end - first
    found = {}
    for name, method in methods(network, true if knowing else None).items():
        hurt = true.copy()
        hurt[start:end] = 0
        hurt[start:end] = method(hurt.copy(), rate, start, end)
        error = np.square(true[start:end] - hurt[start:end]).sum()
        snr = 10 * np.log10(np.square(true[start:end]).sum() / max(error, 1e-20))
        found[name] = float(snr), distance(true, hurt, rate, start, end)
    return found


def distance(true: np.ndarray, filled: np.ndarray, rate: int, start: int, end: int) -> float:
    lower = min(rate, 22050)
    spec = MelSpec(lower, 2048, 512, 128, 0.0, lower / 2)
    # Some frames on either side, the first of them the same in both.
    around = slice(max(0, start - rate // 2), end + rate // 2)
    pictures = []
    for clip in (true[around], filled[around]):
        clip = clip if lower == rate else soxr.resample(clip, rate, lower, quality="HQ")
        pictures.append(LogMel(spec)(clip.astype(np.float32)))
    starts = np.arange(len(pictures[0])) * spec.hop_length * rate / lower + around.start
    touched = (starts < end) & (starts + spec.n_fft * rate / lower > start)
    return log_spectral_distance(pictures[0][touched], pictures[1][touched])


def seconds_of_one(network: Filler | None, rounds: int = 5) -> float:
    """Median time to fill 230 ms in 30 s of stereo at 44,100 Hz, in a warm process."""
    random = np.random.default_rng(0)
    times = np.arange(30 * 44100) / 44100
    clip = (0.1 * np.sin(2 * np.pi * 220 * times)[:, None] + 0.01 * random.standard_normal((len(times), 2))).astype(
        "f4"
    )
    taken = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        fill_sound(clip, 44100, [(600_000, 610_143)], network)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken[1:])


def load(artifact: Path) -> Filler:
    from fstmuse.artifacts.load import load
    from fstmuse.inference.network_filler import NetworkFiller

    network, card = load(artifact)
    return NetworkFiller(network, card.mel)


def main() -> None:
    """Prints the tables; exit code 1 when the bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = Path(__file__).resolve().parents[2]
    default = Path(os.environ.get("FSTMUSE_TEST_DATA", root.parent / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=default, help="folder of real audio")
    parser.add_argument("--model", type=Path, help="an artifact that fills gaps")
    parser.add_argument("--pieces", type=int, default=len(PIECES))
    parser.add_argument("--clips", type=int, default=10)
    parser.add_argument("--places", type=int, default=5, help="gaps of each width in each piece; 2 in a clip")
    parser.add_argument("--widths", type=int, nargs="+", default=WIDTHS_MS, metavar="MS", help="of the gaps")
    parser.add_argument("--true-pictures", action="store_true", help="add what a network without error would reach")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    network = load(options.model) if options.model else None
    piano = [
        decode(options.data / "piano_disklavier" / f"MAPS_MUS-{name}_ENSTDkAm.flac")
        for name in PIECES[: options.pieces]
    ]
    files = sorted((options.data / "fma_small" / "000").glob("*.mp3"))[: options.clips]
    music = [decode(file) for file in files]
    figures: dict[str, dict[str, dict[str, float]]] = {}
    for title, clips, rate, count in (
        ("piano", piano, 16000, options.places),
        ("FMA", music, 44100, min(2, options.places)),
    ):
        for width in options.widths if clips else ():
            samples = round(width * rate / 1000)
            gaps = [
                measure(clip, rate, place, place + samples, network, options.true_pictures)
                for seed, clip in enumerate(clips)
                for place in places(clip, rate, count, seed)
            ]
            rows = {}
            for name in gaps[0]:
                snr, lsd = np.mean([gap[name] for gap in gaps], axis=0)
                rows[name] = {"snr": float(snr), "lsd": float(lsd), "n": len(gaps)}
            figures[f"{title} {width} ms"] = rows
            print(f"\n{f'{title}, {width} ms ({len(gaps)} gaps)':34} SNR dB   LSD dB", flush=True)
            for name, row in rows.items():
                print(f"  {name:32} {row['snr']:6.2f} {row['lsd']:8.2f}", flush=True)
    taken = seconds_of_one(network)
    print(f"\none gap of 230 ms in 30 s of stereo at 44,100 Hz: {taken:.2f} s (bar {MOST_S} s)")
    if options.json:
        options.json.write_text(json.dumps({"gaps": figures, "seconds": taken}, indent=2) + "\n", encoding="utf-8")
    sys.exit(taken > MOST_S)


if __name__ == "__main__":
    main()
