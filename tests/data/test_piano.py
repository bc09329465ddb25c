"""The manifest of the real piano: its rows follow from the files by the rules of data_manifests/README.md."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fstmuse.audio.decode import decode
from fstmuse.audio.source import SndfileSource
from fstmuse.data.check import check
from fstmuse.data.manifest import SPLITS, Clip, Manifest
from fstmuse.data.registry import DATASETS, resolve, shipped_manifest
from fstmuse.errors import DataError

PIANO = DATASETS["piano_disklavier"]
HELD_OUT = {
    "test": {"chpn_op7_1", "mendel_op62_5", "scn16_4", "ty_november", "grieg_butterfly"},
    "valid": {"chpn-p4", "scn15_11", "ty_maerz"},
}


@pytest.fixture(scope="module")
def piano(real_data: Path) -> Path:
    return real_data / "piano_disklavier"


def rows_of(file: Path) -> list[Clip]:
    piece = file.stem.removeprefix("MAPS_MUS-").removesuffix("_ENSTDkAm")
    split = next((name for name, pieces in HELD_OUT.items() if piece in pieces), "train")
    checksum = "sha256:" + hashlib.sha256(file.read_bytes()).hexdigest()
    info = soundfile.info(file)
    starts = range(0, info.frames // info.samplerate - 9, 10)
    return [Clip(f"{piece}-{at:03d}", file.name, float(at), 10.0, (), split, piece, checksum) for at in starts]


def test_five_pieces_are_held_out() -> None:
    manifest = shipped_manifest(PIANO)
    assert {name: len(manifest.split(name)) for name in SPLITS} == {"train": 251, "valid": 30, "test": 74}
    pieces = {name: {clip.group for clip in manifest.split(name).clips} for name in SPLITS}
    assert {name: pieces[name] for name in HELD_OUT} == HELD_OUT
    assert len(pieces["train"]) == 15
    assert not manifest.labels
    assert {clip.duration_s for clip in manifest.clips} == {PIANO.clip_seconds}
    assert "chpn_op7_1-000" in {clip.clip_id for clip in manifest.clips}


def test_rows_are_those_that_the_files_give(piano: Path) -> None:
    made = Manifest(PIANO.name, tuple(clip for file in sorted(piano.glob("*.flac")) for clip in rows_of(file)))
    assert shipped_manifest(PIANO).clips == made.clips


def test_clips_are_whole(piano: Path) -> None:
    manifest, root = resolve(PIANO.name, piano.parent)
    assert root == piano
    # The last clip of every piece: where a count too many would show.
    last = {clip.path: clip for clip in manifest.clips}
    report = check(Manifest(PIANO.name, tuple(last.values())), root, workers=0)
    assert report.passed and report.counts["ok"] == 23


def test_a_clip_is_sought_and_not_decoded_up_to(piano: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = next(clip for clip in shipped_manifest(PIANO).clips if clip.clip_id == "chpn_op7_1-120")
    whole = decode(clip.file(piano))
    read: list[int] = []
    blocks = SndfileSource.blocks

    def counted(source: SndfileSource, start: int, samples: int | None):
        for block in blocks(source, start, samples):
            read.append(len(block))
            yield block

    monkeypatch.setattr(SndfileSource, "blocks", counted)
    part = decode(clip.file(piano), start_s=clip.start_s, duration_s=clip.duration_s)
    np.testing.assert_array_equal(part, whole[120 * 16000 : 130 * 16000])
    assert sum(read) == 160_000


def test_absent_files_are_told_of_with_the_homepage(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=rf"fetched by hand: see {PIANO.homepage}"):
        resolve(PIANO.name, tmp_path)
