"""Manifests of one's own music: rows, groups, splits, and what is said about files that cannot be used."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from fstmuse.audio.write import write
from fstmuse.data.build import BuildOptions, build_folders, build_tags
from fstmuse.data.build_rare import RareLabelsError, merge_labels, parse_merges
from fstmuse.data.build_splits import Fractions, Member, draw_splits
from fstmuse.data.check import check
from fstmuse.data.manifest import read_manifest, write_manifest
from fstmuse.errors import ConfigError, DataError, ManifestError
from tests.data.tagged_sounds import music, sound

IN_PROCESS = BuildOptions(workers=0)


def split_of(built) -> dict[str, str]:
    return {clip.path: clip.split for clip in built.manifest.clips}


def test_folders_give_labels_relative_paths_and_stratified_splits(tmp_path: Path) -> None:
    built = build_folders(music(tmp_path), IN_PROCESS)
    assert built.counts == {label: Counter(train=7, valid=1, test=2) for label in ("Folk", "Rock")}
    clip = built.manifest.clips[0]
    assert (clip.path, clip.labels, clip.group, clip.start_s) == ("Folk/00.wav", ("Folk",), "Folk/00", 0.0)
    assert clip.duration_s == pytest.approx(0.2, abs=0.001)
    assert not built.skipped and not built.bad and not built.notes
    write_manifest(built.manifest, tmp_path / "my.csv")
    assert read_manifest(tmp_path / "my.csv").hash == built.manifest.hash


def test_splits_follow_the_seed_and_nothing_else(tmp_path: Path) -> None:
    music(tmp_path)
    first = split_of(build_folders(tmp_path, IN_PROCESS))
    assert split_of(build_folders(tmp_path, IN_PROCESS)) == first
    assert split_of(build_folders(tmp_path, BuildOptions(workers=0, seed=1))) != first


def test_several_processes_build_the_same(tmp_path: Path) -> None:
    music(tmp_path)
    seen = []
    built = build_folders(tmp_path, BuildOptions(workers=2), progress=lambda done, total: seen.append((done, total)))
    assert built.manifest.clips == build_folders(tmp_path, IN_PROCESS).manifest.clips
    assert seen[-1] == (20, 20)


def test_long_files_are_cut_from_their_middle(tmp_path: Path) -> None:
    music(tmp_path, count=3)
    sound(tmp_path / "Rock" / "long.wav", seconds=5.0)
    options = BuildOptions(workers=0, clip_seconds=2.0, checksums=True)
    clips = {clip.path: clip for clip in build_folders(tmp_path, options).manifest.clips}
    assert (clips["Rock/long.wav"].start_s, clips["Rock/long.wav"].duration_s) == (1.5, 2.0)
    assert clips["Rock/long.wav"].checksum.startswith("sha256:")
    whole = build_folders(tmp_path, BuildOptions(workers=0, clip_seconds=0)).manifest.clips
    assert {clip.path: clip.duration_s for clip in whole}["Rock/long.wav"] == 5.0


def test_unusable_files_become_bad_rows_or_are_reported(tmp_path: Path) -> None:
    music(tmp_path, count=4)
    (tmp_path / "Rock" / "empty.mp3").touch()
    (tmp_path / "Rock" / "text.mp3").write_text("these are only words " * 50)
    write(tmp_path / "Rock" / "silent.wav", np.zeros(8000, np.float32), 8000)
    sound(tmp_path / "loose.wav")
    built = build_folders(tmp_path, IN_PROCESS)
    bad = {clip.path: clip.reason for clip in built.bad}
    assert set(bad) == {"Rock/empty.mp3", "Rock/text.mp3", "Rock/silent.wav"}
    assert bad["Rock/silent.wav"] == "silent"
    assert all(reason and str(tmp_path) not in reason for reason in bad.values()), bad
    assert all(not clip.split for clip in built.bad)
    assert built.skipped == (("loose.wav", "lies in no label's folder"),)
    assert not built.notes
    assert built.counts["Rock"].total() == 4
    report = check(built.manifest, tmp_path, workers=0)
    assert report.passed and report.counts["known bad"] == 3


def test_groups_are_artists_then_folders_then_files(tmp_path: Path) -> None:
    sound(tmp_path / "Rock" / "somebody" / "a.wav", artist="Björk")
    sound(tmp_path / "Rock" / "somebody" / "album" / "b.wav")
    sound(tmp_path / "Rock" / "c.wav", artist="björk ")
    sound(tmp_path / "Rock" / "d.wav", artist="Various Artists", album="Hits")
    for number in range(4):
        sound(tmp_path / "Folk" / f"{number}.wav")
    groups = {clip.path: clip.group for clip in build_folders(tmp_path, IN_PROCESS).manifest.clips}
    assert groups["Rock/somebody/a.wav"] == groups["Rock/c.wav"]
    assert groups["Rock/somebody/a.wav"].casefold() == "björk"
    assert groups["Rock/somebody/album/b.wav"] == "somebody"
    assert groups["Rock/d.wav"] == "Rock/d"
    options = BuildOptions(Fractions(0, 0.3), workers=0, group_by="album")
    assert {clip.path: clip.group for clip in build_folders(tmp_path, options).manifest.clips}["Rock/d.wav"] == (
        "Various - Hits"
    )
    options = BuildOptions(workers=0, group_by="none")
    assert {clip.group for clip in build_folders(tmp_path, options).manifest.clips} == {""}


def test_an_artist_stays_in_one_split_also_across_labels() -> None:
    rng = random.Random(3)
    members = [Member((rng.choice(["Folk", "Pop", "Rock"]),), f"artist {rng.randrange(60)}") for _ in range(500)]
    fractions = Fractions(0.1, 0.2)
    splits = draw_splits(members, fractions, 0)
    assert draw_splits(list(reversed(members)), fractions, 0) == splits
    for label in ("Folk", "Pop", "Rock"):
        found = Counter(splits[member.group] for member in members if member.labels == (label,))
        for split, fraction in fractions.wanted.items():
            assert found[split] / found.total() == pytest.approx(fraction, abs=0.06), (label, found)


@pytest.mark.parametrize("count", [3, 4, 10, 25])
def test_each_label_reaches_each_split(count: int) -> None:
    members = [Member((label,), f"{label}{number}") for label in "abc" for number in range(count)]
    splits = draw_splits(members, Fractions(), 5)
    assert {(member.labels[0], splits[member.group]) for member in members} == {
        (label, split) for label in "abc" for split in ("train", "valid", "test")
    }


def test_too_few_groups_are_refused_or_dropped(tmp_path: Path) -> None:
    music(tmp_path, count=4)
    sound(tmp_path / "Polka" / "one" / "a.wav")
    sound(tmp_path / "Polka" / "one" / "b.wav")
    with pytest.raises(RareLabelsError, match=r"'Polka' 1; each label needs 3.*--drop-rare.*--merge") as refused:
        build_folders(tmp_path, IN_PROCESS)
    assert refused.value.remedies == ("--drop-rare",)
    built = build_folders(tmp_path, BuildOptions(workers=0, drop_rare=True))
    assert built.manifest.labels == ("Folk", "Rock")
    assert [(clip.path, clip.reason) for clip in built.left_out] == [
        (f"Polka/one/{name}.wav", "left out: label 'Polka' has 1 group, fewer than 3") for name in "ab"
    ]
    assert not built.bad
    assert "Polka" in build_folders(tmp_path, BuildOptions(Fractions(0, 0), workers=0)).manifest.labels


def test_remedies_are_those_that_help(tmp_path: Path) -> None:
    for label in ("Folk", "Rock"):
        for number in range(3):
            sound(tmp_path / label / "somebody" / f"{number}.wav")
    with pytest.raises(RareLabelsError, match=r"'Folk' 1, 'Rock' 1; .*group by --group-by none") as refused:
        build_folders(tmp_path, IN_PROCESS)
    assert refused.value.remedies == ("--group-by none",)
    assert build_folders(tmp_path, BuildOptions(workers=0, group_by="none")).manifest.labels == ("Folk", "Rock")


def test_labels_are_merged_before_splits_are_drawn(tmp_path: Path) -> None:
    music(tmp_path, ("Folk", "Rock"), 3)
    sound(tmp_path / "Free Folk" / "x.wav")
    sound(tmp_path / "Skiffle" / "y.wav")
    merge = parse_merges(["Free Folk = Folk", "Skiffle=Free Jazz", "Free Jazz=Folk"])
    built = build_folders(tmp_path, BuildOptions(workers=0, merge=merge))
    assert {label: counts.total() for label, counts in built.counts.items()} == {"Folk": 5, "Rock": 3}
    with pytest.raises(ConfigError, match=r"no file has the label 'Skifle'. Did you mean 'Skiffle'"):
        build_folders(tmp_path, BuildOptions(workers=0, merge=(("Skifle", "Folk"),)))
    assert merge_labels([("a", "b"), ("b",)], [("a", "b")]) == [("b",), ("b",)]
    for wrong in ("Folk", "=Folk", "Folk=", "a=b|c"):
        with pytest.raises(ConfigError, match="is no pair of labels"):
            parse_merges([wrong])


def test_groups_of_several_labels_that_leave_no_way_are_refused() -> None:
    members = [Member(("Folk",), group) for group in "abc"] + [Member(("Rock",), group) for group in "abc"]
    splits = draw_splits(members, Fractions(), 0)
    assert set(splits.values()) == {"train", "valid", "test"}
    # Folk needs a, b, c in three splits, Rock a, b, d, Pop c, d, e: e alone is free, so c and d must differ.
    members = [Member(("Folk",), g) for g in "abc"] + [Member(("Rock",), g) for g in "abd"]
    members += [Member(("Pop",), g) for g in "cde"]
    with pytest.raises(ManifestError, match="cannot be brought into"):
        draw_splits(members, Fractions(), 0)


@pytest.mark.parametrize(
    ("valid", "test"), [(-0.1, 0.2), (0.1, 1.0), (0.6, 0.4), (float("nan"), 0.1)], ids=["below", "one", "all", "nan"]
)
def test_impossible_fractions_are_refused(valid: float, test: float) -> None:
    with pytest.raises(ConfigError):
        Fractions(valid, test)


def test_impossible_options_are_refused() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'artist'"):
        BuildOptions(group_by="artists")
    with pytest.raises(ConfigError, match="clip-seconds"):
        BuildOptions(clip_seconds=-1)


def test_nothing_to_build_from(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No folder at"):
        build_folders(tmp_path / "absent", IN_PROCESS)
    with pytest.raises(DataError, match="No audio file was found"):
        build_folders(tmp_path, IN_PROCESS)
    sound(tmp_path / "a.wav")
    with pytest.raises(DataError, match="1 file: has no genre tag"):
        build_tags(tmp_path, IN_PROCESS)
    (tmp_path / "Rock").mkdir()
    (tmp_path / "Rock" / "x.mp3").touch()
    with pytest.raises(ManifestError, match="None of 1 file under"):
        build_folders(tmp_path, IN_PROCESS)
    music(tmp_path, ("a|b",), 3)
    with pytest.raises(ManifestError, match=r"label 'a\|b' holds"):
        build_folders(tmp_path, IN_PROCESS)


def test_one_labels_folder_is_no_data_set(tmp_path: Path) -> None:
    music(tmp_path / "my music", ("Rock",), 2)
    with pytest.raises(DataError, match=f"If Rock is itself a label, .* --folders '{tmp_path}/my music'"):
        build_folders(tmp_path / "my music" / "Rock", IN_PROCESS)


def test_build_from_genre_tags(tmp_path: Path) -> None:
    for number in range(4):
        sound(tmp_path / f"{number}.flac", genre="Rock" if number else "rock", artist=f"r{number}")
        sound(tmp_path / "sub" / f"{number}.wav", genre="Jazz", artist=f"j{number % 3}")
    sound(tmp_path / "untagged.wav")
    built = build_tags(tmp_path, IN_PROCESS)
    assert built.manifest.labels == ("Jazz", "Rock")
    assert built.skipped == (("untagged.wav", "has no genre tag"),)
    assert built.notes == ("Genres that differ only in case were put together: Rock.",)
    assert {clip.path: clip.group for clip in built.manifest.clips}["sub/3.wav"] == "j0"
