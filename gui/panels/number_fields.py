"""Fields for numbers that pages have in common."""

from __future__ import annotations

import random

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QDoubleSpinBox, QSpinBox

_MOST = 2**31 - 1
_SEEDS = 1_000_000  # as many as anybody tells apart by their numbers


def number_field(least: float, most: float, step: float, value: float, decimals: int = 1) -> QDoubleSpinBox:
    """A number that the wheel changes only where it has the keyboard.

    Args:
        least: that it takes.
        most: likewise.
        step: of its arrows.
        value: at first.
        decimals: that are shown, and kept.
    """
    box = QDoubleSpinBox()
    box.setDecimals(decimals)
    box.setRange(least, most)
    box.setSingleStep(step)
    box.setValue(value)
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return box


def seed_field() -> QSpinBox:
    """A seed, 0 at first."""
    box = QSpinBox()
    box.setRange(0, _MOST)
    box.setAccessibleName(QCoreApplication.translate("Seed", "Seed"))
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return box


def new_seed(other_than: int) -> int:
    """A seed that nobody has chosen.

    Args:
        other_than: the one that is there.
    """
    seed = random.randrange(_SEEDS - 1)
    return seed + (seed >= other_than)
