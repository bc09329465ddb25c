"""Figures: what is written in them, that labels keep off each other, and that nothing global is touched."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from fstmuse.errors import DataError
from fstmuse.spec import MelSpec
from fstmuse.tasks import drawing, figures

SPEC = MelSpec(sample_rate=16000, n_fft=512, hop_length=160, n_mels=64, fmin=0, fmax=8000)


@pytest.fixture
def drawn(monkeypatch):
    """The figures that were saved, for a look at their texts."""
    kept = []

    def save(figure, path):
        kept.append(figure)
        return drawing.save(figure, path)

    monkeypatch.setattr(figures, "save", save)
    return kept


def png(path):
    from matplotlib.image import imread

    return imread(path)[..., :3]


def overlap(texts):
    boxes = [text.get_window_extent() for text in texts if text.get_text()]
    return any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])


@pytest.mark.parametrize("n", [3, 10, 50])
def test_confusion_is_legible_with_many_labels(tmp_path, drawn, n):
    matrix = np.eye(n, dtype=int) * 90
    matrix[0, 1:3] = 1, 1234
    labels = [f"Experimental {i}" for i in range(n)]
    path = figures.confusion_figure(matrix, labels, tmp_path / "new" / "confusion.png")
    axes = drawn[0].axes[0]
    cells = {tuple(map(int, text.get_position())): text for text in axes.texts}
    assert cells[0, 0].get_text() == "90\n7 %"
    assert cells[1, 0].get_text() == "1\n<1 %"
    assert cells[2, 0].get_text() == "1,234\n93 %"
    assert cells[1, 1].get_text() == "90\n100 %"
    assert len(cells) == n + 2
    assert axes.get_yticklabels()[0].get_text() == "Experimental 0 (1,325)"
    assert not overlap(axes.texts[:12])
    assert not overlap(axes.get_yticklabels())
    if n == 50:  # upright; slanted ones have boxes that overlap where their letters do not
        assert not overlap(axes.get_xticklabels())
    assert min(text.get_fontsize() for text in axes.texts) >= 6
    picture = png(path)
    assert picture[:5].min() == 1  # a white margin all around: nothing is cut off
    assert picture[:, :5].min() == picture[:, -5:].min() == picture[-5:].min() == 1


def test_confusion_takes_any_label_and_empty_rows(tmp_path, drawn):
    matrix = np.array([[0, 0, 0], [2, 5, 0], [0, 0, 0]])
    figures.confusion_figure(matrix, ["A$AP $", "R&B_^{", "a very long name of a genre indeed"], tmp_path / "c.png")
    names = [text.get_text() for text in drawn[0].axes[0].get_yticklabels()]
    assert names == ["A$AP $ (0)", "R&B_^{ (7)", "a very long name of a gen… (0)"]
    assert drawn[0].axes[0].get_title("left") == "7 clips, 71.4 % right"


def test_confusion_of_another_size_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"expected \(2, 2\)"):
        figures.confusion_figure(np.eye(3), ["a", "b"], tmp_path / "c.png")
    assert not list(tmp_path.iterdir())


def history(n):
    return [
        {
            "epoch": i + 1,
            "loss": 1 / (i + 1),
            "val_loss": 0.5 + abs(i - 4) / 10,
            "accuracy": i / n,
            "val_accuracy": i / (n + 1),
            "learning_rate": 1e-3 * 0.5**i,
        }
        for i in range(n)
    ]


def test_curves_mark_the_best_epoch_and_read_text_as_from_csv(tmp_path, drawn):
    rows = history(12)
    figures.curves_figure([{name: str(value) for name, value in row.items()} for row in rows], tmp_path / "curves.png")
    loss, accuracy, rate = drawn[0].axes
    assert loss.get_title("left") == "12 epochs, best: epoch 5"
    assert [text.get_text() for text in loss.texts] == ["0.500"]
    assert [text.get_text() for text in accuracy.texts] == ["30.8 %"]
    assert [text.get_text() for text in loss.get_legend().get_texts()] == ["training", "validation"]
    plotted = {line.get_label(): line for line in loss.lines}
    np.testing.assert_allclose(plotted["training"].get_ydata(), [row["loss"] for row in rows])
    np.testing.assert_allclose(plotted["validation"].get_ydata(), [row["val_loss"] for row in rows])
    assert rate.get_yscale() == "log"
    assert png(tmp_path / "curves.png").std() > 0.05


def test_curves_of_one_epoch_without_validation(tmp_path, drawn):
    figures.curves_figure([{"loss": 1.0, "val_loss": "", "accuracy": None}], tmp_path / "curves.png")
    assert len(drawn[0].axes) == 1
    assert drawn[0].axes[0].get_title("left") == "1 epoch, best: epoch 1"


def test_curves_of_another_metric_and_a_given_best(tmp_path, drawn):
    rows = [{"loss": 1.0, "val_loss": 1.0, "auc": 0.5, "val_auc": 0.5 + i / 10} for i in range(4)]
    figures.curves_figure(rows, tmp_path / "curves.png", metric="auc", best_epoch=4)
    assert [text.get_text() for text in drawn[0].axes[1].texts] == ["0.800"]


@pytest.mark.parametrize("rows", [[], [{"accuracy": 1.0}], [{"loss": float("nan")}]])
def test_curves_without_a_loss_are_refused(tmp_path, rows):
    with pytest.raises(DataError, match="without a loss"):
        figures.curves_figure(rows, tmp_path / "curves.png")


@pytest.mark.parametrize("scale", ["htk", "slaney", "tfio"])
def test_mel_ticks_lie_on_the_band_of_their_frequency(scale):
    import librosa

    spec = MelSpec(16000, 512, 160, 64, 30, 8000, scale=scale)
    centres = librosa.mel_frequencies(66, fmin=30, fmax=8000, htk=scale != "slaney")[1:-1]
    ticks, names = drawing.mel_ticks(spec)
    hertz = [float(name.replace("k", "000")) for name in names]
    assert {1000.0, 2000.0, 4000.0} <= set(hertz)
    for tick, frequency in zip(ticks, hertz, strict=True):
        low, high = int(np.floor(tick)), int(np.ceil(tick))
        assert centres[max(low, 0)] * 0.999 <= frequency or low < 0
        assert high >= 64 or frequency <= centres[high] * 1.001


@pytest.mark.parametrize(("count", "shape"), [(1, (1, 1)), (3, (2, 2)), (7, (3, 3))])
def test_spectrograms_have_seconds_and_hertz(tmp_path, drawn, count, shape):
    pictures = [np.linspace(-100, -10, 200 * 64, dtype=np.float32).reshape(200, 64)] * count
    figures.spectrogram_figure(pictures, [f"clip {i} $" for i in range(count)], SPEC, tmp_path / "s.png")
    *grid, bar = drawn[0].axes
    assert len(grid) == shape[0] * shape[1]
    assert sum(axes.axison for axes in grid) == count
    assert grid[0].get_xlim() == (0, 2)
    assert grid[0].get_title("left") == "clip 0 $"
    assert "1k" in [text.get_text() for text in grid[0].get_yticklabels()]
    assert not overlap(grid[0].get_yticklabels())
    assert bar.get_ylabel() == "dB relative to full scale"
    image = grid[0].images[0]
    assert image.get_clim() == (-90, -10)
    assert image.get_array().shape == (64, 200)


@pytest.mark.parametrize("power", [1.0, 2.0])
def test_linear_spectrograms_are_shown_in_db(tmp_path, drawn, power):
    spec = MelSpec(16000, 512, 160, 64, 0, 8000, power=power, log="none")
    picture = np.full((50, 64), 4.0, np.float32)
    picture[10] = 4.0 * 0.1**power
    figures.spectrogram_figure([picture, np.zeros_like(picture)], ["a", "silence"], spec, tmp_path / "s.png")
    shown = drawn[0].axes[0].images[0].get_array()
    np.testing.assert_allclose([shown[0, 0], shown[0, 10]], [0, -20], atol=1e-4)


@pytest.mark.parametrize(
    ("pictures", "titles"), [([], []), ([np.zeros((5, 64))], ["a", "b"]), ([np.zeros((5, 63))], ["a"])]
)
def test_spectrograms_that_do_not_fit_are_refused(tmp_path, pictures, titles):
    with pytest.raises(DataError, match="expected"):
        figures.spectrogram_figure(pictures, titles, SPEC, tmp_path / "s.png")


def test_no_pyplot(tmp_path):
    import subprocess

    code = (
        "import sys, numpy as np\n"
        "from pathlib import Path\n"
        "from fstmuse.tasks import figures\n"
        "assert 'matplotlib' not in sys.modules\n"
        "figures.confusion_figure(np.eye(2), ['a', 'b'], Path(sys.argv[1]))\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "c.png")], check=True, timeout=120)
