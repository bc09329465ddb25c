"""Training itself: from examples and settings to weights in a run's folder."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf
from rich.console import Console

from fstmuse.data.dataset import Examples, steps_per_epoch
from fstmuse.errors import ConfigError, DataError
from fstmuse.features.augment import Augmentation
from fstmuse.networks.build import build
from fstmuse.networks.catalogue import find
from fstmuse.tasks import classify
from fstmuse.training.callbacks import History, Reporter, ResumableEarlyStopping
from fstmuse.training.config import TrainConfig
from fstmuse.training.run import RunFolder


def fit(config: TrainConfig, train: Examples, valid: Examples, run: RunFolder, console: Console) -> keras.Model:
    """Trains the network of `config`, or goes on where the run's backup stands.

    Args:
        config: the settings.
        train: what to learn from.
        valid: what early stopping and the choice of the best epoch look at.
        run: its folder; history, backup and best weights are written there.
        console: where progress is shown.

    Returns:
        A float32 network with the weights of the epoch of lowest validation loss.

    Raises:
        ConfigError: the settings ask for what this machine has not.
        DataError: the disk is too small for the checkpoints.
        KeyboardInterrupt: the user stopped it; the run can be resumed.
    """
    entry = find(config.network)
    first_epoch = finished_epochs(run)
    # Crops follow from (seed, epoch) by themselves; the graph's draws restart with the epoch resumed from.
    keras.utils.set_random_seed(config.seed + 100_003 * first_epoch)
    if config.deterministic and tf.config.list_physical_devices("GPU"):
        # CPU kernels are repeatable as they are; on GPUs this forgoes the fastest ones, and XLA.
        tf.config.experimental.enable_op_determinism()
    steps = steps_per_epoch(len(train.positions), config.batch_size, config.crops_per_clip)
    strategy = _strategy(config)
    with _policy(config), strategy.scope():
        model = build(config.network, train.targets.shape[1])
        require_disk(model, run)
        model.compile(
            optimizer=_optimizer(config, steps),
            loss=classify.loss(config.label_smoothing),
            metrics=classify.metrics(),
            jit_compile=config.jit_compile,
        )
    how = Augmentation(config.gain_db, config.masks, config.freq_mask, config.time_mask, config.mixup)
    draws = {"draws": config.crops_per_clip, "seed": config.seed, "epoch": first_epoch}
    try:
        if first_epoch < config.epochs:
            model.fit(
                classify.training_dataset(train, entry, how, batch_size=config.batch_size, **draws),
                validation_data=classify.validation_dataset(
                    valid, entry, entry.audio.samples, config.batch_size, strategy.num_replicas_in_sync
                ),
                epochs=config.epochs,
                steps_per_epoch=steps,
                class_weight=classify.class_weights(train.targets) if config.class_weights else None,
                callbacks=_callbacks(config, run, console, steps),
                shuffle=False,  # the data set shuffles
                verbose=0,
            )
    except KeyboardInterrupt:
        run.set_status("interrupted")
        raise
    if not run.best_weights.is_file():
        raise ConfigError(
            f"{run.path}: the validation loss was never a finite number. Lower learning_rate "
            f"(now {config.learning_rate}), or switch mixed_precision off."
        )
    # A fresh network: of full precision and on one device, whatever it was trained in.
    network = build(config.network, train.targets.shape[1])
    network.load_weights(run.best_weights)
    run.set_status("fitted")
    return network


def finished_epochs(run: RunFolder) -> int:
    """Whole epochs in the run's backup; 0 for a new run."""
    try:
        return int(json.loads((run.backup / "training_metadata.json").read_text("utf-8"))["epoch"])
    except FileNotFoundError:
        return 0
    except (ValueError, KeyError):
        # Killed while it was written: the one before still stands beside it.
        previous = run.backup / "training_metadata.json.bkp"
        if not previous.is_file():
            shutil.rmtree(run.backup)
            return 0
        shutil.copy(previous, run.backup / "training_metadata.json")
        return finished_epochs(run)


def require_disk(model: keras.Model, run: RunFolder) -> None:
    """Refuses to start when the disk cannot hold a run's checkpoints.

    Raises:
        DataError: too little is free.
    """
    # Weights and Adam's two moments, twice (current and previous backup), and the best weights.
    needed = 4 * model.count_params() * (2 * 3 + 1)
    free = shutil.disk_usage(run.path).free
    if needed > free:
        raise DataError(
            f"{run.path}: checkpoints need {needed / 1e6:,.0f} MB, {free / 1e6:,.0f} MB are free. "
            "Make room, or set FSTMUSE_RUNS to a folder on another disk."
        )


def _callbacks(config: TrainConfig, run: RunFolder, console: Console, steps: int) -> list[keras.callbacks.Callback]:
    best_so_far = min(
        (row["val_loss"] for row in run.history() if row["epoch"] <= finished_epochs(run)), default=np.inf
    )
    callbacks = [
        History(run),
        keras.callbacks.ModelCheckpoint(
            run.best_weights,
            save_best_only=True,
            save_weights_only=True,
            initial_value_threshold=best_so_far,
            mode="min",
        ),
        keras.callbacks.BackupAndRestore(run.backup, double_checkpoint=True, delete_checkpoint=False),
        keras.callbacks.TensorBoard(run.path / "tensorboard", write_graph=False),
        keras.callbacks.TerminateOnNaN(),
        Reporter(console, config.epochs, steps),
    ]
    if config.patience:
        callbacks.append(ResumableEarlyStopping(run, config.patience))
    return callbacks


def _optimizer(config: TrainConfig, steps: int) -> keras.optimizers.Optimizer:
    rate: float | keras.optimizers.schedules.LearningRateSchedule = config.learning_rate
    if config.schedule == "cosine":
        warmup = min(config.warmup_epochs, config.epochs - 1) * steps
        rate = keras.optimizers.schedules.CosineDecay(
            initial_learning_rate=config.learning_rate / 10 if warmup else config.learning_rate,
            decay_steps=config.epochs * steps - warmup,
            alpha=0.01,
            warmup_target=config.learning_rate if warmup else None,
            warmup_steps=warmup,
        )
    if config.weight_decay:
        return keras.optimizers.AdamW(rate, weight_decay=config.weight_decay)
    return keras.optimizers.Adam(rate)


@contextlib.contextmanager
def _policy(config: TrainConfig) -> Iterator[None]:
    before = keras.config.dtype_policy()
    if config.mixed_precision:
        keras.config.set_dtype_policy("mixed_float16" if tf.config.list_physical_devices("GPU") else "mixed_bfloat16")
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
