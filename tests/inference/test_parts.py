"""Answers about a part of a file say which, wherever they are written, and never mix with those of another part."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

from fstmuse.errors import ConfigError
from fstmuse.inference import reports
from fstmuse.inference.results import Classification, part_name
from fstmuse.inference.resumable import ResumableReport
from tests.artifact_fixtures import write_tone

LABELS = ("Folk", "Hip-Hop", "Rock")


def heard(path: str, start_s: float, duration_s: float | None, along_time: bool = False) -> Classification:
    """What a session answers about a part of a file of 100 s."""
    length = min(duration_s or 100.0, 100.0 - start_s)
    times = start_s + np.array([[0.0, length / 2], [length / 2, length]])
    windows = {"times_s": times, "along_time": np.eye(3)[:2]} if along_time else {}
    part = part_name(start_s, duration_s)
    return Classification(path, LABELS, np.eye(3)[0], length, **windows, start_s=start_s, part=part)


@pytest.mark.parametrize(
    ("start_s", "duration_s", "name"),
    [
        (0.0, None, ""),
        (0.0, float("inf"), ""),
        (0.0, 30.0, "0s-30s"),
        (90.0, None, "90s-end"),
        (90.0, float("inf"), "90s-end"),
        (0.1, 0.2, "0.1s-0.3s"),
        (1234.5678, 100.0, "1234.568s-1334.568s"),
    ],
)
def test_what_parts_are_called(start_s: float, duration_s: float | None, name: str) -> None:
    assert part_name(start_s, duration_s) == name


def test_a_part_ends_where_its_sound_does() -> None:
    assert heard("a.mp3", 90.0, 30.0).end_s == 100.0


@pytest.mark.parametrize("along_time", [False, True])
def test_rows_of_csv_and_json_say_which_part(along_time: bool) -> None:
    items = [heard("a.mp3", 90.0, 5.0, along_time), heard("b.mp3", 90.0, 5.0, along_time)]
    stream = io.StringIO()
    reports.write_csv(items, stream, LABELS, along_time, "m", "90s-95s")
    rows = list(csv.DictReader(io.StringIO(stream.getvalue())))
    assert {row["part"] for row in rows} == {"90s-95s"}
    assert [row["start_s"] for row in rows[: len(rows) // 2]] == ["90.000000", "92.500000"][: 1 + along_time]
    assert None not in rows[0] and None not in rows[0].values()  # as many fields as columns
    found = reports.json_object(items[0], "m")
    assert (found["part"], found["start_s"], found["duration_s"]) == ("90s-95s", 90.0, 5.0)
    if along_time:
        assert found["along_time"]["times_s"] == [[90.0, 92.5], [92.5, 95.0]]
        assert reports.label_track(items[0]).startswith("90.000000\t92.500000\tFolk\n")


def test_whole_files_are_reported_without_a_word_of_parts() -> None:
    assert "part" not in reports.csv_columns(LABELS, True) and "start_s" not in reports.csv_columns(LABELS, False)
    assert not {"part", "start_s"} & set(reports.json_object(heard("a.mp3", 0.0, None)))


@pytest.mark.parametrize("along_time", [False, True])
@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_a_report_is_resumed_with_the_same_part_only(tmp_path: Path, format: str, along_time: bool) -> None:
    target = tmp_path / f"r.{format}"
    options = {"format": format, "along_time": along_time, "model": "m"}
    with ResumableReport(target, LABELS, part="90s-95s", **options) as report:
        report.add(heard("a.mp3", 90.0, 5.0, along_time))
        with pytest.raises(ConfigError, match="received the part ''; expected '90s-95s'"):
            report.add(heard("b.mp3", 0.0, None, along_time))
    before = target.read_bytes()
    for part in ("", "90s-96s", "90s-end"):
        with pytest.raises(ConfigError, match=r"line [12] is not of a report by m"):
            ResumableReport(target, LABELS, part=part, existing="resume", **options)
    with ResumableReport(target, LABELS, part="90s-95s", existing="resume", **options) as report:
        assert report.done("a.mp3")
        assert target.read_bytes() == before
        report.add(heard("b.mp3", 90.0, 5.0, along_time))
    text = target.read_text()
    found = csv.DictReader(io.StringIO(text)) if format == "csv" else map(json.loads, text.splitlines())
    assert {(row["path"], row["part"]) for row in found} == {("a.mp3", "90s-95s"), ("b.mp3", "90s-95s")}


def test_files_of_their_own_are_named_by_part(tmp_path: Path) -> None:
    music, out = tmp_path / "music", tmp_path / "out"
    sound = str(write_tone(music / "deep" / "a.wav", "Low", 2.0))
    for format in ("labels", "png"):
        for start_s, length in ((0.0, None), (0.5, 1.0)):
            part = part_name(start_s, length)
            options = {"format": format, "along_time": True, "root": music, "part": part, "existing": "resume"}
            with ResumableReport(out, LABELS, **options) as report:
                assert not report.done(sound)
                report.add(heard(sound, start_s, length or 2.0, True) if part else heard_whole(sound))
                assert report.done(sound)
    assert sorted(path.name for path in (out / "deep").iterdir()) == [
        "a.wav.0.5s-1.5s.png",
        "a.wav.0.5s-1.5s.txt",
        "a.wav.png",
        "a.wav.txt",
    ]


def heard_whole(path: str) -> Classification:
    return Classification(path, LABELS, np.eye(3)[0], 2.0, np.array([[0.0, 2.0]]), np.eye(3)[:1])


def test_a_sound_with_the_longest_name_gets_its_track(tmp_path: Path) -> None:
    name = "x" * 251 + ".wav"
    with ResumableReport(
        tmp_path, LABELS, format="labels", along_time=True, existing="resume", root=Path("/m")
    ) as report:
        report.add(heard(f"/m/{name}", 0.0, None, True))
        assert report.done(f"/m/{name}") and not report.done(f"/m/{name[1:]}")
    (track,) = tmp_path.iterdir()
    assert len(track.name) <= 255 and track.suffix == ".txt"
