"""Dropouts are found to the sample in damaged sound, and not in music that is silent, clipped, quiet or coarse."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fstmuse.audio.channels import decode_channels
from fstmuse.audio.dropouts import BROKEN, CLIPPED, SILENT, STUCK, Dropout, find_dropouts
from fstmuse.errors import AudioError
from fstmuse.features.gap_sound import fill_sound

RATE = 44100


def music(seconds: float = 2.0, channels: int = 2, rate: int = RATE, loudness: float = 0.3) -> np.ndarray:
    """float32 (n, channels): chords over noise."""
    times = np.arange(round(seconds * rate)) / rate
    random = np.random.default_rng(1)
    tones = sum(np.sin(2 * np.pi * f * times) for f in (110.0, 277.2, 415.3)) / 3
    noise = 0.05 * random.standard_normal((len(times), channels))
    return (loudness * (tones[:, None] + noise)).astype(np.float32)


def test_all_damage_is_found_to_the_sample():
    sound = music()
    sound[10_000:10_500] = 0
    sound[30_000:30_441] = sound[30_000]
    sound[50_000, 1] = np.nan
    sound[70_000:70_010, 0] = np.inf
    assert find_dropouts(sound, RATE) == [
        Dropout(10_000, 10_500, SILENT),
        Dropout(30_000, 30_441, STUCK),
        Dropout(50_000, 50_001, BROKEN, (1,)),
        Dropout(70_000, 70_010, BROKEN, (0,)),
    ]


@pytest.mark.parametrize("value", [0.3, 0.02, -1.0])
def test_not_one_held_sample_is_left_that_prediction_could_take_for_sound(value: float):
    sound = music(channels=1)
    true = sound[40_000:44_000].copy()
    sound[40_000:44_000] = value
    (found,) = find_dropouts(sound, RATE)
    assert (found.start, found.end) == (40_000, 44_000)
    filled = fill_sound(sound, RATE, [(found.start, found.end)])[40_000:44_000]
    assert np.abs(filled).max() < 1.3 * np.abs(true).max()


@pytest.mark.parametrize("rate", [8000, 192_000])
@pytest.mark.parametrize("channels", [1, 6])
def test_any_rate_and_number_of_channels(rate: int, channels: int):
    sound = music(0.5, channels, rate)
    start, end = round(0.2 * rate), round(0.23 * rate)
    sound[start:end] = 0
    assert find_dropouts(sound, rate) == [Dropout(start, end, SILENT)]


def test_mono_may_be_flat():
    sound = music(channels=1)[:, 0]
    sound[20_000:21_000] = 0
    assert find_dropouts(sound, RATE) == [Dropout(20_000, 21_000, SILENT)]


def test_shorter_runs_are_music():
    sound = music()
    sound[10_000:10_200] = 0  # 4.5 ms
    assert find_dropouts(sound, RATE) == []


def test_one_channel_alone():
    sound = music()
    sound[20_000:30_000, 0] = 0
    sound[40_000:41_000, 1] = 0
    sound[41_100:42_000, 0] = 0
    assert find_dropouts(sound, RATE) == [Dropout(20_000, 30_000, SILENT, (0,)), Dropout(40_000, 42_000, SILENT)]


@pytest.mark.parametrize(("kind", "subtype"), [("MP3", "MPEG_LAYER_III"), ("OGG", "VORBIS")])
def test_what_a_codec_makes_of_silence(kind: str, subtype: str):
    sound = music(3.0)
    places = [(30_000, 31_800), (60_000, 66_000), (90_000, 110_000)]
    for start, end in places:
        sound[start:end] = 0
    file = io.BytesIO()
    soundfile.write(file, sound, RATE, format=kind, subtype=subtype)
    file.seek(0)
    encoded, _ = soundfile.read(file, dtype="float32", always_2d=True)
    found = find_dropouts(encoded, RATE)
    assert [dropout.reason for dropout in found] == [SILENT] * 3
    edges = np.array([(dropout.start, dropout.end) for dropout in found]) - places
    assert np.abs(edges).max() <= 0.002 * RATE


@pytest.mark.parametrize(
    ("fade_s", "ends"), [(0.03, "both"), (0.05, "both"), (0.2, "both"), (0.03, "first"), (0.05, "last")]
)
def test_a_faded_pause_is_music(fade_s: float, ends: str):
    sound = music()
    fade = np.linspace(1, 0, round(fade_s * RATE), dtype=np.float32)[:, None]
    if ends != "last":
        sound[40_000 - len(fade) : 40_000] *= fade
    sound[40_000:44_000] = 0
    if ends != "first":
        sound[44_000 : 44_000 + len(fade)] *= fade[::-1]
    assert find_dropouts(sound, RATE) == []


def test_a_run_of_infinity_is_not_held():
    sound = music()
    sound[30_000:30_500] = np.inf
    assert find_dropouts(sound, RATE) == [Dropout(30_000, 30_500, BROKEN)]


@pytest.mark.parametrize("hertz", [25.0, 60.0])
def test_clipped_peaks_are_music_and_longer_ones_are_not(hertz: float):
    times = np.arange(RATE) / RATE
    bass = 0.9 * np.clip(5 * np.sin(2 * np.pi * hertz * times), -1, 1).astype(np.float32)[:, None]
    assert np.diff(np.flatnonzero(np.diff(bass[:, 0]))).max() > 0.006 * RATE
    assert find_dropouts(bass, RATE) == []
    bass[20_000:22_000] = bass.max()
    (found,) = find_dropouts(bass, RATE)
    assert found.reason == CLIPPED
    assert found.start <= 20_001
    assert found.end >= 22_000


def test_silence_at_the_ends_and_between_notes_is_music():
    sound = music()
    sound[:5000] = 0
    sound[-5000:] = 0
    fade = np.linspace(1, 0, 4000, dtype=np.float32)[:, None] ** 3
    sound[36_000:40_000] *= fade
    sound[40_000:44_000] = 0  # the next note begins at once: only one end breaks off
    assert find_dropouts(sound, RATE) == []


def test_silence_throughout_is_no_dropout():
    assert find_dropouts(np.zeros((5000, 2), np.float32), RATE) == []
    assert find_dropouts(np.full((5000, 2), 0.5, np.float32), RATE) == []


def test_quiet_sound_of_8_bits_is_music():
    quiet = np.round(music(channels=1, rate=8000, loudness=0.008) * 128) / 128
    runs = np.diff(np.flatnonzero(np.diff(quiet[:, 0])))
    assert runs.max() >= 40  # 5 ms
    assert find_dropouts(quiet, 8000) == []


def test_a_dropout_in_quiet_sound_of_8_bits():
    quiet = np.round(music(channels=1, rate=8000, loudness=0.06) * 128) / 128
    quiet[4000:4400] = 0
    (found,) = find_dropouts(quiet, 8000)
    assert abs(found.start - 4000) <= 4 and abs(found.end - 4400) <= 4


def test_near_finds_are_one():
    sound = music()
    sound[10_000:10_500] = 0
    sound[10_600, 0] = np.nan
    sound[10_700:11_300] = 0
    assert find_dropouts(sound, RATE) == [Dropout(10_000, 11_300, f"{SILENT} and {BROKEN}")]


def test_broken_at_the_ends_and_everywhere():
    sound = music(0.1)
    sound[0] = np.nan
    sound[-3:] = -np.inf
    assert find_dropouts(sound, RATE) == [Dropout(0, 1, BROKEN), Dropout(len(sound) - 3, len(sound), BROKEN)]
    assert find_dropouts(np.full((10, 1), np.nan, np.float32), RATE) == [Dropout(0, 10, BROKEN)]


@pytest.mark.parametrize("samples", [np.zeros((0, 2), np.float32), np.zeros((2, 2, 2), np.float32), np.zeros(5, int)])
def test_what_is_no_sound_is_refused(samples: np.ndarray):
    with pytest.raises(AudioError, match=r"expected floats of shape \(n,\)"):
        find_dropouts(samples, RATE)


def test_real_music_has_none_and_its_damaged_copy_all(real_data: Path):
    for name in ("000002.mp3", "000140.mp3"):
        sound, rate = decode_channels(real_data / "fma_small" / "000" / name)
        sound = sound[: 10 * rate]
        assert find_dropouts(sound, rate) == []
        places = [(3 * rate, 3 * rate + 400), (5 * rate, 5 * rate + 9000), (7 * rate, 7 * rate + 1)]
        damaged = sound.copy()
        damaged[slice(*places[0])] = 0
        damaged[slice(*places[1])] = 0.3
        damaged[slice(*places[2])] = np.nan
        found = find_dropouts(damaged, rate)
        assert [(dropout.start, dropout.end) for dropout in found] == places
        assert [dropout.reason for dropout in found] == [SILENT, STUCK, BROKEN]


def test_import_needs_no_tensorflow():
    code = "import sys, fstmuse.audio.dropouts, fstmuse.audio.channels; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
