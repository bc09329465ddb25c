"""Manifests from a user's own table."""

from __future__ import annotations

from pathlib import Path

import pytest

from fstmuse.data.build import BuildOptions, build_csv
from fstmuse.errors import DataError, ManifestError
from tests.data.tagged_sounds import music, sound

IN_PROCESS = BuildOptions(workers=0)


def test_a_user_csv_is_completed(tmp_path: Path) -> None:
    root = music(tmp_path / "music", count=4)
    sound(root / "Rock" / "long.wav", seconds=4.0)
    rows = [f"{label}/{number:02d}.wav,{label.lower()},1999" for label in ("Folk", "Rock") for number in range(4)]
    rows += ["Rock/long.wav,rock,2001", "Rock/absent.wav,rock,2002", "Rock/00.wav,,2003"]
    table = tmp_path / "mine.csv"
    table.write_text("path,label,year\n" + "\n".join(rows) + "\n")
    built = build_csv(table, root, BuildOptions(workers=0, clip_seconds=1.0))
    clips = {clip.path: clip for clip in built.manifest.clips}
    assert (clips["Rock/long.wav"].start_s, clips["Rock/long.wav"].duration_s) == (1.5, 1.0)
    assert (clips["Rock/absent.wav"].status, clips["Rock/absent.wav"].reason) == ("bad", "no such file")
    assert built.skipped == (("Rock/00.wav", "has no label"),)
    assert built.notes == ("Columns of mine.csv that are not used: year.",)
    assert built.manifest.require_labels() == ("folk", "rock")


def test_splits_and_starts_of_a_user_csv_are_kept(tmp_path: Path) -> None:
    for name in "abc":
        sound(tmp_path / f"{name}.wav", seconds=2.0, artist="one artist")
    table = tmp_path / "mine.csv"
    table.write_text(
        "path,labels,split,start_s,duration_s\n"
        f"a.wav,x|y,training,0,0.5\n{tmp_path}/a.wav,y,train,1,0.5\nb.wav,x,Validation,,\nc.wav,x,test,0.25,\n"
    )
    clips = {clip.clip_id: clip for clip in build_csv(table, tmp_path, IN_PROCESS).manifest.clips}
    assert {name: (clip.split, clip.start_s, clip.duration_s) for name, clip in clips.items()} == {
        "a.wav@0": ("train", 0.0, 0.5),
        "a.wav@1": ("train", 1.0, 0.5),
        "b.wav": ("valid", 0.0, 2.0),
        "c.wav": ("test", 0.25, 1.75),
    }


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (
            "file,label\na.wav,x\n",
            ManifestError,
            "no column 'path'; it has file, label. Expected path, label or labels",
        ),
        ("path,genre\na.wav,x\n", ManifestError, "no column 'label' or 'labels'; it has path, genre"),
        (
            *("file;genre\na.wav;x\n", ManifestError),
            "no column 'path' and no column 'label' or 'labels'; it has file, genre.*give the columns these names",
        ),
        ("path;label\na.wav;x;y\n", ManifestError, "hold a semicolon"),
        ("\n", ManifestError, "the file is empty"),
        ("path,label,split\na.wav,x,trial\n", ManifestError, "line 2: unknown split 'trial'"),
        ("path,label\nb.wav,x\n", DataError, "None of 1 file of"),
        ("path,label\n", ManifestError, "has no rows"),
        ("path,label,split,group\na.wav,x,train,g\nc.wav,x,test,g\n", ManifestError, "group 'g' lies in"),
    ],
)
def test_user_csvs_that_are_refused(text: str, error: type, message: str, tmp_path: Path) -> None:
    sound(tmp_path / "a.wav")
    sound(tmp_path / "c.wav")
    (tmp_path / "mine.csv").write_text(text)
    with pytest.raises(error, match=message):
        build_csv(tmp_path / "mine.csv", tmp_path, IN_PROCESS)


@pytest.mark.parametrize("sign", [";", "\t"], ids=["semicolon", "tab"])
def test_tables_of_spreadsheets_are_read(sign: str, tmp_path: Path) -> None:
    names = ["a.wav", "b, c.wav", "d.wav"]
    for name in names:
        sound(tmp_path / name)
    text = "\ufeff" + "\r\n".join(sign.join(row) for row in [("path", "label"), *((name, "x") for name in names)])
    (tmp_path / "mine.csv").write_text(text, newline="")
    built = build_csv(tmp_path / "mine.csv", tmp_path, IN_PROCESS)
    assert [(clip.path, clip.labels, clip.status) for clip in built.manifest.clips] == [
        (name, ("x",), "ok") for name in names
    ]


def test_real_clips_build_from_a_csv(real_data: Path, tmp_path: Path) -> None:
    table = tmp_path / "cc.csv"
    names = sorted(path.name for path in (real_data / "cc_clips").iterdir())
    table.write_text("path,label\n" + "".join(f'"{name}",music\n' for name in names))
    built = build_csv(table, real_data / "cc_clips", IN_PROCESS)
    assert not built.bad
    assert all(0 < clip.duration_s <= 30 for clip in built.manifest.clips)
    assert max(clip.start_s for clip in built.manifest.clips) > 10
