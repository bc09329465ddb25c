"""The README of an artifact: its program runs as it stands and answers as the session does."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import soundfile

from tests.artifact_fixtures import tone, tone_artifact

__all__ = ["tone_artifact"]


def test_its_program_runs(tone_artifact: Path, tmp_path: Path) -> None:
    from fstmuse.inference.session import Session

    folder = Path(shutil.copytree(tone_artifact, tmp_path / "tones"))
    text = (folder / "README.md").read_text("utf-8")
    program = re.search(r"```python\n(.*?)```", text, re.DOTALL)[1]
    assert "sr=8000" in program and "silence gets a confident answer" in text
    sound = np.concatenate([tone("Low", 2.0, 44100), tone("High", 1.0, 44100)])
    soundfile.write(folder / "song.wav", np.stack([sound, sound], axis=1), 44100)
    program = program.replace("song.mp3", "song.wav")
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=folder, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    result = Session(folder).classify(folder / "song.wav")
    expected = [f"{label} {share:.1%}" for label, share in zip(result.labels, result.probabilities, strict=True)]
    assert done.stdout.splitlines() == expected and "Low 66.7%" in expected
