"""`python -m fstmuse.predict` as a user meets it: clean output, skipped files, resume, Ctrl-C, exit codes."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.artifact_fixtures import TONE_RATE, tone, tone_artifact, write_tone
from tests.predict_fixtures import ANSWERS, BAD, REPOSITORY, Command, command, csv_rows, expected, music

__all__ = ["command", "music", "tone_artifact"]


def test_table(command: Command, tone_artifact: Path, music: Path) -> None:
    code, out, err = command(tone_artifact, music)
    assert code == 0
    lines = out.splitlines()
    assert lines[0].split() == ["File", "Length", "Label", "Prob.", "Next"]
    assert len(lines) == 1 + len(ANSWERS)
    for path, label in expected(music).items():
        line = next(line for line in lines if line.startswith(path))
        assert line.removeprefix(path).split()[1] == label
        assert line.count("%") == 3
    for name, reason in BAD.items():
        assert f"Skipped {music / name}: " in err and reason in err
    assert "5 files answered, 2 skipped" in err and "notes.txt" not in out + err
    one = command(tone_artifact, music, "--top", 1)[1].splitlines()
    assert "Next" not in one[0] and [line.count("%") for line in one[1:]] == [1] * len(ANSWERS)


def test_table_along_time(command: Command, tone_artifact: Path, music: Path) -> None:
    sound = np.concatenate([tone("Low", 3.0), tone("High", 1.0)])
    soundfile.write(music / "two.wav", sound, TONE_RATE)
    code, out, _ = command(tone_artifact, music / "e.wav", music / "two.wav", "--along-time", "--top", 2)
    assert code == 0
    lines = out.splitlines()
    assert [line.removeprefix(str(music / "two.wav")).split()[:4] for line in lines[3:]] == [
        ["whole", "0:04.0", "Low", "75.0%"],
        ["0:00.0", "0:03.0", "Low", "100.0%"],
        ["0:03.0", "0:04.0", "High", "100.0%"],
    ]
    assert lines[0].split() == ["File", "From", "To", "Label", "Prob.", "Next"]
    assert lines[1].split()[1:4] == ["whole", "0:01.0", "High"] and lines[3].endswith("High 25.0%")
    assert lines[2].split() == ["0:00.0", "0:01.0", "High", "100.0%"] and len(lines) == 6


def test_csv_and_json_hold_results_alone(command: Command, tone_artifact: Path, music: Path) -> None:
    _, out, _ = command(tone_artifact, music, "--format", "csv")
    assert {row["path"]: row["label"] for row in csv_rows(out)} == expected(music)
    checksum = hashlib.sha256((tone_artifact / "network.keras").read_bytes()).hexdigest()
    assert {row["model"] for row in csv_rows(out)} == {f"tones {checksum[:12]}"}
    _, out, _ = command(tone_artifact, music, "--format", "json", "--along-time")
    document = json.loads(out)
    assert {row["path"]: row["label"] for row in document["results"]} == expected(music)
    assert [row["path"] for row in document["skipped"]] == [str(music / name) for name in BAD]
    assert all(set(row["along_time"]["labels"]) == {row["label"]} for row in document["results"])
    _, out, _ = command(tone_artifact, music, "--format", "jsonl")
    assert {row["path"]: row["label"] for row in map(json.loads, out.splitlines()) if "label" in row} == expected(music)


def test_label_tracks(command: Command, tone_artifact: Path, music: Path, tmp_path: Path) -> None:
    code, out, _ = command(tone_artifact, music / "a.wav", "--format", "labels")
    assert (code, out) == (0, "0.000000\t2.500000\tLow\n")
    code, out, err = command(tone_artifact, music, "--format", "labels")
    assert (code, out) == (2, "") and "Give --out FOLDER" in err
    code, out, _ = command(tone_artifact, music, "--format", "labels", "--out", tmp_path / "tracks")
    assert (code, out) == (0, "")
    assert (tmp_path / "tracks" / "deep" / "er" / "c.wav.txt").read_text() == "0.000000\t1.000000\tHigh\n"
    assert (tmp_path / "tracks" / "skipped.csv").is_file()


@pytest.mark.parametrize("name", ["r.csv", "r.jsonl", "r.json"])
def test_reports_and_their_skipped_files(
    command: Command, tone_artifact: Path, music: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "new").mkdir()
    out_file = tmp_path / "new" / name
    code, out, err = command(tone_artifact, music, music / "a.wav", "--out", out_file)
    assert (code, out) == (0, "")
    text = out_file.read_text("utf-8")
    found = {
        "r.csv": csv_rows,
        "r.jsonl": lambda text: [json.loads(line) for line in text.splitlines()],
        "r.json": lambda text: json.loads(text)["results"],
    }[name](text)
    assert {row["path"]: row["label"] for row in found} == expected(music)
    assert len(found) == len(ANSWERS)  # a.wav was named twice
    assert f"5 files answered, 2 skipped: {out_file}" in err
    if name == "r.json":
        assert len(json.loads(text)["skipped"]) == 2
    else:
        skipped = csv_rows((tmp_path / "new" / "r.skipped.csv").read_text("utf-8"))
        assert [row["path"] for row in skipped] == [str(music / bad) for bad in BAD]
        for row, reason in zip(skipped, BAD.values(), strict=True):
            assert reason in row["reason"] and not row["reason"].startswith(row["path"])
    code, _, err = command(tone_artifact, music, "--out", out_file)
    assert code == 2 and f"{out_file} exists already" in err and out_file.read_text("utf-8") == text
    assert command(tone_artifact, music, "--out", out_file, "--overwrite")[0] == 0
    assert out_file.read_text("utf-8") == text


def interrupt_after(count: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ctrl-C in the file after `count` answers; returns the list of files that are asked about."""
    from fstmuse.inference.session import Session

    whole, asked = Session.classify, []

    def classify(self, sound, **options):
        asked.append(str(sound))
        if len(asked) > count:
            signal.raise_signal(signal.SIGINT)
        return whole(self, sound, **options)

    monkeypatch.setattr(Session, "classify", classify)
    return asked


