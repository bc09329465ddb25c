"""Memory of predicting a long file, above that of the same process when idle.

    python tests/benchmarks/memory.py [--minutes 60] [--network toymodel-pooled] [--artifact FOLDER]

Idle is after the artifact is loaded and a 10 s file was predicted. The peak is the kernel's own
(VmHWM, set back before the long file), so that no moment between two samples is missed. Linux only.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BAR_MB = 300
RATE = 44100


def write_sound(path: Path, seconds: float) -> None:
    """Noise and a gliding sine, stereo at 44.1 kHz, written in blocks of ten seconds."""
    import numpy as np
    import soundfile

    random = np.random.default_rng(0)
    block = int(min(10.0, seconds) * RATE)
    phase = np.cumsum(np.linspace(110.0, 3520.0, block)) * 2 * np.pi / RATE
    sound = 0.3 * np.sin(phase)[:, None] + 0.02 * random.standard_normal((block, 2))
    with soundfile.SoundFile(path, "w", RATE, 2, format="FLAC", subtype="PCM_16") as file:
        for _ in range(max(1, round(seconds * RATE / block))):
            file.write(sound)


def make_artifact(network: str, folder: Path) -> None:
    """An untrained artifact: weights do not change how much memory they take."""
    from fstmuse.quiet import load_tensorflow

    load_tensorflow()
    from fstmuse.artifacts.card import Card
    from fstmuse.artifacts.save import save
    from fstmuse.networks.build import build
    from fstmuse.networks.catalogue import find

    entry = find(network)
    labels = ("Folk", "Hip-Hop", "Rock")
    card = Card(folder.name, network, entry.task, labels, entry.audio, entry.mel, entry.audio.seconds)
    save(build(network, len(labels)), card, folder)


def status_mb(field: str) -> float:
    """A field of /proc/self/status in MB (1e6 bytes)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise SystemExit(f"/proc/self/status has no {field}")


def measure(artifact: str, short: str, long: str) -> dict:
    """In a process of its own: memory after import, idle, and at the peak of the long file."""
    from fstmuse.quiet import load_tensorflow

    load_tensorflow()
    from fstmuse.inference.session import Session

    imported = status_mb("VmRSS")
    session = Session(artifact)
    session.classify(short)
    idle = status_mb("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # sets VmHWM back to what is held now
    began = time.perf_counter()
    result = session.classify(long, along_time=True)
    seconds = time.perf_counter() - began
    return {
        "imported_mb": imported,
        "idle_mb": idle,
        "peak_mb": status_mb("VmHWM"),
        "after_mb": status_mb("VmRSS"),
        "seconds": seconds,
        "windows": len(result.times_s),
        "audio_s": result.duration_s,
    }


def main() -> None:
    """Makes what is needed, measures in subprocesses and prints; exit code 1 above the bar."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--minutes", type=float, default=60.0)
    options.add_argument("--network", default="toymodel-pooled")
    options.add_argument("--artifact", type=Path)
    options.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.child:
        print(json.dumps(measure(*chosen.child)))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        short, long = folder / "short.flac", folder / "long.flac"
        write_sound(short, 10.0)
        write_sound(long, 60 * chosen.minutes)
        artifact = chosen.artifact
        if artifact is None:
            artifact = folder / chosen.network
            # In a process of its own: building leaves memory behind that a user's process would not have.
            code = "import sys, pathlib, memory; memory.make_artifact(sys.argv[1], pathlib.Path(sys.argv[2]))"
            here = Path(__file__).resolve().parent
            subprocess.run([sys.executable, "-c", code, chosen.network, artifact], check=True, cwd=here)
        line = [sys.executable, __file__, "--child", artifact, short, long]
        found = json.loads(subprocess.run(line, check=True, capture_output=True, text=True).stdout)
    above = found["peak_mb"] - found["idle_mb"]
    print(f"{artifact.name}: {found['audio_s'] / 60:.1f} min, {found['windows']} windows, {found['seconds']:.1f} s")
    print(f"after import {found['imported_mb']:.0f} MB, idle {found['idle_mb']:.0f} MB, peak {found['peak_mb']:.0f} MB")
    print(
        f"peak above idle {above:.0f} MB (bar {BAR_MB}), above import {found['peak_mb'] - found['imported_mb']:.0f} MB"
    )
    sys.exit(above > BAR_MB)


if __name__ == "__main__":
    main()
