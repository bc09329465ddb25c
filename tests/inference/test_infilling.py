"""Clips are filled by the neighbours and by a network, and written to files that hold all else bit for bit."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fstmuse.audio.dropouts import BROKEN, SILENT
from fstmuse.errors import ArtifactError, AudioError, Cancelled, ConfigError
from fstmuse.features.gap_picture import interpolated
from fstmuse.features.picture import MelPicture
from fstmuse.inference import made_sound
from fstmuse.inference.infilling import infill
from fstmuse.inference.made_sound import FORMATS, subtype_of, write_files, write_sound
from fstmuse.inference.network_filler import NetworkFiller
from fstmuse.inference.outputs import save_result
from tests.infill_fixtures import FILLER_MEL, GAP_S, RATE, clip, write_clip

START, END = (round(edge * RATE) for edge in GAP_S)


@pytest.fixture(scope="module")
def session(small_filler: Path):
    from fstmuse.inference.session import Session

    return Session(small_filler)


def outside(sound: np.ndarray) -> np.ndarray:
    return np.concatenate([sound[:START], sound[END:]])


def test_plain_fills_a_gap_that_is_told(tmp_path: Path):
    true = write_clip(tmp_path / "a.wav")
    result = infill(tmp_path / "a.wav", [GAP_S])
    assert (result.gaps, result.gaps_s) == (((START, END),), (GAP_S,))
    assert (result.sample_rate, result.model, result.found, result.part) == (RATE, "plain", (), "")
    assert result.duration_s == 2.0
    np.testing.assert_array_equal(outside(result.waveform), outside(true))
    error = np.square(result.waveform[START:END] - true[START:END]).sum() / np.square(true[START:END]).sum()
    assert error < 0.25
    # Before, the gap is dark; after, it is as bright as what lies around it.
    middle = round((0.9 - result.picture_start_s) * 22050 / 512) - 2
    assert result.before.values[middle].max() < -80
    assert result.after.values[middle].max() > -40
    assert result.before.spec == result.after.spec


@pytest.mark.parametrize(("damage", "reason"), [(0.0, SILENT), (np.nan, BROKEN)])
def test_dropouts_are_found(tmp_path: Path, damage: float, reason: str):
    true = write_clip(tmp_path / "a.wav", damage)
    result = infill(tmp_path / "a.wav", find=True)
    assert result.gaps == ((START, END),)
    assert [dropout.reason for dropout in result.found] == [reason]
    np.testing.assert_array_equal(outside(result.waveform), outside(true))
    both = infill(tmp_path / "a.wav", [(0.1, 0.2), (0.99, 1.1)], find=True)
    assert both.gaps_s == ((0.1, 0.2), (0.8, 1.1))


def test_a_gap_too_wide_to_guess_is_said_to_be(tmp_path: Path):
    write_clip(tmp_path / "a.wav", 0.0)
    assert infill(tmp_path / "a.wav", [(0.1, 1.0)]).lines == []
    (line,) = infill(tmp_path / "a.wav", [(0.1, 1.2)]).lines
    assert line.startswith("gap 0.100 to 1.200 s: wider than anybody can guess")


def test_ctrl_c_while_files_are_written_leaves_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    write_clip(tmp_path / "a.wav", 0.0)
    result = infill(tmp_path / "a.wav", [GAP_S])
    places = [tmp_path / f"out.{suffix}" for suffix in FORMATS]
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(made_sound, "write_sidecar", interrupted)
        write_files(result, *places)
    assert not any(path.exists() for path in places)
    write_files(result, *places)
    assert all(path.is_file() for path in places)


@pytest.mark.parametrize("damage", [0.0, np.nan])
def test_an_intact_channel_stays_as_it_is(tmp_path: Path, damage: float):
    true = clip()
    hurt = true.copy()
    hurt[START:END, 1] = damage
    soundfile.write(tmp_path / "a.wav", hurt, RATE, subtype="FLOAT")
    result = infill(tmp_path / "a.wav", find=True)
    assert result.gaps == ((START, END),)
    assert result.lines[0].endswith(", in channel 2 alone")
    assert result.told()["found"][0]["channels"] == [2]
    np.testing.assert_array_equal(result.waveform[:, 0], true[:, 0])
    assert np.abs(result.waveform[START:END, 1]).mean() > 0.02


@pytest.mark.parametrize(
    ("stored", "kind", "written"),
    [("PCM_24", "WAV", "PCM_24"), ("FLOAT", "WAV", "FLOAT"), ("FLOAT", "FLAC", "PCM_24"), ("PCM_U8", "WAV", "PCM_16")],
)
def test_samples_are_stored_as_they_were(tmp_path: Path, stored: str, kind: str, written: str):
    # Values of 16 bits, so that less would do.
    soundfile.write(tmp_path / "a.wav", clip(), RATE, subtype=stored)
    assert subtype_of(infill(tmp_path / "a.wav", [(0.8, 0.82)]), kind) == written


def test_sound_without_dropouts_is_told(tmp_path: Path):
    write_clip(tmp_path / "a.wav", None)
    with pytest.raises(AudioError, match=r"a.wav: no dropout found"):
        infill(tmp_path / "a.wav", find=True)


def test_what_cannot_be_filled_is_refused(tmp_path: Path):
    write_clip(tmp_path / "a.wav", np.nan)
    with pytest.raises(AudioError, match=r"a.wav: 3,200 samples outside the gaps"):
        infill(tmp_path / "a.wav", [(0.1, 0.2)])
    with pytest.raises(ConfigError, match=r"from 0 to 2.00 s"):
        infill(tmp_path / "a.wav", [(1.5, 2.5)])
    with pytest.raises(ConfigError, match="no gap"):
        infill(tmp_path / "a.wav")
    with pytest.raises(AudioError, match="no such file"):
        infill(tmp_path / "b.wav", [GAP_S])


def test_a_session_fills_with_its_network(session, tmp_path: Path):
    true = write_clip(tmp_path / "a.wav")
    shares: list[float] = []
    result = session.infill(tmp_path / "a.wav", [GAP_S], seed=3, progress=shares.append)
    assert result.model == session.card.signature
    assert result.seed == 3
    assert result.settings["mel"]["n_mels"] == FILLER_MEL.n_mels
    np.testing.assert_array_equal(outside(result.waveform), outside(true))
    # Untrained, it is linear interpolation: what is filled is as without it.
    plain = infill(tmp_path / "a.wav", [GAP_S], seed=3)
    np.testing.assert_allclose(result.waveform, plain.waveform, atol=1e-3)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_warm_up_leaves_nothing_to_be_traced(session, tmp_path: Path):
    session.warm_up()
    traced = session._filler._fill.experimental_get_tracing_count()
    write_clip(tmp_path / "a.wav")
    session.infill(tmp_path / "a.wav", [GAP_S])
    assert traced == session._filler._fill.experimental_get_tracing_count() == 1


def test_a_session_cancels_and_keeps_to_its_task(session, tmp_path: Path):
    write_clip(tmp_path / "a.wav")
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        session.infill(tmp_path / "a.wav", [GAP_S], cancel=stop)
    with pytest.raises(ArtifactError, match="was trained to infill; expected an artifact that classifies"):
        session.classify(tmp_path / "a.wav")


def test_a_classifier_does_not_fill(tone_artifact: Path, tmp_path: Path):
    from fstmuse.inference.session import Session

    with pytest.raises(ArtifactError, match="was trained to classify; expected an artifact that fills gaps"):
        Session(tone_artifact).infill(tmp_path / "a.wav", [GAP_S])


@pytest.mark.parametrize("frames", [20, 40, 57])
def test_a_network_of_one_length_sees_its_length(frames: int):
    import keras
    from keras import ops

    bound = 40
    picture, missing = keras.Input((bound, 24), name="picture"), keras.Input((bound,), name="missing")
    # The mean of what is known, everywhere.
    known = keras.layers.Lambda(lambda x: ops.where(x[1][..., None] > 0.5, 0.0, x[0]))([picture, missing])
    share = keras.layers.Lambda(lambda x: ops.sum(1 - x, axis=1)[:, None, None])(missing)
    mean = keras.layers.Lambda(lambda x: 0 * x[2] + ops.sum(x[0], axis=1, keepdims=True) / x[1])(
        [known, share, picture]
    )
    network = keras.Model({"picture": picture, "missing": missing}, mean)
    values = np.full((frames, 24), -30.0, np.float32)
    lost = np.zeros(frames, bool)
    lost[10:14] = True
    values[lost] = 0
    filled = NetworkFiller(network, FILLER_MEL)(MelPicture(values, FILLER_MEL), lost)
    np.testing.assert_allclose(filled.values, -30, atol=1e-3)


def test_lines_across_missing_frames():
    values = np.repeat(np.array([-40.0, 0, 0, -10, 0], np.float32)[:, None], 24, axis=1)
    lost = np.array([False, True, True, False, True])
    filled = interpolated(MelPicture(values, FILLER_MEL), lost)
    np.testing.assert_allclose(filled.values[:, 0], [-40, -30, -20, -10, -10])


def test_files_beside_each_other_that_replace_nothing(tmp_path: Path):
    true = write_clip(tmp_path / "a.wav")
    result = infill(tmp_path / "a.wav", find=True)
    first = save_result(result, tmp_path / "out", FORMATS, "net 0123456789ab")
    assert [file.name for file in first] == ["a.wav.net.wav", "a.wav.net.png", "a.wav.net.json"]
    second = save_result(result, tmp_path / "out", FORMATS, "net 0123456789ab")
    assert [file.name for file in second] == ["a.wav.net (2).wav", "a.wav.net (2).png", "a.wav.net (2).json"]
    sound, rate = soundfile.read(first[0], dtype="float32", always_2d=True)
    assert (rate, soundfile.info(first[0]).subtype) == (RATE, "PCM_16")
    np.testing.assert_array_equal(outside(sound), outside(true))
    assert first[1].read_bytes().startswith(b"\x89PNG")
    told = json.loads(first[2].read_text("utf-8"))
    assert told["gaps"] == [{"start_s": 0.8, "end_s": 1.0, "start_sample": START, "end_sample": END}]
    assert told["found"] == [{"start_s": 0.8, "end_s": 1.0, "reason": SILENT}]
    assert (told["model"], told["seed"], told["channels"], told["samples"]) == ("plain", 0, 2, 2 * RATE)
    assert told["settings"]["iterations"] == 8


def test_lossless_files_of_float_sound(tmp_path: Path):
    true = write_clip(tmp_path / "a.wav", np.nan)
    sound = np.where(np.isfinite(true), true * np.float32(0.3), true)
    sound[START:END] = np.nan
    soundfile.write(tmp_path / "a.wav", sound, RATE, subtype="FLOAT")
    result = infill(tmp_path / "a.wav", find=True)
    for name, kind, step in (("b.wav", "WAV", 0.0), ("b.flac", "FLAC", 2.0**-24)):
        write_sound(result, tmp_path / name, kind)
        read, _ = soundfile.read(tmp_path / name, dtype="float32", always_2d=True)
        assert np.abs(outside(read) - outside(result.waveform)).max() <= step


def test_sound_beyond_full_scale_is_not_clipped_into_flac(tmp_path: Path):
    sound = 4 * write_clip(tmp_path / "a.wav", 0.0)
    assert np.abs(sound).max() > 1
    soundfile.write(tmp_path / "a.wav", sound, RATE, subtype="FLOAT")
    result = infill(tmp_path / "a.wav", [GAP_S])
    with pytest.raises(AudioError, match=r"b\.flac: the sound reaches .* Write \.wav\."):
        write_sound(result, tmp_path / "b.flac", "FLAC")
    assert not (tmp_path / "b.flac").exists()
    write_sound(result, tmp_path / "b.wav")
    read, _ = soundfile.read(tmp_path / "b.wav", dtype="float32", always_2d=True)
    assert np.array_equal(outside(read), outside(result.waveform))


def test_pictures_of_long_clips_show_the_gaps_alone(tmp_path: Path):
    true = clip(12.0, 1)
    true[round(10 * RATE) : round(10.1 * RATE)] = 0
    soundfile.write(tmp_path / "a.wav", true, RATE)
    result = infill(tmp_path / "a.wav", find=True)
    assert result.picture_start_s == pytest.approx(7.0)
    assert len(result.before.values) * 512 / 22050 == pytest.approx(5.0, abs=0.05)


def test_import_needs_no_tensorflow():
    code = "import sys, fstmuse.inference.infilling; sys.exit(bool({'tensorflow', 'keras'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
