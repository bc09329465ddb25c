"""The picture of an answer: numbers and labels that can be read, windows in their place on one axis of time."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from fstmuse.errors import DataError
from fstmuse.features.overview import Overview
from fstmuse.spec import MelSpec
from fstmuse.tasks import classification_figure as module
from fstmuse.tasks import drawing
from fstmuse.tasks.classification_figure import classification_figure, legible
from tests.tasks.test_figures import overlap, png

SPEC = MelSpec(44100, 4096, 4096, 128, 0.0, 16000.0, scale="tfio")


@pytest.fixture
def drawn(monkeypatch):
    """The axes of the figure that was saved: spectrogram, corner, heat map, bars, two scales."""
    kept = []

    def save(figure, path):
        kept.extend(figure.axes)
        return drawing.save(figure, path)

    monkeypatch.setattr(module, "save", save)
    return kept


def sound(start_s=0.0, end_s=30.0):
    picture = np.linspace(-100, -10, 500 * 128, dtype=np.float32).reshape(500, 128)
    return Overview(picture, SPEC, start_s, end_s)


def answer(labels, windows, start_s=0.0, end_s=30.0, seed=0):
    rows = np.random.default_rng(seed).dirichlet(np.full(labels, 0.3), windows)
    edges = np.linspace(start_s, end_s, windows + 1)
    return rows.mean(axis=0), np.stack([edges[:-1], edges[1:]], axis=1), rows


@pytest.mark.parametrize(("n", "end_s", "windows"), [(1, 0.4, 1), (3, 30.0, 30), (50, 30.0, 5), (50, 7200.0, 1800)])
def test_labels_and_numbers_are_legible(tmp_path: Path, drawn, n, end_s, windows):
    labels = [f"Experimental {number}" for number in range(n)]
    probabilities, times, rows = answer(n, windows, end_s=end_s)
    path = tmp_path / "answer.png"
    assert (
        classification_figure(sound(end_s=end_s), labels, probabilities, times, rows, path, title="a $b_{.mp3") == path
    )
    spectrum, _, heat, bars = drawn[:4]
    order = np.argsort(-probabilities)
    assert [text.get_text() for text in heat.get_yticklabels()] == [labels[place] for place in order]
    assert [text.get_text() for text in bars.texts] == [f"{100 * probabilities[place]:.1f} %" for place in order]
    np.testing.assert_allclose([bar.get_width() for bar in bars.patches], probabilities[order])
    for texts in (heat.get_yticklabels(), bars.texts, heat.get_xticklabels(), spectrum.get_yticklabels()):
        assert not overlap(texts)
        assert all(text.get_fontsize() >= 6.5 for text in texts)
    assert spectrum.get_xlim() == heat.get_xlim() == (0, end_s)
    left, right = (axes.get_window_extent() for axes in (spectrum, heat))
    assert (left.x0, left.x1) == (right.x0, right.x1)  # one axis of time
    assert spectrum.get_title("left") == "a $b_{.mp3"
    picture = png(path)
    assert picture[:5].min() == picture[-5:].min() == picture[:, :5].min() == picture[:, -5:].min() == 1


def test_windows_stand_at_their_time_and_meet_in_the_middle_of_an_overlap(tmp_path: Path, drawn):
    times = np.array([[10.0, 14.0], [12.0, 16.0], [14.0, 18.0]])
    rows = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    classification_figure(sound(10.0, 20.0), ["a", "b"], rows.mean(axis=0), times, rows, tmp_path / "a.png")
    shown = drawn[2].images[0].get_array()
    seconds = 10 + (np.arange(shown.shape[1]) + 0.5) / shown.shape[1] * 10
    for start, end, row in ((10, 13, 0), (13, 15, 1), (15, 18, 2)):
        found = shown[:, (seconds > start) & (seconds < end)]
        np.testing.assert_allclose(found, np.broadcast_to(rows[row][:, None], found.shape))
    assert np.ma.getmaskarray(np.ma.masked_invalid(shown))[:, seconds > 18].all()  # nothing was heard there


def test_many_windows_are_told_by_their_mean(tmp_path: Path, drawn):
    probabilities, times, rows = answer(3, 5000, end_s=7200.0)
    classification_figure(sound(end_s=7200.0), ["a", "b", "c"], probabilities, times, rows, tmp_path / "a.png")
    shown = drawn[2].images[0].get_array()
    order = np.argsort(-probabilities)
    np.testing.assert_allclose(shown, rows.reshape(1000, 5, 3).mean(axis=1).T[order], atol=1e-9)


@pytest.mark.parametrize(
    ("start_s", "end_s", "expected", "unit"),
    [
        (0.0, 0.4, ["0.00", "0.05", "0.10"], "s"),
        (1.25, 3.3, ["1.5", "2.0", "2.5"], "s"),
        (0.0, 30.0, ["0", "5", "10"], "s"),
        (55.5, 58.0, ["55.5", "56.0", "56.5"], "s"),
        (55.0, 95.0, ["0:55", "1:00", "1:05"], "min:s"),
        (59.0, 60.5, ["0:59.0", "0:59.2", "0:59.4"], "min:s"),
        (0.0, 7200.0, ["0:00:00", "0:15:00", "0:30:00"], "h:min:s"),
    ],
)
def test_round_times(tmp_path: Path, drawn, start_s, end_s, expected, unit):
    probabilities, times, rows = answer(2, 3, start_s, end_s)
    classification_figure(sound(start_s, end_s), ["a", "b"], probabilities, times, rows, tmp_path / "a.png")
    assert [text.get_text() for text in drawn[2].get_xticklabels()][:3] == expected
    assert drawn[2].get_xlabel() == unit
    assert not overlap(drawn[2].get_xticklabels())


def test_signs_that_the_font_lacks_are_told_without_a_warning(tmp_path: Path, drawn):
    assert legible("é 🎸 日本 \ufffd") == "é □ □□ \ufffd"
    probabilities, times, rows = answer(2, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        classification_figure(
            sound(), ["日本", "Ж"], probabilities, times, rows, tmp_path / "a.png", title="🎸.mp3", model="模型"
        )
    assert drawn[0].get_title("left") == "□.mp3" and drawn[1].get_title("right") == "□□"


def test_silence_can_be_drawn(tmp_path: Path, drawn):
    silent = Overview(np.full((5, 128), -100.0, np.float32), SPEC, 0.0, 0.1)
    classification_figure(silent, ["a"], [1.0], [[0.0, 0.1]], [[1.0]], tmp_path / "a.png")
    assert (tmp_path / "a.png").is_file()


@pytest.mark.parametrize(
    "changes", [{"labels": ["a"]}, {"times_s": np.zeros((3, 2))}, {"along_time": np.zeros((0, 2)), "times_s": []}]
)
def test_what_does_not_fit_is_refused(tmp_path: Path, changes):
    probabilities, times, rows = answer(2, 5)
    given = {"labels": ["a", "b"], "probabilities": probabilities, "times_s": times, "along_time": rows} | changes
    with pytest.raises(DataError, match="expected \\(labels,\\)"):
        classification_figure(sound(), path=tmp_path / "a.png", **given)
    assert not list(tmp_path.iterdir())
