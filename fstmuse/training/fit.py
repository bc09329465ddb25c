"""Training itself: from examples and settings to weights in a run's folder."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import keras

from fstmuse.data.dataset import Examples
from fstmuse.errors import DataError
from fstmuse.networks.catalogue import find
from fstmuse.training.config import TrainConfig
from fstmuse.training.course import find_course
from fstmuse.training.fit_network import fit_network
from fstmuse.training.run import RunFolder
from fstmuse.training.tiers import fit_tiers
from fstmuse.watch import Watch


def fit(config: TrainConfig, train: Examples, valid: Examples, run: RunFolder, watch: Watch) -> keras.Model | None:
    """Trains the network of `config`, or goes on after the run's last whole epoch.

    Args:
        config: the settings.
        train: what to learn from.
        valid: what early stopping and the choice of the best epoch look at.
        run: its folder; history and checkpoints are written there.
        watch: shows progress.

    Returns:
        What users need of a float32 network with the weights of the run's `best_epoch`; None where only some of
        several tiers were asked for, and others are still to be trained.

    Raises:
        ConfigError: the settings ask for what this machine has not.
        KeyboardInterrupt: the user stopped it; the run can be resumed.
    """
    if find(config.network).in_turn:
        return fit_tiers(config, train, valid, run, watch)
    return fit_network(find_course(config, train, valid), config, len(train.positions), run, watch)


def require_disk(config: TrainConfig, outputs: int, *folders: Path) -> None:
    """Refuses to start when a disk cannot hold a run's checkpoints and the artifact.

    Args:
        config: the settings.
        outputs: number of labels.
        folders: where the run and the artifact will be written; made when they are missing.

    Raises:
        DataError: too little is free, or a folder cannot be written.
    """
    entry = find(config.network)
    # Weights, Adam's two moments and perhaps an average, three times (last, best, and the one being written); the
    # artifact is smaller.
    needed = 4 * max(entry.parameters, outputs) * (4 if config.ema else 3) * 3
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(folder).free if os.access(folder, os.W_OK) else 0
        except OSError as error:
            raise DataError(
                f"{folder} cannot be made: {error.strerror}. Set FSTMUSE_RUNS and FSTMUSE_MODELS to folders that can."
            ) from None
        if needed > free:
            raise DataError(
                f"{folder}: training {config.network} needs {needed / 1e6:,.0f} MB, {free / 1e6:,.0f} MB are free for "
                "you there. Make room, or set FSTMUSE_RUNS and FSTMUSE_MODELS to folders on another disk."
            )
