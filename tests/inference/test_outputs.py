"""Results as new files: their names, never over a file that is there, whole or not at all, for any kind of result."""

from __future__ import annotations

import csv
import dataclasses
import errno
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from fstmuse.errors import AudioError, ConfigError, DataError
from fstmuse.inference import outputs, reports
from fstmuse.inference.outputs import FORMATS, save_result
from fstmuse.inference.results import Classification
from tests.artifact_fixtures import write_tone

LABELS = ("Folk", "Hip-Hop", "Rock")
TIMES = np.array([[0.0, 1.0], [1.0, 2.0], [2.0, 3.0]])
ROWS = np.array([[0.2, 0.3, 0.5], [0.7, 0.2, 0.1], [0.8, 0.1, 0.1]])


def clip(path: object = "foo.mp3", along_time: bool = True, **changes: object) -> Classification:
    windows = {"times_s": TIMES, "along_time": ROWS} if along_time else {}
    return Classification(str(path), LABELS, ROWS.mean(axis=0), 3.0, **windows | changes)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_all_formats_of_a_real_clip(tmp_path: Path) -> None:
    result = clip(write_tone(tmp_path / "music" / "foo.wav", "Low", 3.0))
    out = tmp_path / "new" / "folder"
    files = save_result(result, out, FORMATS, "genres 0123456789ab")
    assert [file.name for file in files] == [f"foo.wav.genres.{end}" for end in ("csv", "json", "txt", "png")]
    assert names(out) == sorted(file.name for file in files)
    rows = list(csv.DictReader(files[0].open(newline="")))
    assert [(row["window"], row["end_s"], row["label"]) for row in rows] == [
        ("1", "1.000000", "Rock"),
        ("2", "2.000000", "Folk"),
        ("3", "3.000000", "Folk"),
    ]
    assert {row["model"] for row in rows} == {"genres 0123456789ab"}
    assert json.loads(files[1].read_text()) == reports.json_object(result, "genres 0123456789ab")
    assert files[2].read_text() == reports.label_track(result)
    assert files[3].read_bytes().startswith(b"\x89PNG")


def test_without_windows_the_csv_has_one_row_and_the_others_are_refused(tmp_path: Path) -> None:
    (file,) = save_result(clip(along_time=False), tmp_path, ["csv"], "m")
    (row,) = csv.DictReader(file.open(newline=""))
    assert row["path"] == "foo.mp3" and row["duration_s"] == "3.000000" and "window" not in row
    for format in ("labels", "png"):
        with pytest.raises(ConfigError, match="--along-time"):
            save_result(clip(along_time=False), tmp_path, ["csv", format], "m")
    assert names(tmp_path) == [file.name]


def test_a_part_is_named_in_the_file_and_its_name(tmp_path: Path) -> None:
    result = clip(start_s=90.0, part="90s-93s", times_s=TIMES + 90)
    table, document, track = save_result(result, tmp_path, ["csv", "json", "labels"], "m")
    assert table.name == "foo.mp3.90s-93s.m.csv"
    assert [row["part"] for row in csv.DictReader(table.open(newline=""))] == ["90s-93s"] * 3
    assert json.loads(document.read_text())["start_s"] == 90.0
    assert track.read_text().startswith("90.000000\t91.000000\tRock\n")


def test_nothing_is_ever_overwritten_and_files_of_one_result_share_their_number(tmp_path: Path) -> None:
    (tmp_path / "foo.mp3.m.json").write_text("mine")
    first = save_result(clip(), tmp_path, ["csv", "json"], "m")
    second = save_result(clip(), tmp_path, ["json", "csv", "json"], "m")
    assert [file.name for file in first] == ["foo.mp3.m (2).csv", "foo.mp3.m (2).json"]
    assert [file.name for file in second] == ["foo.mp3.m (3).json", "foo.mp3.m (3).csv"]
    assert (tmp_path / "foo.mp3.m.json").read_text() == "mine"
    assert save_result(clip("other/foo.wav"), tmp_path, ["csv"], "m")[0].name == "foo.wav.m.csv"
    assert len(names(tmp_path)) == 6


@pytest.mark.parametrize("links", [True, False])
def test_several_processes_never_share_a_name(tmp_path: Path, links: bool) -> None:
    """Without links, too: file systems of memory cards have none."""
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from fstmuse.inference.outputs import save_result\n"
        "from tests.inference.test_outputs import clip, refuse_links\n"
        "if sys.argv[2] == 'False':\n"
        "    Path.hardlink_to = refuse_links\n"
        "print('ready', flush=True)\n"
        "sys.stdin.readline()\n"
        "for _ in range(40):\n"
        "    print(*save_result(clip(), sys.argv[1], ['csv', 'json'], sys.argv[3]), sep='|')\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "out"), str(links), "m"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    assert [process.stdout.readline() for process in processes] == ["ready\n"] * 3
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    lines = [line for process in processes for line in process.communicate(timeout=60)[0].splitlines()]
    pairs = [[Path(path) for path in line.split("|")] for line in lines]
    files = [file for pair in pairs for file in pair]
    assert len(files) == len(set(files)) == 240
    assert names(tmp_path / "out") == sorted(file.name for file in files)
    assert all(table.stem == document.stem for table, document in pairs)
    assert len({file.read_bytes() for file in files}) == 2  # each of them whole


