"""The share of a training step's time that is spent waiting for its batch.

    python tests/benchmarks/input_wait.py [NETWORK ...] [--steps 40] [--json FILE]

On the demo set, from the warm cache, with the network's preset: the batches are those of
`labelled.training_dataset`, the step is the one that `fit` runs, and the two are timed apart. For
comparison, the time that making one batch takes when nothing else runs, which is what the step hides.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from fstmuse.lesson import prepare_cache, read_lesson
from fstmuse.networks.catalogue import find
from fstmuse.quiet import load_tensorflow
from fstmuse.training.config import resolve
from fstmuse.watch import Watch

NETWORKS = ("toymodel-pooled", "shortchunk")
WARM_UP = 6
"""Steps that are not counted: they compile, and empty what was made ready meanwhile."""
BAR = 0.02


def measure(network: str, steps: int) -> dict:
    """Milliseconds of waiting and of computing for each step."""
    load_tensorflow()
    import keras

    from fstmuse.features.augment import Augmentation
    from fstmuse.networks.build import build
    from fstmuse.tasks import classify, labelled

    config, entry = resolve(network, {}), find(network)
    lesson = read_lesson(config, Watch())
    cache = prepare_cache(config, lesson, Watch())
    examples = classify.examples(cache, lesson.manifest.split("train").clips, lesson.labels, entry)
    how = Augmentation(config.gain_db, config.masks, config.freq_mask, config.time_mask, config.mixup)
    draws = {"draws": config.crops_per_clip, "seed": config.seed, "epoch": 0}

    def batches():
        return iter(labelled.training_dataset(examples, entry, how, batch_size=config.batch_size, **draws))

    keras.utils.set_random_seed(config.seed)
    model = build(network, len(lesson.labels))
    model.compile(
        keras.optimizers.AdamW(config.learning_rate, weight_decay=config.weight_decay),
        loss=classify.loss(config.label_smoothing),
        metrics=classify.metrics(),
        jit_compile=config.jit_compile,
    )
    waits, computes = [], []
    iterator = batches()
    for number in range(WARM_UP + steps):
        start = time.perf_counter()
        pictures, targets = next(iterator)
        ready = time.perf_counter()
        model.train_on_batch(pictures, targets)
        end = time.perf_counter()
        if number >= WARM_UP:
            waits.append(1000 * (ready - start))
            computes.append(1000 * (end - ready))
    alone = []
    iterator = batches()
    for number in range(WARM_UP + steps):
        start = time.perf_counter()
        next(iterator)
        if number >= WARM_UP:
            alone.append(1000 * (time.perf_counter() - start))
    return {
        "batch": config.batch_size,
        "steps": steps,
        "share": sum(waits) / (sum(waits) + sum(computes)),
        "wait ms": statistics.median(waits),
        "longest wait ms": max(waits),
        "step ms": statistics.median(computes),
        "batch alone ms": statistics.mean(alone),
        "load": os.getloadavg()[0],
    }


def main() -> None:
    """Measures, prints, writes JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", help=f"default: {' '.join(NETWORKS)}")
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    options = parser.parse_args()
    results = {}
    for network in options.networks or NETWORKS:
        results[network] = result = measure(network, options.steps)
        verdict = "met" if result["share"] <= BAR else "MISSED"
        print(
            f"{network}: {100 * result['share']:.2f} % of the time of {options.steps} steps waits for input "
            f"(bar {100 * BAR:.0f} %: {verdict}); wait {result['wait ms']:.2f} ms (longest "
            f"{result['longest wait ms']:.1f}), step {result['step ms']:.0f} ms at batch {result['batch']}; "
            f"a batch alone takes {result['batch alone ms']:.1f} ms; load {result['load']:.1f}",
            flush=True,
        )
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
