"""The worker that times our GANs' steps for `gan_steps.py`: the step that `model.fit` runs, nothing else.

    python tests/benchmarks/gan_steps_keras.py NETWORK BATCH LABELS THREADS STEPS JIT POLICY

JIT is `on` or `off`, POLICY `float32` or `mixed_bfloat16`. What is timed at once are STEPS steps, so that the penalty
R1, which is due in one of several, has its share.
"""

from __future__ import annotations

import sys
import time

from steps_worker import serve

from fstmuse.quiet import load_tensorflow


def main() -> None:
    """Builds, then serves steps."""
    load_tensorflow()
    import numpy as np
    import tensorflow as tf

    network, (jit, policy) = sys.argv[1], sys.argv[6:]
    batch, labels, threads, steps = map(int, sys.argv[2:6])
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)

    import keras
    from steps_profile import keras_profile

    from fstmuse.data.dataset import Examples
    from fstmuse.networks.catalogue import find
    from fstmuse.training.config import resolve
    from fstmuse.training.course import find_course

    class Rows(list):
        row = list.__getitem__

    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy(policy)
    entry = find(network)
    frames, mels = entry.input_shape
    rows = Rows(np.random.default_rng(0).normal(-40.0, 10.0, (batch, frames, mels)).astype(np.float32))
    targets = np.eye(labels, dtype=np.float32)[np.arange(batch) % labels]
    data = Examples(rows, np.arange(batch), np.full(batch, frames), targets, frames)
    course = find_course(resolve(network, {"batch_size": batch}), data, data)
    trainer = course.network()
    trainer.compile(jit_compile=jit == "on", **course.aim(steps))
    x = {"picture": np.stack(rows), "label": targets.argmax(axis=1).astype(np.int32)}
    batches = iter(tf.data.Dataset.from_tensors(x).cache().repeat().prefetch(1))
    trainer.make_train_function()

    def one_step() -> float:
        return float(trainer.train_function(batches)["loss"])

    def step() -> None:
        for _ in range(steps):
            one_step()

    facts = {
        "parameters": sum(int(np.prod(weight.shape)) for weight in trainer.trainable_weights),
        "version": tf.__version__,
        "threads": tf.config.threading.get_intra_op_parallelism_threads(),
    }
    serve(step, facts, lambda: keras_profile(step), clock=time.process_time, warm_up=one_step)


if __name__ == "__main__":
    main()
