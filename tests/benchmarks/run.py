"""All benchmarks, one after the other, so that none disturbs another: what `make bench` does.

    python tests/benchmarks/run.py [NAME ...] [--quick] [--into FOLDER]

Each prints its table as it goes; its output and its figures lie in the folder afterwards. About an hour and a half on
two cores, some minutes with `--quick`, whose figures only show that everything runs.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

# Script: arguments always, arguments of --quick, whether it writes JSON, the folder of real audio it needs.
BENCHMARKS: dict[str, tuple[list[str], list[str], bool, str]] = {
    "start": ([], ["--rounds", "3"], True, ""),
    "input_wait": ([], ["--steps", "5"], True, ""),
    "window": ([], ["--rounds", "1"], True, "fma_small"),
    "pipeline": ([], ["--rounds", "1"], True, "fma_small"),
    "memory": ([], ["--minutes", "2"], False, ""),
    "demo_linear": ([], [], False, ""),
    "inversion": ([], ["--pieces", "1", "--clips", "1", "--seconds", "5", "--quick"], True, "piano_disklavier"),
    "gap_sound": ([], ["--pieces", "1", "--clips", "1", "--places", "1"], True, "piano_disklavier"),
    "going_on": ([], ["--clips", "1"], False, "piano_disklavier"),
    "steps": (["--try", "--profile"], ["toymodel-pooled", "--turns", "1"], True, ""),
    "gan_steps": (["--try", "--profile"], ["--turns", "1"], True, ""),
    "melnet_steps": (["--turns", "3"], ["melnet-tiny", "--seconds", "1", "--turns", "1"], True, ""),
    "melnet_drawing": ([], ["--frames", "4", "--seconds", "1"], True, ""),
    "melnet_memory": ([], ["--frames", "128", "--skip-big"], True, ""),
    "report_gans": ([], ["--steps", "2", "1"], True, ""),
    "real_music": ([], ["toymodel-pooled", "--set", "epochs=2"], True, "fma_small"),
}


def run(name: str, quick: bool, folder: Path) -> int:
    """Runs one benchmark, prints what it prints and keeps it; its exit code."""
    always, shorter, writes_json, _ = BENCHMARKS[name]
    command = [sys.executable, "-u", str(HERE / f"{name}.py"), *(shorter if quick else always)]
    if writes_json:
        command += ["--json", str(folder / f"{name}.json")]
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    environment = os.environ | {"PYTHONPATH": path, "TF_CPP_MIN_LOG_LEVEL": "2"}
    with (folder / f"{name}.txt").open("w", encoding="utf-8") as kept:
        child = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, cwd=ROOT
        )
        for line in child.stdout:
            print(line, end="", flush=True)
            kept.write(line)
        return child.wait()


def main() -> None:
    """Runs those asked for; exit code 1 when one failed or missed its bar by its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"default: {' '.join(BENCHMARKS)}")
    parser.add_argument("--quick", action="store_true", help="as little as shows that everything runs")
    parser.add_argument("--into", type=Path, default=ROOT / "build" / "benchmarks", help="folder of the results")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"received {', '.join(unknown)}; known: {', '.join(BENCHMARKS)}")
    folder = options.into.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    real = Path(os.environ.get("FSTMUSE_TEST_DATA", ROOT.parent / "shared" / "data"))
    failed = []
    for name in options.names or BENCHMARKS:
        needed = real / BENCHMARKS[name][3]
        if BENCHMARKS[name][3] and not needed.is_dir():
            print(f"\n== {name}: skipped, no real audio at {needed}; set FSTMUSE_TEST_DATA ==", flush=True)
            continue
        print(f"\n== {name} (load {os.getloadavg()[0]:.1f}) ==", flush=True)
        began = time.perf_counter()
        code = run(name, options.quick, folder)
        print(f"== {name}: exit code {code}, {time.perf_counter() - began:.0f} s ==", flush=True)
        if code:
            failed.append(name)
    print(f"\nResults: {folder}" + (f"; not all well: {', '.join(failed)}" if failed else ""))
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
