"""Music from noise is measured beside real music, bands out of order and noise."""

from __future__ import annotations

import csv
import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fstmuse.artifacts.card import read_card, verify
from fstmuse.artifacts.figures_table import figures_table
from fstmuse.data.clip import Clip
from fstmuse.data.manifest import Manifest
from fstmuse.errors import ArtifactError, ConfigError, DataError, ManifestError
from fstmuse.inference import generate_windows
from fstmuse.inference.generate_evaluation import GenerateEvaluation, evaluate_generate
from fstmuse.inference.generate_evaluation_files import write_generate_evaluation
from fstmuse.inference.generate_hearing import Heard, Hearer, hear_windows
from fstmuse.inference.generate_settings import HELD, WAYS
from fstmuse.inference.generate_windows import Windows, gather, read_music, window_frames
from fstmuse.inference.generate_words import verdicts
from fstmuse.inference.likelihood_evaluation import (
    BANDS,
    FRAME_BEFORE,
    evaluate_likelihood,
    write_likelihood_evaluation,
)
from tests.artifact_fixtures import tone_artifact
from tests.generate_fixtures import BOUND_S, CREATOR_MEL, LABELS, RATE, bound_creator, small_creator, small_turns

__all__ = ["bound_creator", "small_creator", "small_turns", "tone_artifact"]

