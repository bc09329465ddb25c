"""Spellings of one artist, which must not be parted into training and test."""

from __future__ import annotations

from pathlib import Path

import pytest

from fstmuse.data.build import BuildOptions, build_csv, build_tags
from fstmuse.data.build_groups import one_name, plain_name
from tests.data.tagged_sounds import sound

EYESORES = ("Alec K Redfearn And The Eyesores", "Alec K. Redfearn and the Eyesores", "Alec K. Redfearn & the Eyesores")


@pytest.mark.parametrize(
    "names",
    [
        EYESORES,
        ("Askew Ed", "Ed Askew", "Askew, Ed"),
        ("The Beatles", "Beatles, The", " beatles "),
        ("Björk", "BJÖRK", "Bjo\u0308rk", "Bjork"),
        ("R.E.M.", "REM"),
        ("Guns N’ Roses", "Guns N' Roses", "Guns N Roses"),
        ("Jay-Z", "Jay Z"),
        ("Ｂｏｒｉｓ", "Boris"),
    ],
)
def test_spellings_of_one_artist(names: tuple[str, ...]) -> None:
    assert len({plain_name(name) for name in names}) == 1


@pytest.mark.parametrize(
    "names",
    [
        ("!!!", "???", "The", "The The Band"),
        ("2020-01-02", "2020-02-01"),
        ("ハル", "バル"),
        ("Ed Askew", "Ed Askew Band"),
    ],
)
def test_names_of_different_artists(names: tuple[str, ...]) -> None:
    assert len({plain_name(name) for name in names}) == len(names)


def test_the_most_frequent_spelling_wins_and_merges_are_told() -> None:
    spelling, notes = one_name(["Ed Askew", "Ed  Askew", "Askew Ed", "Ed Askew", "Boris"])
    assert spelling == {"Ed Askew": "Ed Askew", "Ed  Askew": "Ed Askew", "Askew Ed": "Ed Askew", "Boris": "Boris"}
    assert notes == ["Spellings taken for one group: 'Ed Askew' = 'Askew Ed'."]
    assert one_name(["a", "a ", "b"])[1] == []
    assert "; and 2 more." in one_name([f"{end}{n}" for n in range(5) for end in "aA"])[1][0]


def test_one_artist_lies_in_one_split(tmp_path: Path) -> None:
    for number, name in enumerate(EYESORES):
        sound(tmp_path / f"e{number}.wav", genre="Folk", artist=name)
    for number in range(6):
        sound(tmp_path / f"o{number}.wav", genre="Folk", artist=f"other {number}")
    for seed in range(3):
        built = build_tags(tmp_path, BuildOptions(workers=0, seed=seed))
        ours = [clip for clip in built.manifest.clips if clip.path.startswith("e")]
        assert len({clip.split for clip in ours}) == len({clip.group for clip in ours}) == 1
        assert len({clip.group for clip in built.manifest.clips}) == 7
        assert built.notes[0].startswith("Spellings taken for one group: 'Alec K Redfearn And The Eyesores' = 'Alec K.")


def test_files_of_no_artist_are_never_put_together(tmp_path: Path) -> None:
    names = ("a-b", "a b", "b a", "A b")
    for name in names:
        sound(tmp_path / f"{name}.wav", genre="Folk")
    assert len({clip.group for clip in build_tags(tmp_path, BuildOptions(workers=0)).manifest.clips}) == len(names)


def test_groups_of_a_csv_are_put_together_where_splits_are_drawn(tmp_path: Path) -> None:
    for name in "abcd":
        sound(tmp_path / f"{name}.wav")
    table = tmp_path / "t.csv"
    table.write_text("path,label,group\na.wav,x,Ed Askew\nb.wav,x,Askew Ed\nc.wav,x,c\nd.wav,x,d\n")
    groups = {clip.path: clip.group for clip in build_csv(table, tmp_path, BuildOptions(workers=0)).manifest.clips}
    assert groups["a.wav"] == groups["b.wav"] == "Askew Ed"
    table.write_text("path,label,group,split\na.wav,x,Ed Askew,train\nb.wav,x,Askew Ed,test\n")
    groups = {clip.path: clip.group for clip in build_csv(table, tmp_path, BuildOptions(workers=0)).manifest.clips}
    assert groups == {"a.wav": "Ed Askew", "b.wav": "Askew Ed"}
