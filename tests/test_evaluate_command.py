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
from fstmuse.errors import DataError
from tests.artifact_fixtures import tone_artifact, write_tone
from tests.generate_fixtures import LABELS, small_creator

__all__ = ["small_creator", "tone_artifact"]

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


def as_creator(artifact: Path) -> None:
    """Edits a card, so that what can be refused before the network is loaded is."""
    card = artifact / "card.json"
    card.write_text(card.read_text("utf-8").replace('"task": "classify"', '"task": "generate"'), "utf-8")


NO_MUSIC: dict[str, tuple[list[str], str]] = {
    "split": (["--split", "train"], "Received --split train; expected test or valid"),
    "count": (["--count", "15"], "Received --count 15; expected 16 windows or more"),
    "no classifier": (["--classifier", "mine"], "was trained to generate; expected a network that classifies"),
    "no artifact": (["--classifier", "mien"], "Did you mean 'mine'?"),
    "temperature": (["--temperature", "0.8"], "it has no temperature, and goes on from no clip"),
    "labels": (["--labels", "Hihg"], "unknown label 'Hihg'. Did you mean 'High'?"),
}


@pytest.mark.parametrize("case", NO_MUSIC)
def test_what_is_refused_of_music_from_noise(
    command: Command, models: Path, manifest: Path, tmp_path: Path, case: str
) -> None:
    options, message = NO_MUSIC[case]
    as_creator(models / "mine")
    code, out, err = command("mine", "--data", manifest, "--root", tmp_path / "music", *options)
    assert (code, out) == (2, "") and message in " ".join(err.split())


@pytest.mark.parametrize(("learnt", "labelled"), [([], False), (["High"], True)])
def test_a_folder_is_read_as_it_was_for_training(
    command: Command, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, learnt: list[str], labelled: bool
) -> None:
    as_creator(models / "mine")
    card = models / "mine" / "card.json"
    told = json.loads(card.read_text("utf-8"))
    card.write_text(json.dumps(told | {"labels": [], "training": {"labels": learnt}}), "utf-8")

    def resolve(data: str, root: Path | None, *, labelled: bool) -> None:
        raise DataError(f"labelled: {labelled}")

    monkeypatch.setattr("fstmuse.data.registry.resolve", resolve)
    assert f"labelled: {labelled}" in command("mine", "--data", tmp_path)[2]


@pytest.mark.parametrize("option", [("--classifier", "mine"), ("--count", "64"), ("--temperature", "0.8")])
def test_options_of_music_from_noise_alone(command: Command, models: Path, manifest: Path, option: tuple) -> None:
    code, _, err = command("mine", "--data", manifest, *option)
    assert code == 2 and f"Received {' '.join(option)}; tones was trained to classify, and {option[0]} is for" in err


def test_music_from_noise_is_measured(command: Command, small_creator: Path, models: Path, tmp_path: Path) -> None:
    lines = ["clip_id,path,labels,split"]
    for number, label in enumerate(LABELS * 6):
        write_tone(tmp_path / "music" / f"{number}.wav", ("Low", "Middle", "High")[number % 3], 3 + number / 9)
        lines.append(f"clip-{number},{number}.wav,{label},{'test' if number < 9 else 'train'}")
    data = tmp_path / "tones.csv"
    data.write_text("\n".join(lines) + "\n", "utf-8")
    shutil.copytree(small_creator, models / "maker")
    code, out, err = command(
        *("maker", "--data", data, "--root", tmp_path / "music", "--count", 16, "--labels", "Rock,Folk")
    )
    folder = models / "maker" / "evaluation" / "tones-test-Rock+Folk"
    assert (code, err) == (0, "")
    assert out.startswith("creator on tones, split test: ") and "16 windows of 1.01 s of each kind" in out
    assert "bands shuffled  noise" in out and "statistically different bins of" in out
    assert "By log-mel statistics" in out and "No sign of memorisation" in out and "--classifier NAME" in out
    assert out.endswith(f"Figures: {folder}\n")
    told = json.loads((folder / "metrics.json").read_text("utf-8"))
    assert told["windows"] == 16 and told["training_clips"] == 6
    verify(read_card(models / "maker"), models / "maker")
