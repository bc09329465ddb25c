"""The demo set: the same from the same seed, whole or not there, music that a mean spectrum does not give away."""

from __future__ import annotations

import csv
import json
import multiprocessing
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fstmuse.data.demo import ensure_demo, render, render_demo, render_piano
from fstmuse.data.demo.cast import STYLES, artist_of
from fstmuse.data.manifest import read_manifest
from fstmuse.errors import DataError

TINY = {"clips_per_style": 3, "seconds": 1.5, "sample_rate": 8000, "workers": 0}
SMALL = {"seed": 1, "clips_per_style": 18, "seconds": 6.0, "sample_rate": 16000}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "set"
    return folder, render_demo(folder, workers=2, **SMALL)


@pytest.fixture(scope="module")
def waves(small):
    folder, manifest = small
    return {clip.clip_id: soundfile.read(clip.file(folder), dtype="float32")[0] for clip in manifest.clips}


def test_set_has_every_style_in_every_split(small):
    folder, manifest = small
    assert len(manifest) == 54
    assert manifest.require_labels() == ("Folk", "Hip-Hop", "Rock") == STYLES
    assert manifest.clips[0].clip_id == "demo-folk-0001"
    assert read_manifest(folder / "demo.csv", "demo").hash == manifest.hash


def test_artists_stay_in_one_split_and_make_several_clips(small):
    _, manifest = small
    groups = {name: {clip.group for clip in manifest.split(name).clips} for name in ("train", "valid", "test")}
    assert not groups["train"] & groups["test"]
    assert not groups["train"] & groups["valid"]
    assert not groups["valid"] & groups["test"]
    assert all(sum(clip.group == group for clip in manifest.clips) == 3 for group in groups["test"])


def test_default_set_is_split_two_thirds_to_training():
    splits = [artist_of(0, "Rock", k).split for k in range(render.CLIPS_PER_STYLE)]
    assert [splits.count(name) for name in ("train", "valid", "test")] == [60, 12, 18]


def test_clips_depend_neither_on_number_nor_on_processes(small, tmp_path):
    again = render_demo(tmp_path / "again", **{**SMALL, "clips_per_style": 3}, workers=0)
    sums = {clip.clip_id: clip.checksum for clip in small[1].clips}
    assert len(again) == 9
    assert all(sums[clip.clip_id] == clip.checksum for clip in again.clips)


def test_another_seed_gives_other_clips(tmp_path):
    sums = [{clip.checksum for clip in render_demo(tmp_path / str(k), seed=k, **TINY).clips} for k in (0, 1)]
    assert not sums[0] & sums[1]


def test_clips_are_sound(waves):
    for clip_id, wave in waves.items():
        assert wave.shape == (round(SMALL["seconds"] * SMALL["sample_rate"]),), clip_id
        assert np.isfinite(wave).all(), clip_id
        assert 0.02 < np.abs(wave).max() < 0.99, clip_id
        assert abs(wave.mean()) < 0.01, clip_id
        seconds = np.sqrt((wave.reshape(6, -1) ** 2).mean(1))
        assert (seconds > 10 ** (-60 / 20)).sum() >= 5, f"{clip_id} is silent for more than a second"


def test_loudness_varies(waves):
    levels = np.array([20 * np.log10(np.sqrt((wave**2).mean())) for wave in waves.values()])
    assert levels.min() > -31
    assert levels.max() < -11
    assert levels.std() > 3


def test_mean_spectra_do_not_give_the_style_away(small, waves):
    import librosa
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    _, manifest = small
    mels = [librosa.feature.melspectrogram(y=wave, sr=16000, n_fft=1024, n_mels=64) for wave in waves.values()]
    means = np.array([np.log10(mel + 1e-9).mean(axis=1) for mel in mels])
    labels = [clip.labels[0] for clip in manifest.clips]
    groups = [clip.group for clip in manifest.clips]
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=2000))
    accuracy = cross_val_score(model, means, labels, groups=groups, cv=GroupKFold(6)).mean()
    assert 0.4 < accuracy < 0.9


def test_tags_name_what_is_heard(small):
    folder, manifest = small
    tags = read_manifest(folder / "demo_tags.csv")
    assert [clip.checksum for clip in tags.clips] == [clip.checksum for clip in manifest.clips]
    for clip in tags.clips:
        assert len({"drums", "no drums"} & set(clip.labels)) == 1
        assert len({"slow", "fast"} & set(clip.labels)) == 1
        assert len({"major", "minor"} & set(clip.labels)) == 1
        assert len(clip.labels) >= 4
    assert {"voice", "guitar", "bass"} <= set(tags.labels)


def test_ensure_renders_once(tmp_path):
    done = []
    first = ensure_demo(tmp_path / "set", **TINY, progress=lambda *counts: done.append(counts))
    assert done[-1] == (9, 9)
    again = ensure_demo(tmp_path / "set", **TINY, progress=lambda *counts: pytest.fail("rendered again"))
    assert again.hash == first.hash
    assert not (tmp_path / ".set.rendering").exists()


