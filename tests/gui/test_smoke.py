"""`python -m gui --smoke` in a process of its own: offscreen, and on a display that xvfb-run makes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _smoke(command: list[str], models: Path, platform: str, *arguments: str) -> subprocess.CompletedProcess:
    environment = os.environ | {"QT_QPA_PLATFORM": platform, "FSTMUSE_MODELS": str(models)}
    return subprocess.run(
        [*command, sys.executable, "-m", "gui", "--smoke", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )


def _seconds(line: str) -> list[float]:
    return [float(number) for number in re.findall(r"after ([\d.]+) s", line)]


def test_offscreen(models_folder: Path, tones: Path) -> None:
    done = _smoke([], models_folder, "offscreen", str(tones / "low.wav"))
    assert done.returncode == 0, done.stderr
    assert "tones hears Low" in done.stdout and "low.wav" in done.stdout
    painted, ready, answered = _seconds(done.stdout)
    assert painted < ready < answered
    assert painted < 2.0 * (4 if os.environ.get("CI") else 2), "2 s on an idle machine; tests share theirs"
    assert not (tones / "low.wav.tones.csv").exists()


def test_on_a_display(models_folder: Path) -> None:
    xvfb = shutil.which("xvfb-run")
    if xvfb is None:
        assert os.environ.get("CI") != "true", "xvfb-run is missing; .ci/run installs it"
        pytest.skip("xvfb-run is not installed")
    done = _smoke([xvfb, "-a"], models_folder, "xcb")
    assert done.returncode == 0, done.stderr
    assert "tones hears" in done.stdout and "smoke.wav" in done.stdout


@pytest.mark.parametrize(
    ("clip", "words"), [("nowhere.wav", "no such file"), ("broken.mp3", "not sound")], ids=["missing", "broken"]
)
def test_a_clip_that_is_none(models_folder: Path, broken: Path, clip: str, words: str) -> None:
    done = _smoke([], models_folder, "offscreen", str(broken.parent / clip))
    assert done.returncode == (2 if clip == "nowhere.wav" else 1)
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_no_model(tmp_path: Path) -> None:
    done = _smoke([], tmp_path, "offscreen")
    assert done.returncode == 2
    assert f"No model in {tmp_path} can classify" in done.stderr and "Traceback" not in done.stderr
