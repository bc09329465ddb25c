"""Parts of files, long files, MP3 lengths, folders of files, and the real clips."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from fstmuse.audio.decode import AUDIO_SUFFIXES, decode, find_audio, probe, stream
from fstmuse.errors import AudioError
from tests.audio.sound_files import encode, mp3_without_length, tone

CODECS = {
    "wav": None,
    "flac": None,
    "mp3": None,
    "ogg": None,
    # Without noise drawn at random, which differs after a seek.
    "m4a": ("aac", "ipod", {"aac_pns": "0"}),
    "aac": ("aac", "adts", {}),
    "wma": ("wmav2", "asf", {}),
    # Where a seek may land: every 0.5 s.
    "webm": ("libopus", "webm", {"c_cluster_time_limit": "500"}),
}


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Six seconds of swelling noise and tone, at 48 kHz stereo, in each format."""
    folder = tmp_path_factory.mktemp("music")
    samples = tone(48000, 2, 6.0)
    noise = np.random.default_rng(0).normal(0, 0.03, samples.shape).astype(np.float32)
    # Half tone alone: MP3 frames are then small and lean on many before them.
    samples += noise * np.linspace(-1, 1, len(samples), dtype=np.float32).clip(0)[:, None]
    paths = {}
    for suffix, codec in CODECS.items():
        paths[suffix] = folder / f"music.{suffix}"
        if codec is None:
            soundfile.write(paths[suffix], samples, 48000)
        else:
            encode(paths[suffix], samples, 48000, *codec[:2], **codec[2])
    return paths


@pytest.mark.parametrize("suffix", CODECS)
@pytest.mark.parametrize("start_s", [0.0, 0.013, 2.345678, 5.9])
def test_a_part_equals_the_same_part_of_the_whole(music: dict[str, Path], suffix: str, start_s: float) -> None:
    whole = decode(music[suffix])
    part = decode(music[suffix], start_s=start_s, duration_s=0.7)
    start = round(start_s * 48000)
    assert len(part) == len(whole[start : start + round(0.7 * 48000)])
    assert np.abs(part - whole[start : start + len(part)]).max() <= 1e-6


@pytest.mark.parametrize("suffix", sorted(CODECS.keys() - {"aac"}))  # ADTS has no index: decoded from the start
def test_a_part_is_sought_not_decoded_up_to(
    music: dict[str, Path], suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if suffix in ("m4a", "wma", "webm"):
        from fstmuse.audio import libav

        sizes: list[int] = []
        original = libav.LibavSource._frames

        def counted(self):
            for frame in original(self):
                sizes.append(frame.samples)
                yield frame

        monkeypatch.setattr(libav.LibavSource, "_frames", counted)
        decode(music[suffix], start_s=5.0, duration_s=0.1)
        assert sum(sizes) < 2.5 * 48000, "much less than the 5 s before"
        return
    reads: list[int] = []
    original_read = soundfile.SoundFile.read

    def counted_read(self, *args, **kwargs):
        block = original_read(self, *args, **kwargs)
        reads.append(len(block))
        return block

    monkeypatch.setattr(soundfile.SoundFile, "read", counted_read)
    decode(music[suffix], start_s=5.0, duration_s=0.1)
    assert 4800 <= sum(reads) < 48000


@pytest.mark.parametrize("suffix", CODECS)
@pytest.mark.parametrize("block_samples", [997, 65536, 10_000_000])
@pytest.mark.parametrize("sample_rate", [None, 16000])
def test_stream_equals_decode(music: dict[str, Path], suffix: str, block_samples: int, sample_rate: int | None) -> None:
    part = {"sample_rate": sample_rate, "start_s": 0.5, "duration_s": 3.0}
    for settings in ({"sample_rate": sample_rate}, part):
        blocks = list(stream(music[suffix], block_samples=block_samples, **settings))
        assert all(len(block) == block_samples and block.dtype == np.float32 for block in blocks[:-1])
        whole = decode(music[suffix], **settings)
        assert sum(map(len, blocks)) == len(whole)
        assert np.abs(np.concatenate(blocks) - whole).max() <= 1e-6


@pytest.mark.parametrize("suffix", ["wav", "flac", "mp3", "ogg"])
def test_decoding_in_blocks_equals_one_read_and_one_resample(music: dict[str, Path], suffix: str, monkeypatch) -> None:
    # soundfile seeks after each read, which spoils MP3 after each block; small blocks show it.
    monkeypatch.setattr("fstmuse.audio.source._BLOCK_VALUES", 20000)
    samples, sample_rate = soundfile.read(music[suffix], dtype="float32", always_2d=True)
    expected = samples.mean(axis=1)
    assert np.abs(decode(music[suffix]) - expected).max() < 1e-6
    assert np.abs(decode(music[suffix], sample_rate=22050) - soxr.resample(expected, sample_rate, 22050)).max() < 1e-6


def test_stream_of_an_hour_runs_in_constant_memory(tmp_path: Path) -> None:
    path = tmp_path / "hour.wav"
    minute = np.sin(np.arange(8000 * 60) * 0.3).astype(np.float32) * 0.5
    with soundfile.SoundFile(path, "w", 8000, 1) as file:
        for _ in range(60):
            file.write(minute)
    tracemalloc.start()
    try:
        total = sum(len(block) for block in stream(path, sample_rate=22050, block_samples=22050))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert total == 3600 * 22050
    assert peak < 16e6, f"{peak / 1e6:.0f} MB at the peak; the hour is 318 MB"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"start_s": 7.0}, r"start at 7 s, but its sound ends at 6\.00 s"),
        ({"start_s": -1.0}, "start at -1.0 s, expected 0 s or later"),
        ({"start_s": float("nan")}, "start at nan s"),
        ({"duration_s": 0.0}, "asked for 0.0 s, expected more than 0 s"),
        ({"sample_rate": 0}, "asked for 0 Hz"),
    ],
)
def test_impossible_parts_are_refused(music: dict[str, Path], settings: dict, words: str) -> None:
    for suffix in ("wav", "mp3"):
        with pytest.raises(AudioError, match=words):
            decode(music[suffix], **settings)


