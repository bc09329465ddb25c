"""What the window and the child that trains say to each other; `Stop` and `Failed` are those of `messages`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# To the child that trains


@dataclass(frozen=True)
class Train:
    """Train a network, from data to artifact.

    Args:
        network: its name in the catalogue.
        data: known name, manifest, or a folder with one folder per label.
        name: of run and artifact; empty: chosen as the command does.
        settings: of `fstmuse.training.config.TrainConfig`, by name.
        fresh: throw away an earlier run of these settings or that name.
    """

    network: str
    data: str
    name: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    fresh: bool = False


# From the child that trains


@dataclass(frozen=True)
class Said:
    """A line of what the command would print."""

    text: str


@dataclass(frozen=True)
class Step:
    """How far a training is.

    Args:
        what: what is going on, such as `reading clips` or `epoch 3/40`.
        fraction: 0 to 1 of that; negative while it is not known.
        left_s: of the whole training, in s; negative while it is not known.
    """

    what: str
    fraction: float
    left_s: float = -1.0


@dataclass(frozen=True)
class Epoch:
    """A finished epoch: the row of history.csv (`epoch` from 1, `loss`, `accuracy`, `val_loss`, ...) and how many.

    Of a network of several tiers, epochs are counted over all of them, and the row says which `tier`, from 1.
    """

    row: dict[str, float]
    epochs: int


@dataclass(frozen=True)
class Figure:
    """A picture in the run's folder that is new or has changed."""

    path: str


@dataclass(frozen=True)
class Trained:
    """A training has ended.

    Args:
        artifact: folder of the trained network; empty while other tiers of it are still to be trained.
        metrics: of the test split; empty without one.
        already: the same training had ended before, and nothing was done.
    """

    artifact: str
    metrics: dict[str, Any]
    already: bool = False
