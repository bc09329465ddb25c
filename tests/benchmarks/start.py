"""How long `python -m fstmuse.train --help` takes, against the libraries that every command line here needs.

    python tests/benchmarks/start.py [--rounds 20] [--json FILE]

Against `python -c "import typer, rich"`, in turn, so that a slow moment strikes both; medians. The bar is 2.5.
The other commands' `--help` stand beside it. What importing costs without a page cache is not measured:
one round of each goes before.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

BAR = 2.5
FLOOR = [sys.executable, "-c", "import typer, rich"]
MODULES = ("train", "prepare", "evaluate", "predict", "export", "datasets", "invert", "infill")
ROOT = Path(__file__).resolve().parents[2]


def milliseconds(command: list[str]) -> float:
    """Wall time of one start, in ms."""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": path})
    return 1000 * (time.perf_counter() - start)


def main() -> None:
    """Measures, prints, writes JSON when asked; exit code 1 where training's help misses the bar."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    options = parser.parse_args()
    commands = {"typer and rich": FLOOR}
    commands |= {module: [sys.executable, "-m", f"fstmuse.{module}", "--help"] for module in MODULES}
    times: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(options.rounds + 1):
        for name, command in commands.items():
            took = milliseconds(command)
            if number:  # the first round compiles and fills the page cache
                times[name].append(took)
    floor = statistics.median(times["typer and rich"])
    medians = {name: statistics.median(values) for name, values in times.items()}
    ratios = {name: value / floor for name, value in medians.items()}
    print(f"{options.rounds} rounds, load {os.getloadavg()[0]:.1f}; medians")
    for name, value in medians.items():
        verdict = f"   bar {BAR}: {'met' if ratios[name] <= BAR else 'MISSED'}" if name == "train" else ""
        print(f"  {name:<18}{value:>8.0f} ms{ratios[name]:>8.2f}{verdict}")
    if options.json:
        result = {"milliseconds": medians, "ratios": ratios, "rounds": times, "load": os.getloadavg()[0]}
        options.json.write_text(json.dumps(result, indent=2) + "\n")
    sys.exit(ratios["train"] > BAR)


if __name__ == "__main__":
    main()
