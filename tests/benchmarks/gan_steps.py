"""A GAN's training step, ours against the same networks in PyTorch; and how fast a trained one makes music.

    python tests/benchmarks/gan_steps.py [NETWORK ...] [--turns 5] [--threads 1] [--core 1] [--try] [--profile]
        [--make ARTIFACT] [--torch-env FOLDER] [--json FILE]

A step is a lesson of the discriminator, one of the generator and the move of the average, as `fit` runs them with the
network's preset; 16 steps are timed at once, so that the penalty R1 has its share. The frameworks live in processes of
their own and take turns. Same networks, shapes, Adam, losses and penalty; the time is that of the processor, so that
other work counts little; torch is the better of its two memory layouts. A ratio of 1 or more means that we are at least
as fast. kHz: samples of sound that the windows of a step cover, by the time of a step.
`--try` adds ours with XLA and in bfloat16, and torch in bfloat16 (autocast) and as one would write it first: pictures
that grow by copies of their values before a convolution, not in one transposed convolution as ours.

`--make` times `generate` with an artifact: music of 12 s and of 60 s, drawn and turned into sound, all on one thread.

PyTorch gets an environment as for `steps.py`. `--core` pins all processes to one core of the machine (Linux).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path

from steps import LAYOUTS, Worker, torch_python

from fstmuse.networks.catalogue import find
from fstmuse.training.config import resolve

HERE = Path(__file__).resolve().parent
LABELS = 3
STEPS = 16
"""Timed at once; some of them for networks whose step takes seconds."""
SLOW = {"cmelgan": (1, 1), "cmelgan-log": (1, 1)}
"""Windows of a step and steps timed at once, where those of the preset take too long."""
MADE_S = (12.0, 60.0)


def settings_of(network: str, batch: int, steps: int, threads: int) -> dict:
    """What the worker of torch has to know of the preset."""
    entry, config = find(network), resolve(network, {})
    frames, mels = entry.input_shape
    drawn = {"style": [64], "cells": [8 + -(-frames // 16), 32]} if network.startswith("melgan-c") else {"style": [128]}
    kept = (
        "learning_rate",
        "discriminator_rate",
        "discriminator_steps",
        "r1",
        "r1_every",
        "label_weight",
        "ema",
        "gain_db",
    )
    return {name: getattr(config, name) for name in kept} | {
        "network": network,
        "batch": batch,
        "steps": steps,
        "threads": threads,
        "frames": frames,
        "mels": mels,
        "labels": LABELS,
        "loss": entry.objectives[0],
        "standardised": entry.mel.log == "db",
        "noise": drawn,
    }


def start_workers(network: str, settings: dict, python: str, everything: bool) -> dict[str, Worker]:
    """The processes to compare: `ours`, those of torch, and with `everything` other settings."""
    preset = resolve(network, {})
    jit = "on" if preset.jit_compile else "off"
    policy = "mixed_bfloat16" if preset.mixed_precision else "float32"
    sizes = [str(settings[name]) for name in ("batch", "labels", "threads", "steps")]
    ours = [sys.executable, str(HERE / "gan_steps_keras.py"), network, *sizes]
    theirs = [python, "-W", "ignore", str(HERE / "gan_steps_torch.py"), json.dumps(settings)]
    path = {"PYTHONPATH": os.pathsep.join(filter(None, (str(HERE.parents[1]), os.environ.get("PYTHONPATH"))))}
    one = {"OMP_NUM_THREADS": str(settings["threads"])}
    half = ["--bfloat16"] if preset.mixed_precision else []
    workers = {"ours": Worker(f"ours ({policy}, XLA {jit})", [*ours, jit, policy], path | one)}
    for layout in LAYOUTS:
        workers[layout] = Worker(f"torch, {layout}", [*theirs, layout, *half], one)
    if everything:
        other = "off" if jit == "on" else "on"
        workers["jit"] = Worker(f"ours, XLA {other}", [*ours, other, policy], path | one)
        workers["half"] = Worker("ours, bfloat16", [*ours, jit, "mixed_bfloat16"], path | one)
        workers["torch half"] = Worker("torch, bfloat16", [*theirs, LAYOUTS[1], "--bfloat16"], one)
        workers["copies"] = Worker("torch, grown by copies", [*theirs, LAYOUTS[1], "--copies", *half], one)
    for worker in workers.values():
        if worker.facts["parameters"] != find(network).trainable:
            raise SystemExit(
                f"{network}, {worker.name}: {worker.facts['parameters']:,} trainable parameters, expected "
                f"{find(network).trainable:,}. Bring gan_networks_torch.py in line with the network."
            )
    return workers


def compare(network: str, python: str, options: argparse.Namespace) -> dict:
    """All turns of one network; what was measured, in ms of a step."""
    batch, steps = SLOW.get(network, (resolve(network, {}).batch_size, STEPS))
    settings = settings_of(network, batch, steps, options.threads)
    workers = start_workers(network, settings, python, options.everything)
    for _ in range(options.turns):
        for worker in workers.values():
            worker.medians.append(worker.turn(1) / steps)
    best = min(LAYOUTS, key=lambda layout: statistics.median(workers[layout].medians))
    # Of each turn's own two times, so that what slows a whole turn falls out.
    ratios = [theirs / ours for theirs, ours in zip(workers[best].medians, workers["ours"].medians, strict=True)]
    sound = batch * settings["frames"] * find(network).mel.hop_length
    result = {
        "batch": batch,
        "ratio": statistics.median(ratios),
        "torch layout": best,
        "milliseconds": {worker.name: statistics.median(worker.medians) for worker in workers.values()},
        "turns": {worker.name: worker.medians for worker in workers.values()},
        "kHz": {worker.name: sound / statistics.median(worker.medians) for worker in workers.values()},
        "versions": {key: workers[key].facts["version"] for key in ("ours", best)},
    }
    if options.profile:
        result["profile"] = {
            workers[key].name: [(name, value / steps) for name, value in workers[key].profile()]
            for key in ("ours", best)
        }
    for worker in workers.values():
        worker.close()
    return result


def show(network: str, result: dict) -> None:
    """Prints one network's figures."""
    print(f"\n{network}: {result['batch']} windows a step, CPU time")
    for name, value in result["milliseconds"].items():
        turns = result["turns"][name]
        spread = f"(turns {min(turns):.0f} to {max(turns):.0f})"
        print(f"  {name:<32}{value:>10.0f} ms   {spread:<26}{result['kHz'][name]:>8.0f} kHz of sound")
    verdict = "met" if result["ratio"] >= 1 else "MISSED"
    print(f"  torch ({result['torch layout']}) / ours: {result['ratio']:.2f}   bar 1.0: {verdict}")
    for name, rows in result.get("profile", {}).items():
        print(f"  {name}, where the time goes (ms a step):")
        for operation, value in rows[:12]:
            print(f"    {operation[:60]:<60}{value:>10.1f}")


