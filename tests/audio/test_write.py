"""Files written are exact, whole, or not there."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fstmuse.audio.decode import decode
from fstmuse.audio.write import write
from fstmuse.errors import AudioError

NOISE = np.random.default_rng(0).uniform(-1, 1, (4410, 2)).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "subtype", "within"),
    [
        ("a.flac", None, 0.5 / 32768),
        ("a.wav", None, 0.5 / 32768),
        ("a.WAV", "pcm_16", 0.5 / 32768),
        ("a.flac", "PCM_24", 0.5 / 2**23),
        ("a.wav", "PCM_24", 0.5 / 2**23),
        ("a.wav", "FLOAT", 0.0),
        ("a.wav", "PCM_U8", 1 / 128),
    ],
)
def test_round_trip(name: str, subtype: str | None, within: float, tmp_path: Path) -> None:
    inside = NOISE.clip(-1, 1 - 1 / 32768 if within < 0.001 else 1 - 1 / 128)
    write(tmp_path / name, inside, 44100, subtype)
    back, sample_rate = soundfile.read(tmp_path / name, dtype="float32")
    assert sample_rate == 44100 and back.shape == inside.shape
    assert np.abs(back.astype(np.float64) - inside).max() <= within * 1.0001
    assert [path.name for path in tmp_path.iterdir()] == [name], "no temporary file stays"


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24"])
def test_writing_what_was_read_changes_nothing(subtype: str, tmp_path: Path) -> None:
    write(tmp_path / "a.wav", NOISE[:, 0], 22050, subtype)
    first = decode(tmp_path / "a.wav")
    write(tmp_path / "b.flac", first, 22050, subtype)
    assert np.array_equal(decode(tmp_path / "b.flac"), first)


def test_loud_samples_are_clipped_not_wrapped(tmp_path: Path) -> None:
    write(tmp_path / "a.wav", np.array([2.0, -2.0, 0.5]), 8000)
    assert np.abs(decode(tmp_path / "a.wav") - [1, -1, 0.5]).max() < 1e-4


@pytest.mark.parametrize(
    ("name", "samples", "subtype", "words"),
    [
        ("a.mp3", NOISE, None, r"cannot write '\.mp3' files"),
        ("a.flac", NOISE, "PCM_61", "Did you mean 'PCM_16'"),
        ("a.flac", NOISE, "FLOAT", "FLAC has no subtype FLOAT"),
        ("a.wav", NOISE[:0], None, r"shape \(0, 2\)"),
        ("a.wav", NOISE[None], None, r"shape \(1, 4410, 2\)"),
        ("a.wav", NOISE * np.nan, None, "not all finite"),
        ("a.wav", (NOISE * 9).astype(np.int16), None, "int16 samples"),
        ("none/a.wav", NOISE, None, "its folder does not exist"),
        ("a.flac", NOISE.T, None, r"of shape \(2, 4410\) at 44100 Hz could not be written"),
    ],
)
def test_refusals_leave_the_old_file(name: str, samples: np.ndarray, subtype: str | None, words: str, tmp_path) -> None:
    if "/" not in name:
        (tmp_path / name).write_text("old")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(AudioError, match=words):
        write(tmp_path / name, samples, 44100, subtype)
    assert sorted(tmp_path.iterdir()) == before
    assert all(path.read_text() == "old" for path in before)


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.wav", NOISE, 44100)
    old = (tmp_path / "a.wav").read_bytes()

    def full(path, *args, **kwargs):
        Path(path).write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(soundfile, "write", full)
    with pytest.raises(AudioError, match="No space left on device"):
        write(tmp_path / "a.wav", NOISE * 0.5, 44100)
    assert (tmp_path / "a.wav").read_bytes() == old
    assert len(list(tmp_path.iterdir())) == 1
