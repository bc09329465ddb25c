"""Figures of merit against scikit-learn, against hand counts, and the interval against its promise."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest

from fstmuse.errors import DataError
from fstmuse.tasks.metrics import bootstrap_interval, classification_metrics

LABELS = ("Folk", "Hip-Hop", "Rock")


def test_by_hand():
    found = classification_metrics(np.array([0, 0, 0, 0, 1, 1, 2, 2]), np.array([0, 0, 0, 1, 1, 2, 2, 0]), LABELS)
    assert found.n == 8
    assert found.accuracy == 5 / 8
    assert found.majority == 0.5
    assert found.balanced_accuracy == pytest.approx((3 / 4 + 1 / 2 + 1 / 2) / 3)
    assert found.confusion.tolist() == [[3, 1, 0], [0, 1, 1], [1, 0, 1]]
    folk = found.per_class[0]
    assert (folk.precision, folk.recall, folk.f1, folk.support, folk.predicted) == (0.75, 0.75, 0.75, 4, 4)
    assert found.macro_f1 == pytest.approx((0.75 + 0.5 + 0.5) / 3)


def test_equals_scikit_learn_where_every_label_occurs():
    from sklearn import metrics

    rng = np.random.default_rng(1)
    labels = tuple("abcdefgh")
    truth = np.r_[np.arange(8), rng.integers(0, 8, 300)]
    predicted = np.where(rng.random(308) < 0.6, truth, rng.integers(0, 8, 308))
    found = classification_metrics(truth, predicted, labels)
    assert found.accuracy == pytest.approx(metrics.accuracy_score(truth, predicted))
    assert found.macro_f1 == pytest.approx(metrics.f1_score(truth, predicted, average="macro"))
    assert found.balanced_accuracy == pytest.approx(metrics.balanced_accuracy_score(truth, predicted))
    np.testing.assert_array_equal(found.confusion, metrics.confusion_matrix(truth, predicted))
    report = metrics.classification_report(truth, predicted, target_names=labels, output_dict=True)
    for score in found.per_class:
        theirs = report[score.label]
        assert (score.precision, score.recall, score.f1) == pytest.approx(
            (theirs["precision"], theirs["recall"], theirs["f1-score"])
        )
        assert score.support == theirs["support"]
    assert found.notes == ()


def test_labels_absent_from_truth_are_left_out_of_means_and_named():
    truth, predicted = np.array([0] * 20 + [1] * 20), np.array([0] * 18 + [2] * 2 + [1] * 20)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = classification_metrics(truth, predicted, (*LABELS, "Pop"))
    folk, hip_hop, rock, pop = found.per_class
    assert folk.recall == 0.9
    assert (rock.precision, rock.recall, rock.f1, rock.support, rock.predicted) == (0.0, None, None, 0, 2)
    assert (pop.precision, pop.recall, pop.f1, pop.predicted) == (None, None, None, 0)
    assert found.balanced_accuracy == pytest.approx((0.9 + 1) / 2)
    assert found.macro_f1 == pytest.approx((folk.f1 + hip_hop.f1) / 2)
    assert found.confusion.shape == (4, 4)
    assert len(found.notes) == 1
    assert "No clip truly has Rock, Pop" in found.notes[0]
    assert "2 of 4 labels" in found.notes[0]


def test_a_label_never_predicted_has_no_precision_and_f1_of_zero():
    found = classification_metrics(np.array([0, 0, 1, 2] * 10), np.array([0, 0, 1, 1] * 10), LABELS)
    rock = found.per_class[2]
    assert (rock.precision, rock.recall, rock.f1) == (None, 0.0, 0.0)
    assert "No clip was given Rock" in found.notes[0]
    assert found.macro_f1 == pytest.approx((1 + 2 / 3 + 0) / 3)


def test_interval_equals_resampling_clip_by_clip():
    right, n = 43, 60
    flags = np.arange(n) < right
    rng = np.random.default_rng(5)
    resampled = flags[rng.integers(0, n, (10_000, n))].mean(axis=1)
    expected = np.quantile(resampled, [0.025, 0.975])
    # Both are quantiles of 10,000 draws on a grid of 1 / n.
    np.testing.assert_allclose(bootstrap_interval(right, n), expected, atol=1.01 / n)


def test_interval_covers_the_true_accuracy_about_19_times_in_20():
    rng = np.random.default_rng(7)
    covered = []
    for trial in range(400):
        low, high = bootstrap_interval(int(rng.binomial(200, 0.8)), 200, resamples=1000, seed=trial)
        covered.append(low <= 0.8 <= high)
    assert 0.91 < np.mean(covered) < 0.985


def test_interval_depends_on_the_seed_alone():
    truth, predicted = np.arange(50) % 3, np.arange(50) % 4 % 3
    first = classification_metrics(truth, predicted, LABELS, seed=3)
    shuffled = np.random.default_rng(0).permutation(50)
    again = classification_metrics(truth[shuffled], predicted[shuffled], LABELS, seed=3)
    assert first.accuracy_interval == again.accuracy_interval
    assert first.resamples == 10_000
    low, high = first.accuracy_interval
    assert low < first.accuracy < high


@pytest.mark.parametrize(("wrong", "bound"), [(0, "at least 0.741"), (1, "at most 0.259")])
def test_an_interval_without_width_is_explained(wrong, bound):
    truth = np.arange(10) % 3
    found = classification_metrics(truth, (truth + wrong) % 3, LABELS)
    assert found.accuracy_interval == (1.0 - wrong, 1.0 - wrong)
    assert bound in found.notes[-1]


def test_few_clips_are_mentioned():
    truth = np.arange(12) % 3
    found = classification_metrics(truth, np.r_[truth[:-1], 0], LABELS)
    assert "Only 12 clips" in found.notes[-1]


def test_as_dict_is_strict_json():
    found = classification_metrics(np.array([0, 1, 1]), np.array([0, 1, 0]), LABELS)
    fields = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert fields["per_class"][2]["recall"] is None
    assert fields["confusion"] == [[1, 0, 0], [1, 1, 0], [0, 0, 0]]
    assert fields["accuracy"] == pytest.approx(2 / 3)
    assert fields["labels"] == list(LABELS)


@pytest.mark.parametrize(
    ("truth", "predicted", "match"),
    [
        ([], [], "at least one"),
        ([0, 1], [0], "2 true and 1 predicted"),
        ([0, 3], [0, 1], "truth from 0 to 3"),
        ([0, 1], [-1, 1], "predicted from -1 to 1"),
        ([0.0, 1.0], [0, 1], "whole numbers"),
        ([[0, 1]], [[0, 1]], "expected \\(clips,\\)"),
    ],
)
def test_impossible_labels_are_refused(truth, predicted, match):
    with pytest.raises(DataError, match=match):
        classification_metrics(np.array(truth), np.array(predicted), LABELS)
