"""Which weights Muon moves, and which are left to Adam."""

from __future__ import annotations

from fstmuse.networks.gapnet import gapnet
from fstmuse.training.config import TrainConfig
from fstmuse.training.fit import _optimizer


def test_muon_moves_the_matrices_within_the_network_alone() -> None:
    network = gapnet((None, 8), width=16, dilations=(1, 2))
    optimizer = _optimizer(TrainConfig("gapnet", optimizer="muon", ema=0.9), steps=3)
    optimizer.build(network.trainable_variables)
    moved = {
        variable.path
        for variable, velocity in zip(network.trainable_variables, optimizer.adam_velocities, strict=True)
        if velocity is None
    }
    assert moved == {f"block{n}_{part}/kernel" for n in (1, 2) for part in ("conv", "dense")}


def test_adam_is_what_the_default_is() -> None:
    assert type(_optimizer(TrainConfig("gapnet"), steps=3)).__name__ == "Adam"
    assert type(_optimizer(TrainConfig("gapnet", weight_decay=0.1), steps=3)).__name__ == "AdamW"
