"""MelNet's training step, the report's networks and ours, against the same networks in PyTorch.

    python tests/benchmarks/melnet_steps.py [NETWORK ...] [--turns 5] [--threads 1] [--core 1] [--batch CLIPS]
        [--seconds S] [--depths L L L L] [--try] [--profile] [--torch-env FOLDER] [--json FILE]

A step is forward, backward and Adam on random pictures; of ours, one of each tier. The frameworks live in processes of
their own and take turns. Same structure, number of weights, shapes and loss; layers are computed again for the
gradients where the preset says so (the report's), in both. The time is that of the processor, so that other work
counts little. A ratio of 1.5 or more is the bar. kHz: samples of sound that the pictures of a step cover, by its time,
as the report counts. Its batches and windows would take minutes on a CPU: less are taken unless `--batch` and
`--seconds` say otherwise; `--depths 1 1 1 1` takes the report's tiers with one layer each, whose graph Keras makes in
less than the minutes that the whole ones take. `--try` adds ours with XLA, and both without and with computing again;
`--profile` is for `melnet-tiny`: of the report's whole networks PyTorch's profile takes more than 7 GB of memory.

PyTorch gets an environment as for `steps.py`. `--core` pins all processes to one core of the machine (Linux).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from pathlib import Path

from steps import Worker, torch_python

from fstmuse.networks.catalogue import find

HERE = Path(__file__).resolve().parent
BAR = 1.5
LABELS = 3
RATE, HOP, MELS = 22050, 800, 180
"""The report's."""
STRIDE = 4
"""Of frames that four tiers can split."""
REPORT = {"report": True, "depths": (12, 6, 5, 4), "learning_rate": 1e-5, "remat": True}
NETWORKS = {
    "melnet-report": REPORT | {"dims": (64,), "kHz": 307, "parameters": 4_039_433},
    "melnet-report-big": REPORT | {"dims": (256,), "kHz": 75, "parameters": 50_675_657},
    "melnet-tiny": {
        "report": False,
        "dims": (64, 48, 32, 32),
        "depths": (4, 2, 2, 1),
        "learning_rate": 2e-3,
        "remat": False,
    },
}
TAKEN = {"melnet-report": (1, 8.0), "melnet-report-big": (1, 0.75), "melnet-tiny": (1, 256 * 512 / RATE)}
"""Clips and seconds of a step; the report's are 6 of 8 s and 6 of 3 s, the preset's 8 of 6 s."""


def settings_of(network: str, options: argparse.Namespace) -> dict:
    """What the workers have to know."""
    batch, seconds = TAKEN[network]
    batch, seconds = options.batch or batch, options.seconds or seconds
    made, rate, hop, mels = NETWORKS[network], RATE, HOP, MELS
    if not made["report"]:
        mel = find(network).mel
        rate, hop, mels = mel.sample_rate, mel.hop_length, mel.n_mels
        made = made | {"parameters": find(network).trainable}
    elif options.depths:
        made = made | {"depths": options.depths, "parameters": None}
    frames = max(1, round(seconds * rate / hop / STRIDE)) * STRIDE
    sizes = {"batch": batch, "frames": frames, "mels": mels, "hop": hop}
    return made | sizes | {"network": network, "labels": LABELS, "components": 10, "threads": options.threads}


def start_workers(network: str, settings: dict, python: str, everything: bool) -> dict[str, Worker]:
    """The processes to compare: `ours`, `torch`, and with `everything` other settings."""
    path = {"PYTHONPATH": os.pathsep.join(filter(None, (str(HERE.parents[1]), os.environ.get("PYTHONPATH"))))}
    one = {"OMP_NUM_THREADS": str(settings["threads"])}

    def ours(name: str, jit: str = "off", **other: bool) -> Worker:
        told = json.dumps(settings | other)
        return Worker(name, [sys.executable, str(HERE / "melnet_steps_keras.py"), told, jit], path | one)

    def theirs(name: str, **other: bool) -> Worker:
        told = json.dumps(settings | other)
        return Worker(name, [python, "-W", "ignore", str(HERE / "melnet_steps_torch.py"), told], one)

    workers = {"ours": ours("ours"), "torch": theirs("torch")}
    if everything:
        other = {"remat": not settings["remat"]}
        told = "again" if other["remat"] else "kept"
        workers |= {"ours, other": ours(f"ours, {told}", **other), "torch, other": theirs(f"torch, {told}", **other)}
        workers["jit"] = ours("ours, kept, XLA", "on", remat=False)
    settings["parameters"] = settings["parameters"] or workers["ours"].facts["parameters"]
    for worker in workers.values():
        if worker.facts["parameters"] != settings["parameters"]:
            raise SystemExit(
                f"{network}, {worker.name}: {worker.facts['parameters']:,} trainable parameters, expected "
                f"{settings['parameters']:,}. Bring melnet_networks_torch.py in line with the network."
            )
    return workers


