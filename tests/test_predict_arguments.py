"""What `python -m fstmuse.predict` is given: files in any way of typing, and all that it refuses in words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.artifact_fixtures import tone_artifact
from tests.predict_fixtures import REPOSITORY, Command, command, music

__all__ = ["command", "music", "tone_artifact"]


def test_all_skipped_ends_with_1(command: Command, tone_artifact: Path, music: Path, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    code, out, err = command(tone_artifact, music / "text.mp3", tmp_path / "nothing", tmp_path / "lost.wav")
    assert (code, out) == (1, "")
    assert "no sound file in this folder" in err and "no such file" in err and "0 files answered, 3 skipped" in err


def test_what_is_not_there_is_told_without_tensorflow(tone_artifact: Path, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    code = (
        "import sys\n"
        f"sys.argv = ['predict', {str(tone_artifact)!r}, 'lost.wav', 'nothing', '--format', 'json']\n"
        "from fstmuse.predict import main\n"
        "try:\n"
        "    main()\n"
        "finally:\n"
        "    print(sorted({'tensorflow', 'keras', 'librosa'} & set(sys.modules)))\n"
    )
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert done.returncode == 1 and done.stdout.endswith("[]\n")
    assert [row["path"] for row in json.loads(done.stdout.removesuffix("[]\n"))["skipped"]] == ["lost.wav", "nothing"]
    assert "Skipped lost.wav: no such file. Check the path." in done.stderr


@pytest.mark.parametrize("name", ["r.csv", "r.jsonl"])
def test_one_file_typed_in_two_ways(
    command: Command, tone_artifact: Path, music: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    _, _, err = command(tone_artifact, "music/a.wav", music / "a.wav", "./music/e.wav", "--out", name)
    assert "2 files answered" in err
    before = Path(name).read_text()
    assert str(music) not in before and "music/e.wav" in before
    code, _, err = command(tone_artifact, music / "a.wav", "music/../music/e.wav", "--out", name, "--resume")
    assert code == 0 and "2 were in the report already" in err and Path(name).read_text() == before


def test_swapped_arguments(command: Command, tone_artifact: Path, music: Path, monkeypatch) -> None:
    code, out, err = command(music / "a.wav", tone_artifact)
    assert (code, out) == (2, "")
    assert f"{music / 'a.wav'} is a file; expected the folder of a trained network" in err
    assert "The first argument is the artifact." in err
    monkeypatch.chdir(music)
    assert "a.wav is a file; expected the folder" in command("a.wav", tone_artifact)[2]
    assert f"Give its folder: {tone_artifact}." in command(tone_artifact / "card.json", music)[2]


def test_a_name_in_the_folder_of_models(
    command: Command, tone_artifact: Path, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FSTMUSE_MODELS", str(tone_artifact.parent))
    assert command(tone_artifact.name, music / "a.wav")[0] == 0


WRONG: dict[str, tuple[list[str], str]] = {
    "unknown format": (["--format", "cvs"], "Unknown format 'cvs'. Did you mean 'csv'?"),
    "table to a file": (["--format", "table", "--out", "x.csv"], "A table is for the screen"),
    "unknown suffix": (["--out", "x.txt"], "its suffix names no format"),
    "resume nothing": (["--resume"], "--resume needs the report"),
    "overwrite nothing": (["--overwrite"], "--overwrite needs the report"),
    "both": (["--out", "x.csv", "--resume", "--overwrite"], "Give one of them"),
    "resume json": (["--out", "x.json", "--resume"], "cannot be resumed. Choose jsonl or csv"),
    "foreign report": (["--out", "foreign.csv", "--resume"], "foreign.csv: line 1 is not of a report by tones"),
    "out is no place": (["--out", "foreign.csv/x.csv"], "foreign.csv/x.csv: there is no folder foreign.csv."),
    "out is nowhere": (["--out", "nowhere/x.json"], "nowhere/x.json: there is no folder nowhere. Make it first"),
    "tracks nowhere": (["--out", "no/where", "--format", "labels"], "no/where: there is no folder no. Make it first"),
}


@pytest.mark.parametrize("case", WRONG)
def test_usage_errors_end_with_2(
    command: Command, tone_artifact: Path, music: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    arguments, message = WRONG[case]
    (tmp_path / "foreign.csv").write_text("a,b\n1,2\n")
    monkeypatch.chdir(tmp_path)
    code, out, err = command(tone_artifact, music, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("Error: ") and message in err and err.count("\n") <= 2
    assert not Path("x.csv").exists() and Path("foreign.csv").read_text() == "a,b\n1,2\n"
    assert not Path("nowhere").exists() and not Path("no").exists()
