"""The picture of a clip before and after: both in the same colours, gaps marked, odd ones refused."""

from __future__ import annotations

from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from fstmuse.errors import DataError
from fstmuse.features.picture import MelPicture
from fstmuse.features.presets import HIFI, REPORT
from fstmuse.tasks.drawing import BLUE
from fstmuse.tasks.infill_figure import infill_figure


def picture(level: float = -20.0, frames: int = 100) -> MelPicture:
    return MelPicture(np.full((frames, HIFI.n_mels), level, np.float32), HIFI)


def blue(path: Path) -> np.ndarray:
    """Where the colour of the marks is."""
    pixels = (matplotlib.image.imread(path)[..., :3] * 255).round()
    return (np.abs(pixels - [int(BLUE[at : at + 2], 16) for at in (1, 3, 5)]) < 3).all(axis=-1)


def test_draws_both_with_marks_where_gaps_are(tmp_path: Path):
    before = picture()
    before.values[40:60] = -100
    path = infill_figure(
        before, picture(), [(11.0, 11.3)], tmp_path / "a.png", 10.0, title="a $ b.wav", words="1 gap", model="net"
    )
    marks = blue(path)
    rows = np.flatnonzero(marks.any(axis=1))
    assert (np.diff(rows) > 50).sum() == 1  # above each of the two pictures
    columns = np.flatnonzero(marks.any(axis=0))
    assert 0.4 < columns.mean() / marks.shape[1] < 0.55
    early = blue(infill_figure(before, picture(), [(10.1, 10.4)], tmp_path / "b.png", 10.0))
    assert np.flatnonzero(early.any(axis=0)).mean() < columns.mean() - 100


def test_a_gap_of_one_sample_is_marked(tmp_path: Path):
    assert blue(infill_figure(picture(), picture(), [(1.0, 1.00002)], tmp_path / "a.png")).any()


def test_unlike_pictures_are_refused(tmp_path: Path):
    other = MelPicture(np.zeros((100, REPORT.n_mels), np.float32), REPORT)
    for after in (other, picture(frames=99)):
        with pytest.raises(DataError, match="two of one shape and spec"):
            infill_figure(picture(), after, [(0.1, 0.2)], tmp_path / "a.png")
    assert not list(tmp_path.iterdir())