def refuse_links(target: Path, part: Path) -> None:
    raise OSError(errno.EPERM, "Operation not permitted")


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ('a:b*"c"?<d>|\\e.mp3', "a_b__c___d___e.mp3"),
        ("line\nend\ttab.wav", "line_end_tab.wav"),
        (os.fsdecode(b"\xff\xe9.ogg"), "__.ogg"),
        (".hidden.mp3", "_hidden.mp3"),
        ("🎸 é.mp3", "🎸 é.mp3"),
        ("", "result"),
    ],
)
def test_names_are_safe_everywhere(tmp_path: Path, name: str, safe: str) -> None:
    files = save_result(clip(f"/music/{name}" if name else ""), tmp_path, ["csv", "json", "labels"], "../up/m: x")
    assert [file.name for file in files] == [f"{safe}._._up_m_ x{end}" for end in (".csv", ".json", ".txt")]
    assert all(file.parent == tmp_path for file in files)


def test_very_long_names_stay_below_255_bytes_and_apart(tmp_path: Path) -> None:
    results = [clip("é" * 120 + f"{number}.mp3") for number in (1, 2, 2)]
    found = [save_result(result, tmp_path, ["csv"], "m" * 250)[0].name for result in results]
    assert len(set(found)) == 3 and found[2] == found[1].replace(".csv", " (2).csv")
    assert all(len(name.encode()) < 255 and name.startswith("é" * 60) and "~" in name for name in found)
    assert names(tmp_path) == sorted(found)


def test_a_place_that_cannot_be_written_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(DataError, match=r"file.*choose another place\."):
            save_result(clip(), folder, ["csv"], "m")


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="needs limits on the size of files")
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, old[1]))
    try:
        with pytest.raises(DataError, match="Free space"):
            save_result(clip(), tmp_path, ["labels", "json"], "m")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert names(tmp_path) == []


def test_an_error_between_two_names_gives_the_first_one_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = outputs._place

    def failing(part: Path, target: Path) -> None:
        if target.suffix == ".json":
            raise OSError(errno.EIO, "Input/output error")
        whole(part, target)

    monkeypatch.setattr(outputs, "_place", failing)
    with pytest.raises(DataError, match="Input/output error"):
        save_result(clip(), tmp_path, ["csv", "json"], "m")
    assert names(tmp_path) == []


def test_wrong_formats_and_results_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"Received the format 'cvs'\. Did you mean 'csv'\?"):
        save_result(clip(), tmp_path / "out", ["json", "cvs"], "m")
    with pytest.raises(ConfigError, match="Received str; expected a result"):
        save_result("foo.mp3", tmp_path / "out", ["csv"], "m")
    assert not (tmp_path / "out").exists()


def test_the_picture_of_a_clip_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match=r"gone\.wav"):
        save_result(clip(tmp_path / "gone.wav"), tmp_path, ["png", "csv"], "m")
    assert names(tmp_path) == []


def test_a_new_kind_of_result_brings_its_own_formats(tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Filling:
        path: str
        part: str
        sound: bytes

    @outputs.outputs.register(Filling)
    def _(result: Filling) -> dict[str, outputs.Writer]:
        return {"wav": lambda path, model: path.write_bytes(result.sound)}

    result = Filling("a.mp3", "3s-5s", b"RIFF")
    (file,) = save_result(result, tmp_path, ["wav"], "gaps")
    assert (file.name, file.read_bytes()) == ("a.mp3.3s-5s.gaps.wav", b"RIFF")
    assert save_result(dataclasses.replace(result), tmp_path, ["wav"], "gaps")[0].name == "a.mp3.3s-5s.gaps (2).wav"
    with pytest.raises(ConfigError, match="Known: wav"):
        save_result(result, tmp_path, ["csv"], "gaps")


def test_what_a_killed_process_left_half_written_is_swept(tmp_path: Path) -> None:
    names_of_parts = [f".{digit * 32}.part" for digit in "ab"]
    for name in (*names_of_parts, ".mine.part", f"{'c' * 32}.part"):
        (tmp_path / name).write_text("half")
        if name != names_of_parts[1]:  # this one may be another process's that is at work
            os.utime(tmp_path / name, (1, 1))
    (file,) = save_result(clip(), tmp_path, ["csv"], "m")
    assert names(tmp_path) == sorted([names_of_parts[1], ".mine.part", f"{'c' * 32}.part", file.name])
