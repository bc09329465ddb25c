"""Milliseconds of a training step of each network, ours against the same network in PyTorch.

    python tests/benchmarks/steps.py [NETWORK ...] [--turns 5] [--quiet CORES] [--try] [--profile] [--json FILE]

The frameworks live in processes of their own and take turns, so that only one works at a time and a slow
minute of the machine strikes all alike; the figure is the median of the turns' medians. Same batch, float32,
Adam, two threads. "Ours" is the step that `fit` runs with the network's preset (jit_compile as there);
torch is the better of its two memory layouts. A ratio of 1 or more means that we are at least as fast.
`--try` adds the other settings of ours: XLA on and off, oneDNN on and off, and torch.compile.

The first run makes an environment of its own for PyTorch in `--torch-env` and installs torch==2.13.0 there,
from where pip is set to look; point pip to a CPU build, or give `--torch-env` an environment that has one.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from fstmuse.networks.catalogue import CATALOGUE, find
from fstmuse.training.config import resolve

HERE = Path(__file__).resolve().parent
TORCH = "2.13.0"
THREADS = 2
TURN_SECONDS = 2.0
MOST_STEPS = 30
BATCHES = {"toymodel": 2, "fstmuse": 4}
"""Smaller than the presets' 8 where a step takes seconds; the same for both frameworks."""
LAYOUTS = ("contiguous", "channels_last")


class Worker:
    """A framework's process, which works only while it is asked to.

    Args:
        name: shown in the table.
        command: that starts it.
        environment: variables on top of this process's own.
    """

    def __init__(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        self.name = name
        self.medians: list[float] = []
        quiet = {"TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONWARNINGS": "ignore", "OMP_NUM_THREADS": str(THREADS)}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | quiet | environment
        )
        self.facts = self._read()

    def turn(self, steps: int) -> float:
        """Median milliseconds of so many steps."""
        return statistics.median(self._ask({"steps": steps})["ms"])

    def cpu_seconds(self) -> float:
        """Processor time of this process so far (Linux; else 0)."""
        try:
            fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def profile(self) -> list[tuple[str, float]]:
        """Operations and their milliseconds a step."""
        return self._ask({"profile": True})["profile"]

    def close(self) -> None:
        """Ends the process."""
        self._process.stdin.close()
        self._process.wait(timeout=60)

    def _ask(self, request: dict) -> dict:
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> dict:
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name}: the process ended with code {self._process.wait()}; see its error above.")
        return json.loads(line)


def busy_seconds() -> float:
    """Processor time of the whole machine since its start (Linux; else 0)."""
    try:
        fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    except OSError:
        return 0.0
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


def others_busy(elsewhere: Callable[[], float], seconds: float) -> float:
    """Cores that other processes keep busy, over some seconds of doing nothing."""
    before = elsewhere()
    time.sleep(seconds)
    return (elsewhere() - before) / seconds


