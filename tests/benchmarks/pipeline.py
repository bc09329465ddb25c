"""How many clips a second come from files to log-mels, and from a warm cache to batches.

    python tests/benchmarks/pipeline.py [--data FOLDER] [--rounds 3] [--json FILE]

Measured in turn, round by round, on the same files; medians are shown:

- ours: `fstmuse.data.loader.load` with two worker processes;
- librosa: one process of `librosa.load` and `librosa.feature.melspectrogram`;
- joblib: two processes (loky) of the same;
- floor: libsndfile's decoding, soxr and one matrix-FFT log-mel, each alone and on one
  thread, added up, times two cores;
- warm cache: shuffled float32 batches of 16 from the float16 rows of a cache.

Rates without start-up leave out what it takes to start the processes (and, for joblib, to
import librosa in them), which is measured apart.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import scipy.fft
import soundfile
import soxr
import threadpoolctl

from fstmuse.data.cache import prepare
from fstmuse.data.clip import Clip
from fstmuse.data.loader import load
from fstmuse.data.manifest import Manifest
from fstmuse.features.mel import LogMel, mel_matrix
from fstmuse.spec import AudioSpec, MelSpec

AUDIO = AudioSpec(22050, 30.0)
MEL = MelSpec(22050, 2048, 512, 128, 0.0, 8000.0)
WORKERS = 2
BATCH = 16
BARS = {"librosa": 1.7, "joblib": 1.0, "floor": 0.8, "warm": 20.0}


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def busy_elsewhere() -> float:
    """CPU seconds that processes other than this one and its children have used since the machine started (Linux)."""
    try:
        fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    except OSError:
        return float("nan")
    idle = fields[3] + fields[4]
    own = os.times()
    return (sum(fields) - idle) / os.sysconf("SC_CLK_TCK") - sum(own[:4])


def cpu_seconds() -> float:
    """CPU seconds of this process and of its children that have ended."""
    return sum(os.times()[:4])


def librosa_mel(path: Path) -> np.ndarray:
    """What most people write."""
    import librosa

    sound, rate = librosa.load(path, sr=MEL.sample_rate)
    return librosa.feature.melspectrogram(
        y=sound, sr=rate, n_fft=MEL.n_fft, hop_length=MEL.hop_length, n_mels=MEL.n_mels, fmin=MEL.fmin, fmax=MEL.fmax
    )


def with_joblib(paths: list[Path]) -> list[np.ndarray]:
    """The same in two processes; they stay for the next call."""
    import joblib

    return joblib.Parallel(n_jobs=WORKERS)(joblib.delayed(librosa_mel)(path) for path in paths)


def end_joblib() -> None:
    """Ends joblib's processes."""
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True)


def plain_log_mel(sound: np.ndarray) -> np.ndarray:
    """A log-mel in as few NumPy calls as can be, to check that ours does not lower the floor by being slow."""
    count = MEL.frames(len(sound))
    sound = np.pad(sound, (0, (count - 1) * MEL.hop_length + MEL.n_fft - len(sound)))
    frames = np.lib.stride_tricks.sliding_window_view(sound, MEL.n_fft)[:: MEL.hop_length]
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(MEL.n_fft) / MEL.n_fft)).astype(np.float32)
    bins = scipy.fft.rfft(frames * window, axis=1)
    power = bins.real**2 + bins.imag**2
    return 10 * np.log10(np.maximum(power @ mel_matrix(MEL), 1e-10))


def floor(paths: list[Path]) -> dict[str, float]:
    """Seconds of each stage for all clips, one thread, each stage by itself."""
    spent = dict.fromkeys(("decode", "resample", "log-mel"), 0.0)
    ours = LogMel(MEL)
    with threadpoolctl.threadpool_limits(1):
        for path in paths:
            start = time.perf_counter()
            sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
            spent["decode"] += time.perf_counter() - start
            mono = sound @ np.full(sound.shape[1], 1 / sound.shape[1], np.float32)
            start = time.perf_counter()
            mono = soxr.resample(mono, rate, AUDIO.sample_rate, quality="HQ")
            spent["resample"] += time.perf_counter() - start
            mono = np.resize(mono, AUDIO.samples)
            spent["log-mel"] += min(
                seconds(lambda mono=mono: ours(mono)), seconds(lambda mono=mono: plain_log_mel(mono))
            )
    return spent


def ours(clips: list[Clip], root: Path) -> None:
    """Decode to log-mel by the loader."""
    rows = list(load(clips, root, AUDIO, workers=WORKERS, transform=LogMel(MEL)))
    failed = [row.error for row in rows if row.error]
    assert not failed and len(rows) == len(clips), failed


def our_start(folder: Path) -> None:
    """What `ours` takes for two clips of next to no length: the start of the workers."""
    soundfile.write(folder / "tiny.wav", np.linspace(-0.1, 0.1, 2), AUDIO.sample_rate)
    spec = AudioSpec(AUDIO.sample_rate, 0.001)
    list(load([Clip("a", "tiny.wav"), Clip("b", "tiny.wav")], folder, spec, workers=WORKERS, transform=LogMel(MEL)))


def warm_rate(cache) -> float:
    """Clips a second in shuffled float32 batches from the cache."""
    random = np.random.default_rng(0)
    cache.floats(range(len(cache)))  # the pages are in memory from here on
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < 1:
        order = random.permutation(len(cache))
        for first in range(0, len(order), BATCH):
            done += len(cache.floats(order[first : first + BATCH]))
    return done / (time.perf_counter() - start)