@pytest.mark.parametrize("damage", ["version", "seed", "clip", "json", "csv"])
def test_ensure_renders_again_what_does_not_fit(tmp_path, monkeypatch, damage):
    folder = tmp_path / "set"
    first = ensure_demo(folder, **TINY)
    asked = dict(TINY)
    if damage == "version":
        monkeypatch.setattr(render, "VERSION", render.VERSION + 1)
    elif damage == "seed":
        asked["seed"] = 5
    elif damage == "clip":
        first.clips[4].file(folder).unlink()
    elif damage == "json":
        (folder / "demo.json").write_text("{")
    else:
        (folder / "demo.csv").write_text("clip_id\n")
    done = []
    again = ensure_demo(folder, **asked, progress=lambda *counts: done.append(counts))
    assert len(done) == 9
    assert (again.hash == first.hash) == (damage != "seed")
    assert not again.present(folder)[1]
    assert json.loads((folder / "demo.json").read_text())["version"] == render.VERSION


def _ensure_elsewhere(folder: Path) -> tuple[int, str]:
    done = []
    manifest = ensure_demo(folder, **TINY, progress=lambda *counts: done.append(counts))
    return len(done), manifest.hash


def test_two_processes_at_once_render_once(tmp_path):
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        (ours, one), (theirs, other) = pool.map(_ensure_elsewhere, [tmp_path / "set"] * 2)
    assert sorted((ours, theirs)) == [0, 9]
    assert one == other


def test_leftovers_of_a_kill_are_cleared(tmp_path):
    (tmp_path / ".set.rendering" / "audio").mkdir(parents=True)
    (tmp_path / ".set.rendering" / "audio" / "half.flac").write_bytes(b"fLaC")
    manifest = ensure_demo(tmp_path / "set", **TINY)
    assert sorted(path.name for path in (tmp_path / "set" / "audio").iterdir()) == [
        Path(clip.path).name for clip in manifest.clips
    ]
    assert not (tmp_path / ".set.rendering").exists()


def test_killed_worker_leaves_nothing_behind(tmp_path):
    def kill(done: int, total: int) -> None:
        multiprocessing.active_children()[0].kill()

    with pytest.raises(DataError, match="workers=0"):
        render_demo(tmp_path / "set", **{**TINY, "clips_per_style": 12, "workers": 2}, progress=kill)
    assert not (tmp_path / "set").exists()
    assert not (tmp_path / ".set.rendering").exists()


def test_foreign_folder_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(DataError, match=r"no demo\.json"):
        ensure_demo(tmp_path, **TINY)
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_too_little_disk(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 1000})())
    with pytest.raises(DataError, match="MB needed"):
        ensure_demo(tmp_path / "set", **TINY)


@pytest.mark.parametrize(
    "wrong", [{"clips_per_style": 2}, {"seconds": 0.5}, {"sample_rate": 4000}, {"seed": -1}, {"workers": -1}]
)
def test_impossible_settings(tmp_path, wrong):
    (name, value) = next(iter(wrong.items()))
    with pytest.raises(DataError, match=f"{name}={value}, expected at least"):
        render_demo(tmp_path / "set", **{**TINY, **wrong})


def test_importing_the_set_is_light():
    code = "import sys, fstmuse.data.demo; print({'scipy', 'tensorflow', 'librosa'} & set(sys.modules) or 'light')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "light"


def test_piano_has_the_notes_it_says(tmp_path):
    manifest = render_piano(tmp_path / "piano", clips=3, seconds=4.0, sample_rate=16000)
    assert {clip.split for clip in manifest.clips} == {"train", "valid", "test"}
    for clip in manifest.clips:
        wave, rate = soundfile.read(clip.file(tmp_path / "piano"))
        with clip.file(tmp_path / "piano").with_suffix(".notes.csv").open(encoding="utf-8") as file:
            notes = list(csv.DictReader(file))
        assert len(wave) == 4 * rate
        assert {note["hand"] for note in notes} == {"left", "right"}
        found = 0
        for note in notes:
            start, end, pitch = float(note["start_s"]), float(note["end_s"]), int(note["pitch"])
            assert 0 <= start < end <= 4.0
            assert 21 <= pitch <= 108
            assert 1 <= int(note["velocity"]) <= 127
            found += _stands_out(wave[int(start * rate) : int(start * rate) + rate // 4], pitch, rate)
        assert found >= 0.8 * len(notes), f"{clip.clip_id}: {found} of {len(notes)} notes heard"


def _stands_out(wave: np.ndarray, pitch: int, rate: int) -> bool:
    """Whether the pitch's frequency is stronger than those a quarter tone beside it."""
    time = np.arange(len(wave)) / rate
    window = np.hanning(len(wave))
    hertz = 440 * 2 ** ((pitch - 69) / 12)
    width = max(hertz * 0.03, 9.0)
    strength = [
        abs(np.sum(wave * window * np.exp(-2j * np.pi * f * time))) for f in (hertz, hertz - width, hertz + width)
    ]
    return strength[0] > min(strength[1:]) and strength[0] > 1e-3
