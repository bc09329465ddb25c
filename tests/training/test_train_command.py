"""`python -m fstmuse.train` as a user runs it: whole way, reuse, kill and resume, errors."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fstmuse.audio.write import write
from tests.training.lessons import RATE, make_lesson, sound

QUICK = ("--set", "batch_size=4", "--set", "jit_compile=false", "--workers", "1")


def train(*arguments: str | Path, **options) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "fstmuse.train", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=250, **options)


def history(run: Path) -> list[list[str]]:
    file = run / "history.csv"
    return [line.split(",") for line in file.read_text().splitlines()[1:]] if file.is_file() else []


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_lesson(tmp_path_factory.mktemp("lesson"), broken=1)


def test_the_whole_way_and_nothing_twice(lesson: Path) -> None:
    arguments = ("toymodel-pooled", "--data", lesson, "--epochs", "2", "--name", "tiny", *QUICK)
    result = train(*arguments)
    assert result.returncode == 0, result.stderr[-3000:]
    artifact, run = Path(os.environ["FSTMUSE_MODELS"]) / "tiny", Path(os.environ["FSTMUSE_RUNS"]) / "tiny"
    for needed in ("Test accuracy: ", "(n = 3 clips", str(artifact), "python -m fstmuse.predict"):
        assert needed in result.stdout
    assert "Clips left out: 1 unreadable" in result.stdout
    assert "broken-0" in (run / "bad_clips.csv").read_text()
    assert [row[0] for row in history(run)] == ["1", "2"]
    for file in ("config.toml", "run.json", "figures/curves.png", "figures/examples.png", "tensorboard"):
        assert (run / file).exists(), file
    card = json.loads((artifact / "card.json").read_text())
    assert card["labels"] == ["chirps", "noise", "tones"]
    assert card["metrics"]["test"]["n"] == 3
    for file in ("network.keras", "saved_model/saved_model.pb", "README.md", "figures/curves.png"):
        assert (artifact / file).exists(), file
    written = (artifact / "network.keras").stat().st_mtime_ns

    again = train(*arguments)
    assert again.returncode == 0, again.stderr[-3000:]
    assert "Nothing to do" in again.stdout
    assert "Test accuracy: " in again.stdout
    assert (artifact / "network.keras").stat().st_mtime_ns == written

    other = train(*arguments, "--seed", "5")
    assert other.returncode == 2
    assert "holds a run of other settings" in other.stderr
    assert (artifact / "network.keras").stat().st_mtime_ns == written


def test_resumes_after_a_kill_in_the_middle_of_an_epoch(lesson: Path) -> None:
    arguments = ["toymodel-pooled", "--data", lesson, "--epochs", "5", "--name", "killed", *QUICK]
    arguments += ["--set", "crops_per_clip=3"]
    run = Path(os.environ["FSTMUSE_RUNS"]) / "killed"
    process = subprocess.Popen([sys.executable, "-m", "fstmuse.train", *map(str, arguments)], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 200
    second = run / "checkpoints" / "epoch-0002.weights.h5"
    while not second.exists() and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.01)
    time.sleep(0.2)  # into the third epoch
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "the run ended before it could be killed"
    before = history(run)
    assert 2 <= len(before) < 5
    assert second.exists(), "the third epoch ended before the kill"
    result = train(*arguments, "--resume")
    assert result.returncode == 0, result.stderr[-3000:]
    assert "Going on with" in result.stdout
    after = history(run)
    assert [row[0] for row in after] == ["1", "2", "3", "4", "5"]
    assert after[:2] == before[:2]


def test_ctrl_c_leaves_a_run_that_goes_on(lesson: Path) -> None:
    arguments = ["toymodel-pooled", "--data", lesson, "--epochs", "3", "--name", "stopped", *QUICK]
    run = Path(os.environ["FSTMUSE_RUNS"]) / "stopped"
    process = subprocess.Popen(
        [sys.executable, "-m", "fstmuse.train", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 200
    while not history(run) and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors[-2000:]
    assert "goes on after the last whole epoch" in output
    assert "Traceback" not in errors
    result = train(*arguments)
    assert result.returncode == 0, result.stderr[-3000:]
    assert [row[0] for row in history(run)] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["shortchank"], "Unknown network 'shortchank'. Did you mean 'shortchunk'?"),
        (["--data", "fma_smal"], "Unknown data set 'fma_smal'. Did you mean 'fma_small'?"),
        (["--set", "epoch=3"], "Unknown setting 'epoch'"),
        (["--data", "LESSON", "--labels", "noise,tone"], "unknown label 'tone'. Did you mean 'tones'?"),
        (["--data", "LESSON", "--labels", "noise"], "expected at least two"),
        (["--data", "LESSON", "--root", "/nonexistent"], "/nonexistent"),
        (["--data", "LESSON", "--resume", "--name", "never"], "there is no run to resume"),
        (["--data", "no_such.csv"], "no_such.csv"),
        (["--data", "LESSON", "--fresh", "--resume"], "expected one of them"),
        (["--data", "LESSON", "--name", "../up"], "expected a folder's name"),
        (["--data", "LESSON", "--name", ""], "expected a folder's name"),
        (["--json"], "--json without --list"),
    ],
)
def test_mistakes_end_in_two_lines_and_exit_code_2(lesson: Path, arguments: list[str], message: str) -> None:
    result = train(*[str(lesson) if argument == "LESSON" else argument for argument in arguments])
    assert result.returncode == 2, result.stdout + result.stderr
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) <= 2, result.stderr


def test_a_folder_that_cannot_be_split_is_refused_with_the_way_out(tmp_path: Path) -> None:
    for name in ("Folk/a.wav", "Folk/b.wav", "Folk/c.wav", "Rock/a.wav"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write(tmp_path / name, sound("noise", 0), RATE)
    result = train("--data", tmp_path)
    assert result.returncode == 2, result.stdout + result.stderr
    assert "Too few groups" in result.stderr and "'Rock' 1" in result.stderr
    assert f"build --folders {tmp_path} --out my.csv" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 2, result.stderr


def manifest_error(folder: Path, change: tuple[str, str]) -> str:
    csv = make_lesson(folder)
    text = csv.read_text()
    assert change[0] in text
    csv.write_text(text.replace(*change))
    result = train("--data", csv)
    assert result.returncode == 2, result.stderr
    assert len(result.stderr.strip().splitlines()) <= 2, result.stderr
    return result.stderr


def test_a_label_missing_in_a_split_is_named(tmp_path: Path) -> None:
    assert "split test has no usable clip of 'noise'" in manifest_error(tmp_path, (",noise,test", ",noise,train"))


def test_a_manifest_without_labels_is_refused(tmp_path: Path) -> None:
    assert "labels" in manifest_error(tmp_path, ("labels", "genres"))


def test_an_empty_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("clip_id,path,labels,split\n")
    result = train("--data", tmp_path / "empty.csv")
    assert result.returncode == 2
    assert "empty" in result.stderr
