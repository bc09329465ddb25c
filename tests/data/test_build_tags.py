"""Tags that become labels and groups."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fstmuse.data.build_tags import read_tags, same_spelling
from tests.data.tagged_sounds import sound


@pytest.mark.parametrize(
    ("written", "read"),
    [
        *(("(17)", "Rock"), ("17", "Rock"), ("(17)Hard Rock", "Rock"), ("Rock; Pop", "Rock"), ("R&B|Soul", "R&B")),
        *(("  Hip  Hop ", "Hip Hop"), ("Singer/Songwriter", "Singer/Songwriter"), ("255", ""), ("", "")),
    ],
)
def test_genres_of_id3(written: str, read: str, tmp_path: Path) -> None:
    assert read_tags(sound(tmp_path / "a.wav", genre=written, artist="x")).genre == read


def test_tags_of_other_formats_and_of_no_format(tmp_path: Path) -> None:
    for suffix in (".flac", ".ogg"):
        tags = read_tags(sound(tmp_path / f"a{suffix}", genre="(17)", artist=" A  b", album="C"))
        assert (tags.genre, tags.artist, tags.album) == ("Rock", "A b", "C")
    (tmp_path / "junk.mp3").write_bytes(b"ID3\x04\x00\x00\x00\x00\x7f\x7f" + b"\xff" * 300)
    assert read_tags(tmp_path / "junk.mp3") == read_tags(tmp_path / "absent.mp3") == read_tags(tmp_path)


def test_tags_of_mp4(tmp_path: Path) -> None:
    import av
    from mutagen.mp4 import MP4

    path = tmp_path / "a.m4a"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("aac", rate=44100, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 44100
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            out.mux(packet)
    tags = MP4(path)
    tags["\xa9gen"], tags["\xa9ART"] = ["Jazz", "Funk"], ["Someone"]
    tags.save()
    assert (read_tags(path).genre, read_tags(path).artist) == ("Jazz", "Someone")


def test_one_spelling() -> None:
    assert same_spelling(["rock", "Rock", "Rock", "ROCK ", "Pop"]) == {
        "rock": "Rock",
        "Rock": "Rock",
        "ROCK ": "Rock",
        "Pop": "Pop",
    }