def compare(network: str, python: str, options: argparse.Namespace) -> dict:
    """All turns of one network; what was measured, in ms of a step."""
    settings = settings_of(network, options)
    workers = start_workers(network, settings, python, options.everything)
    for _ in range(options.turns):
        for worker in workers.values():
            worker.medians.append(worker.turn(1))
    sound = settings["batch"] * settings["frames"] * settings["hop"]

    def ratio(theirs: str, ours: str) -> float:
        # Of each turn's own two times, so that what slows a whole turn falls out.
        pairs = zip(workers[theirs].medians, workers[ours].medians, strict=True)
        return statistics.median(one / other for one, other in pairs)

    result = {
        "batch": settings["batch"],
        "frames": settings["frames"],
        "parameters": settings["parameters"],
        "ratio": ratio("torch", "ours"),
        "milliseconds": {worker.name: statistics.median(worker.medians) for worker in workers.values()},
        "turns": {worker.name: worker.medians for worker in workers.values()},
        "kHz": {worker.name: sound / statistics.median(worker.medians) for worker in workers.values()},
        "kHz of the report": settings.get("kHz"),
        "versions": {key: workers[key].facts["version"] for key in ("ours", "torch")},
    }
    if options.everything:
        result["ratio, other"] = ratio("torch, other", "ours, other")
    if options.profile:
        result["profile"] = {workers[key].name: workers[key].profile() for key in ("ours", "torch")}
    for worker in workers.values():
        worker.close()
    return result


def show(network: str, result: dict) -> None:
    """Prints one network's figures."""
    sizes = f"{result['batch']} x {result['frames']} frames a step"
    print(f"\n{network}: {result['parameters']:,} parameters, {sizes}, CPU time")
    for name, value in result["milliseconds"].items():
        turns = result["turns"][name]
        spread = f"(turns {min(turns):.0f} to {max(turns):.0f})"
        print(f"  {name:<24}{value:>10.0f} ms   {spread:<26}{result['kHz'][name]:>8.1f} kHz of sound")
    if result["kHz of the report"] and result["parameters"] == NETWORKS[network]["parameters"]:
        print(f"  the report, on a GPU: {result['kHz of the report']} kHz")
    verdict = "met" if result["ratio"] >= BAR else "MISSED"
    print(f"  torch / ours: {result['ratio']:.2f}   bar {BAR}: {verdict}")
    if "ratio, other" in result:
        print(f"  of the other two alike: {result['ratio, other']:.2f}")
    for name, rows in result.get("profile", {}).items():
        print(f"  {name}, where the time goes (ms a step):")
        for operation, value in rows[:12]:
            print(f"    {operation[:60]:<60}{value:>10.1f}")
    sys.stdout.flush()


def main() -> None:
    """Measures network by network, prints, writes JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", default=list(TAKEN), help=f"default: {' '.join(TAKEN)}")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--core", type=int, help="the only core that everything runs on")
    parser.add_argument("--batch", type=int, help="clips of a step")
    parser.add_argument("--seconds", type=float, help="length of a clip")
    parser.add_argument("--depths", type=int, nargs=4, help="layers of the tiers of the report's networks")
    parser.add_argument("--try", dest="everything", action="store_true", help="measure other settings, too")
    parser.add_argument("--profile", action="store_true", help="add where each framework's time goes")
    parser.add_argument("--torch-env", type=Path, default=HERE.parents[1] / ".bench-torch")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    options = parser.parse_args()
    if unknown := [name for name in options.networks if name not in TAKEN]:
        parser.error(f"received {', '.join(unknown)}; known: {', '.join(TAKEN)}")
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(options.threads)
    if options.core is not None:
        os.sched_setaffinity(0, {options.core})
    python, results = torch_python(options.torch_env), {}
    for network in options.networks:
        results[network] = compare(network, python, options)
        show(network, results[network])
        if options.json:  # after each network: what is measured is kept
            options.json.write_text(json.dumps(results, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