def torch_python(folder: Path) -> str:
    """The interpreter of the environment that holds torch; made when it is missing."""
    python = folder / "bin" / "python"
    if not python.exists():
        print(f"Making {folder} and installing torch=={TORCH} into it.", flush=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", f"torch=={TORCH}"], check=True)
    version = subprocess.run(
        [python, "-W", "ignore", "-c", "import torch; print(torch.__version__)"], text=True, capture_output=True
    )
    if not version.stdout.startswith(TORCH):
        raise SystemExit(
            f"{folder}: received torch {version.stdout.strip() or version.stderr.strip()[-300:]}; expected {TORCH}. "
            "Delete the folder and run again."
        )
    return str(python)


def start_workers(network: str, batch: int, python: str, everything: bool) -> dict[str, Worker]:
    """The processes to compare: `ours`, those of torch, and with `everything` our other settings."""
    entry = find(network)
    outputs = entry.counted_outputs
    preset = "on" if resolve(network, {}).jit_compile else "off"
    ours = [sys.executable, str(HERE / "steps_keras.py"), network, str(batch), str(outputs), str(THREADS)]
    sizes = [batch, *entry.input_shape, outputs, THREADS]
    theirs = [python, "-W", "ignore", str(HERE / "steps_torch.py"), network, *map(str, sizes)]
    path = {"PYTHONPATH": os.pathsep.join(filter(None, (str(HERE.parents[1]), os.environ.get("PYTHONPATH"))))}
    workers = {"ours": Worker(f"ours (XLA {preset})", [*ours, preset], path)}
    for layout in LAYOUTS:
        workers[layout] = Worker(f"torch, {layout}", [*theirs, layout], {})
    if everything:
        other = "off" if preset == "on" else "on"
        for jit, onednn in ((other, "1"), (preset, "0"), (other, "0")):
            name = f"ours, XLA {jit}, oneDNN {'on' if onednn == '1' else 'off'}"
            workers[name] = Worker(name, [*ours, jit], path | {"TF_ENABLE_ONEDNN_OPTS": onednn})
        workers["compiled"] = Worker("torch, torch.compile", [*theirs, "compiled"], {})
    for worker in workers.values():
        if worker.facts["parameters"] != entry.trainable:
            raise SystemExit(
                f"{network}, {worker.name}: {worker.facts['parameters']:,} trainable parameters, "
                f"expected {entry.trainable:,}. Bring steps_torch.py in line with the network."
            )
    return workers


def compare(network: str, batch: int, python: str, options: argparse.Namespace) -> dict:
    """All turns of one network; what was measured."""
    workers = start_workers(network, batch, python, options.everything)
    steps = {}
    for key, worker in workers.items():
        steps[key] = max(2, min(MOST_STEPS, round(1000 * TURN_SECONDS / worker.turn(2))))

    def elsewhere() -> float:
        return busy_seconds() - sum(worker.cpu_seconds() for worker in workers.values())

    others, disturbed = [], 0
    for _ in range(options.turns):
        for key, worker in workers.items():
            while True:
                while options.quiet and others_busy(elsewhere, 1.0) > options.quiet:
                    pass
                began, before = time.perf_counter(), elsewhere()
                median = worker.turn(steps[key])
                busy = (elsewhere() - before) / (time.perf_counter() - began)
                if not options.quiet or busy <= options.quiet:
                    break
                disturbed += 1
            others.append(busy)
            worker.medians.append(median)
    best = min(LAYOUTS, key=lambda layout: statistics.median(workers[layout].medians))
    # Of each turn's own two times, so that what slows a whole turn falls out.
    ratios = [theirs / ours for theirs, ours in zip(workers[best].medians, workers["ours"].medians, strict=True)]
    result = {
        "batch": batch,
        "trainable parameters": find(network).trainable,
        "ratio": statistics.median(ratios),
        "ratios": ratios,
        "torch layout": best,
        "milliseconds": {worker.name: statistics.median(worker.medians) for worker in workers.values()},
        "turns": {worker.name: worker.medians for worker in workers.values()},
        "versions": {key: workers[key].facts["version"] for key in ("ours", best)},
        "cores used by others": others,
        "turns thrown away": disturbed,
    }
    if options.profile:
        result["profile"] = {workers[key].name: workers[key].profile() for key in ("ours", best)}
    for worker in workers.values():
        worker.close()
    return result


def show(network: str, result: dict, fastest: str | None) -> None:
    """Prints one network's figures."""
    print(
        f"\n{network}: batch {result['batch']}, {result['trainable parameters']:,} trainable parameters, "
        f"other processes kept {max(result['cores used by others']):.2f} cores busy at most"
    )
    for name, value in result["milliseconds"].items():
        turns = result["turns"][name]
        note = "   <- fastest of ours" if name == fastest else ""
        print(f"  {name:<32}{value:>10.1f} ms   (turns {min(turns):.1f} to {max(turns):.1f}){note}")
    verdict = "met" if result["ratio"] >= 1 else "MISSED"
    print(f"  torch ({result['torch layout']}) / ours: {result['ratio']:.2f}   bar 1.0: {verdict}")
    for name, rows in result.get("profile", {}).items():
        total = sum(value for _, value in rows)
        print(f"  {name}, where the time goes (ms a step, threads added up, {total:.0f} in all):")
        for operation, value in rows[:10]:
            print(f"    {operation[:60]:<60}{value:>10.1f}")


def main() -> None:
    """Measures network by network, prints, writes JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    usual = [name for name in CATALOGUE if name != "toymodel"]
    parser.add_argument("networks", nargs="*", help=f"default: {' '.join(usual)} (toymodel takes 5 GB of memory)")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument(
        "--quiet", type=float, metavar="CORES", help="count only turns during which others kept fewer cores busy"
    )
    parser.add_argument("--batch", type=int, help="default: the preset's, less for the report's own networks")
    parser.add_argument("--try", dest="everything", action="store_true", help="measure our other settings, too")
    parser.add_argument("--profile", action="store_true", help="add where each framework's time goes")
    parser.add_argument("--torch-env", type=Path, default=HERE.parents[1] / ".bench-torch")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    options = parser.parse_args()
    python = torch_python(options.torch_env)
    results = {}
    for network in options.networks or usual:
        batch = options.batch or BATCHES.get(network, resolve(network, {}).batch_size)
        result = compare(network, batch, python, options)
        ours = {name: value for name, value in result["milliseconds"].items() if name.startswith("ours")}
        show(network, result, min(ours, key=ours.get) if len(ours) > 1 else None)
        sys.stdout.flush()
        results[network] = result
        if options.json:  # after each network: what is measured is kept
            options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
