"""Clips go on, plain and with a network, and are written to files that hold what was there bit for bit."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fstmuse.errors import ArtifactError, AudioError, Cancelled, ConfigError
from fstmuse.inference.continuing import go_on
from fstmuse.inference.made_sound import FORMATS, write_sound
from fstmuse.inference.outputs import save_result
from tests.infill_fixtures import CONTINUER_MEL, RATE, small_continuer, small_filler, write_clip

__all__ = ["small_continuer", "small_filler"]

END = 2 * RATE


@pytest.fixture(scope="module")
def session(small_continuer: Path):
    from fstmuse.inference.session import Session

    return Session(small_continuer)


def test_plain(tmp_path: Path):
    true = write_clip(tmp_path / "a.wav", None)
    shares: list[float] = []
    result = go_on(tmp_path / "a.wav", 0.5, progress=shares.append)
    assert (result.gaps, result.ended_s, result.made_s, result.duration_s) == (((END, END + RATE // 2),), 2.0, 0.5, 2.5)
    assert (result.sample_rate, result.model, result.part, result.picture_start_s) == (RATE, "plain", "", 0.0)
    assert result.settings == {"seconds": 0.5, "spread": 1.0, "iterations": 32}
    np.testing.assert_array_equal(result.waveform[:END], true)
    # Before, nothing is there; after, it is as bright as before the end.
    there = slice(round(2.1 * 22050 / 512), -8)
    assert result.before.values[there].max() == -100
    assert result.after.values[there].max(axis=1).min() > -40
    assert result.before.values.shape == result.after.values.shape
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_session_goes_on_with_its_network(session, tmp_path: Path):
    true = write_clip(tmp_path / "a.wav", None)
    result = session.go_on(tmp_path / "a.wav", 0.6, seed=3, spread=0.5)
    assert (result.model, result.seed) == (session.card.signature, 3)
    assert result.settings["spread"] == 0.5
    assert result.settings["mel"]["n_mels"] == CONTINUER_MEL.n_mels
    np.testing.assert_array_equal(result.waveform[:END], true)
    # Untrained, it is the decayed hold, to the mean of a little more sound.
    plain = go_on(tmp_path / "a.wav", 0.6, seed=3)
    ratio = np.square(result.waveform[END:]).mean() / np.square(plain.waveform[END:]).mean()
    assert abs(10 * np.log10(ratio)) < 2


def test_a_session_keeps_to_its_task(session, small_filler: Path, tmp_path: Path):
    from fstmuse.inference.session import Session

    stop = threading.Event()
    stop.set()
    write_clip(tmp_path / "a.wav", None)
    with pytest.raises(Cancelled):
        session.go_on(tmp_path / "a.wav", 0.5, cancel=stop)
    with pytest.raises(ArtifactError, match="was trained to continue; expected an artifact that fills gaps"):
        session.infill(tmp_path / "a.wav", [(0.1, 0.2)])
    with pytest.raises(ArtifactError, match="was trained to infill; expected an artifact that goes on"):
        Session(small_filler).go_on(tmp_path / "a.wav", 0.5)


def test_what_cannot_go_on_is_refused(tmp_path: Path):
    write_clip(tmp_path / "a.wav", np.nan)
    with pytest.raises(AudioError, match=r"a.wav: 3,200 samples are NaN"):
        go_on(tmp_path / "a.wav", 0.5)
    with pytest.raises(ConfigError, match="up to 30 s"):
        go_on(tmp_path / "none.wav", 100.0)
    with pytest.raises(ConfigError, match="seed=-1"):
        go_on(tmp_path / "none.wav", 0.5, seed=-1)
    with pytest.raises(AudioError, match="no such file"):
        go_on(tmp_path / "none.wav", 0.5)


def test_files(tmp_path: Path):
    true = write_clip(tmp_path / "a.wav", None)
    result = go_on(tmp_path / "a.wav", 0.5, seed=7)
    files = save_result(result, tmp_path / "out", FORMATS, "net 0123456789ab")
    assert [file.name for file in files] == ["a.wav.net.wav", "a.wav.net.png", "a.wav.net.json"]
    sound, rate = soundfile.read(files[0], dtype="float32", always_2d=True)
    assert (rate, soundfile.info(files[0]).subtype, len(sound)) == (RATE, "PCM_16", END + RATE // 2)
    np.testing.assert_array_equal(sound[:END], true)
    assert files[1].read_bytes().startswith(b"\x89PNG")
    told = json.loads(files[2].read_text("utf-8"))
    assert told["made"] == {"start_s": 2.0, "end_s": 2.5, "start_sample": END, "end_sample": END + RATE // 2}
    assert (told["seed"], told["model"], told["samples"]) == (7, "plain", len(sound))
    write_sound(result, tmp_path / "b.flac", "FLAC")
    np.testing.assert_array_equal(soundfile.read(tmp_path / "b.flac", dtype="float32", always_2d=True)[0][:END], true)
