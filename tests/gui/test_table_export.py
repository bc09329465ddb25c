"""Answers about many clips as one table."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from fstmuse.errors import DataError
from gui.core.exports import answers_of, table, write_table
from gui.core.jobs import Job
from gui.window import Window
from tests.gui.page_fixtures import add_answer
from tests.gui.window_fixtures import all_done, window

__all__ = ["window"]


def job(path: str) -> Job:
    return Job(1, path, "classify", ("/m/a", "/m/b"), {}, None)


def read(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def test_all_clips_and_models_stand_in_one_table(tmp_path: Path) -> None:
    low, high, failed = job("/c/low.wav"), job("/c/high.wav"), job("/c/bad.wav")
    add_answer(low, "/m/a", [0.1, 0.9, 0.0], signature="a 0.1 0123456789ab")
    add_answer(low, "/m/b", [0.3, 0.7], labels=("Low", "Loud, very"))
    add_answer(high, "/m/a", [0.8, 0.2, 0.0], start_s=1.0, duration_s=2.0)
    file = tmp_path / "table.csv"
    results = answers_of([low, high, failed], "classify", along_time=False)
    assert write_table(results, file, along_time=False) == 3
    rows = read(file)
    assert [(Path(row["path"]).name, row["model"], row["part"]) for row in rows] == [
        ("low.wav", "a 0.1 0123456789ab", ""),
        ("low.wav", "b", ""),
        ("high.wav", "a", "1s-3s"),
    ]
    assert [row["p_Low"] for row in rows] == ["0.900000", "0.300000", "0.200000"]
    assert [row["p_Loud, very"] for row in rows] == ["", "0.700000", ""]
    assert [row["label"] for row in rows] == ["Low", "Loud, very", "High"]
    assert answers_of([low], "infill", along_time=False) == []


def test_along_time_there_is_a_line_for_each_window() -> None:
    low = job("/c/low.wav")
    add_answer(low, "/m/a", [0.1, 0.9, 0.0])
    header, *rows = table(answers_of([low], "classify", along_time=True), along_time=True)
    assert len(rows) == 3 and [row[header.index("window")] for row in rows] == ["1", "2", "3"]


def test_a_file_is_replaced_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    low = job("/c/low.wav")
    add_answer(low, "/m/a", [0.1, 0.9, 0.0])
    results = answers_of([low], "classify", along_time=False)
    file = tmp_path / "table.csv"
    file.write_text("before")
    write_table(results, file, along_time=False)
    assert len(read(file)) == 1 and list(tmp_path.iterdir()) == [file]
    with pytest.raises(DataError, match="choose another place"):
        write_table(results, tmp_path / "none" / "table.csv", along_time=False)


def test_selected_rows_are_exported_and_the_file_is_offered(qtbot, window: Window, tones: Path, tmp_path: Path) -> None:
    action = window.context.actions["export_table"]
    assert not action.isEnabled() and "no answer" in action.toolTip()
    window.take([str(tones)])
    qtbot.waitUntil(lambda: all_done(window, 3))
    artifact = window.clips.models[0].path
    for each in window.runner.jobs:
        add_answer(each, artifact, [0.1, 0.9, 0.0])
    window.commands.enable()
    file, proposals = tmp_path / "mine.csv", []
    window.tables.ask = lambda parent, title, proposal, kinds, then: (proposals.append(proposal), then(str(file)))
    window.queue_panel.choose(next(iter(window.runner.jobs)).id)
    action.trigger()
    qtbot.waitUntil(lambda: "written to mine.csv" in window.status.currentMessage())
    assert "1 line about 1 clip" in window.status.currentMessage() and len(read(file)) == 1
    assert proposals[0].endswith("answers.csv") and window.status.file.isVisible()
    window.queue_panel.table.clearSelection()
    action.trigger()
    qtbot.waitUntil(lambda: "3 lines about 3 clips" in window.status.currentMessage())
    assert len(read(file)) == 3
    window.context.actions["export_along_time"].trigger()
    qtbot.waitUntil(lambda: "9 lines about 3 clips" in window.status.currentMessage())
    window.say("Something else")
    assert not window.status.file.isVisible()
