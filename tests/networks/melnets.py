"""Little MelNets and what they learn from."""

from __future__ import annotations

from typing import Any

import numpy as np

from fstmuse.networks import melnet_tiers
from fstmuse.networks.melnet import MelNet, Size, melnet

LITTLE = Size((8, 6, 4, 4), (2, 1, 1, 1))


def little(labels: int, **options: Any) -> MelNet:
    """Four tiers for pictures of 8 bands."""
    return melnet((None, 8), labels, LITTLE, **({"components": 3} | options))


def lesson(tier: int) -> dict[str, np.ndarray]:
    """What a tier learns from of two random pictures of 12 frames and 8 bands."""
    picture = np.random.default_rng(0).uniform(-1, 1, (2, 12, 8)).astype(np.float32)
    return melnet_tiers.lesson(picture, tier, 4) | {"label": np.array([0, 2], np.int32)}
