"""Evaluation: what is counted, what is left out and said so, and the files that are written."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fstmuse.data.manifest import Clip, Manifest
from fstmuse.errors import DataError, ManifestError
from fstmuse.inference.evaluation import check_labels, evaluate_clips, write_evaluation
from tests.artifact_fixtures import TONE_RATE, tone, write_tone


@pytest.fixture(scope="module")
def session(tone_artifact: Path):
    from fstmuse.inference.session import Session

    return Session(tone_artifact)


def make_clips(root: Path) -> list[Clip]:
    """Eight clips: three of one file, two more right, one wrong, two that cannot be heard; one known to be bad."""
    soundfile.write(root / "three.wav", np.concatenate([tone(name, 2) for name in ("Low", "Middle", "High")]), 8000)
    write_tone(root / "low.wav", "Low", 1.7)
    write_tone(root / "high é.wav", "High", 0.6)
    soundfile.write(root / "silent.wav", np.zeros(9000), TONE_RATE)
    return [
        Clip("a", "three.wav", 0.0, 2.0, ("Low",), "test"),
        Clip("b", "three.wav", 2.0, 2.0, ("Middle",), "test"),
        Clip("c", "three.wav", 4.0, None, ("High",), "test"),
        Clip("d", "low.wav", labels=("Low",), split="test"),
        Clip("e", "high é.wav", labels=("High",), split="test"),
        Clip("f", "low.wav", 0.5, 1.0, labels=("High",), split="test"),
        Clip("g", "silent.wav", labels=("Middle",), split="test"),
        Clip("h", "lost.wav", labels=("Low",), split="test"),
        Clip("i", "bad.wav", labels=("Low",), split="test", status="bad", reason="no audio"),
        Clip("j", "also_bad.wav", labels=("Low",), split="train", status="bad"),
        Clip("k", "never_read.wav", labels=("Reggae",), split="train"),
    ]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_clips_are_heard_and_counted(session, tmp_path: Path) -> None:
    manifest = Manifest("tones", tuple(make_clips(tmp_path)))
    shares: list[float] = []
    found = evaluate_clips(session, manifest, tmp_path, "test", shares.append)
    assert [(row.clip.clip_id, row.predicted, row.right) for row in found.clips] == [
        ("a", "Low", True),
        ("b", "Middle", True),
        ("c", "High", True),
        ("d", "Low", True),
        ("e", "High", True),
        ("f", "Low", False),
    ]
    assert [(row.clip.clip_id, row.known_bad) for row in found.skipped] == [("g", False), ("h", False)]
    assert "silent from beginning to end" in found.skipped[0].reason and "no such file" in found.skipped[1].reason
    assert [(row.clip.clip_id, row.reason) for row in found.known_bad] == [("i", "no audio")]
    assert (found.metrics.n, found.metrics.accuracy) == (6, 5 / 6)
    assert found.accuracy_with_skipped == 5 / 8
    assert shares == [number / 8 for number in range(1, 9)]
    assert [row.clip.clip_id for row in found.worst] == ["f"]
    assert len(found.best) == 5 and [row.confidence for row in found.best] == sorted(
        (row.confidence for row in found.best), reverse=True
    )
    assert any("2 of 8 clips could not be heard" in note and "0.625" in note for note in found.notes)


def test_written_files_agree_with_each_other(session, tmp_path: Path) -> None:
    manifest = Manifest("tones", tuple(make_clips(tmp_path)))
    out = tmp_path / "new" / "evaluation"
    found = evaluate_clips(session, manifest, tmp_path, "test")
    write_evaluation(found, out)
    metrics = json.loads((out / "metrics.json").read_text("utf-8"))
    assert metrics == json.loads(json.dumps(found.as_dict()))
    assert metrics["manifest_hash"] == manifest.hash and metrics["split"] == "test"
    assert metrics["network_sha256"] == session.card.checksums["network.keras"]
    assert (metrics["n"], metrics["skipped"], metrics["known_bad"]) == (6, 2, 1)
    for words in ("windows of 1 s (8,000 samples at 8,000 Hz", "left out of n", "95 % percentile bootstrap over clips"):
        assert words in metrics["protocol"]
    assert metrics["bootstrap"]["resamples"] == 10_000
    low, high = metrics["accuracy_interval"]
    assert low < metrics["accuracy"] < high

    predictions = rows(out / "predictions.csv")
    assert list(predictions[0]) == ["clip_id", "path", "truth", "predicted", "correct", "p_High", "p_Low", "p_Middle"]
    assert np.mean([int(row["correct"]) for row in predictions]) == pytest.approx(metrics["accuracy"])
    for row in predictions:
        shares = {label: float(row[f"p_{label}"]) for label in ("High", "Low", "Middle")}
        assert max(shares, key=shares.get) == row["predicted"]
        assert sum(shares.values()) == pytest.approx(1, abs=1e-5)
    confusion = rows(out / "confusion.csv")
    for row, counts in zip(confusion, metrics["confusion"], strict=True):
        true = [found for found in predictions if found["truth"] == row["truth \\ predicted"]]
        expected = [sum(found["predicted"] == label for found in true) for label in ("High", "Low", "Middle")]
        assert [int(row[label]) for label in ("High", "Low", "Middle")] == counts == expected
    named = rows(out / "best_worst.csv")
    assert [row["kind"] for row in named] == ["best"] * 5 + ["worst"]
    assert [row["clip_id"] for row in named] == [row["clip_id"] for row in metrics["best"] + metrics["worst"]]
    assert [(row["clip_id"], row["known_bad"]) for row in rows(out / "skipped.csv")] == [
        ("g", "0"),
        ("h", "0"),
        ("i", "1"),
    ]
    assert (out / "confusion.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in out.iterdir()) == sorted(
        ["metrics.json", "predictions.csv", "confusion.csv", "confusion.png", "best_worst.csv", "skipped.csv"]
    )


def test_an_earlier_evaluation_leaves_nothing_behind(session, tmp_path: Path) -> None:
    clips = make_clips(tmp_path)
    out = tmp_path / "out"
    write_evaluation(evaluate_clips(session, Manifest("m", tuple(clips)), tmp_path, "test"), out)
    (out / "mine.txt").write_text("kept")
    write_evaluation(evaluate_clips(session, Manifest("m", tuple(clips[:3])), tmp_path, "test"), out)
    assert rows(out / "skipped.csv") == []
    assert len(rows(out / "predictions.csv")) == 3 and (out / "mine.txt").read_text() == "kept"


def test_the_clip_alone_is_heard_not_its_file(session, tmp_path: Path) -> None:
    sound = np.concatenate([tone("Low", 20), tone("High", 1)])
    soundfile.write(tmp_path / "long.wav", sound, TONE_RATE)
    clips = [Clip("x", "long.wav", 20.0, 1.0, ("High",), "test"), Clip("y", "long.wav", labels=("Low",), split="test")]
    found = evaluate_clips(session, Manifest("m", tuple(clips)), tmp_path, "test", labels=["High", "Low"])
    assert [row.predicted for row in found.clips] == ["High", "Low"]
    np.testing.assert_allclose(found.clips[0].probabilities, session.classify(sound[-8000:]).probabilities, atol=1e-4)


def three() -> list[Clip]:
    labels = ("High", "Low", "Middle")
    return [Clip(label, f"{label}.wav", labels=(label,), split="test") for label in labels]


WRONG_LABELS = {
    "unknown": (
        [*three(), Clip("z", "z.wav", labels=("Reggae",), split="test")],
        None,
        "split test has clips of Reggae, which tones does not know; it knows High, Low, Middle. "
        "--labels High,Low,Middle takes the clips it knows.",
    ),
    "all unknown": (
        [Clip("z", "z.wav", labels=("Lo",), split="test")],
        None,
        "clips of Lo, which tones does not know; it knows High, Low, Middle. Did you mean 'Low'?",
    ),
    "missing": (
        three()[:2],
        None,
        "split test has no usable clip of Middle, which tones knows. Add some, or measure the others alone: "
        "--labels High,Low.",
    ),
    "asked for none": (three(), ["Hihg"], "unknown label 'Hihg'. Did you mean 'High'?"),
    "several": (
        [*three(), Clip("z", "z.wav", labels=("High", "Low"), split="test")],
        None,
        "clip z has the labels High, Low; a network with labels is measured on clips of exactly one",
    ),
    "unlabelled": ([*three(), Clip("z", "z.wav", split="test")], None, "clip z has the labels (none)"),
    "empty split": (
        [Clip("z", "z.wav", labels=("High",), split="train")],
        None,
        "the split test has no usable clip. Splits that have: train.",
    ),
}


@pytest.mark.parametrize("case", WRONG_LABELS)
def test_labels_that_do_not_fit_are_refused(session, tmp_path: Path, case: str) -> None:
    clips, labels, message = WRONG_LABELS[case]
    with pytest.raises(ManifestError) as caught:
        evaluate_clips(session, Manifest("m", tuple(clips)), tmp_path, "test", labels=labels)
    assert message in str(caught.value)


def test_unknown_split(session) -> None:
    with pytest.raises(ManifestError, match=r"Unknown split 'tset'. Did you mean 'test'\?"):
        check_labels(session.card, Manifest("m", tuple(three())), "tset")


def test_some_labels_alone(session, tmp_path: Path) -> None:
    clips = [*make_clips(tmp_path), Clip("z", "z.wav", labels=("Reggae",), split="test")]
    found = evaluate_clips(session, Manifest("m", tuple(clips)), tmp_path, "test", labels=["Low", "High"])
    assert found.labels == ("High", "Low")
    assert {row.truth for row in found.clips} == {"High", "Low"} and found.metrics.n == 5
    assert any("could also answer Middle" in note for note in found.notes)


def test_no_clip_could_be_heard(session, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"None of 3 clips of the split test could be heard; first: .*High\.wav: no su"):
        evaluate_clips(session, Manifest("m", tuple(three())), tmp_path, "test")


def test_figures_of_what_was_learnt_from_say_so(session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import dataclasses

    clips = [dataclasses.replace(clip, split="train") for clip in make_clips(tmp_path)[:5]]
    monkeypatch.setattr(session, "card", dataclasses.replace(session.card, data={"name": "tones"}))
    found = evaluate_clips(session, Manifest("tones", tuple(clips)), tmp_path, "train")
    assert any("trained by the split train of tones" in note for note in found.notes)
    other = evaluate_clips(session, Manifest("other", tuple(clips)), tmp_path, "train")
    assert not any("trained by" in note for note in other.notes)


def test_a_folder_that_cannot_be_written(session, tmp_path: Path) -> None:
    found = evaluate_clips(session, Manifest("m", tuple(make_clips(tmp_path))), tmp_path, "test")
    with pytest.raises(DataError, match=r"low\.wav.*cannot be written .*Choose another place by --out"):
        write_evaluation(found, tmp_path / "low.wav" / "out")