SECONDS = 3.0


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> tuple[Manifest, Path]:
    """Six clips of each label to learn from, six to measure on: tones that begin anew in each half second."""
    root = tmp_path_factory.mktemp("music")
    rng = np.random.default_rng(0)
    times = np.arange(RATE // 2) / RATE
    clips = []
    for number in range(36):
        tones = rng.uniform(100, 3000, (6, 3)) * (1 + number % 3) / 3
        notes = [sum(np.sin(2 * np.pi * hertz * times) for hertz in chord) * np.exp(-4 * times) for chord in tones]
        sound = 0.1 * np.concatenate(notes) + 0.001 * rng.normal(size=6 * len(times))
        soundfile.write(root / f"{number}.wav", sound, RATE)
        split = "train" if number < 18 else "test"
        clips.append(Clip(f"c{number:02}", f"{number}.wav", labels=(LABELS[number % 3],), split=split))
    clips.append(Clip("lost", "lost.wav", labels=("Rock",), split="test"))
    return Manifest("tunes", tuple(clips)), root


@pytest.fixture(scope="module")
def evaluation(small_creator: Path, tone_artifact: Path, music: tuple[Manifest, Path]) -> GenerateEvaluation:
    shares: list[float] = []
    found = evaluate_generate(
        small_creator, *music, "test", shares.append, seconds=SECONDS, classifier=tone_artifact, count=24
    )
    assert shares == sorted(shares) and shares[0] > 0 and shares[-1] == pytest.approx(1)
    return found


def test_what_is_told(evaluation: GenerateEvaluation) -> None:
    told = evaluation.as_dict()
    assert (told["n"], told["windows"], told["skipped"], told["training_clips"]) == (len(evaluation.clips), 24, 1, 18)
    statistics, features = told["frechet"]
    assert (statistics["dimensions"], statistics["n"], features["dimensions"], features["n"]) == (80, 24, 24, 24)
    for distance in (statistics, features):
        assert 0 < distance["real"] < distance["bands shuffled"]
        assert distance["real"] < distance["drawn"]  # of an untrained network
        span = distance["bands shuffled"] - distance["real"]
        assert distance["share_of_way"] == pytest.approx((distance["drawn"] - distance["real"]) / span)
    assert told["different_bins"]["bins"] == 18 and told["different_bins"]["learnt_from"] == 90
    assert told["different_bins"]["drawn"] > told["different_bins"]["real"]
    assert set(told["diversity"]) == set(told["nearest"]) == set(WAYS)
    assert told["recognised"] is None
    words = " ".join(told["verdicts"])
    assert f"By log-mel statistics (80 numbers; 24 windows of {63 * 128 / RATE:.2f} s each)" in words
    assert "not nearer than the goal of 25%" in words and "No sign of memorisation" in words
    assert "tones does not know Folk, R&B/Soul, Rock: its features alone are compared" in words
    json.dumps(told)


def test_networks_that_draw_in_turn(small_turns: Path, music: tuple[Manifest, Path], tmp_path: Path) -> None:
    """Their likelihood is measured, too, and windows are drawn many at once, those of `generate --seed`."""
    from fstmuse.inference.session import Session

    found = evaluate_generate(small_turns, *music, "test", seconds=SECONDS, count=16, temperature=0.8)
    told = found.as_dict()
    assert told["temperature"] == 0.8 and figures_table(told).title.endswith("drawn at temperature 0.8")
    alone = evaluate_likelihood(small_turns, *music, "test", seconds=SECONDS)
    assert told["likelihood"] == alone.likelihood.as_dict() and told["n"] <= alone.as_dict()["n"] == 18
    # An untrained network knows less than what each band's mean and deviation tell.
    beside = told["likelihood"]["beside"]
    assert told["likelihood"]["nll"] > beside[BANDS]["nll"] > beside[FRAME_BEFORE]["nll"]
    assert told["verdicts"][0].startswith(f"NLL of unseen music {told['likelihood']['nll']:.3f} nats per element")
    frames, label = found.windows.held.shape[1], LABELS[found.windows.labels[5]]
    made = Session(small_turns).generate(frames * 128 / RATE, label, 5, temperature=0.8).picture.values
    np.testing.assert_allclose(found.windows.ways["drawn"][5], made, atol=1e-3)
    write_likelihood_evaluation(alone, tmp_path)
    assert json.loads((tmp_path / "metrics.json").read_text("utf-8"))["protocol"] == alone.protocol


def test_drawn_windows_are_those_of_the_seeds(evaluation: GenerateEvaluation, small_creator: Path) -> None:
    from fstmuse.inference.session import Session

    windows = evaluation.windows
    assert min(np.bincount(windows.labels)) >= 5
    label = LABELS[windows.labels[5]]
    made = Session(small_creator).generate(63 * 128 / RATE, label, 5).picture.values
    np.testing.assert_allclose(windows.ways["drawn"][5], made, atol=1e-4)
    for example, label in zip((one for one, _ in windows.places), windows.labels, strict=True):
        assert evaluation.music.held_clips[example].labels == (LABELS[label],)


def test_files(evaluation: GenerateEvaluation, small_creator: Path, tmp_path: Path) -> None:
    write_generate_evaluation(evaluation, tmp_path / "out")
    with (tmp_path / "out" / "windows.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    drawn, real = (
        [row for row in rows if row["way"] == "drawn"],
        [row for row in rows if row["way"] == "real"],
    )
    assert [row["seed"] for row in drawn] == [str(number) for number in range(24)]
    assert len(real) == 24 and {row["clip_id"] for row in real} == set(evaluation.clips)
    for row in rows:
        assert row["nearest_clip_id"] in {clip.clip_id for clip in evaluation.music.train_clips}
        assert 0 <= float(row["nearest_start_s"]) <= 2 and float(row["distance"]) > 0
    with (tmp_path / "out" / "bins.csv").open(encoding="utf-8", newline="") as file:
        bins = list(csv.DictReader(file))
    assert len(bins) == 18 and sum(int(row["noise"]) for row in bins) == 24
    assert json.loads((tmp_path / "out" / "metrics.json").read_text("utf-8")) == evaluation.as_dict()
    assert "lost.wav" in (tmp_path / "out" / "skipped.csv").read_text("utf-8")
    assert (tmp_path / "out" / "beside.png").stat().st_size > 50_000
    verify(read_card(small_creator), small_creator)


def test_what_was_learnt_by_heart_is_found(
    small_creator: Path, music: tuple[Manifest, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def parrot(creator, mel, frames, labels, temperature, progress) -> np.ndarray:
        assert frames == 63
        files = [Path(music[1]) / f"{number}.wav" for number in range(len(labels))]
        sounds = [0.5 * soundfile.read(file, dtype="float32")[0][3000:] for file in files]
        return np.stack([generate_windows.LogMel(mel)(sound)[:frames] for sound in sounds])

    monkeypatch.setattr(generate_windows, "_drawn", parrot)
    told = evaluate_generate(small_creator, *music, "test", seconds=SECONDS, count=16).as_dict()
    assert told["copies"]["found"] and told["copies"]["drawn"] == 1
    assert any(word.startswith("Learnt by heart: 100.0% of the drawn windows") for word in told["verdicts"])
    assert any("--classifier NAME" in word for word in told["verdicts"])


def test_a_network_of_one_length_without_labels(
    bound_creator: Path, tone_artifact: Path, music: tuple[Manifest, Path]
) -> None:
    told = evaluate_generate(
        bound_creator, *music, "test", seconds=SECONDS, classifier=tone_artifact, count=16
    ).as_dict()
    assert told["frames"] == 30 and told["seconds"] == pytest.approx(BOUND_S)
    # What it draws is shorter than what the classifier hears at a time.
    assert told["frechet"][1]["n"] == 16 and told["recognised"] is None
    assert not any("does not know" in word for word in told["verdicts"])


def test_sounds_are_recognised_by_their_labels() -> None:
    class Ear:
        card = read_like(("Rock", "Folk", "Jazz", "R&B/Soul"))

        def __call__(self, pictures: np.ndarray, mel: object, progress: object) -> Heard:
            """Says Folk to all that is above 0, else Rock."""
            return Heard(pictures[:, :, 0], tuple("Folk" if one.mean() > 0 else "Rock" for one in pictures))

    labels = np.array([0, 0, 0, 2])
    loud, soft = np.ones((4, 2, 1)), -np.ones((4, 2, 1))
    windows = Windows(soft, (), labels, dict.fromkeys(WAYS, loud))
    features, recognised = hear_windows(Ear(), windows, read_like(LABELS))
    assert set(features) == {*WAYS, HELD} and features[HELD].shape == (4, 2)
    told = recognised.as_dict()
    assert told["n"] == 4 and told["drawn"]["share"] == 0.75
    # Real ones are those that were not learnt from; Wilson's interval of 1 of 4.
    assert told["real"]["share"] == 0.25 and told["real"]["interval"] == pytest.approx([0.0456, 0.6994], abs=1e-3)
    Ear.card = read_like(("Rock", "Folk"))
    assert hear_windows(Ear(), windows, read_like(LABELS))[1] is None


def read_like(labels: tuple[str, ...]):
    from fstmuse.artifacts.card import Card
    from fstmuse.spec import AudioSpec

    return Card("x", "x", "generate", labels, AudioSpec(RATE, 1.0), CREATOR_MEL, 1.0)


def test_what_cannot_be_measured(small_creator: Path, tone_artifact: Path, music: tuple[Manifest, Path]) -> None:
    manifest, root = music
    with pytest.raises(ConfigError, match="--split train; expected test or valid"):
        evaluate_generate(small_creator, manifest, root, "train", seconds=SECONDS)
    for count in (3, 5000):
        with pytest.raises(ConfigError, match=f"--count {count}; expected 16 windows or more.* at most 4096"):
            evaluate_generate(small_creator, manifest, root, "test", seconds=SECONDS, count=count)
    with pytest.raises(ArtifactError, match="was trained to classify; expected an artifact that makes music"):
        evaluate_generate(tone_artifact, manifest, root, "test", seconds=SECONDS)
    with pytest.raises(ArtifactError, match="was trained to generate; expected an artifact that classifies"):
        Hearer(small_creator)
    card = read_like(LABELS)
    few = Manifest("few", tuple(clip for clip in manifest.clips if clip.clip_id <= "c18"))
    found = read_music(card, few, root, "test", SECONDS, labels=LABELS)
    with pytest.raises(DataError, match=r"There are 5 windows of 1\.01 s; expected 16"):
        gather(found, None, CREATOR_MEL, 63, 20)
    unlearnt = Manifest("unlearnt", tuple(clip for clip in manifest.clips if clip.split == "test"))
    with pytest.raises(ManifestError, match="no clip of the split train is there"):
        read_music(card, unlearnt, root, "test", SECONDS, labels=LABELS)


def test_long_windows_are_taken_where_half_of_the_clips_are_as_long(music: tuple[Manifest, Path]) -> None:
    found = read_music(read_like(LABELS), *music, "test", SECONDS, labels=LABELS)
    assert int(found.held.lengths[0]) == 184  # of 188, less those that reach beyond the sound
    assert [window_frames(found, wanted) for wanted in (184, 185, 30)] == [184, 63, 30]
    # As many as were learnt from may be long, but none of those to compare with.
    short = dataclasses.replace(found, held=dataclasses.replace(found.held, lengths=found.held.lengths[:5] - 1))
    assert window_frames(short, 184) == 63


def test_clips_to_choose_by_that_are_gone_are_told(music: tuple[Manifest, Path]) -> None:
    moved = {"test": "valid"}
    clips = [dataclasses.replace(clip, split=moved.get(clip.split, clip.split)) for clip in music[0].clips]
    found = read_music(read_like(LABELS), Manifest("tunes", tuple(clips)), music[1], "valid", SECONDS, labels=LABELS)
    assert found.skipped == (("lost", "lost.wav", "no such file"),)
    assert len(found.held_clips) == 18


def test_a_training_set_of_one_group_has_its_clips_for_pieces(music: tuple[Manifest, Path]) -> None:
    found = read_music(read_like(LABELS), *music, "test", SECONDS, labels=LABELS)

    def pieces(*groups: str) -> list[str]:
        clips = [dataclasses.replace(clip, group=groups[n % len(groups)]) for n, clip in enumerate(found.train_clips)]
        return dataclasses.replace(found, train_clips=tuple(clips)).pieces

    assert pieces("she", "he") == ["she", "he"] * 9
    assert pieces("she") == pieces("") == [clip.clip_id for clip in found.train_clips]


@pytest.mark.parametrize(("share", "side"), [(0.08, "nearer than the goal"), (0.3, "not nearer than the goal")])
def test_near_is_not_said_to_be_music(evaluation: GenerateEvaluation, share: float, side: str) -> None:
    told = evaluation.as_dict()
    ways = [one | {"share_of_way": share} for one in told["frechet"]]
    words = " ".join(verdicts(told | {"frechet": ways}, evaluation.card, None))
    assert f"shuffled bands, {side}" in words and ("only ears can tell" in words) == (share < 0.25)
    nothing = [one | {"share_of_way": None} for one in told["frechet"]]
    assert "nothing said" in verdicts(told | {"frechet": nothing}, evaluation.card, None)[0]


def test_of_one_piece_nothing_is_said_of_memorisation(evaluation: GenerateEvaluation) -> None:
    told = evaluation.as_dict()
    assert told["training_pieces"] == 18
    words = " ".join(verdicts(told | {"training_pieces": 1}, evaluation.card, None))
    assert "cannot be told: all training music is one piece" in words and "No sign" not in words


def test_many_copies_that_chance_may_explain_are_no_good_sign(evaluation: GenerateEvaluation) -> None:
    told = evaluation.as_dict()
    copies = told["copies"] | {"drawn": 0.31, "real": 0.03, "found": False}
    words = " ".join(verdicts(told | {"copies": copies}, evaluation.card, None))
    assert "Memorisation cannot be ruled out: 31.0%" in words and "No sign" not in words
