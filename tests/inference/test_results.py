"""Results and the reports made of them, resumed after a kill at any byte."""

from __future__ import annotations

import csv
import io
import json
import os

import numpy as np
import pytest

from fstmuse.errors import ConfigError, DataError
from fstmuse.inference import reports
from fstmuse.inference.results import Classification, Skipped, segments
from fstmuse.inference.resumable import ResumableReport

LABELS = ("Folk", "Hip-Hop", "Rock")
# A comma, quotes, a line end, bytes that are no UTF-8, an emoji, markup: all of them are file names.
NAMES = ["a.mp3", 'b, "live".wav', "c\nd.flac", os.fsdecode(b"\xff\xe9.ogg"), "🎸 é.mp3", "[red]x[/red].wav"]


def clip(path="a.mp3", along_time=False, windows=3, seed=0):
    rng = np.random.default_rng(seed)
    rows = rng.dirichlet(np.ones(3), windows)
    times = np.stack([np.arange(windows) * 2.0, np.arange(windows) * 2.0 + 2], axis=1)
    extra = {"times_s": times, "along_time": rows} if along_time else {}
    return Classification(path, LABELS, rows.mean(axis=0), 2.0 * windows, **extra)


def timed(winners, times):
    return Classification("a.mp3", LABELS, np.eye(3)[0], 9.0, np.array(times), np.eye(3)[winners] * 0.8)


def test_top_label_and_confidence():
    result = Classification("a.mp3", LABELS, np.array([0.2, 0.4, 0.4]), 3.0)
    assert [label for label, _ in result.top(2)] == ["Hip-Hop", "Rock"]
    assert result.top(9)[-1] == ("Folk", pytest.approx(0.2))
    assert result.top(0) == []
    assert (result.label, result.confidence) == ("Hip-Hop", pytest.approx(0.4))
    assert result.probabilities.dtype == np.float32


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"probabilities": np.zeros(2)}, "expected \\(3,\\)"),
        ({"probabilities": np.array([0.5, np.nan, 0.5])}, "expected 0 to 1"),
        ({"probabilities": np.array([0.5, 1.5, 0.5])}, "expected 0 to 1"),
        ({"times_s": np.zeros((2, 2))}, "belong together"),
        ({"times_s": np.zeros((2, 3)), "along_time": np.zeros((2, 3))}, "expected \\(windows, 2\\)"),
        ({"times_s": np.zeros((2, 2)), "along_time": np.zeros((1, 3))}, "expected \\(2, 3\\)"),
    ],
)
def test_results_that_cannot_be_are_refused(changes, match):
    fields = {"path": "a.mp3", "labels": LABELS, "probabilities": np.ones(3) / 3, "duration_s": 1.0, **changes}
    with pytest.raises(ConfigError, match=match):
        Classification(**fields)


def test_segments_merge_windows_of_one_label():
    parts = segments(timed([0, 0, 2, 2, 2, 0], [[i, i + 1] for i in range(6)]))
    assert [(p.start_s, p.end_s, p.label) for p in parts] == [(0, 2, "Folk"), (2, 5, "Rock"), (5, 6, "Folk")]
    assert parts[1].confidence == pytest.approx(0.8)


def test_segments_meet_in_the_middle_of_an_overlap_and_keep_gaps():
    parts = segments(timed([0, 1, 1, 2], [[0, 4], [2, 6], [4, 8], [9, 13]]))
    assert [(p.start_s, p.end_s) for p in parts] == [(0, 3), (3, 8), (9, 13)]


def test_label_track_is_what_audacity_reads():
    track = reports.label_track(timed([1, 1, 0], [[0, 2], [1, 3], [2, 4.5]]))
    assert track == "0.000000\t2.500000\tHip-Hop\n2.500000\t4.500000\tFolk\n"
    with pytest.raises(ConfigError, match="--along-time"):
        reports.label_track(clip())


