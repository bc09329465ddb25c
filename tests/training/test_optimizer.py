"""Which weights Muon moves, and which are left to Adam."""

from __future__ import annotations

from collections.abc import Callable

import keras
import pytest

from fstmuse.features.presets import REPORT
from fstmuse.networks.gapnet import gapnet
from fstmuse.networks.prednet import prednet
from fstmuse.networks.vocoder import vocoder
from fstmuse.training.config import TrainConfig
from fstmuse.training.optimizers import optimizer

NETWORKS: dict[str, tuple[Callable[[], keras.Model], set[str]]] = {
    "gapnet": (
        lambda: gapnet((None, 8), width=16, dilations=(1, 2)),
        {"block1_conv", "block1_dense", "block2_conv", "block2_dense"},
    ),
    "prednet": (
        lambda: prednet((30, 8), width=16, dilations=(1, 2)),
        {"past1_dense", "past2_dense", "expected_dense", "surprise_all", "both_dense", "unforeseen1_dense"},
    ),
    "vocoder-report": (
        lambda: vocoder(REPORT, width=8, blocks=2, rounds=1, turns=1),
        {"block1_wide", "block1_narrow", "block2_wide", "block2_narrow"},
    ),
}
"""Small ones, and the layers whose kernels are matrices within the network: neither first nor last of any part."""


@pytest.mark.parametrize("name", NETWORKS)
def test_muon_moves_the_matrices_within_the_network_alone(name: str) -> None:
    make, within = NETWORKS[name]
    network = make()
    muon = optimizer(TrainConfig(name, optimizer="muon", ema=0.9), steps=3)
    muon.build(network.trainable_variables)
    moved = {
        variable.path
        for variable, velocity in zip(network.trainable_variables, muon.adam_velocities, strict=True)
        if velocity is None
    }
    assert moved == {f"{layer}/kernel" for layer in within}


def test_adam_is_what_the_default_is() -> None:
    assert type(optimizer(TrainConfig("gapnet"), steps=3)).__name__ == "Adam"
    assert type(optimizer(TrainConfig("gapnet", weight_decay=0.1), steps=3)).__name__ == "AdamW"
