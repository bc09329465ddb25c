"""What a GAN is here: a network that draws, one that judges, and the scaling between pictures and their numbers."""

from __future__ import annotations

from dataclasses import dataclass

import keras

from fstmuse.errors import ConfigError
from fstmuse.networks.scaling import Scaling


@dataclass(frozen=True)
class Gan:
    """Two networks that learn from each other.

    Args:
        generator: from a dict to float32 (batch, frames, mels) in the network's own units: "style" float32 (batch,
            latent), drawn from N(0, 1); where the network draws any length, "cells" float32 (batch, cells, latent),
            drawn likewise, see `cells_for`; where it heeds labels, "label" int32 (batch,).
        discriminator: from {"picture": float32 (batch, frames, mels) in the network's units[, "label"]} to {"music":
            float32 (batch, 1): logits, or probabilities of networks of reports; where it names labels itself,
            "label": float32 (batch, labels), logits}. Pictures of a batch may be compared with each other: show it
            real and drawn ones apart.
        scaling: between pictures of the entry's spec and the network's units.
    """

    generator: keras.Model
    discriminator: keras.Model
    scaling: Scaling


def noise_shapes(generator: keras.Model, frames: int) -> dict[str, tuple[int, ...]]:
    """The shapes of the noise that a picture of at least `frames` frames is drawn from, without the batch.

    Returns:
        {"style": (latent,)} and, where the network draws any length, {"cells": (cells, latent)}.
    """
    shapes = {name: tuple(tensor.shape[1:]) for name, tensor in generator.input.items() if name != "label"}
    if "cells" in shapes:
        shapes["cells"] = (cells_for(generator, frames), shapes["cells"][-1])
    return shapes


def cells_for(generator: keras.Model, frames: int) -> int:
    """How many cells of noise a picture of at least `frames` frames takes, those beyond its edges included.

    Cell n + 1 draws on where cell n ends: the first frames of a longer row of cells are those of a shorter one.

    Args:
        generator: of `Gan` or of `fstmuse.networks.creators.creator`, one that takes cells.
        frames: 1 or more.

    Raises:
        ConfigError: `frames` is less than 1.
    """
    if frames < 1:
        raise ConfigError(f"Received a picture of {frames} frames; expected at least 1.")
    start, each = row_of_cells(generator)
    return start + -(-frames // each)


def row_of_cells(generator: keras.Model) -> tuple[int, int]:
    """The cells that lie beyond the edges of each picture, and the frames that each further cell adds."""
    many = 1000  # more than lie beyond any edge
    first, second = (_frames(generator, cells) for cells in (many, many + 1))
    each = second - first
    return many - first // each, each


def _frames(generator: keras.Model, cells: int) -> int:
    shapes = {
        name: (1, cells, tensor.shape[-1]) if name == "cells" else (1, *tensor.shape[1:])
        for name, tensor in generator.input.items()
    }
    return generator.compute_output_shape(shapes)[1]