def make(artifact: str, threads: int) -> dict[str, float]:
    """Seconds of music a second of CPU time, by what is asked for; the network is warm."""
    from fstmuse.quiet import load_tensorflow

    load_tensorflow()
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    from fstmuse.artifacts.find import find_artifact
    from fstmuse.artifacts.load import load
    from fstmuse.inference.creating import create
    from fstmuse.inference.creation_settings import Wish
    from fstmuse.inference.network_creator import Creator

    network, card = load(find_artifact(artifact))
    creator = Creator(network, card.mel)
    create(creator, card, Wish(1.0))
    rates = {}
    for seconds in MADE_S:
        times = []
        for seed in range(3):
            began = time.process_time()
            create(creator, card, Wish(seconds, seed=seed))
            times.append(time.process_time() - began)
        took = statistics.median(times)
        rates[f"{seconds:g} s"] = seconds / took
        print(f"{artifact}: {seconds:g} s of music, drawn and inverted, in {took:.2f} s of CPU time", flush=True)
    return rates


def main() -> None:
    """Measures network by network, prints, writes JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", default=["melgan-c-tiny"], help="default: melgan-c-tiny")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--core", type=int, help="the only core that everything runs on")
    parser.add_argument("--try", dest="everything", action="store_true", help="measure other settings, too")
    parser.add_argument("--profile", action="store_true", help="add where each framework's time goes")
    parser.add_argument("--make", metavar="ARTIFACT", help="time music made by a trained network, and nothing else")
    parser.add_argument("--torch-env", type=Path, default=HERE.parents[1] / ".bench-torch")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(options.threads)
    if options.core is not None:
        os.sched_setaffinity(0, {options.core})
    if options.make:
        results = {"make": make(options.make, options.threads)}
    else:
        python, results = torch_python(options.torch_env), {}
        for network in options.networks:
            results[network] = compare(network, python, options)
            show(network, results[network])
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
