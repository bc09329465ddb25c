"""Files with all their channels: what was written is what is read, bit for bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from fstmuse.audio import channels
from fstmuse.audio.channels import decode_channels
from fstmuse.audio.decode import decode
from fstmuse.audio.write import exact_subtype, write
from fstmuse.errors import AudioError
from tests.audio.sound_files import encode, tone


@pytest.mark.parametrize(("suffix", "subtype", "bits"), [("wav", "PCM_16", 16), ("flac", "PCM_24", 24)])
@pytest.mark.parametrize("count", [1, 2, 6])
def test_reads_what_was_written(tmp_path: Path, suffix: str, subtype: str, bits: int, count: int):
    steps = np.random.default_rng(0).integers(-(2 ** (bits - 1)), 2 ** (bits - 1), (3000, count))
    samples = (steps / 2 ** (bits - 1)).astype(np.float32)
    path = tmp_path / f"a.{suffix}"
    write(path, samples, 8000, subtype)
    read, rate = decode_channels(path)
    assert (read.dtype, rate) == (np.float32, 8000)
    np.testing.assert_array_equal(read, samples)
    assert exact_subtype(samples) == subtype


def test_nan_stays_in(tmp_path: Path):
    samples = tone(8000, 2, 0.2)
    samples[7, 1], samples[9, 0] = np.nan, -np.inf
    soundfile.write(tmp_path / "a.wav", samples, 8000, subtype="FLOAT")
    np.testing.assert_array_equal(decode_channels(tmp_path / "a.wav")[0], samples)


@pytest.mark.parametrize("count", [2, 6, 8])
def test_channels_through_ffmpeg_average_to_what_decode_gives(tmp_path: Path, count: int):
    path = encode(tmp_path / "a.m4a", tone(44100, count, 0.5), 44100, "aac", "mp4")
    read, rate = decode_channels(path)
    assert rate == 44100
    assert read.shape[1] == count
    assert read.flags.c_contiguous
    np.testing.assert_allclose(read.mean(axis=1), decode(path), atol=1e-6)
    # The first channel is softer than the last one.
    assert np.square(read[:, 0]).mean() < np.square(read[:, 1]).mean()


def test_damage_goes_on_with_ffmpeg(tmp_path: Path):
    path = tmp_path / "a.flac"
    write(path, np.random.default_rng(0).uniform(-0.5, 0.5, (60_000, 2)), 44100)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 400] = bytes(400)
    path.write_bytes(data)
    read, _ = decode_channels(path)
    assert read.shape[1] == 2
    assert len(read) >= len(decode(path)) > 20_000


def test_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(channels, "MOST_VALUES", 1000)
    write(tmp_path / "a.wav", tone(8000, 2, 0.2), 8000)
    with pytest.raises(AudioError, match="Cut out the part"):
        decode_channels(tmp_path / "a.wav")


def test_missing_file_is_refused(tmp_path: Path):
    with pytest.raises(AudioError, match="no such file"):
        decode_channels(tmp_path / "none.wav")


def test_exact_subtypes():
    assert exact_subtype(np.array([0.0, -1.0, 1 - 2.0**-15], np.float32)) == "PCM_16"
    assert exact_subtype(np.array([1 - 2.0**-23], np.float32)) == "PCM_24"
    assert exact_subtype(np.array([1.0], np.float32)) == "FLOAT"
    assert exact_subtype(np.array([0.1], np.float32)) == "FLOAT"
