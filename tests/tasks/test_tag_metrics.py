"""Figures of taggers: those of scikit-learn, tags that rank nothing left out, intervals over clips."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from fstmuse.data.clip import Clip
from fstmuse.errors import DataError
from fstmuse.tasks import tag, tag_metrics
from fstmuse.tasks.tag_figure import tags_figure
from fstmuse.tasks.tag_metrics import tag_metrics as measured

TAGS = ("common", "never", "rare", "always")


def answers(clips: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """True tags, and probabilities that lean to them, with many ties."""
    rng = np.random.default_rng(0)
    truth = rng.random((clips, len(TAGS))) < [0.5, 0.0, 0.1, 1.0]
    return truth, np.round(rng.random(truth.shape) * 0.7 + 0.3 * truth, 1)


def test_figures_are_those_of_scikit_learn() -> None:
    truth, given = answers()
    found = measured(truth, given, TAGS, resamples=200)
    assert found.left_out == ("never", "always") and "never, always" in found.notes[0]
    for number in (0, 2):
        score = found.per_tag[number]
        assert score.support == truth[:, number].sum()
        assert score.roc_auc == pytest.approx(roc_auc_score(truth[:, number], given[:, number]))
        assert score.average_precision == pytest.approx(average_precision_score(truth[:, number], given[:, number]))
    assert found.roc_auc == pytest.approx(roc_auc_score(truth[:, [0, 2]], given[:, [0, 2]], average="macro"))
    assert found.per_tag[1].roc_auc is None and found.per_tag[3].average_precision is None
    assert found.chance == pytest.approx(truth[:, [0, 2]].mean())
    assert found.roc_auc_interval[0] < found.roc_auc < found.roc_auc_interval[1]
    assert any("fewer than 10 clips" in note for note in found.notes) == (truth[:, 2].sum() < 10)


def test_the_interval_is_that_of_clips_drawn_again() -> None:
    truth, given = answers(40)
    found = measured(truth[:, [0, 2]], given[:, [0, 2]], ("a", "b"), resamples=150, seed=3)
    rng, means = np.random.default_rng(3), []
    for _ in range(150):
        drawn = rng.integers(40, size=40)
        tags = [tag for tag in (0, 2) if 0 < truth[drawn, tag].sum() < 40]
        means.append(np.mean([roc_auc_score(truth[drawn, tag], given[drawn, tag]) for tag in tags]))
    assert found.roc_auc_interval == pytest.approx(np.quantile(means, [0.025, 0.975]))
    assert tag_metrics._AT_ONCE < 150  # so that resamples are ranked in parts


@pytest.mark.parametrize(
    ("truth", "given"),
    [(np.zeros((0, 2)), np.zeros((0, 2))), (np.ones((3, 2)), np.ones((2, 2))), (np.ones((3, 1)), np.ones((3, 1)))],
)
def test_impossible_answers_are_refused(truth: np.ndarray, given: np.ndarray) -> None:
    with pytest.raises(DataError, match=r"expected both \(clips, 2\)"):
        measured(truth, given, ("a", "b"))


def test_tags_that_rank_nothing_are_refused() -> None:
    with pytest.raises(DataError, match="None of 2 tags is on some of 3 clips"):
        measured(np.ones((3, 2)), np.ones((3, 2)), ("a", "b"))


def test_the_figure_has_a_bar_for_each_ranked_tag(tmp_path: Path) -> None:
    truth, given = answers()
    path = tags_figure(measured(truth, given, TAGS, resamples=10), tmp_path / "tags.png", "a $title")
    assert path.read_bytes().startswith(b"\x89PNG")


def test_clips_have_any_number_of_tags() -> None:
    clips = [Clip("a", "a", labels=("x", "z")), Clip("b", "b"), Clip("c", "c", labels=("y", "x"))]
    found = tag.multi_hot(clips, ("x", "y"))
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, [[1, 0], [0, 0], [1, 1]])


def test_training_ranks_by_the_tags_of_the_validation_clips() -> None:
    truth, given = answers()
    (metric,) = tag.metrics(truth.astype(np.float32))
    metric.update_state(truth.astype(np.float32), given.astype(np.float32))
    expected = roc_auc_score(truth[:, [0, 2]], given[:, [0, 2]], average="macro")
    assert float(metric.result()) == pytest.approx(expected, abs=0.01)
