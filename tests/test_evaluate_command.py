"""`python -m fstmuse.evaluate` as a user meets it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from fstmuse import evaluate
from fstmuse.artifacts.card import read_card, verify
from tests.artifact_fixtures import tone_artifact, write_tone

__all__ = ["tone_artifact"]

REPOSITORY = Path(__file__).resolve().parent.parent

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(run_command: Callable) -> Command:
    """Runs the command in this process: exit code, stdout, stderr."""
    return partial(run_command, evaluate)


@pytest.fixture
def models(tone_artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models"
    shutil.copytree(tone_artifact, folder / "mine")
    monkeypatch.setenv("FSTMUSE_MODELS", str(folder))
    return folder


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    lines = ["clip_id,path,labels,split"]
    for label in ("High", "Low", "Middle"):
        for number in range(3):
            write_tone(tmp_path / "music" / label / f"{number}.wav", label, 1 + number / 2)
            lines.append(f"{label}-{number},{label}/{number}.wav,{label},test")
    lines += ["wrong,Low/2.wav,High,test", "lost,Low/9.wav,Low,test", "learnt,x.wav,Low,train"]
    path = tmp_path / "tones.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_summary_and_files(command: Command, models: Path, manifest: Path, tmp_path: Path) -> None:
    before = read_card(models / "mine")
    code, out, err = command("mine", "--data", manifest, "--root", tmp_path / "music")
    folder = models / "mine" / "evaluation" / "tones-test"
    assert (code, err) == (0, "")
    assert out.startswith("tones on tones, split test: 10 clips, 1 skipped\n")
    assert "Accuracy           0.900  (95 % interval " in out and "n = 10)" in out
    for words in ("Balanced accuracy", "Macro-F1", "Surest right answers", "Surest wrong answers", "Low, truly High"):
        assert words in out
    assert "Skipped lost: " in out and out.endswith(f"Figures and answers: {folder}\n")
    low = next(line.split() for line in out.splitlines() if line.startswith("Low "))
    assert low == ["Low", "3", "4", "0.750", "1.000", "0.857"]
    assert json.loads((folder / "metrics.json").read_text())["accuracy"] == 0.9
    assert read_card(models / "mine") == before
    verify(before, models / "mine")


def test_chosen_labels_and_folder(command: Command, models: Path, manifest: Path, tmp_path: Path) -> None:
    arguments = ("mine", "--data", manifest, "--root", tmp_path / "music", "--labels", "High, Low")
    code, _, _ = command(*arguments)
    assert code == 0
    assert (models / "mine" / "evaluation" / "tones-test-High+Low" / "metrics.json").is_file()
    code, out, _ = command(*arguments, "--out", tmp_path / "here")
    assert code == 0 and "split test: 7 clips" in out
    assert (tmp_path / "here" / "confusion.png").is_file()


WRONG: dict[str, tuple[list[str], str]] = {
    "unknown artifact": (["mien", "--data", "tones.csv"], "Did you mean 'mine'?"),
    "unknown data": (["mine", "--data", "dmeo"], "Did you mean 'demo'?"),
    "unknown split": (["mine", "--data", "tones.csv", "--root", "music", "--split", "tset"], "Did you mean 'test'?"),
    "split without a label": (
        ["mine", "--data", "tones.csv", "--root", "music", "--split", "train"],
        "split train has no usable clip of High, Middle",
    ),
    "unknown label": (
        ["mine", "--data", "tones.csv", "--root", "music", "--labels", "Hihg"],
        "unknown label 'Hihg'. Did you mean 'High'?",
    ),
    "label the network lacks": (["mine", "--data", "extra.csv", "--root", "music"], "which tones does not know"),
    "wrong root": (["mine", "--data", "tones.csv", "--root", "models"], "No file of 'tones' lies under models"),
    "out is nowhere": (["mine", "--data", "tones.csv", "--out", "no/where"], "no/where: there is no folder no."),
    "a file": (["tones.csv", "--data", "tones.csv"], "tones.csv is a file; expected the folder"),
    "empty manifest": (["mine", "--data", "empty.csv"], "the manifest is empty"),
}


@pytest.mark.parametrize("case", WRONG)
def test_errors_are_plain_and_end_with_2(
    command: Command, models: Path, manifest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    arguments, message = WRONG[case]
    (tmp_path / "empty.csv").write_text("clip_id,path,labels,split\n")
    (tmp_path / "extra.csv").write_text(manifest.read_text() + "r,r.wav,Reggae,test\n")
    monkeypatch.chdir(tmp_path)
    code, out, err = command(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("Error: ") and message in err and err.count("\n") <= 2
    assert not (models / "mine" / "evaluation").exists()


def test_help_is_quick_to_load() -> None:
    code = (
        "import sys, contextlib, io\n"
        "sys.argv = ['evaluate', '--help']\n"
        "from fstmuse.evaluate import main\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        "    main()\n"
        "heavy = {'numpy', 'pandas', 'tensorflow', 'keras', 'librosa', 'sklearn', 'matplotlib', 'soundfile'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY, check=True)
    assert done.stdout == "[]\n"


def test_music_from_noise_has_no_right_answer(command: Command, models: Path, manifest: Path) -> None:
    card = models / "mine" / "card.json"
    card.write_text(card.read_text("utf-8").replace('"task": "classify"', '"task": "generate"'), "utf-8")
    code, _, err = command("mine", "--data", manifest)
    assert code == 2 and "tones draws music from noise" in " ".join(err.split())