@pytest.mark.parametrize("along_time", [False, True])
def test_csv_reads_back_in_pandas(along_time):
    import pandas

    stream = io.StringIO()
    items = [clip("a, b.mp3", True), Skipped("bad.mp3", "no audio"), clip("c.mp3", True, seed=1)]
    skipped = reports.write_csv(items, stream, LABELS, along_time, model="genres")
    stream.seek(0)
    table = pandas.read_csv(stream)
    assert skipped == [items[1]]
    assert len(table) == (6 if along_time else 2)
    assert list(table["path"].unique()) == ["a, b.mp3", "c.mp3"]
    expected = items[0].along_time if along_time else items[0].probabilities[None]
    np.testing.assert_allclose(
        table[["p_Folk", "p_Hip-Hop", "p_Rock"]].to_numpy()[: len(expected)], expected, atol=1e-6
    )
    assert table["label"][0] == LABELS[expected[0].argmax()]
    assert table["confidence"][0] == pytest.approx(expected[0].max(), abs=1e-6)


def test_json_document_and_lines_hold_the_same():
    items = [clip(NAMES[3], True), Skipped("bad.mp3", "no audio"), clip("🎸.mp3")]
    document, lines = io.StringIO(), io.StringIO()
    reports.write_json(items, document, "genres")
    reports.write_json_lines(items, lines, "genres")
    parsed = json.loads(document.getvalue())
    rows = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert parsed["results"] == [rows[0], rows[2]]
    assert parsed["skipped"] == [rows[1]] == [{"path": "bad.mp3", "reason": "no audio"}]
    assert [row["path"] for row in rows] == [item.path for item in items]
    assert rows[0]["probabilities"]["Rock"] == pytest.approx(float(items[0].probabilities[2]), abs=1e-6)
    assert rows[0]["along_time"]["times_s"][1] == [2.0, 4.0]
    document.getvalue().encode("utf-8")  # strictly


def test_empty_json_document_is_valid():
    stream = io.StringIO()
    reports.write_json([], stream)
    assert json.loads(stream.getvalue()) == {"results": [], "skipped": []}


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00.0"), (59.96, "1:00.0"), (61.25, "1:01.2"), (3600, "1:00:00.0")]
)
def test_clock(seconds, text):
    assert reports.clock(seconds) == text


def whole(tmp_path, format, along_time):
    target = tmp_path / f"whole.{format}"
    with ResumableReport(target, LABELS, format=format, along_time=along_time, model="m") as report:
        for name in NAMES:
            report.add(clip(name, along_time))
    return target


@pytest.mark.parametrize("along_time", [False, True])
@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_resumed_after_a_kill_at_any_byte_the_report_is_the_same(tmp_path, format, along_time):
    target = whole(tmp_path, format, along_time)
    complete = target.read_bytes()
    ends = set()
    for size in [*range(0, len(complete), 7 if along_time else 3), len(complete)]:
        target.write_bytes(complete[:size])
        with ResumableReport(
            target, LABELS, format=format, along_time=along_time, model="m", existing="resume"
        ) as report:
            left = [name for name in NAMES if not report.done(name)]
            ends.add(len(left))
            # What is done is a beginning: rows are appended in order.
            assert left == NAMES[len(NAMES) - len(left) :]
            for name in left:
                report.add(clip(name, along_time))
            assert report.added == len(left)
        assert target.read_bytes() == complete, size
    assert ends == set(range(len(NAMES) + 1))


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_names_that_are_no_utf8_are_done_after_reading_back(tmp_path, format):
    target = whole(tmp_path, format, False)
    with ResumableReport(target, LABELS, format=format, model="m", existing="resume") as report:
        assert all(report.done(name) for name in NAMES)
        assert not report.done("other.mp3")


@pytest.mark.parametrize("format", ["csv", "jsonl"])
@pytest.mark.parametrize(
    "changes", [{"model": "other"}, {"labels": ("Folk", "Rock", "Hip-Hop")}, {"along_time": True}, {"damage": True}]
)
def test_a_report_of_another_kind_is_not_resumed_nor_harmed(tmp_path, format, changes):
    target = whole(tmp_path, format, False)
    if "damage" in changes:
        lines = target.read_bytes().splitlines(keepends=True)
        target.write_bytes(b"".join([*lines[:2], b"edited by hand\n", *lines[2:]]))
    before = target.read_bytes()
    options = {"labels": LABELS, "model": "m", "along_time": False} | {
        k: v for k, v in changes.items() if k != "damage"
    }
    with pytest.raises(ConfigError, match=r"line [123] is not of a report") as caught:
        ResumableReport(target, format=format, existing="resume", **options)
    assert "another name" in str(caught.value)
    assert target.read_bytes() == before


