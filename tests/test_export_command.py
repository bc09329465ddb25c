"""`python -m fstmuse.export` as a user meets it: where files go, what is refused at once, nothing on standard error."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from fstmuse import export
from fstmuse.artifacts.card import read_card, verify
from tests.artifact_fixtures import tone_artifact

__all__ = ["tone_artifact"]

REPOSITORY = Path(__file__).resolve().parent.parent

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(run_command: Callable) -> Command:
    """Runs the command in this process: exit code, stdout, stderr."""
    return partial(run_command, export)


@pytest.fixture
def models(tone_artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models"
    shutil.copytree(tone_artifact, folder / "mine")
    monkeypatch.setenv("FSTMUSE_MODELS", str(folder))
    monkeypatch.chdir(tmp_path)
    return folder


def test_a_name_and_a_place_of_its_own(command: Command, models: Path) -> None:
    before = sorted(models.parent.iterdir())
    code, out, err = command("mine", "--format", "keras")
    file = models / "mine" / "exports" / "mine.keras"
    assert (code, err) == (0, "") and out.startswith(f"{file}: log-mel pictures")
    assert file.read_bytes() == (models / "mine" / "network.keras").read_bytes()
    assert sorted(models.parent.iterdir()) == before
    verify(read_card(models / "mine"), models / "mine")
    code, _, err = command(models / "mine", "--format", "keras")
    assert code == 2 and f"{file} exists already" in err
    assert command(models / "mine", "--format", "keras", "--overwrite")[0] == 0


def test_saved_model_is_there_already(command: Command, models: Path, tmp_path: Path) -> None:
    code, out, err = command("mine")
    assert (code, err) == (0, "") and "mono at 8000 Hz" in out and "part of the artifact already" in out
    assert out.startswith(f"{models / 'mine' / 'saved_model'}: ") and not (models / "mine" / "exports").exists()
    code, out, _ = command("mine", "--out", "copy")
    assert code == 0 and out.startswith("copy: waveform") and (tmp_path / "copy" / "saved_model.pb").is_file()
    (models / "mine" / "saved_model" / "saved_model.pb").write_bytes(b"other")
    code, out, err = command("mine")
    assert (code, out) == (2, "") and "is not what card.json says" in err


def test_litert_says_nothing_on_standard_error(models: Path, tmp_path: Path) -> None:
    line = [sys.executable, "-m", "fstmuse.export", "mine", "--format", "litert"]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(line, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert (done.returncode, done.stderr) == (0, "") and "mine.tflite: waveform windows" in done.stdout


WRONG: dict[str, tuple[list[str], str]] = {
    "unknown artifact": (["mien"], "Did you mean 'mine'?"),
    "a file": (["there.keras"], "there.keras is a file; expected the folder"),
    "unknown format": (["mine", "--format", "onx"], "Unknown format 'onx'. Did you mean 'onnx'?"),
    "wrong suffix": (["mine", "--format", "keras", "--out", "x.txt"], "give a name that ends in .keras."),
    "other format": (["mine", "--out", "x.onnx"], "give the name of a folder or --format onnx."),
    "there already": (["mine", "--format", "keras", "--out", "there.keras"], "there.keras exists already"),
    "nowhere": (["mine", "--format", "keras", "--out", "no/x.keras"], "there is no folder no. Make it first"),
    "the artifact's own": (
        ["mine", "--format", "keras", "--out", "models/mine/network.keras", "--overwrite"],
        "belongs to the artifact itself",
    ),
    "folder for file": (
        ["mine", "--format", "keras", "--out", "folder.keras", "--overwrite"],
        "folder.keras is a folder, which the format keras cannot replace",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_refused_before_tensorflow_loads(
    command: Command, models: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    arguments, message = WRONG[case]
    Path("there.keras").write_text("mine")
    Path("folder.keras").mkdir()
    monkeypatch.setattr("fstmuse.quiet.load_tensorflow", lambda: pytest.fail("loaded"))
    before = (models / "mine" / "network.keras").read_bytes()
    code, out, err = command(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("Error: ") and message in err and err.count("\n") <= 2
    assert Path("there.keras").read_text() == "mine"
    assert (models / "mine" / "network.keras").read_bytes() == before
