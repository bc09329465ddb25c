"""Manifests: what a CSV may hold, what is refused, and what resolve makes of a name."""

from __future__ import annotations

import functools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fstmuse.data.manifest import Clip, Manifest, read_manifest, write_manifest
from fstmuse.data.registry import DATASETS, resolve, shipped_manifest
from fstmuse.errors import DataError, ManifestError
from fstmuse.places import data_dir

HEADER = "clip_id,path,labels,split,group\n"
ROWS = "a,a.wav,Rock,train,one\nb,b.wav,Rock,test,two\nc,c.wav,Folk,train,three\nd,d.wav,Folk|Rock,valid,four\n"


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "music.csv"
    path.write_text(text, encoding="utf-8")
    return path


def sound(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.full(800, 0.1), 8000)


def test_what_is_written_is_read_back_with_the_same_hash(tmp_path: Path) -> None:
    clips = (
        Clip("zwei", 'Rock/Ä b,\n"c" 🎵.wav', 1 / 3, 29.977, ("Rock", "R&B"), "train", "Björk", "sha1:" + "0a" * 20),
        Clip("eins", " leading.wav", 0.0, None, ("Folk",), "valid", "", "sha256:" + "0b" * 32),
        Clip("drei", "/abs/x.wav", 5.0, 0.5, ("Folk",), "", "", "", "bad", "0.5 s, too short"),
    )
    manifest = Manifest("mine", clips)
    write_manifest(manifest, tmp_path / "mine.csv")
    again = read_manifest(tmp_path / "mine.csv")
    assert again.clips == manifest.clips == tuple(sorted(clips, key=lambda clip: clip.clip_id))
    assert again.hash == manifest.hash
    assert again.name == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.csv"], "no temporary file is left"


def test_hash_follows_content_not_place(tmp_path: Path) -> None:
    text = HEADER + ROWS
    first = read_manifest(table(tmp_path, text))
    (tmp_path / "other").mkdir()
    assert read_manifest(table(tmp_path / "other", text), "x").hash == first.hash
    assert read_manifest(table(tmp_path, text.replace("three", "drei"))).hash != first.hash


def test_a_byte_order_mark_and_missing_optional_columns_are_fine(tmp_path: Path) -> None:
    manifest = read_manifest(table(tmp_path, "\ufeffclip_id,path,labels,split\r\na,a.wav,Rock,train\r\n"))
    assert manifest.clips == (Clip("a", "a.wav", labels=("Rock",), split="train"),)


def test_views(tmp_path: Path) -> None:
    manifest = read_manifest(table(tmp_path, HEADER + ROWS))
    assert [clip.clip_id for clip in manifest.split("train").clips] == ["a", "c"]
    assert manifest.labels == ("Folk", "Rock")
    folk = manifest.only_labels(["Folk"])
    assert {clip.clip_id: clip.labels for clip in folk.clips} == {"c": ("Folk",), "d": ("Folk",)}
    sound(tmp_path / "b.wav")
    present, missing = manifest.present(tmp_path)
    assert [clip.clip_id for clip in present.clips] == ["b"]
    assert [clip.clip_id for clip in missing] == ["a", "c", "d"]


def test_bad_clips_are_in_no_split_and_give_no_label(tmp_path: Path) -> None:
    text = "clip_id,path,labels,split,status,reason\na,a.wav,Rock,train,ok,\nb,b.wav,Polka,train,bad,broken\n"
    manifest = read_manifest(table(tmp_path, text))
    assert manifest.labels == ("Rock",)
    assert len(manifest.split("train")) == len(manifest.usable) == 1
    assert len(manifest) == 2


