"""The manifest that gap fillers are trained on: its rows follow from two others by the rules of its README."""

from __future__ import annotations

from pathlib import Path

from fstmuse.data.manifest import Manifest, read_manifest

FOLDER = Path(__file__).resolve().parents[2] / "data_manifests"


def rows(manifest: Manifest, folder: str) -> dict[str, tuple]:
    return {
        clip.clip_id: (clip.path.removeprefix(f"{folder}/"), clip.start_s, clip.duration_s, clip.split, clip.group)
        for clip in manifest.clips
        if clip.path.startswith(folder)
    }


def test_its_piano_is_that_of_the_other_manifest() -> None:
    given = rows(read_manifest(FOLDER / "piano_disklavier.csv"), "")
    assert rows(read_manifest(FOLDER / "gap_training.csv"), "piano_disklavier") == given


def test_tracks_of_fma_are_held_out_by_their_place_in_the_folder() -> None:
    manifest = read_manifest(FOLDER / "gap_training.csv")
    clips = [clip for clip in manifest.clips if clip.path.startswith("fma_small/000/")]
    files = sorted({clip.path for clip in clips})
    split = {file: "" if n % 5 == 0 else "valid" if n % 10 == 1 else "train" for n, file in enumerate(files)}
    assert len(files) == 62 and len(clips) == 3 * 62 == len(manifest) - 355
    assert {clip.path: clip.split for clip in clips} == split
    for file in files:
        assert [clip.start_s for clip in clips if clip.path == file] == [0, 10, 20]
    assert {clip.duration_s for clip in clips} == {9.5}
    known = {f"fma_small/{clip.path}": clip.checksum for clip in read_manifest(FOLDER / "fma_small.csv").clips}
    assert all(known[clip.path] == clip.checksum for clip in clips)
