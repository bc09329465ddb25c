"""Checking a manifest against its files."""

from __future__ import annotations

import csv
import hashlib
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fstmuse.data import inspection
from fstmuse.data.check import check
from fstmuse.data.inspection import Finding, Task, inspect_all
from fstmuse.data.manifest import Clip, Manifest
from fstmuse.data.registry import resolve


def sound(path: Path, seconds: float = 1.0, level: float = 0.2) -> Clip:
    soundfile.write(path, np.full(int(seconds * 8000), level), 8000)
    checksum = "sha1:" + hashlib.sha1(path.read_bytes()).hexdigest()
    return Clip(path.stem, path.name, 0.0, seconds, ("x",), "train", "", checksum)


def test_each_kind_of_clip_gets_its_own_verdict(tmp_path: Path) -> None:
    good = sound(tmp_path / "good.wav")
    silent = sound(tmp_path / "silent.wav", level=0.0)
    short = replace(sound(tmp_path / "short.wav"), duration_s=5.0)
    late = replace(good, clip_id="late", start_s=0.5, duration_s=0.5)
    beyond = replace(good, clip_id="beyond", start_s=3.0, duration_s=0.5)
    changed = sound(tmp_path / "changed.wav")
    sound(tmp_path / "changed.wav", level=0.3)
    (tmp_path / "broken.mp3").write_bytes(b"no music here " * 99)
    (tmp_path / "folder.wav").mkdir()
    os.mkfifo(tmp_path / "pipe.wav")
    clips = (
        *(good, silent, short, late, beyond, changed),
        Clip("absent", "absent.wav"),
        Clip("broken", "broken.mp3"),
        Clip("known", "broken.mp3", status="bad", reason="no music"),
        Clip("folder", "folder.wav"),
        Clip("pipe", "pipe.wav"),
    )
    seen: list[tuple[int, int]] = []
    report = check(Manifest("m", clips), tmp_path, workers=0, progress=lambda *done: seen.append(done))
    verdicts = {checked.clip.clip_id: checked for checked in report.clips}
    assert {name: checked.status for name, checked in verdicts.items()} == {
        **{"good": "ok", "silent": "failed", "late": "ok", "known": "known bad"},
        **{"short": "failed", "beyond": "failed", "changed": "failed", "broken": "failed"},
        **{"absent": "missing", "folder": "missing", "pipe": "missing"},
    }
    assert not report.passed
    assert report.counts == {"ok": 2, "known bad": 1, "failed": 5, "missing": 3, "silent": 1}
    assert verdicts["silent"].silent and not verdicts["good"].silent
    assert (verdicts["good"].checksum, verdicts["changed"].checksum, verdicts["broken"].checksum) == (
        *("ok", "wrong"),
        "unknown",
    )
    assert verdicts["short"].reason == "decoded 1.0 s from 0.0 s on, expected 5.0 s"
    assert changed.checksum in verdicts["changed"].reason
    assert verdicts["silent"].reason == "silent; replace the file, or set its status to bad"
    reasons = {name: verdicts[name].reason for name in ("absent", "folder", "pipe")}
    assert reasons == {"absent": "no such file", "folder": "is a folder", "pipe": "not a plain file"}
    assert verdicts["known"].reason == "no music"
    assert verdicts["late"].duration_s == pytest.approx(0.5)
    assert seen[-1] == (11, 11)

    report.write(tmp_path / "report.csv")
    with (tmp_path / "report.csv").open(newline="") as file:
        rows = {row["clip_id"]: row for row in csv.DictReader(file)}
    assert list(rows["good"]) == ["clip_id", "path", "found", "checksum", "duration_s", "silent", "status", "reason"]
    assert list(rows["silent"].values()) == [
        "silent",
        "silent.wav",
        "yes",
        "ok",
        "1.000",
        "yes",
        "failed",
        verdicts["silent"].reason,
    ]
    assert (rows["absent"]["found"], rows["absent"]["status"]) == ("no", "missing")


def test_known_bad_clips_do_not_fail_a_check(tmp_path: Path) -> None:
    clips = (sound(tmp_path / "a.wav"), Clip("b", "gone.wav", status="bad", reason="holds no audio"))
    assert check(Manifest("m", clips), tmp_path, workers=0).passed


def test_processes_find_the_same(tmp_path: Path) -> None:
    clips = tuple(sound(tmp_path / f"{number:02d}.wav", seconds=0.1) for number in range(20))
    manifest = Manifest("m", clips)
    assert check(manifest, tmp_path, workers=2) == check(manifest, tmp_path, workers=0)


def _inspect_or_die(task: Task) -> Finding:
    """Stands for a decoder that takes its process with it."""
    if task.file.name == "kills.wav":
        os._exit(1)
    return Finding(found=True, duration_s=1.0)


def test_a_file_that_kills_its_process_becomes_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "inspect", _inspect_or_die)
    tasks = [Task(tmp_path / f"{number:02d}.wav") for number in range(20)]
    tasks[7] = Task(tmp_path / "kills.wav")
    findings = inspect_all(tasks, workers=2)
    assert [index for index, finding in enumerate(findings) if finding.error] == [7]
    assert findings[7].error == "its decoder crashed"


def test_real_clips_are_as_published(real_data: Path) -> None:
    manifest, root = resolve("fma_small", real_data / "fma_small", only_present=True)
    some = Manifest("some", manifest.clips[:6])
    report = check(some, root, workers=0)
    assert report.passed
    assert {checked.checksum for checked in report.clips} == {"ok"}
    assert all(29.5 < checked.duration_s < 30.5 for checked in report.clips)