REFUSED = {
    "no label column": ("clip_id,path,split\na,a.wav,train\n", r"no column 'labels'; it has clip_id, path, split"),
    "unknown column": ("clip_id,path,labels,split,gruop\na,a.wav,x,train,\n", r"unknown column 'gruop'.*'group'"),
    "column twice": ("clip_id,path,labels,split,path\na,a.wav,x,train,\n", r"column 'path' appears twice"),
    "empty file": ("", r"the file is empty"),
    "no rows": (HEADER, r"the manifest is empty; at least one clip"),
    "semicolons": (HEADER.replace(",", ";").replace("path;", ""), r"no column 'path'; it has clip_id, labels"),
    "two columns": ("clip_id,path\na,a.wav\n", r"no column 'labels' and no column 'split'; it has clip_id, path"),
    "same id": (HEADER + ROWS + "a,e.wav,Rock,train,\n", r"line 6: clip_id 'a' was used in line 2"),
    "no id": (HEADER + ",e.wav,Rock,train,\n", r"line 2: clip_id is empty"),
    "no path": (HEADER + "a,,Rock,train,\n", r"line 2: path is empty"),
    "unknown split": (HEADER + "a,a.wav,Rock,tarin,\n", r"line 2: unknown split 'tarin'. Did you mean 'train'"),
    "cells": (HEADER + "a,a.wav,Rock,train\n", r"line 2: 4 cells, expected 5"),
    "quotes": (HEADER + 'a,"a.wav"x,Rock,train,\n', r"line 2: no valid CSV"),
    "group crosses": (
        HEADER + ROWS + "e,e.wav,Rock,test,one\n",
        r"line 6: group 'one' lies in train \(clip a\) and in test \(clip e\)",
    ),
    "file crosses": (HEADER + ROWS + "e,a.wav,Rock,test,\n", r"file 'a.wav' lies in train \(clip a\) and in test"),
    "number": (HEADER.replace("group", "start_s") + "a,a.wav,Rock,train,1:30\n", r"line 2: start_s is '1:30'"),
    "negative": (HEADER.replace("group", "duration_s") + "a,a.wav,Rock,train,-3\n", r"line 2: duration_s is '-3'"),
    "not finite": (HEADER.replace("group", "duration_s") + "a,a.wav,Rock,train,nan\n", r"duration_s is 'nan'"),
    "zero": (HEADER.replace("group", "duration_s") + "a,a.wav,Rock,train,0\n", r"duration_s is 0"),
    "checksum": (HEADER.replace("group", "sha1") + "a,a.wav,Rock,train,12fg\n", r"sha1 is '12fg', expected 40"),
    "status": (HEADER.replace("group", "status") + "a,a.wav,Rock,train,good\n", r"unknown status 'good'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str, tmp_path: Path) -> None:
    text, message = REFUSED[case]
    with pytest.raises(ManifestError, match=message):
        read_manifest(table(tmp_path, text))


def test_text_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes((HEADER + "a,Bj\xf6rk.wav,Rock,train,\n").encode("latin-1"))
    with pytest.raises(ManifestError, match="not UTF-8"):
        read_manifest(path)


def test_a_label_with_the_separator_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"label 'a\|b'"):
        write_manifest(Manifest("m", (Clip("a", "a.wav", labels=("a|b",), split="train"),)), tmp_path / "m.csv")
    assert not list(tmp_path.iterdir())


def test_labels_that_cannot_be_learnt(tmp_path: Path) -> None:
    manifest = read_manifest(table(tmp_path, HEADER + ROWS))
    with pytest.raises(ManifestError, match="split test has no usable clip of 'Folk'"):
        manifest.require_labels()
    assert manifest.require_labels(["Rock"]) == ("Rock",)
    assert manifest.require_labels(splits=("train", "valid")) == ("Folk", "Rock")
    with pytest.raises(ManifestError, match=r"unknown label 'Rok'. Did you mean 'Rock'"):
        manifest.require_labels(["Rok"])
    with pytest.raises(ManifestError, match="none of 1 clips is usable and has a label"):
        read_manifest(table(tmp_path, HEADER + "a,a.wav,,train,\n")).require_labels()
    with pytest.raises(ManifestError, match=r"Unknown split 'val'. Did you mean 'valid'"):
        manifest.split("val")


def test_semicolons_hold_the_same_manifest(tmp_path: Path) -> None:
    commas = read_manifest(table(tmp_path, HEADER + ROWS))
    assert read_manifest(table(tmp_path, (HEADER + ROWS).replace(",", ";"))).hash == commas.hash


def test_resolve_finds_a_csv_and_its_root(tmp_path: Path) -> None:
    path = table(tmp_path, HEADER + ROWS)
    sound(tmp_path / "a.wav")
    sound(tmp_path / "below" / "b.wav")
    manifest, root = resolve(str(path))
    assert (len(manifest), root) == (4, tmp_path)
    manifest, root = resolve(str(path), tmp_path / "below", only_present=True)
    assert ([clip.clip_id for clip in manifest.clips], root) == (["b"], tmp_path / "below")


def test_resolve_refuses_wrong_names_and_roots(tmp_path: Path) -> None:
    path = table(tmp_path, HEADER + ROWS)
    with pytest.raises(DataError, match=r"Unknown data set 'fma_smal'. Did you mean 'fma_small'"):
        resolve("fma_smal")
    with pytest.raises(ManifestError, match="no such file"):
        resolve(str(tmp_path / "absent.csv"))
    with pytest.raises(DataError, match=f"No folder at {tmp_path / 'absent'}"):
        resolve(str(path), tmp_path / "absent")
    with pytest.raises(DataError, match=rf"looked for {tmp_path / 'a.wav'}.*3 other clips"):
        resolve(str(path), tmp_path)
    with pytest.raises(DataError, match=f"No file of 'music' lies under {tmp_path}: looked for "):
        resolve(str(path), tmp_path)
    with pytest.raises(DataError, match="No audio file was found there"):
        resolve(str(tmp_path))
    with pytest.raises(DataError, match="differs from the folder"):
        resolve(str(tmp_path), tmp_path.parent)
    with pytest.raises(DataError, match=r"fetch fma_small --root"):
        resolve("fma_small", tmp_path)


def test_fma_small_is_shipped_whole() -> None:
    manifest = shipped_manifest(DATASETS["fma_small"])
    assert len(manifest) == 8000
    assert {split: len(manifest.split(split)) for split in ("train", "valid", "test")} == {
        "train": 6394,
        "valid": 800,
        "test": 800,
    }
    bad = {clip.clip_id: clip.reason for clip in manifest.clips if clip.status == "bad"}
    assert set(bad) == {"098565", "098567", "098569", "099134", "108925", "133297"}
    assert all(bad.values())
    assert all(
        clip.checksum.startswith("sha1:") and clip.path == f"{clip.clip_id[:3]}/{clip.clip_id}.mp3"
        for clip in manifest.clips
    )
    assert len(manifest.require_labels()) == 8


@pytest.mark.parametrize("above", [".", ".."])
def test_fma_small_resolves_with_a_part_of_its_files(above: str, real_data: Path) -> None:
    root = real_data / "fma_small"
    manifest, found = resolve("fma_small", root / above)
    assert found.resolve() == root.resolve()
    present, missing = manifest.present(found)
    assert (len(present), len(missing)) == (62, 7938)


def test_the_demo_set_is_made_on_first_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fstmuse.data import demo
    from fstmuse.data.demo import render

    assert DATASETS["demo"].clip_seconds == render.SECONDS
    small = functools.partial(demo.ensure_demo, clips_per_style=3, seconds=1.0, workers=0)
    monkeypatch.setattr(demo, "ensure_demo", small)
    seen: list[tuple[int, int]] = []
    manifest, root = resolve("demo", tmp_path / "demo", progress=lambda *done: seen.append(done))
    assert root == tmp_path / "demo"
    assert seen[-1] == (9, 9)
    assert not manifest.present(root)[1]
    assert manifest.require_labels() == ("Folk", "Hip-Hop", "Rock")
    assert resolve("demo")[1] == data_dir() / "demo"


def test_manifest_and_registry_load_without_numpy() -> None:
    code = "import sys, fstmuse.data.manifest, fstmuse.data.registry; print('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