@pytest.mark.parametrize("name", ["r.csv", "r.jsonl"])
def test_interrupted_and_resumed_it_is_the_same(
    command: Command, tone_artifact: Path, music: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (music / "empty.wav").unlink()
    (music / "text.mp3").unlink()
    assert command(tone_artifact, music, "--out", tmp_path / f"whole-{name}", "--along-time")[0] == 0
    whole = (tmp_path / f"whole-{name}").read_bytes()
    with monkeypatch.context() as patch:
        interrupt_after(2, patch)
        code, _, err = command(tone_artifact, music, "--out", tmp_path / name, "--along-time")
    assert code == 130 and "2 files answered" in err and "--resume goes on" in err
    part = (tmp_path / name).read_bytes()
    assert whole.startswith(part) and 0 < len(part) < len(whole)
    with monkeypatch.context() as patch:
        asked = interrupt_after(99, patch)
        code, _, err = command(tone_artifact, music, "--out", tmp_path / name, "--along-time", "--resume")
    assert (code, len(asked)) == (0, 3) and "3 files answered, 0 skipped, 2 were in the report already" in err
    assert (tmp_path / name).read_bytes() == whole
    with monkeypatch.context() as patch:
        asked = interrupt_after(99, patch)
        assert command(tone_artifact, music, "--out", tmp_path / name, "--along-time", "--resume")[0] == 0
    assert asked == [] and (tmp_path / name).read_bytes() == whole


@pytest.mark.parametrize("name", ["r.csv", "r.jsonl"])
def test_a_network_retrained_under_the_same_name_does_not_resume(
    command: Command, tone_artifact: Path, music: Path, tmp_path: Path, name: str
) -> None:
    import keras

    from fstmuse.artifacts.card import read_card
    from fstmuse.artifacts.save import save

    assert command(tone_artifact, music / "a.wav", "--out", tmp_path / name)[0] == 0
    first = (tmp_path / name).read_bytes()
    retrained = Path(shutil.copytree(tone_artifact, tmp_path / "models" / "tones"))
    network = keras.saving.load_model(retrained / "network.keras")
    network.get_layer("out").bias.assign_add([0.1, 0.0, 0.0])
    save(network, read_card(retrained), retrained)
    code, _, err = command(retrained, music, "--out", tmp_path / name, "--resume")
    assert code == 2 and f"{tmp_path / name}: line " in err and "is not of a report by tones " in err
    assert (tmp_path / name).read_bytes() == first
    assert command(tone_artifact, music, "--out", tmp_path / name, "--resume")[0] == 0


def test_interrupted_json_is_whole(
    command: Command, tone_artifact: Path, music: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: object) -> str:
        with monkeypatch.context() as patch:
            interrupt_after(3, patch)
            code, out, _ = command(tone_artifact, music, *arguments)
        assert code == 130
        return out

    assert len(json.loads(interrupted("--format", "json"))["results"]) == 3
    assert interrupted("--out", tmp_path / "r.json") == ""
    assert len(json.loads((tmp_path / "r.json").read_text())["results"]) == 3
    assert len(interrupted().splitlines()) == 1 + 3


def test_one_session_for_all_files(
    command: Command, tone_artifact: Path, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fstmuse.inference.session import Session

    made = []
    whole = Session.__init__
    monkeypatch.setattr(Session, "__init__", lambda self, folder: (made.append(self), whole(self, folder))[1])
    assert command(tone_artifact, music)[0] == 0
    assert len(made) == 1 and made[0]._listen.experimental_get_tracing_count() == 1


def test_as_a_module_piped_and_interrupted(tone_artifact: Path, tmp_path: Path) -> None:
    """A real Ctrl-C while a pipe is read: whole lines, nothing but results, exit code 130."""
    for number in range(40):
        write_tone(tmp_path / "music" / f"{number:02}.wav", "Low", 60.0)
    line = [sys.executable, "-m", "fstmuse.predict", tone_artifact, tmp_path / "music", "--format", "jsonl"]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    process = subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path, env=environment
    )
    first = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    answers = [json.loads(row) for row in (first + out).splitlines()]
    assert process.returncode == 130 and 1 <= len(answers) < 40
    assert {row["label"] for row in answers} == {"Low"}
    assert err.splitlines() == [f"{len(answers)} file{'s' * (len(answers) > 1)} answered, 0 skipped", "Interrupted."]


def test_help_is_quick_to_load() -> None:
    code = (
        "import sys, contextlib, io\n"
        "sys.argv = ['predict', '--help']\n"
        "from fstmuse.predict import main\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        "    main()\n"
        "heavy = {'numpy', 'pandas', 'tensorflow', 'keras', 'librosa', 'sklearn', 'matplotlib', 'soundfile'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY, check=True)
    assert done.stdout == "[]\n"
