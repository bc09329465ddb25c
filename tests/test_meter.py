"""The bar and the results on one terminal: never on one line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fstmuse.meter import Meter

REPOSITORY = Path(__file__).resolve().parent.parent

SHOW = """
import sys, time
import numpy as np
from fstmuse.inference.results import Classification
from fstmuse.meter import Meter
from fstmuse.predict_view import Table
along_time = sys.argv[1] == "along"
labels = ("Experimental", "International", "Instrumental")
names = [f"some folder with a long name/{number} song.wav" for number in range(4)]
with Meter("predicting", 4) as meter:
    table = Table(meter.results, names, labels, along_time, 3)
    for number, name in enumerate(names):
        rows = np.eye(3)[[number % 3, number % 3, 0]] * 0.9
        table.add(Classification(name, labels, rows.mean(axis=0), 3.0, np.array([[0, 1], [1, 2], [2, 3]]), rows))
        time.sleep(0.15)  # the bar is drawn ten times a second
        meter.advance()
    meter.results.write("[")
    meter.results.write("begun, ended\\nrest")
"""


def screen_of(raw: str) -> list[str]:
    """The lines that a terminal shows, never too long for it here."""
    lines, row, column = [""], 0, 0
    for part in re.findall(r"\x1b\[[?0-9;]*[A-Za-z]|.", raw, re.DOTALL):
        if part == "\r":
            column = 0
        elif part == "\n":
            row, lines = row + 1, lines + [""] * (row + 1 == len(lines))
        elif part == "\x1b[2K":
            lines[row] = ""
        elif re.fullmatch(r"\x1b\[\d*A", part):
            row -= int(part[2:-1] or 1)
        elif not part.startswith("\x1b"):
            lines[row] = lines[row].ljust(column)[:column] + part + lines[row][column + 1 :]
            column += 1
    return lines


@pytest.mark.parametrize("columns", [80, 100, 120])
@pytest.mark.parametrize("way", ["along", "whole"])
def test_rows_appear_above_the_bar(columns: int, way: str) -> None:
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    environment = os.environ | {"COLUMNS": str(columns), "TERM": "xterm", "PYTHONPATH": str(REPOSITORY)}
    process = subprocess.Popen([sys.executable, "-c", SHOW, way], stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    raw = b""
    while chunk := _read(ours):
        raw += chunk
    assert process.wait() == 0, raw
    text = raw.decode().replace("\r\n", "\n\r")
    assert text.count("predicting") > 4
    drawn = [match.end() for match in re.finditer(r"\d/4", text)]
    for end in drawn:  # at each drawing of the bar, and at the end
        assert not [
            line for line in screen_of(text[:end]) if "predicting" in line and not line.startswith("predicting")
        ]
    lines = [line.rstrip() for line in screen_of(text) if line.strip()]
    assert max(map(len, lines)) <= columns
    assert lines[0].split() == (["File", "From", "To"] if way == "along" else ["File", "Length"]) + [
        "Label",
        "Prob.",
        "Next",
    ]
    assert sum("song.wav" in line for line in lines) == 4 and not any("predicting" in line for line in lines)
    assert sum("whole" in line for line in lines) == 4 * (way == "along")
    assert lines[-2:] == ["[begun, ended", "rest"]


def test_time_left_is_told_when_it_is_worth_something(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = 0.0
    monkeypatch.setattr("fstmuse.meter.time.monotonic", lambda: now)
    with Meter("filling, percent", 100) as meter:
        now = 40.0
        meter.at(1)
        now = 80.0
        meter.at(10)
    assert capsys.readouterr().err.splitlines() == [
        "filling, percent: 1 of 100",
        "filling, percent: 10 of 100, about 12 min left",
    ]


def test_of_nothing_no_time_is_left(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    monkeypatch.setattr("fstmuse.meter.time.monotonic", lambda: now)
    with Meter("evaluating", 0) as meter:
        now = 40.0
        meter.at(0)
    assert capsys.readouterr().err == "evaluating: 0 of 0\n"


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:  # how Linux says that the other end is closed
        return b""
