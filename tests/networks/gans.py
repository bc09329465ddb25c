"""The catalogue's GANs in sizes that tests can train."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np

from fstmuse.networks.cmelgan import Grown, Judged, cmelgan
from fstmuse.networks.gan import Gan, noise_shapes
from fstmuse.networks.melgan_c import Size, melgan_c
from fstmuse.networks.toygan import toygan

FRAMES = 32

SMALL_GANS: dict[str, Callable[[int], Gan]] = {
    "toygan": lambda labels: toygan((30, 32), labels, width=4, judge_widths=(4, 4, 4, 4)),
    "cmelgan": lambda labels: cmelgan(
        (32, 32),
        labels,
        grown=(Grown(4, 4, 4), Grown(1, 8, 2)),
        judged=(Judged(4, 5, 1, 1, 1), Judged(8, 6, 4, 2, 4), Judged(8, 8, 2, 4, 8)),
        first=4,
    ),
    "melgan-c": lambda labels: melgan_c((FRAMES, 64), labels, Size((8, 8, 8, 8), (4, 8, 8, 8), 16)),
}
"""From the number of labels to a GAN."""


def noise(generator: keras.Model, count: int, frames: int = FRAMES, seed: int = 0) -> dict[str, np.ndarray]:
    """What `count` pictures of `frames` frames are drawn from, labels 0, 1, 2, 0, ... included."""
    rng = np.random.default_rng(seed)
    shapes = noise_shapes(generator, frames)
    inputs = {name: rng.normal(size=(count, *shape)).astype(np.float32) for name, shape in shapes.items()}
    return inputs | ({"label": np.arange(count, dtype=np.int32) % 3} if "label" in generator.input else {})
