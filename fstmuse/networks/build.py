"""From a name in the catalogue to a Keras model."""

from __future__ import annotations

from collections.abc import Callable

import keras

from fstmuse.networks import genre, shortchunk
from fstmuse.networks.catalogue import find

BUILDERS: dict[str, Callable[[tuple[int, int], int], keras.Model]] = {
    "toymodel": genre.toymodel,
    "toymodel-pooled": genre.toymodel_pooled,
    "fstmuse": genre.fstmuse,
    "fstmuse-pooled": genre.fstmuse_pooled,
    "shortchunk": shortchunk.shortchunk,
}


def build(name: str, outputs: int) -> keras.Model:
    """A fresh, uncompiled network of the catalogue.

    Args:
        name: of the catalogue.
        outputs: number of labels.

    Returns:
        A model from float32 (batch, frames, mels) to float32 (batch, outputs).

    Raises:
        ConfigError: there is no network of that name.
    """
    return BUILDERS[name](find(name).input_shape, outputs)