def test_an_existing_report_is_refused_unless_told_otherwise(tmp_path):
    target = whole(tmp_path, "csv", False)
    with pytest.raises(ConfigError, match=r"exists already.*--resume"):
        ResumableReport(target, LABELS, format="csv")
    with ResumableReport(target, LABELS, format="csv", existing="overwrite") as report:
        assert not report.done(NAMES[0])
    assert target.read_text() == "path,model,duration_s,label,confidence,p_Folk,p_Hip-Hop,p_Rock\n"


def test_skipped_files_are_listed_and_tried_again(tmp_path):
    target = tmp_path / "new folder" / "out.csv"
    with ResumableReport(target, LABELS, format="csv") as report:
        report.add(clip())
        report.add(Skipped(NAMES[2], 'no audio, "empty"'))
        assert (report.added, report.skipped) == (1, 1)
    with report.skipped_path.open(newline="") as file:
        assert list(csv.reader(file)) == [["path", "reason"], [NAMES[2], 'no audio, "empty"']]
    assert report.skipped_path == target.parent / "out.skipped.csv"
    with ResumableReport(target, LABELS, format="csv", existing="resume") as report:
        assert report.done("a.mp3")
        assert not report.done(NAMES[2])
        report.add(clip(NAMES[2]))
    assert not report.skipped_path.exists()


def test_label_tracks_mirror_the_folders_and_resume(tmp_path):
    music, out = tmp_path / "music", tmp_path / "tracks"
    paths = [str(music / "a" / "x.mp3"), str(music / "b" / "x.mp3"), str(music / "b" / "x.wav"), "/far/away.mp3"]
    options = {"format": "labels", "along_time": True, "root": music}
    with ResumableReport(out, LABELS, **options) as report:
        for path in paths[:3]:
            report.add(clip(path, True))
        report.add(Skipped("y.mp3", "no audio"))
    assert report.skipped_path.is_file()
    found = sorted(str(p.relative_to(out)) for p in out.rglob("*.txt"))
    assert found == ["a/x.mp3.txt", "b/x.mp3.txt", "b/x.wav.txt"]
    assert (out / "a" / "x.mp3.txt").read_text() == reports.label_track(clip(paths[0], True))
    with ResumableReport(out, LABELS, existing="resume", **options) as report:
        assert [report.done(path) for path in paths] == [True, True, True, False]
        report.add(clip(paths[3], True))
        assert report.done(paths[3])
    assert (out / "elsewhere" / "far" / "away.mp3.txt").is_file()
    assert not list(out.rglob(".*"))
    with pytest.raises(ConfigError, match="exists already"):
        ResumableReport(out, LABELS, **options)
    with ResumableReport(out, LABELS, existing="overwrite", **options) as report:
        assert not report.done(paths[0])


def test_wrong_options_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="Did you mean 'csv'"):
        ResumableReport(tmp_path / "x", LABELS, format="csvv")
    with pytest.raises(ConfigError, match="Did you mean 'resume'"):
        ResumableReport(tmp_path / "x", LABELS, format="csv", existing="resum")
    with pytest.raises(ConfigError, match="--along-time"):
        ResumableReport(tmp_path / "x", LABELS, format="labels")
    with (
        ResumableReport(tmp_path / "x.csv", ("Folk", "Rock"), format="csv") as report,
        pytest.raises(ConfigError, match="expected Folk, Rock"),
    ):
        report.add(clip())


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_no_half_row_stays_when_the_disk_is_full(tmp_path, format):
    resource = pytest.importorskip("resource", reason="needs limits on the size of files")
    target = tmp_path / "out"
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    with ResumableReport(target, LABELS, format=format) as report:
        report.add(clip("a.mp3"))
        before = target.read_bytes()
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 10, old[1]))
        try:
            with pytest.raises(DataError, match="run again to resume"):
                report.add(clip("b.mp3"))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, old)
        assert target.read_bytes() == before
        assert not report.done("b.mp3")
        report.add(clip("b.mp3"))
    with ResumableReport(target, LABELS, format=format, existing="resume") as report:
        assert report.done("a.mp3")
        assert report.done("b.mp3")


def test_a_place_that_cannot_be_written_is_told_in_words(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="choose another place"):
        ResumableReport(tmp_path / "file" / "out.csv", LABELS, format="csv")