def test_stream_refuses_blocks_of_nothing(music: dict[str, Path]) -> None:
    with pytest.raises(AudioError, match="blocks of 0 samples"):
        next(stream(music["wav"], block_samples=0))


def test_mp3_of_variable_rate_without_header_is_whole(tmp_path: Path) -> None:
    path = mp3_without_length(tmp_path / "vbr.mp3")
    assert soundfile.info(path).frames < 4 * 44100, "libsndfile takes it for much shorter than it is"
    assert 6.0 <= len(decode(path)) / 44100 < 6.1
    assert abs(probe(path).duration_s - 6.03) < 0.06
    whole = decode(path)
    part = decode(path, start_s=4.5, duration_s=1.0)
    assert np.abs(part - whole[round(4.5 * 44100) :][: len(part)]).max() < 1e-6


def test_two_mp3_files_joined_are_both_heard(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    soundfile.write(tmp_path / "one.mp3", tone(seconds=3.0), 44100)
    content = (tmp_path / "one.mp3").read_bytes()
    (tmp_path / "two.mp3").write_bytes(content + content)
    assert abs(len(decode(tmp_path / "two.mp3")) / 44100 - 6.0) < 0.15
    assert capfd.readouterr().err == ""


def test_probe_tells_kind(music: dict[str, Path]) -> None:
    info = probe(str(music["m4a"]))
    assert (info.sample_rate, info.channels, info.format) == (48000, 2, "mov aac")
    assert abs(info.duration_s - 6.0) < 0.05
    assert probe(music["wav"]).format == "wav pcm_16"
    assert abs(probe(music["aac"]).duration_s - 6.0) < 0.1, "counted, not guessed from the bit rate"


def test_find_audio_lists_sound_files_once_and_sorted(tmp_path: Path) -> None:
    for name in ("b/2.MP3", "b/1.wav", "a.flac", "cover.jpg", "b/.hidden.wav", ".trash/x.wav", "folder.wav/in.ogg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "b" / "up").symlink_to(tmp_path)
    (tmp_path / "broken.wav").symlink_to(tmp_path / "gone.wav")
    found = [path.relative_to(tmp_path).as_posix() for path in find_audio(tmp_path)]
    assert found == ["a.flac", "b/1.wav", "b/2.MP3", "broken.wav", "folder.wav/in.ogg"]
    assert find_audio(tmp_path / ".trash") == [tmp_path / ".trash" / "x.wav"], "a hidden root is meant"


def test_find_audio_refuses_what_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="is no folder"):
        find_audio(tmp_path / "nowhere")


def test_suffixes_are_lower_case_with_a_dot() -> None:
    assert {".wav", ".mp3", ".flac", ".ogg", ".m4a", ".wma", ".opus", ".mp4"} <= AUDIO_SUFFIXES
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in AUDIO_SUFFIXES)


def test_no_descriptor_stays_open(music: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "text.mp3").write_text("words " * 100)
    folder = Path("/proc/self/fd")
    if not folder.is_dir():
        pytest.skip("no /proc to count open files in")
    for path in music.values():
        decode(path)
    before = len(list(folder.iterdir()))
    for path in music.values():
        decode(path, start_s=1.0, duration_s=0.1)
        next(stream(path, block_samples=100))
        with pytest.raises(AudioError):
            decode(tmp_path / "text.mp3")
    assert len(list(folder.iterdir())) == before


def test_all_real_clips_decode(real_data: Path) -> None:
    paths = [path for path in find_audio(real_data) if "piano_disklavier" not in path.parts]
    paths += find_audio(real_data / "piano_disklavier")[:2]
    assert {path.suffix for path in paths} >= {".mp3", ".mp4", ".ogg", ".wav", ".flac"}
    for path in paths:
        info = probe(path)
        assert info.duration_s > 3
        heard = decode(path, sample_rate=16000, start_s=info.duration_s / 2, duration_s=1.0)
        assert len(heard) == 16000
        assert 0 < np.abs(heard).max() < 1.5


def test_real_clips_have_the_length_they_promise(real_data: Path) -> None:
    paths = find_audio(real_data / "fma_small")[::20] + find_audio(real_data / "musdb_sample")
    for path in paths:
        info = probe(path)
        heard = decode(path, sample_rate=22050)
        assert abs(len(heard) / 22050 - info.duration_s) < 0.05
        assert np.array_equal(np.concatenate(list(stream(path, sample_rate=22050, block_samples=44100))), heard)
        assert heard.std() > 0.01


def test_stem_file_gives_its_mixture(real_data: Path) -> None:
    import av

    path = find_audio(real_data / "musdb_sample")[0]
    with av.open(str(path)) as file:
        frames = [frame.to_ndarray() for frame in file.decode(file.streams.audio[0])]
    assert np.abs(decode(path) - np.concatenate(frames, axis=1).mean(axis=0)).max() < 1e-6