def measure(folder: Path, rounds: int) -> dict:
    """All rounds; seconds and rates."""
    paths = sorted(folder.rglob("*.mp3"))
    clips = [Clip(path.stem, path.relative_to(folder).as_posix()) for path in paths]
    times: dict[str, list[float]] = {}

    def note(name: str, value: float) -> None:
        times.setdefault(name, []).append(value)

    floor(paths[:2])
    librosa_mel(paths[0])  # librosa compiles and loads its parts on first use
    with tempfile.TemporaryDirectory() as scratch:
        for number in range(rounds):
            before = busy_elsewhere()
            # Neighbours in time, for other work on the machine comes and goes.
            cpu = cpu_seconds()
            note("ours", seconds(lambda: ours(clips, folder)))
            note("our cpu", cpu_seconds() - cpu)
            cpu = cpu_seconds()
            note("our start", seconds(lambda: our_start(Path(scratch))))
            note("our start cpu", cpu_seconds() - cpu)
            for stage, value in floor(paths).items():
                note(f"floor {stage}", value)
            note("librosa", seconds(lambda: [librosa_mel(path) for path in paths]))
            end_joblib()
            note("joblib", seconds(lambda: with_joblib(paths)))
            note("joblib warm", seconds(lambda: with_joblib(paths)))
            end_joblib()
            place = Path(scratch) / str(number)
            manifest = Manifest("benchmark", tuple(clips))
            kept = {}

            def cold(place=place, manifest=manifest, kept=kept) -> None:
                kept["cache"] = prepare(
                    manifest, folder, AUDIO, kind="log-mel", mel=LogMel(MEL), cache_dir=place, workers=WORKERS
                )

            note("cache cold", seconds(cold))
            note("cache warm", len(clips) / warm_rate(kept["cache"]))
            others = busy_elsewhere() - before
            note("others", others)
            print(f"round {number + 1} of {rounds} done; other processes used {others:.1f} s of the cores", flush=True)
    return {"clips": len(clips), "rounds": rounds, "cores": os.cpu_count(), "seconds": times}


def summary(measured: dict) -> dict:
    """Clips a second, and ratios against the bars: medians over the rounds (of each round's own ratio)."""
    count, times = measured["clips"], measured["seconds"]
    per_round = [dict(zip(times, values, strict=True)) for values in zip(*times.values(), strict=True)]
    for row in per_round:
        row["ours running"] = row["ours"] - row["our start"]
        row["floor"] = sum(value for name, value in row.items() if name.startswith("floor ")) / WORKERS

    def median(value: Callable[[dict], float]) -> float:
        return round(statistics.median(value(row) for row in per_round), 3)

    names = ("ours", "ours running", "librosa", "joblib", "joblib warm", "floor", "cache cold", "cache warm")
    return {
        "clips per second": {name: median(lambda row, name=name: count / row[name]) for name in names},
        "worker start, seconds": median(lambda row: row["our start"]),
        "joblib start, seconds": median(lambda row: row["joblib"] - row["joblib warm"]),
        "milliseconds per clip on one core": {
            name: median(lambda row, name=name: 1000 * row[name] / count) for name in times if name.startswith("floor ")
        },
        "ratios": {
            "librosa": median(lambda row: row["librosa"] / row["ours running"]),
            "librosa, start-up counted": median(lambda row: row["librosa"] / row["ours"]),
            "joblib": median(lambda row: row["joblib warm"] / row["ours running"]),
            "joblib, start-up counted": median(lambda row: row["joblib"] / row["ours"]),
            "floor": median(lambda row: row["floor"] / row["ours running"]),
            "floor, start-up counted": median(lambda row: row["floor"] / row["ours"]),
            # The same without the other processes' share: processor time instead of wall time, the parent's included.
            "floor, by processor time": median(
                lambda row: row["floor"] * WORKERS / (row["our cpu"] - row["our start cpu"])
            ),
            "warm": median(lambda row: row["cache cold"] / row["cache warm"]),
        },
    }


def main() -> None:
    """Measures, prints a table, writes JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = Path(os.environ.get("FSTMUSE_TEST_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=default / "fma_small", help="folder of MP3 files")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    options = parser.parse_args()
    measured = measure(options.data, options.rounds)
    result = summary(measured)
    print(f"\n{measured['clips']} clips, {options.rounds} rounds, {measured['cores']} cores; medians")
    for name, value in result["clips per second"].items():
        print(f"  {name:<28}{value:>10.1f} clips/s")
    for name in ("worker start, seconds", "joblib start, seconds"):
        print(f"  {name:<28}{result[name]:>10.2f}")
    for name, value in result["milliseconds per clip on one core"].items():
        print(f"  {name:<28}{value:>10.1f} ms a clip, one core")
    print("ours against:")
    for name, value in result["ratios"].items():
        bar = BARS.get(name)
        verdict = "" if bar is None else f"   bar {bar:g}: {'met' if value >= bar else 'MISSED'}"
        print(f"  {name:<28}{value:>10.2f}{verdict}")
    if options.json:
        options.json.write_text(json.dumps(result | {"measured": measured}, indent=2) + "\n")


if __name__ == "__main__":
    main()
