"""`python -m fstmuse.predict` about a part of each file, and its pictures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.artifact_fixtures import TONE_RATE, tone, tone_artifact, write_tone
from tests.predict_fixtures import ANSWERS, Command, command, csv_rows, music

__all__ = ["command", "music", "tone_artifact"]


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """3 s of a low tone, then 2 s of a high one."""
    soundfile.write(tmp_path / "two.wav", np.concatenate([tone("Low", 3.0), tone("High", 2.0)]), TONE_RATE)
    return tmp_path / "two.wav"


def test_the_table_says_from_where_to_where(command: Command, tone_artifact: Path, two: Path) -> None:
    code, out, _ = command(tone_artifact, two, "--start-s", 3)
    assert code == 0
    head, row = out.splitlines()
    assert head.split() == ["File", "From", "To", "Label", "Prob.", "Next"]
    assert row.removeprefix(str(two)).split()[:3] == ["0:03.0", "0:05.0", "High"]
    out = command(tone_artifact, two, "--start-s", 2, "--duration-s", 2, "--along-time", "--top", 1)[1]
    assert [line.removeprefix(str(two)).split() for line in out.splitlines()[1:]] == [
        ["0:02.0", "0:04.0", "Low", "50.0%"],
        ["0:02.0", "0:03.0", "Low", "100.0%"],
        ["0:03.0", "0:04.0", "High", "100.0%"],
    ]


def test_reports_say_which_part_and_resume_with_it_alone(
    command: Command, tone_artifact: Path, two: Path, tmp_path: Path
) -> None:
    out_file, part = tmp_path / "r.csv", ["--start-s", 3.5, "--duration-s", 1]
    assert command(tone_artifact, two, *part, "--out", out_file)[0] == 0
    (row,) = csv_rows(out_file.read_text())
    assert (row["part"], row["start_s"], row["duration_s"]) == ("3.5s-4.5s", "3.500000", "1.000000")
    assert row["label"] == "High"
    code, _, err = command(tone_artifact, two, "--out", out_file, "--resume")
    assert code == 2 and "line 1 is not of a report by tones" in err
    code, _, err = command(tone_artifact, two, *part, "--out", out_file, "--resume")
    assert code == 0 and "1 were in the report already" in err
    for format in ("csv", "json", "jsonl"):
        out = command(tone_artifact, two, *part, "--format", format)[1]
        found = {"csv": csv_rows, "json": lambda text: json.loads(text)["results"], "jsonl": parsed_lines}[format](out)
        assert [(row["part"], float(row["start_s"]), row["label"]) for row in found] == [("3.5s-4.5s", 3.5, "High")]


def parsed_lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_label_tracks_of_a_part_lie_where_it_lies(
    command: Command, tone_artifact: Path, two: Path, tmp_path: Path
) -> None:
    out = command(tone_artifact, two, "--start-s", 2, "--format", "labels")[1]
    assert out == "2.000000\t3.000000\tLow\n3.000000\t5.000000\tHigh\n"
    folder = tmp_path / "tracks"
    assert command(tone_artifact, two, "--start-s", 2, "--format", "labels", "--out", folder)[0] == 0
    assert (folder / "two.wav.2s-end.txt").read_text() == out


def test_a_file_that_ends_before_the_part_is_skipped(
    command: Command, tone_artifact: Path, two: Path, tmp_path: Path
) -> None:
    short = write_tone(tmp_path / "short.wav", "Low", 1.0)
    code, out, err = command(tone_artifact, short, two, "--start-s", 4, "--duration-s", 10, "--format", "jsonl")
    assert code == 0
    rows = parsed_lines(out)
    assert "asked to start at 4 s, but its sound ends at 1.00 s" in rows[0]["reason"]
    assert (rows[1]["part"], rows[1]["duration_s"]) == ("4s-14s", 1.0)
    assert f"Skipped {short}: asked to start" in err


def test_a_picture_of_each_file(command: Command, tone_artifact: Path, music: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    code, out, err = command(tone_artifact, music, "--format", "png", "--out", folder)
    assert (code, out) == (0, "") and "5 files answered, 2 skipped" in err
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert found == {f"{name}.png" for name in ANSWERS} | {"skipped.csv"}
    picture = (folder / "deep" / "er" / "c.wav.png").read_bytes()
    assert picture.startswith(b"\x89PNG") and b"Glyph" not in err.encode()
    (folder / "a.wav.png").unlink()
    code, _, err = command(tone_artifact, music, "--format", "png", "--out", folder, "--resume")
    assert code == 0 and "1 file answered" in err and "4 were in the report already" in err
    assert (folder / "deep" / "er" / "c.wav.png").read_bytes() == picture and (folder / "a.wav.png").is_file()
    assert command(tone_artifact, music, "--format", "png", "--out", folder)[0] == 2


WRONG = {
    "picture to the screen": (["--format", "png"], "A picture does not go to the screen. Give --out FOLDER, too"),
    "before the beginning": (["--start-s", "-1"], "'--start-s': received '-1', expected at least 0"),
    "never": (["--start-s", "inf"], "--start-s inf: expected a number of seconds"),
    "nothing": (["--duration-s", "0"], "--duration-s 0: expected more than 0 s"),
    "less than nothing": (["--duration-s", "-2.5"], "--duration-s -2.5: expected more than 0 s"),
    "no number": (["--duration-s", "nan"], "--duration-s nan: expected more than 0 s"),
    "words": (["--start-s", "soon"], "'--start-s'"),
}


@pytest.mark.parametrize("case", WRONG)
def test_parts_that_cannot_be(command: Command, tone_artifact: Path, music: Path, case: str) -> None:
    arguments, message = WRONG[case]
    code, out, err = command(tone_artifact, music, *arguments)
    assert (code, out) == (2, "") and message in err
