"""Training of one network: from its course to weights in a run's folder."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import keras
import tensorflow as tf

from fstmuse.data.dataset import steps_per_epoch
from fstmuse.errors import ConfigError
from fstmuse.networks.catalogue import find
from fstmuse.training.callbacks import EarlyStopping, History, Reporter
from fstmuse.training.checkpoint import Checkpoint, finished_epochs, keep_best, restore
from fstmuse.training.config import TrainConfig
from fstmuse.training.course import Course
from fstmuse.training.run import RunFolder, stalled
from fstmuse.watch import Watch


def fit_network(course: Course, config: TrainConfig, examples: int, run: RunFolder, watch: Watch) -> keras.Model:
    """Trains the network of a course, or goes on after the run's last whole epoch.

    Args:
        course: task and data.
        config: the settings.
        examples: how many there are to learn from.
        run: its folder; history and checkpoints are written there.
        watch: shows progress.

    Returns:
        What users need of a float32 network with the weights of the run's `best_epoch`.

    Raises:
        ConfigError: the settings ask for what this machine has not.
        KeyboardInterrupt: the user stopped it; the run can be resumed.
    """
    first_epoch = finished_epochs(run)
    strategy = _strategy(config)
    jit_compile = config.jit_compile and strategy.num_replicas_in_sync == 1
    if config.jit_compile and not jit_compile:
        watch.say("XLA does not compile steps that are spread over devices: jit_compile is off for this run.")
    # Crops follow from (seed, epoch) by themselves; the graph's draws restart with the epoch resumed from.
    keras.utils.set_random_seed((config.seed + 100_003 * first_epoch) % 2**31)
    if config.deterministic and tf.config.list_physical_devices("GPU"):
        # CPU kernels are repeatable as they are; on GPUs this forgoes the fastest ones, and XLA.
        tf.config.experimental.enable_op_determinism()
    steps = steps_per_epoch(examples, config.batch_size, config.crops_per_clip)
    with _policy(config), strategy.scope():
        model = course.network()
        model.compile(jit_compile=jit_compile, **course.aim(steps))
        restore(model, run)
    reporter = Reporter(watch, config.epochs, steps)
    done = [row for row in run.history() if row["epoch"] <= first_epoch]
    if first_epoch < config.epochs and not stalled(done, config.patience):
        try:
            model.fit(
                course.training(first_epoch),
                validation_data=course.validation(strategy.num_replicas_in_sync),
                initial_epoch=first_epoch,
                epochs=config.epochs,
                steps_per_epoch=steps,
                class_weight=course.class_weight(),
                callbacks=[
                    *course.callbacks(run, watch),  # checkpoints hold weights and, apart, their average
                    History(run),
                    Checkpoint(run),
                    EarlyStopping(run, config.patience),
                    keras.callbacks.TensorBoard(run.path / "tensorboard", write_graph=False),
                    reporter,
                ],
                shuffle=False,  # the data set shuffles
                verbose=0,
            )
        finally:
            reporter.close()
    best = keep_best(run)
    if best is None:
        raise ConfigError(
            f"{run.path}: the validation loss was never a finite number. Lower learning_rate "
            f"(now {config.learning_rate}), or switch mixed_precision off."
        )
    # A fresh network: of full precision and on one device, whatever it was trained in.
    network = course.network()
    if course.swaps:
        with strategy.scope():
            model.load_weights(best)
            model.optimizer.finalize_variable_values(model.trainable_variables)
        network.set_weights(model.get_weights())
    else:
        network.load_weights(best)
    return course.product(network)


@contextlib.contextmanager
def _policy(config: TrainConfig) -> Iterator[None]:
    before = keras.config.dtype_policy()
    if config.mixed_precision:
        # float16 needs losses that are scaled, which Keras does for networks with one optimiser alone.
        entry = find(config.network)
        scaled = tf.config.list_physical_devices("GPU") and (entry.task != "generate" or entry.in_turn)
        keras.config.set_dtype_policy("mixed_float16" if scaled else "mixed_bfloat16")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _strategy(config: TrainConfig) -> tf.distribute.Strategy:
    if config.distribute == "none":
        return tf.distribute.get_strategy()
    gpus = tf.config.list_logical_devices("GPU")
    devices = [device.name for device in gpus or tf.config.list_logical_devices("CPU")]
    if config.batch_size % len(devices):
        raise ConfigError(
            f"Setting 'batch_size': received {config.batch_size}; expected a multiple of the {len(devices)} devices."
        )
    return tf.distribute.MirroredStrategy(devices)
