"""What fills the gaps of clips' pictures, and how well: the network and the simple ways, clip by clip."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fstmuse.inference.gap_stretches import Stretches, batches
from fstmuse.tasks.gap_metrics import BASELINES, OURS, GapErrors, boundary_flux, gap_errors, in_range


def fillings(network: Any, stretches: Stretches, numbers: Sequence[int], width: int) -> dict[str, list[np.ndarray]]:
    """Fills gaps in the middle of pictures by a network, and by the ways that need none.

    Args:
        network: as `fstmuse.networks.build.build_filler` makes it.
        stretches: the clips.
        numbers: of those whose gaps are filled.
        width: of the gaps, in frames.

    Returns:
        By way, float (width, mels) in dB of each clip; the network's are `OURS`, cut as the clips' pictures are.
    """
    found = {OURS: _filled(network, stretches, numbers, width)}
    for name, fill in BASELINES.items():
        found[name] = [fill(stretches.pictures[number], *stretches.gap(number, width)) for number in numbers]
    return found


def _filled(network: Any, stretches: Stretches, numbers: Sequence[int], width: int) -> list[np.ndarray]:
    found: dict[int, np.ndarray] = {}
    for chosen in batches(stretches.pictures, numbers):
        whole = np.stack([stretches.pictures[number] for number in chosen])
        missing = np.zeros(whole.shape[:2], np.float32)
        for row, number in enumerate(chosen):
            missing[row, slice(*stretches.gap(number, width))] = 1
        # The network must not find the answer in what it is given.
        hidden = np.where(missing[..., None] > 0, np.float32(stretches.mel.floor_db), whole)
        answers = np.asarray(network.predict_on_batch({"picture": hidden, "missing": missing}))
        for row, number in enumerate(chosen):
            gap = slice(*stretches.gap(number, width))
            found[number] = in_range(answers[row], like=stretches.pictures[number])[gap]
    return [found[number] for number in numbers]


def errors_of(stretches: Stretches, numbers: Sequence[int], width: int, filled: Sequence[np.ndarray]) -> GapErrors:
    """How far what fills the gaps of the clips `numbers`, float (width, mels) of each, is from the truth."""
    return gap_errors([stretches.pictures[number][slice(*stretches.gap(number, width))] for number in numbers], filled)


def fluxes(stretches: Stretches, numbers: Sequence[int], width: int, filled: Sequence[np.ndarray] | None) -> np.ndarray:
    """`boundary_flux` of each clip with what fills its gap, float64 (clips,); None: of the truth."""
    return np.array(
        [
            boundary_flux(stretches.pictures[number], *stretches.gap(number, width), filled and filled[place])
            for place, number in enumerate(numbers)
        ]
    )
