"""A folder of music as a data set: built once, used again, built anew when it changes, refused in words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fstmuse.data.build import BuildOptions, build_music
from fstmuse.data.folder import folder_manifest
from fstmuse.data.manifest import read_manifest
from fstmuse.data.registry import resolve
from fstmuse.errors import DataError, ManifestError
from tests.data.tagged_sounds import music, sound


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return music(tmp_path / "My Music", count=4)


def stored() -> list[Path]:
    return sorted((Path(os.environ["FSTMUSE_DATA"]) / "manifests").glob("*.csv"))


def test_is_built_once_and_used_again(folder: Path) -> None:
    said, seen = [], []
    manifest, root = resolve(str(folder), progress=lambda *done: seen.append(done), say=said.append)
    assert (root, manifest.name, manifest.labels) == (folder, "My-Music", ("Folk", "Rock"))
    assert all(manifest.split(split).clips for split in ("train", "valid", "test"))
    assert seen[-1] == (8, 8)
    (file,) = stored()
    assert said == [f"8 clips of {folder}; manifest: {file}"]
    assert read_manifest(file).hash == manifest.hash
    written, seen[:], said[:] = file.stat().st_mtime_ns, [], []
    again = folder_manifest(folder, progress=lambda *done: seen.append(done), say=said.append)
    assert (again.hash, again.name, seen, said) == (manifest.hash, "My-Music", [], [])
    assert file.stat().st_mtime_ns == written


def test_a_changed_folder_is_looked_at_anew(folder: Path) -> None:
    before = folder_manifest(folder)
    sound(folder / "Rock" / "new.wav")
    said = []
    after = folder_manifest(folder, say=said.append)
    assert len(after) == len(before) + 1
    assert said[0].startswith("The folder has changed: its splits are drawn anew. 9 clips of")
    (folder / "Rock" / "new.wav").write_bytes(b"no sound any more")
    assert [clip.path for clip in folder_manifest(folder).clips if clip.status == "bad"] == ["Rock/new.wav"]
    assert len(stored()) == 1


def test_a_damaged_manifest_is_made_again(folder: Path) -> None:
    made = folder_manifest(folder)
    (file,) = stored()
    file.write_text(file.read_text().replace(",train,", ",test,", 1))
    assert folder_manifest(folder).hash == made.hash
    file.with_suffix(".json").unlink()
    assert folder_manifest(folder).hash == made.hash


def test_what_is_left_out_is_said_each_time(folder: Path) -> None:
    sound(folder / "loose.wav")
    for number in range(4):
        (folder / "Folk" / f"broken-{number}.mp3").write_text("only words " * 50)
    for _ in range(2):
        said = []
        folder_manifest(folder, say=said.append)
        assert "Left out, lies in no label's folder: loose.wav." in said
        (broken,) = [text for text in said if "broken-0.mp3" in text]
        assert broken.endswith("Folk/broken-2.mp3 and 1 more.")


def test_folders_of_one_name_have_manifests_of_their_own(folder: Path, tmp_path: Path) -> None:
    other = music(tmp_path / "elsewhere" / "My Music", count=5)
    assert len(folder_manifest(folder)) == 8
    assert len(folder_manifest(other)) == 10
    assert len(folder_manifest(folder)) == 8
    assert len(stored()) == 2


def test_what_cannot_be_split_is_refused_with_the_way_out(folder: Path, tmp_path: Path) -> None:
    sound(folder / "Jazz" / "only.wav")
    with pytest.raises(ManifestError, match=r"'Jazz' 1; each label needs 3.*--drop-rare") as caught:
        folder_manifest(folder)
    assert f"build --folders '{folder}' --out my.csv`" in str(caught.value)
    assert not stored()
    flat = tmp_path / "flat"
    sound(flat / "a.wav")
    with pytest.raises(DataError, match="one folder per label"):
        folder_manifest(flat)


def test_rare_labels_and_files_for_themselves_as_asked_each_in_a_manifest_of_its_own(folder: Path) -> None:
    sound(folder / "Jazz" / "only.wav")
    without, _ = resolve(str(folder), drop_rare=True)
    assert without.labels == ("Folk", "Rock")
    for number in range(2):
        sound(folder / "Jazz" / "one artist" / f"{number}.wav")
        (folder / "Jazz" / "only.wav").unlink(missing_ok=True)
    sound(folder / "Jazz" / "one artist" / "2.wav")
    with pytest.raises(ManifestError, match="--group-by none"):
        folder_manifest(folder)
    alone = folder_manifest(folder, group_by="none")
    assert alone.labels == ("Folk", "Jazz", "Rock") and alone.name == without.name
    said = []
    assert folder_manifest(folder, group_by="none", say=said.append).hash == alone.hash and not said
    assert folder_manifest(folder, drop_rare=True).labels == ("Folk", "Rock")
    assert len(stored()) == 2


def test_a_place_that_cannot_be_written_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("FSTMUSE_DATA", str(tmp_path / "file"))
    with pytest.raises(DataError, match="Set FSTMUSE_DATA"):
        folder_manifest(folder)


def test_music_without_labels_goes_by_artist_and_folder_where_there_are_enough(tmp_path: Path) -> None:
    for number in range(8):
        sound(tmp_path / f"genre {number % 2}" / f"{number}.wav")
    built = build_music(tmp_path, BuildOptions())
    assert built.manifest.labels == () and {clip.group for clip in built.manifest.clips} == {
        f"genre {number % 2}/{number}" for number in range(8)
    }
    assert built.notes[0].startswith("Fewer artists or folders (2) than splits: each file is a group of its own")
    for number in range(4):
        sound(tmp_path / "genre 0" / f"artist {number}" / "song.wav")
    built = build_music(tmp_path, BuildOptions())
    groups = {clip.path: clip.group for clip in built.manifest.clips}
    assert groups["genre 0/artist 3/song.wav"] == "genre 0/artist 3" and groups["genre 1/1.wav"] == "genre 1"
    assert built.notes == () and all(built.manifest.split(split).clips for split in ("train", "valid", "test"))


def test_a_folder_has_a_manifest_with_labels_and_one_without(folder: Path) -> None:
    with_labels, _ = resolve(str(folder))
    without, _ = resolve(str(folder), labelled=False)
    assert with_labels.labels == ("Folk", "Rock") and without.labels == ()
    assert {clip.path for clip in without.clips} == {clip.path for clip in with_labels.clips}
    assert len(stored()) == 2
    sound(folder / "loose.wav")
    assert "loose.wav" in {clip.path for clip in resolve(str(folder), labelled=False)[0].clips}
