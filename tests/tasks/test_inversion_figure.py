"""The figure of inverted pictures: drawn whole, refused where it would say nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from fstmuse.errors import DataError
from fstmuse.features.picture import MelPicture
from fstmuse.spec import MelSpec
from fstmuse.tasks import inversion_figure as module
from fstmuse.tasks.inversion_figure import inversion_figure

SPEC = MelSpec(8000, 256, 64, 20, 0.0, 4000.0)
VALUES = np.random.default_rng(0).uniform(-90, -10, (50, 20)).astype(np.float32)


def test_rows_titles_and_distances(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    monkeypatch.setattr(module, "save", lambda figure, path: drawn.append(figure) or path)
    received = {"right": VALUES, "3 dB louder, $x^2$": VALUES + 3}
    inversion_figure(MelPicture(VALUES, SPEC), received, tmp_path / "x.png", title="A clip")
    panels = [axes for axes in drawn[0].axes if axes.get_images() and axes.get_ylabel() == "Hz"]
    assert [axes.get_title("left") for axes in panels] == ["picture", *received]
    assert [axes.get_title("right") for axes in panels] == ["", "off by 0.0 dB", "off by 3.0 dB"]
    # One scale of colours, time from 0 to 50 hops.
    assert len({axes.get_images()[0].get_clim() for axes in panels}) == 1
    assert panels[0].get_images()[0].get_extent()[:2] == [0, 50 * 64 / 8000]
    assert panels[0].get_images()[0].get_array().shape == (20, 50)


def test_written(tmp_path: Path) -> None:
    path = inversion_figure(MelPicture(VALUES, SPEC), {"one": VALUES - 5}, tmp_path / "x.png", title="名 clip")
    image = matplotlib.image.imread(path)
    assert image.shape[0] > 400 and image.shape[1] > 1000 and image.std() > 0.1
    assert [file.name for file in tmp_path.iterdir()] == ["x.png"]


def test_refused_where_it_would_say_nothing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="0 inverted pictures"):
        inversion_figure(MelPicture(VALUES, SPEC), {}, tmp_path / "x.png")
    with pytest.raises(DataError, match="log 'none'"):
        inversion_figure(MelPicture(-VALUES, replace(SPEC, log="none")), {"a": VALUES}, tmp_path / "x.png")
    with pytest.raises(DataError, match="one shape"):
        inversion_figure(MelPicture(VALUES, SPEC), {"a": VALUES[:9]}, tmp_path / "x.png")
    assert not any(tmp_path.iterdir())
