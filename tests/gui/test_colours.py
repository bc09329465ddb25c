"""Colour maps are matplotlib's, to the last bit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from fstmuse.errors import ConfigError
from gui.core import colours


def from_matplotlib(name: str) -> np.ndarray:
    """uint8 (256, 3)."""
    import matplotlib

    return matplotlib.colormaps["gray" if name == "grey" else name](np.arange(256), bytes=True)[:, :3]


def write() -> None:
    """Writes gui/core/colours.json."""
    tables = {name: from_matplotlib(name).tobytes().hex() for name in colours.COLOUR_MAPS}
    (Path(colours.__file__).parent / "colours.json").write_text(json.dumps(tables, indent=0) + "\n", "ascii")


@pytest.mark.parametrize("name", colours.COLOUR_MAPS)
def test_equals_matplotlib(name: str) -> None:
    assert np.array_equal(colours.table(name), from_matplotlib(name))


@pytest.mark.parametrize("name", colours.COLOUR_MAPS)
def test_grows_lighter_throughout(name: str) -> None:
    lightness = colours.table(name) @ np.array([0.299, 0.587, 0.114])
    assert np.all(np.diff(lightness[::8]) > 0)


def test_unknown_map_is_refused_with_names() -> None:
    with pytest.raises(ConfigError, match=r"'jet'.*magma, viridis"):
        colours.table("jet")


def test_packed_is_the_map_itself_by_default() -> None:
    rgb = colours.table("viridis").astype(int)
    assert colours.packed("viridis") == [0xFF << 24 | r << 16 | g << 8 | b for r, g, b in rgb]


def test_packed_spreads_the_range_and_clips_outside() -> None:
    first, last = (colours.packed("magma")[i] for i in (0, 255))
    table = colours.packed("magma", floor_db=-100, low_db=-60, high_db=-20)
    assert set(table[: round(255 * 0.4)]) == {first}
    assert set(table[round(255 * 0.8) + 1 :]) == {last}
    assert len(set(table)) > 90
