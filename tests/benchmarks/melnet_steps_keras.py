"""The worker that times MelNet's training steps for `melnet_steps.py`: the step that `model.fit` runs, nothing else.

    python tests/benchmarks/melnet_steps_keras.py SETTINGS JIT

SETTINGS is JSON of `melnet_steps.py`, JIT `on` or `off`. A step of ours is one of each tier, all of one picture.
"""

from __future__ import annotations

import json
import sys
import time

from steps_worker import serve

from fstmuse.quiet import load_tensorflow


def main() -> None:
    """Builds, then serves steps."""
    load_tensorflow()
    import numpy as np
    import tensorflow as tf

    settings, jit = json.loads(sys.argv[1]), sys.argv[2]
    tf.config.threading.set_intra_op_parallelism_threads(settings["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(settings["threads"])

    import keras
    from steps_profile import keras_profile

    from fstmuse.networks import melnet_tiers
    from fstmuse.networks.build import build_melnet
    from fstmuse.networks.melnet_mixture import mixture_nll
    from fstmuse.networks.melnet_report import ReportNll, melnet_report

    keras.utils.set_random_seed(0)
    batch, shape = settings["batch"], (settings["frames"], settings["mels"])
    picture = np.random.default_rng(0).uniform(-1, 1, (batch, *shape)).astype(np.float32)
    told = {"label": (np.arange(batch) % settings["labels"]).astype(np.int32)}
    options = {"components": settings["components"], "remat": settings["remat"]}
    if settings["report"]:
        dims, depths = settings["dims"][0], settings["depths"]
        models = [melnet_report(shape, settings["labels"], dims, depths=depths, **options)]
        lessons, loss = [{"picture": picture}], ReportNll()
    else:
        models = list(build_melnet(settings["network"], settings["labels"], **options).tiers)
        lessons, loss = [melnet_tiers.lesson(picture, n, len(models)) for n in range(1, len(models) + 1)], mixture_nll
    batches = []
    for model, lesson in zip(models, lessons, strict=True):
        model.compile(keras.optimizers.Adam(settings["learning_rate"]), loss, jit_compile=jit == "on")
        data = tf.data.Dataset.from_tensors((lesson | told, lesson["picture"]))
        batches.append(iter(data.cache().repeat().prefetch(1)))
        model.make_train_function()

    def step() -> float:
        return sum(float(model.train_function(batch)["loss"]) for model, batch in zip(models, batches, strict=True))

    facts = {
        "parameters": sum(int(np.prod(weight.shape)) for model in models for weight in model.trainable_weights),
        "version": tf.__version__,
        "threads": tf.config.threading.get_intra_op_parallelism_threads(),
    }
    serve(step, facts, lambda: keras_profile(step), clock=time.process_time)


if __name__ == "__main__":
    main()
