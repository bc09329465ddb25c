"""Pictures of takes: from the loudest value down, whatever the units, low frequencies at the bottom."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from fstmuse.features.picture import MelPicture
from fstmuse.spec import MelSpec
from gui.core.take_picture import levels, pixels

SPEC = MelSpec(8000, 512, 256, 4, 0.0, 4000.0)


def test_bytes_are_decibels_below_the_loudest() -> None:
    values = np.array([[-20.0, -60.0, -99.0, -100.0]] * 3, np.float32)
    np.testing.assert_array_equal(levels(MelPicture(values, SPEC)), [[255, 128, 3, 0]] * 3)
    power = dataclasses.replace(SPEC, log="none")
    told = levels(MelPicture(10 ** (values / 10) * SPEC.full_scale**2, power))
    np.testing.assert_allclose(told, [[255, 128, 3, 0]] * 3, atol=1)


@pytest.mark.parametrize(("width", "height"), [(3, 4), (30, 40), (1, 1)])
def test_low_frequencies_are_at_the_bottom(width: int, height: int) -> None:
    drawn = np.zeros((3, 4), np.uint8)
    drawn[0, 0] = 255  # at first, low
    shown = pixels(drawn, width, height)
    assert shown.shape == (height, width) and shown.flags.c_contiguous
    assert shown[-1, 0] == 255 and (width == 1 or shown[0, -1] == 0)
