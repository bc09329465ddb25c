"""A vocoder: the whole way from sound to an artifact, and the sound that it makes."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from fstmuse import evaluate as evaluate_command
from fstmuse import invert as invert_command
from fstmuse.artifacts.card import read_card
from fstmuse.artifacts.exports import check_task, takes
from fstmuse.artifacts.load import load
from fstmuse.artifacts.shelf import look
from fstmuse.data.manifest import read_manifest
from fstmuse.errors import ArtifactError, ConfigError, DataError, ExportError, SpecError
from fstmuse.features.mel import LogMel
from fstmuse.features.picture import MelPicture
from fstmuse.features.presets import REPORT
from fstmuse.inference import vocoder_evaluation
from fstmuse.inference.infill_evaluation import evaluate_infill
from fstmuse.inference.network_vocoder import MOST_SECONDS, NetworkVocoder
from fstmuse.networks import build
from fstmuse.networks.vocoder import vocoder
from fstmuse.run_choice import Choice
from fstmuse.tasks import held_notes
from fstmuse.training.config import TrainConfig, resolve
from tests.training.filling import RATE, chords, trained_in


def settings(csv: Path, **more: Any) -> TrainConfig:
    usual = {"data": str(csv), "epochs": 2, "batch_size": 3, "crops_per_clip": 1, "clip_seconds": 1.0, "workers": 0}
    return resolve("vocoder-report", usual | {"ema": 0.9, "jit_compile": False} | more)


def tiny(patch: pytest.MonkeyPatch) -> None:
    """A hundredth of the work; all else is as it is."""
    patch.setitem(build.VOCODERS, "vocoder-report", functools.partial(vocoder, width=8, blocks=1, rounds=4, turns=1))
    patch.setattr(held_notes, "NOTES", (69,))


@pytest.fixture(scope="module")
def choice(csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Choice:
    with pytest.MonkeyPatch.context() as patch:
        tiny(patch)
        return trained_in(tmp_path_factory.mktemp("home"), settings(csv), "voice")


def test_the_whole_way(choice: Choice) -> None:
    rows = choice.run.history()
    assert [row["epoch"] for row in rows] == [1, 2]
    assert {"loss", "lsd", "val_loss", "val_lsd"} <= set(rows[0])
    card = read_card(choice.artifact)
    assert (card.task, card.labels, card.mel, card.data["train"]) == ("vocode", (), REPORT, 6)
    told = card.metrics["test"]
    assert told == choice.metrics and told["n"] == 2
    assert told["lsd_interval"][0] <= told["lsd"] <= told["lsd_interval"][1]
    beside = told["beside"]["fast Griffin-Lim 32"]
    assert set(told["held_notes"]) == {"vocoder", "fast Griffin-Lim 32", "the original"}
    assert told["held_notes"]["the original"]["std"] < told["held_notes"]["vocoder"]["std"] + 1
    assert min(told["real_time_factor"].values()) > 0
    assert str(look(choice.artifact).score) == (
        f"LSD {told['lsd']:.2f} dB (fast Griffin-Lim 32 {beside['lsd']:.2f} dB), n = 2"
    )
    folder = choice.artifact / "evaluation" / "pieces-test"
    assert json.loads((folder / "metrics.json").read_text("utf-8")) == told
    assert {path.name for path in folder.iterdir()} == {"metrics.json", "clips.csv", "skipped.csv", "sound.png"}
    readme = (choice.artifact / "README.md").read_text("utf-8")
    assert (
        "makes sound of pictures" in readme
        and f"| **vocoder** | {told['lsd']:.2f} | {told['lsd_linear']:.2f}" in readme
    )


def test_the_command_tells_its_figures(
    csv: Path, choice: Choice, tmp_path: Path, run_command: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny(monkeypatch)
    folder = tmp_path / "figures"
    code, out, _ = run_command(evaluate_command, choice.artifact, "--data", csv, "--split", "valid", "--out", folder)
    told = json.loads((folder / "metrics.json").read_text("utf-8"))
    assert code == 0 and "voice on pieces, split valid: 2 clips, made into sound again" in out
    ours = next(line for line in out.splitlines() if line.startswith("vocoder")).split()
    assert ours[1:3] == [f"{told['lsd']:.2f}", f"{told['lsd_linear']:.2f}"]
    with pytest.raises(ArtifactError, match="was trained to vocode"):
        evaluate_infill(choice.artifact, None, csv.parent, "test", seconds=3.0)


def test_clips_too_long_to_be_made_at_once_are_skipped(
    csv: Path, choice: Choice, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny(monkeypatch)
    monkeypatch.setattr(vocoder_evaluation, "MOST_SECONDS", 0.5)
    monkeypatch.setattr(vocoder_evaluation, "wobble", lambda *_: {"std": 0.0, "off": 0.0})
    with pytest.raises(DataError, match=r"None of 2 clips of pieces could be measured: longer than the 0\.5 s"):
        vocoder_evaluation.evaluate_vocoder(choice.artifact, read_manifest(csv), csv.parent, "test", seconds=3.0)


def test_the_saved_model_makes_the_same_sound(choice: Choice) -> None:
    import tensorflow as tf

    network, card = load(choice.artifact)
    picture = LogMel(card.mel)(chords(99))[None, :40]
    serve = tf.saved_model.load(str(choice.artifact / "saved_model")).signatures["serve"]
    result = serve(picture=tf.constant(picture))
    assert int(result["sample_rate"]) == RATE and result["waveform"].shape == (1, 40 * 512)
    np.testing.assert_allclose(result["waveform"], network.predict_on_batch(picture), atol=1e-4)


def test_the_readme_s_pictures_are_those_of_the_house() -> None:
    import librosa

    sound = chords(3)
    bands = librosa.feature.melspectrogram(
        y=sound,
        sr=22050,
        n_fft=1024,
        hop_length=512,
        center=False,
        n_mels=64,
        fmin=0.0,
        fmax=8000.0,
        htk=True,
        norm=None,
    )
    picture = np.maximum(10 * np.log10(np.maximum(bands.T / (1024 / 4) ** 2, 1e-20)), -100.0)
    np.testing.assert_allclose(picture, LogMel(REPORT)(sound)[: len(picture)], atol=0.01)


def test_invert_lets_it_make_the_sound(choice: Choice, tmp_path: Path, run_command: Callable) -> None:
    clip, out = tmp_path / "clip.wav", tmp_path / "out.wav"
    soundfile.write(clip, chords(5)[:30000], RATE)
    code, told, err = run_command(invert_command, clip, "--vocoder", choice.artifact, "--out", out)
    assert (code, err) == (0, "") and f"{out}: 1.36 s at 22050 Hz, off by " in told
    made = soundfile.read(out, dtype="float32")[0]
    network, _ = load(choice.artifact)
    picture = MelPicture(LogMel(REPORT)(soundfile.read(clip, dtype="float32")[0]), REPORT)
    expected = NetworkVocoder(network, REPORT)(picture)[:30000]
    np.testing.assert_allclose(made, expected / max(1, np.abs(expected).max()), atol=2e-3)
    picture.save(tmp_path / "picture.npy")
    assert (
        run_command(
            invert_command, tmp_path / "picture.npy", "--vocoder", choice.artifact, "--out", out, "--overwrite"
        )[0]
        == 0
    )
    assert len(soundfile.read(out)[0]) == picture.samples


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--preset", "hifi"), "n_fft 2048, expected 1024"),
        (("--iterations", 8), "--iterations 8: a vocoder has no use for it"),
        (("--mel", "pinv"), "--mel pinv: a vocoder has no use for it"),
        (("--momentum", 0.5), "--momentum 0.5: a vocoder has no use for it"),
    ],
)
def test_invert_refuses_what_does_not_fit(
    choice: Choice, tmp_path: Path, run_command: Callable, options: tuple, words: str
) -> None:
    soundfile.write(tmp_path / "clip.wav", chords(5)[:30000], RATE)
    out = tmp_path / "out.wav"
    code, _, err = run_command(
        invert_command, tmp_path / "clip.wav", "--vocoder", choice.artifact, "--out", out, *options
    )
    assert code == 2 and words in " ".join(err.split()) and not out.exists()


def test_what_is_no_picture_of_its_kind_is_refused(choice: Choice) -> None:
    network, card = load(choice.artifact)
    make = NetworkVocoder(network, card.mel)
    with pytest.raises(SpecError, match="expected a MelPicture"):
        make(np.zeros((10, 64), np.float32))
    with pytest.raises(ConfigError, match="at most 10 min"):
        make(MelPicture(np.zeros((round(MOST_SECONDS * RATE / 512) + 1, 64), np.float32), REPORT))


def test_forms_and_settings_that_it_has_not(csv: Path, choice: Choice) -> None:
    card = read_card(choice.artifact)
    assert "any number of frames -> sound at 22050 Hz" in takes(card)
    with pytest.raises(ExportError, match="which gives sound"):
        check_task(card, "onnx")
    with pytest.raises(ConfigError, match="vocoder-report has no use for it"):
        settings(csv, gap_most=20)
    assert settings(csv, gain_db=3.0).gain_db == 3.0
