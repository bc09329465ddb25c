"""What a network that fills gaps learns from, and settings that it has no use for."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fstmuse.errors import ConfigError, ManifestError
from fstmuse.features.mel import LogMel
from fstmuse.features.pitch import ShiftedLogMel
from fstmuse.features.presets import REPORT
from fstmuse.lesson import prepare_cache, prepare_shifted, read_lesson
from fstmuse.networks.catalogue import find
from fstmuse.tasks import infill
from fstmuse.training.config import resolve
from fstmuse.watch import Watch
from tests.training.filling import RATE, chords, make_pieces, settings


@pytest.mark.parametrize("nested", [False, True])
def test_any_folder_of_music_will_do(tmp_path: Path, nested: bool) -> None:
    root = tmp_path / "music"
    for number in range(6):
        folder = root / f"artist {number // 2}" / "album" if nested else root
        folder.mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / f"{number}.wav", chords(number, 2.5), RATE)
    lesson = read_lesson(settings(root), Watch())
    splits = {clip.path: clip.split for clip in lesson.manifest.clips}
    assert lesson.labels == () and len(splits) == 6 and set(splits.values()) == {"train", "valid", "test"}
    if nested:
        by_artist = {path.split("/")[0]: set() for path in splits}
        for path, split in splits.items():
            by_artist[path.split("/")[0]].add(split)
        assert all(len(found) == 1 for found in by_artist.values())
    assert len(list((Path(os.environ["FSTMUSE_DATA"]) / "manifests").glob("music-*-music.csv"))) == 1


def test_too_few_files_are_refused_in_words(tmp_path: Path) -> None:
    for number in range(2):
        soundfile.write(tmp_path / f"{number}.wav", chords(number, 2.5), RATE)
    with pytest.raises(ManifestError, match=r"Received 2 groups .* expected at least 3, one for each of train"):
        read_lesson(settings(tmp_path), Watch())


def test_shifted_clips_are_learnt_from_too(tmp_path: Path) -> None:
    config = settings(make_pieces(tmp_path), pitch_semitones=[-12, 2])
    lesson = read_lesson(config, Watch())
    down, up = prepare_shifted(config, lesson, Watch())
    plain = prepare_cache(config, lesson, Watch())
    assert len(down) == len(up) == 6 and len(plain) == 8
    # An octave down lasts twice as long.
    assert down.shape[0] == pytest.approx(2 * plain.shape[0], abs=1)
    data = infill.examples([plain, down, up], lesson.manifest.split("train").clips, find("gapnet"))
    assert len(data.positions) == 18 and data.crop(17, 0).shape == data.crop(0, 0).shape == (64, 64)


def test_a_tone_shifted_by_an_octave_is_heard_an_octave_higher() -> None:
    mel = ShiftedLogMel(REPORT, 12)
    time = np.arange(mel.spec.sample_rate) / mel.spec.sample_rate
    shifted = mel(np.sin(2 * np.pi * 500 * time).astype(np.float32))
    time = np.arange(RATE) / RATE
    expected = LogMel(REPORT)(np.sin(2 * np.pi * 1000 * time).astype(np.float32))
    assert mel.spec.sample_rate == RATE / 2 and mel.spec.fmax == REPORT.fmax / 2
    assert shifted[3].argmax() == expected[3].argmax()


@pytest.mark.parametrize(
    ("network", "wrong", "message"),
    [
        ("gapnet", {"mixup": 0.2}, "expected 0.0: gapnet has no use for it"),
        ("gapnet", {"beta": 2.0}, "expected 1.0: gapnet has no use for it"),
        ("gapnet", {"gap_most": 64}, "expected less than the picture's 64 frames"),
        ("gapnet", {"gap_least": 50}, "expected at most gap_most, 40"),
        ("gapnet", {"objective": "elbo"}, "expected one of gap, mse"),
        ("gapnet", {"pitch_semitones": [0]}, "none of them 0"),
        ("gapnet", {"pitch_semitones": ["1"]}, "expected numbers, such as"),
        ("gapnet", {"ema": 1.0}, "expected 0 to 0.99999"),
        ("toymodel-pooled", {"equalise_db": 3.0}, "expected 0.0: toymodel-pooled has no use for it"),
    ],
)
def test_settings_without_a_meaning_are_refused(network: str, wrong: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        resolve(network, wrong)
