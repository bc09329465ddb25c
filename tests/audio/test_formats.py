"""Every kind of file, whole or broken, decodes or gives its own error."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fstmuse.audio.decode import decode, probe, stream
from fstmuse.errors import AudioError
from tests.audio.sound_files import SECONDS, TONE_HZ, cut, encode, id3_tag, in_front, mixed, tone, write_tone

NOBODY = 65534


@dataclass(frozen=True)
class Case:
    """One file: how to make it, and what comes of it: seconds and accuracy, or words of an error."""

    name: str
    make: Callable[[Path], object]
    sample_rate: int = 44100
    channels: int = 2
    within: float = 0.02
    seconds: float = SECONDS
    error: str = ""


def sndfile(name: str, subtype: str | None = None, sample_rate: int = 44100, channels: int = 2, **more: object) -> Case:
    """A whole file by libsndfile, given by its name and subtype."""
    options = {key: more.pop(key) for key in ("format", "bitrate_mode", "compression_level") if key in more}

    def make(path: Path) -> None:
        write_tone(path, sample_rate, channels, subtype=subtype, **options)

    return Case(name, make, sample_rate, channels, **more)


def ffmpeg(
    name: str, codec: str, container: str, sample_rate: int = 44100, channels: int = 2, within: float = 0.03
) -> Case:
    """A whole file by FFmpeg; these codecs keep the tone, but not each sample."""

    def make(path: Path) -> None:
        encode(path, tone(sample_rate, channels), sample_rate, codec, container)

    return Case(name, make, sample_rate, channels, within)


def raw(name: str, samples: np.ndarray, subtype: str, error: str = "", seconds: float = SECONDS) -> Case:
    """A WAV of other samples than the tone."""
    return Case(
        name, lambda path: soundfile.write(path, samples, 44100, subtype, format="WAV"), error=error, seconds=seconds
    )


def damage(path: Path, share: float, length: int) -> None:
    """Overwrites `length` bytes of a file by others."""
    content = bytearray(path.read_bytes())
    start = int(len(content) * share)
    content[start : start + length] = np.random.default_rng(0).bytes(length)
    path.write_bytes(content)


def with_nan(count: int) -> np.ndarray:
    samples = tone()
    samples[1000 : 1000 + count] = np.nan
    return samples


def mp3(path: Path) -> Path:
    return write_tone(path, format="MP3")


def unreadable(path: Path) -> None:
    write_tone(path)
    path.chmod(0)


def loop_of_links(path: Path) -> None:
    other = path.with_name("other.wav")
    path.symlink_to(other)
    other.symlink_to(path)


EXACT = 2e-7
ODD_NAMES = [
    "my song.m4a",
    "naïve Ünïcødé 曲.m4a",
    "🎸🔥.m4a",
    "http: x%20y.m4a",
    "-i.m4a",
    os.fsdecode(b"\xff\xfe.m4a"),
]

WHOLE = [
    sndfile("8 bit.wav", "PCM_U8", within=0.01),
    sndfile("16 bit.wav", "PCM_16", within=4e-5),
    sndfile("24 bit.wav", "PCM_24", within=EXACT),
    sndfile("32 bit.wav", "PCM_32", within=EXACT),
    sndfile("float.wav", "FLOAT", within=EXACT),
    sndfile("double.wav", "DOUBLE", within=EXACT),
    sndfile("16 bit.aiff", "PCM_16", within=4e-5),
    sndfile("24 bit.flac", "PCM_24", within=EXACT),
    sndfile("16 bit.au", "PCM_16", within=4e-5),
    sndfile("vorbis.ogg"),
    sndfile("opus.opus", "OPUS", 48000, format="OGG"),
    sndfile("constant bit rate.mp3", bitrate_mode="CONSTANT"),
    sndfile("variable bit rate.mp3", bitrate_mode="VARIABLE"),
    *[sndfile(f"{rate}.wav", "FLOAT", rate, within=EXACT) for rate in (8000, 11025, 22050, 48000, 96000, 192000)],
    *[sndfile(f"{rate}.mp3", None, rate) for rate in (8000, 16000, 48000)],
    *[sndfile(f"{count} channels.wav", "FLOAT", 44100, count, within=EXACT) for count in (1, 3, 4, 6, 8)],
    sndfile("1 channel.mp3", channels=1),
    sndfile("8 channels.flac", "PCM_24", channels=8, within=EXACT),
    sndfile("8 channels.ogg", "VORBIS", channels=8),
    ffmpeg("aac.m4a", "aac", "ipod"),
    ffmpeg("alac 1 channel.m4a", "alac", "ipod", 44100, 1),
    ffmpeg("8 channels.m4a", "aac", "ipod", 48000, 8, within=0.05),  # the tone is too high for the channel of basses
    ffmpeg("8 kHz.m4a", "aac", "ipod", 8000, 1),
    ffmpeg("96 kHz.m4a", "aac", "ipod", 96000),
    ffmpeg("adts.aac", "aac", "adts"),
    ffmpeg("v1.wma", "wmav1", "asf"),
    ffmpeg("v2.wma", "wmav2", "asf"),
    ffmpeg("sound.mp4", "aac", "mp4"),
    ffmpeg("opus.webm", "libopus", "webm", 48000),
    Case("mp3 inside.wav", mp3),
    Case("flac inside.mp3", lambda path: write_tone(path, format="FLAC"), within=4e-5),
    Case("wav inside.gsm", lambda path: write_tone(path, format="WAV"), within=4e-5),
    Case("no suffix", lambda path: encode(path, tone(), 44100, "aac", "ipod"), within=0.03),
    Case("tagged.mp3", lambda path: in_front(mp3(path), id3_tag())),
    Case("tagged twice.mp3", lambda path: in_front(mp3(path), id3_tag() + id3_tag(500))),
    Case("zeros in front.mp3", lambda path: in_front(mp3(path), bytes(3000))),
    Case("zeros after tag.mp3", lambda path: in_front(mp3(path), id3_tag() + bytes(500))),
    Case("junk in front.mp3", lambda path: in_front(mp3(path), np.random.default_rng(0).bytes(5000))),
    *[Case(name, lambda path: encode(path, tone(), 44100, "aac", "ipod"), within=0.03) for name in ODD_NAMES],
    *[Case(Path(name).stem + ".wav", lambda path: write_tone(path), within=4e-5) for name in ODD_NAMES],
]

PARTS = [  # broken, yet some of the sound is there
    Case("cut.mp3", lambda path: cut(mp3(path), 0.5), seconds=0.75),
    Case("cut.flac", lambda path: cut(write_tone(path), 0.5), seconds=0.5, within=4e-5),
    Case("cut.wav", lambda path: cut(write_tone(path), 0.5), seconds=0.75, within=4e-5),
    Case("cut.wma", lambda path: cut(encode(path, tone(), 44100, "wmav2", "asf"), 0.6), seconds=0.6, within=0.03),
    Case("cut.aac", lambda path: cut(encode(path, tone(), 44100, "aac", "adts"), 0.5), seconds=0.7, within=0.03),
]

BROKEN = [
    Case("empty.wav", lambda path: path.touch(), error=r"is empty \(0 bytes\)"),
    Case("header only.wav", lambda path: soundfile.write(path, tone()[:0], 44100), error="holds no samples"),
    Case(
        "cut in header.flac",
        lambda path: os.truncate(write_tone(path), 40),
        error="neither libsndfile nor FFmpeg finds",
    ),
    Case(
        "cut.m4a", lambda path: cut(encode(path, tone(), 44100, "aac", "ipod"), 0.5), error="without a readable index"
    ),
    Case("text.mp3", lambda path: path.write_text("These are words, ça va.\n" * 90), error="holds text"),
    Case("noise.mp3", lambda path: path.write_bytes(np.random.default_rng(5).bytes(50000)), error="finds sound in its"),
    Case("folder.wav", lambda path: path.mkdir(), error="is a folder"),
    Case("pipe.wav", lambda path: os.mkfifo(path), error="is a named pipe"),
    Case("absent.wav", lambda path: None, error="no such file"),
    Case("loop.wav", loop_of_links, error="symbolic link that leads back to itself"),
    Case("unreadable.wav", unreadable, error="no permission"),
    Case("1 Hz.wav", lambda path: soundfile.write(path, tone(), 1), error="its header says 1 Hz"),
    raw("nan.wav", with_nan(1), "FLOAT", error="^[^:]+: 1 samples are NaN or infinite"),
    raw("all nan.wav", with_nan(60000), "FLOAT", error="^[^:]+: 60000 samples are NaN or infinite"),
    raw("infinite.wav", np.full((500, 1), np.inf, np.float32), "FLOAT", error="500 samples are NaN or infinite"),
]


@contextmanager
def no_superuser(needed: bool) -> Iterator[None]:
    """Root may read everything: be nobody for a while, where needed."""
    if not needed or os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def best_lag(heard: np.ndarray, expected: np.ndarray) -> int:
    """By how many samples codecs without a note of their delay come late."""
    length = min(len(heard), len(expected))
    size = 2 * length
    product = np.fft.rfft(heard[:length], size) * np.conj(np.fft.rfft(expected[:length], size))
    return int(np.argmax(np.fft.irfft(product, size)[:4400]))


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "case", [*WHOLE, *PARTS, *BROKEN], ids=lambda case: case.name.encode("utf-8", "replace").decode()
)
def test_file_decodes_or_says_why(case: Case, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / case.name
    case.make(path)
    if case.error:
        with no_superuser(case.make is unreadable), pytest.raises(AudioError, match=case.error) as caught:
            decode(path, sample_rate=22050)
        assert str(caught.value).startswith(f"{path}: ")
        assert re.search(r"[.)] [A-Z][^.]+\.$", str(caught.value)), "the last sentence says how to mend it"
        return
    info = probe(path)
    assert (info.sample_rate, info.channels) == (case.sample_rate, case.channels)
    heard = decode(path)
    assert heard.dtype == np.float32 and heard.ndim == 1
    expected = mixed(tone(case.sample_rate, case.channels))
    if case in WHOLE:
        assert abs(len(heard) - len(expected)) <= (0 if case.within < 0.01 else 0.09 * case.sample_rate)
        assert abs(info.duration_s - len(heard) / info.sample_rate) < 0.06
    else:
        assert case.seconds * 0.6 < len(heard) / case.sample_rate < SECONDS
    # Wherever the tone is, it is the mean of the channels: same pitch, same swell.
    lag = 0 if case.within < 0.01 else best_lag(heard, expected)
    length = min(len(heard) - lag, len(expected)) - round(0.05 * case.sample_rate)
    error = np.abs(heard[lag : lag + length] - expected[:length])
    assert error.max() <= case.within if case.within < 0.01 else np.percentile(error, 95) <= case.within
    resampled = decode(path, sample_rate=22050)
    assert abs(len(resampled) - len(heard) * 22050 / case.sample_rate) <= 1
    spectrum = np.abs(np.fft.rfft(resampled * np.hanning(len(resampled))))
    assert abs(np.argmax(spectrum) * 22050 / len(resampled) - TONE_HZ) < 2
    blocks = list(stream(path, sample_rate=22050, block_samples=5000))
    assert np.array_equal(np.concatenate(blocks), resampled)
    assert all(len(block) == 5000 for block in blocks[:-1]) and 0 < len(blocks[-1]) <= 5000
    assert capfd.readouterr().err == "", "decoders keep their notes to themselves"


@pytest.mark.parametrize("value", [0.0, 0.25])
def test_silent_and_constant_sound_decodes(value: float, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "flat.wav", np.full((44100, 2), value), 44100)
    heard = decode(tmp_path / "flat.wav", sample_rate=22050)
    assert len(heard) == 22050
    assert np.abs(heard[2000:-2000] - value).max() < 1e-4


@pytest.mark.parametrize(("kind", "length"), [("mp3", 3000), ("flac", 3000), ("aac", 2000)])
def test_damage_in_the_middle_costs_only_what_is_damaged(kind: str, length: int, tmp_path: Path) -> None:
    path = tmp_path / f"scratched.{kind}"
    samples = np.tile(tone(), (4, 1))
    if kind == "aac":
        encode(path, samples, 44100, "aac", "adts")
    else:
        soundfile.write(path, samples, 44100)
    damage(path, 0.5, length)
    heard = decode(path)
    assert 0.8 * len(samples) < len(heard) <= 1.03 * len(samples)
    assert np.array_equal(np.concatenate(list(stream(path, block_samples=30000))), heard)


def test_a_cut_ogg_gives_its_whole_pages(tmp_path: Path) -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, 441000)
    soundfile.write(tmp_path / "cut.ogg", samples, 44100)
    heard = decode(cut(tmp_path / "cut.ogg", 0.5))
    assert 0.3 < len(heard) / len(samples) < 0.6


def test_a_playlist_is_not_followed(tmp_path: Path) -> None:
    encode(tmp_path / "song.m4a", tone(), 44100, "aac", "ipod")
    (tmp_path / "list.mp3").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nsong.m4a\n#EXT-X-ENDLIST\n")
    with pytest.raises(AudioError, match="holds text"):
        decode(tmp_path / "list.mp3")


def test_video_without_sound_is_named_so(tmp_path: Path) -> None:
    import av

    with av.open(str(tmp_path / "silent film.mp4"), "w") as file:
        picture = file.add_stream("mpeg4", rate=10)
        picture.width = picture.height = 32
        picture.pix_fmt = "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
        file.mux([*picture.encode(frame), *picture.encode(None)])
    with pytest.raises(AudioError, match="no audio stream"):
        decode(tmp_path / "silent film.mp4")
