"""Makes sound files of every kind, whole and broken, for the tests of fstmuse.audio."""

from __future__ import annotations

import os
from pathlib import Path

import av
import numpy as np
import soundfile

SECONDS = 1.5
TONE_HZ = 440.0
LAYOUTS = {1: "mono", 2: "stereo", 4: "4.0", 6: "5.1", 8: "7.1"}


def tone(sample_rate: int = 44100, channels: int = 2, seconds: float = SECONDS) -> np.ndarray:
    """float32 (n, channels): one tone, swelling, in each channel of another loudness; the mean peaks near 0.3."""
    time = np.arange(round(sample_rate * seconds)) / sample_rate
    loudness = np.linspace(0.5, 1.5, channels) if channels > 1 else np.ones(1)
    swell = 0.15 + 0.15 * time / seconds
    return (np.sin(2 * np.pi * TONE_HZ * time) * swell)[:, None].astype(np.float32) * loudness.astype(np.float32)


def mixed(samples: np.ndarray) -> np.ndarray:
    """What decoding should give: the mean of the channels."""
    return samples.astype(np.float64).mean(axis=1)


def encode(path: Path, samples: np.ndarray, sample_rate: int, codec: str, container: str, **options: str) -> Path:
    """Writes a file by an encoder of FFmpeg; options of the container begin with c_."""
    layout = LAYOUTS[samples.shape[1]]
    of_container = {key[2:]: value for key, value in options.items() if key.startswith("c_")}
    with av.open(str(path), "w", format=container, options=of_container) as file:
        stream = file.add_stream(codec, rate=sample_rate, layout=layout)
        stream.bit_rate = int(options.get("bit_rate", 64000 * samples.shape[1]))
        stream.codec_context.options = {
            key: value for key, value in options.items() if key != "bit_rate" and key[:2] != "c_"
        }
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="flt", layout=layout)
        frame.sample_rate, frame.pts = sample_rate, 0
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            file.mux(packet)
    return path


def write_tone(path: Path, sample_rate: int = 44100, channels: int = 2, **options: object) -> Path:
    """Writes the tone by libsndfile, whatever the suffix, where `format` is among the options."""
    with path.open("wb") as file:
        options.setdefault("format", path.suffix[1:].upper())
        soundfile.write(file, tone(sample_rate, channels), sample_rate, **options)
    return path


def mp3_without_length(path: Path, seconds: float = 6.0) -> Path:
    """A variable bit rate MP3 with no Xing header, first a tone, then noise: its first frame misleads."""
    samples = tone(seconds=seconds)
    half = len(samples) // 2
    samples[half:] += np.random.default_rng(0).normal(0, 0.1, samples[half:].shape).astype(np.float32)
    quality = {"flags": "+qscale", "global_quality": "236"}
    return encode(path, samples, 44100, "libmp3lame", "mp3", c_write_xing="0", c_id3v2_version="0", **quality)


def id3_tag(length: int = 3000) -> bytes:
    """An ID3v2.3 tag with a title and padding."""
    title = b"\0" + "Élan".encode("latin-1")
    frame = b"TIT2" + len(title).to_bytes(4) + b"\0\0" + title
    size = length - 10
    return b"ID3\3\0\0" + bytes(size >> shift & 127 for shift in (21, 14, 7, 0)) + frame.ljust(size, b"\0")


def cut(path: Path, share: float) -> Path:
    """Leaves the first `share` of a file."""
    os.truncate(path, int(path.stat().st_size * share))
    return path


def in_front(path: Path, junk: bytes) -> Path:
    """Puts bytes before a file's own."""
    path.write_bytes(junk + path.read_bytes())
    return path
