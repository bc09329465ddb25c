"""The worker that times steps of our networks for `steps.py`: the step that `model.fit` runs, nothing else.

python tests/benchmarks/steps_keras.py NETWORK BATCH OUTPUTS THREADS JIT (`on` or `off`)
"""

from __future__ import annotations

import sys

from steps_worker import serve

from fstmuse.quiet import load_tensorflow


def main() -> None:
    """Builds, then serves steps."""
    load_tensorflow()
    import numpy as np
    import tensorflow as tf

    network, jit = sys.argv[1], sys.argv[5]
    batch, outputs, threads = map(int, sys.argv[2:5])
    tf.config.threading.set_intra_op_parallelism_threads(threads)

    import keras
    from steps_profile import keras_profile

    from fstmuse.networks.build import build
    from fstmuse.networks.catalogue import find
    from fstmuse.tasks import classify

    keras.utils.set_random_seed(0)
    model = build(network, outputs)
    optimizer = keras.optimizers.Adam(1e-3)
    model.compile(optimizer, loss=classify.loss(0.0), metrics=classify.metrics(), jit_compile=jit == "on")
    pictures = np.random.default_rng(0).normal(-40.0, 10.0, (batch, *find(network).input_shape)).astype(np.float32)
    targets = np.eye(outputs, dtype=np.float32)[np.arange(batch) % outputs]
    batches = iter(tf.data.Dataset.from_tensors((pictures, targets)).cache().repeat().prefetch(1))
    model.train_on_batch(pictures, targets)  # builds the optimizer and the function that `fit` calls each step

    def step() -> float:
        return float(model.train_function(batches)["loss"])

    facts = {
        "parameters": sum(int(np.prod(weight.shape)) for weight in model.trainable_weights),
        "version": tf.__version__,
        "threads": tf.config.threading.get_intra_op_parallelism_threads(),
    }
    serve(step, facts, lambda: keras_profile(step))


if __name__ == "__main__":
    main()
