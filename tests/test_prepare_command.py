"""The command that fills the cache: what it says, what it reuses, how it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fstmuse.data.clip import Clip
from fstmuse.data.manifest import Manifest, write_manifest
from tests.data.tagged_sounds import music

ROOT = Path(__file__).resolve().parents[1]


def prepare(*arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "fstmuse.prepare", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "200"},
        timeout=120,
    )


@pytest.fixture
def table(tmp_path):
    """Eight tones, one of them broken, one missing, and a folder in the place of one."""
    clips = []
    for number in range(8):
        path = tmp_path / f"{number}.wav"
        soundfile.write(path, 0.3 * np.sin(np.arange(8000) * (0.1 + 0.02 * number)), 8000)
        split = ("train", "valid", "train", "test")[number // 2]
        clips.append(Clip(f"clip{number}", path.name, labels=(("low", "high")[number % 2],), split=split))
    (tmp_path / "4.wav").write_bytes(b"no sound")
    (tmp_path / "5.wav").unlink()
    clips.append(Clip("clip8", "8.wav", labels=("low",), split="train"))
    (tmp_path / "8.wav").mkdir()
    write_manifest(Manifest("tones", tuple(clips)), tmp_path / "tones.csv")
    return tmp_path / "tones.csv"


def test_fills_the_cache_and_finds_it_again(table):
    first = prepare("--data", table, "--workers", 2, "--set", "clip_seconds=1")
    assert first.returncode == 0, first.stderr
    assert "4 clips in" in first.stdout  # of train and valid, without the broken and the missing one
    assert "left out: 5.wav: no such file.\n" in first.stdout
    assert "left out: 8.wav: is a folder.\n" in first.stdout
    broken = next(line for line in first.stdout.splitlines() if line.startswith("left out: 4.wav: "))
    assert broken.count("4.wav") == 1 and "sound" in broken
    files = {path: path.stat().st_mtime_ns for path in Path(os.environ["FSTMUSE_CACHE"]).rglob("*.npy")}
    assert len(files) == 1
    again = prepare("--data", table, "--set", "clip_seconds=1")
    assert again.returncode == 0 and "4 clips in" in again.stdout
    assert {path: path.stat().st_mtime_ns for path in files} == files


def test_takes_a_folder_with_one_folder_per_label(tmp_path):
    folder = music(tmp_path / "mine", count=4)
    (folder / "Rock" / "broken.wav").write_bytes(b"no sound")
    first = prepare("--data", folder, "--workers", 0, "--set", "clip_seconds=1")
    assert first.returncode == 0, first.stderr
    assert f"8 clips of {folder}; manifest: " in first.stdout
    assert "Left out, " in first.stdout and "Rock/broken.wav" in first.stdout
    assert "6 clips in" in first.stdout  # without those of the test
    again = prepare("--data", folder, "--workers", 0, "--set", "clip_seconds=1")
    assert "6 clips in" in again.stdout and "manifest: " not in again.stdout


def test_wrong_requests_end_in_one_line(table, tmp_path):
    for arguments, words in (
        (("--network", "toymodel-poled"), "Did you mean 'toymodel-pooled'?"),
        (("--data", "demmo"), "Did you mean 'demo'?"),
        (("--data", table, "--labels", "low,hihg"), "Did you mean 'high'?"),
        (("--data", table, "--root", tmp_path / "nowhere"), "No folder at"),
    ):
        result = prepare(*arguments)
        assert result.returncode == 2, result
        assert result.stderr.startswith("Error: ") and words in result.stderr
        assert "Traceback" not in result.stderr


def test_help_imports_nothing_heavy():
    code = (
        "import sys; import fstmuse.prepare;"
        "sys.exit(bool({'tensorflow', 'keras', 'numpy', 'librosa', 'pandas'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT).returncode == 0
    assert "--network" in prepare("--help").stdout


def test_workers_do_not_import_what_the_command_has(table):
    """A spawned worker imports the main module again; that must stay light."""
    result = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "fstmuse.prepare", "--data", table, "--set", "clip_seconds=1"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONPROFILEIMPORTTIME": "1"},
        timeout=120,
    )
    assert result.returncode == 0
    names = [line.rsplit("|", 1)[1].strip() for line in result.stderr.splitlines() if line.startswith("import time:")]
    # Parent and two workers import NumPy; TensorFlow is imported by the parent at most.
    assert names.count("numpy") == 3
    assert names.count("tensorflow") <= 1 and names.count("keras") <= 1 and names.count("librosa") <= 1
