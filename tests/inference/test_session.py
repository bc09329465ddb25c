"""The session: one answer whichever way it is had, any length, and refusals in words."""

from __future__ import annotations

import dataclasses
import functools
import os
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fstmuse.audio.decode import decode
from fstmuse.audio.shape import fit_length
from fstmuse.audio.windows import window_starts
from fstmuse.errors import ArtifactError, AudioError, Cancelled
from tests.artifact_fixtures import TONE_RATE, TONES, tone, write_tone

TOLERANCE = 1e-5


@functools.cache
def session_of(artifact: Path):
    from fstmuse.inference.session import Session

    return Session(artifact)


@functools.cache
def served_by(artifact: Path):
    """The endpoint as plain TensorFlow loads it."""
    import tensorflow as tf

    loaded = tf.saved_model.load(str(artifact / "saved_model"))
    signature = loaded.signatures["serve"]
    # The signature does not keep its model alive.
    return lambda waveforms: (loaded, signature(waveform=tf.constant(waveforms)))[1]


def by_keras(artifact: Path, waveform: np.ndarray) -> np.ndarray:
    """The Keras model over the front end, on windows cut here: the mean of their answers."""
    from fstmuse.artifacts.load import load
    from fstmuse.features.frontend import LogMelFrontEnd

    network, card = load(artifact)
    front_end = LogMelFrontEnd(card.mel)
    starts = window_starts(len(waveform), card.audio.samples, card.hop_samples)
    cut = np.stack([fit_length(waveform[start:], card.audio) for start in starts])
    answers = [network(front_end(cut[i : i + 4]), training=False).numpy() for i in range(0, len(cut), 4)]
    return np.concatenate(answers).mean(axis=0)


def music(samples: int, seed: int, rate: int = 22050) -> np.ndarray:
    """Chords that change each second, with noise: windows differ from one another."""
    random = np.random.default_rng(seed)
    times = np.arange(samples) / rate
    pitch = 110 * 2 ** (random.integers(0, 36, (samples // rate + 1, 3)) / 12)
    chord = np.sin(2 * np.pi * times[:, None] * pitch[(times).astype(int)]).sum(axis=1)
    return (0.1 * chord + 0.02 * random.standard_normal(samples)).astype(np.float32)


@pytest.mark.parametrize("seconds", [1.0, 5.9, 6.0, 6.1, 6.3, 30.002])
@pytest.mark.parametrize("batch", [1, 7])
def test_session_saved_model_and_keras_agree(toy_artifact: Path, seconds: float, batch: int) -> None:
    waveforms = np.stack([music(round(seconds * 22050), seed) for seed in range(batch)])
    served = served_by(toy_artifact)(waveforms)
    probabilities = served["probabilities"].numpy()
    session = session_of(toy_artifact)
    heard = np.stack([session.classify(waveform).probabilities for waveform in waveforms])
    np.testing.assert_allclose(probabilities, heard, rtol=0, atol=TOLERANCE)
    # The Keras model is asked one window at a time; the first and last clip of the batch will do.
    for row in {0, batch - 1}:
        np.testing.assert_allclose(by_keras(toy_artifact, waveforms[row]), heard[row], rtol=0, atol=TOLERANCE)
    assert [label.decode() for label in served["labels"].numpy()] == list(session.card.labels)
    assert served["sample_rate"].numpy() == 22050
    if batch > 1:
        assert np.ptp(heard, axis=0).max() > 100 * TOLERANCE  # else anything would agree


@pytest.mark.parametrize("batch", [1, 7])
def test_ten_minutes_agree(toy_artifact: Path, batch: int) -> None:
    """Seven at once take some 12 s and 2 GB on two cores, most of it the sound itself."""
    waveforms = np.stack([music(600 * 22050 + 77, seed) for seed in range(1, batch + 1)])
    session = session_of(toy_artifact)
    heard = [session.classify(waveform) for waveform in waveforms]
    assert [result.duration_s for result in heard] == pytest.approx([600 + 77 / 22050] * batch)
    served = served_by(toy_artifact)(waveforms)["probabilities"].numpy()
    np.testing.assert_allclose(served, [result.probabilities for result in heard], rtol=0, atol=TOLERANCE)
    # The last clip will do for the Keras model, as above.
    by_model = by_keras(toy_artifact, waveforms[-1])
    np.testing.assert_allclose(by_model, heard[-1].probabilities, rtol=0, atol=TOLERANCE)


def test_real_clips_agree(toy_artifact: Path, real_data: Path) -> None:
    files = sorted((real_data / "cc_clips").glob("*.wav")) + sorted((real_data / "fma_small" / "000").glob("*.mp3"))[:2]
    assert len(files) >= 5
    for file in files:
        waveform = decode(file, sample_rate=22050)
        heard = session_of(toy_artifact).classify(file)
        np.testing.assert_array_equal(heard.probabilities, session_of(toy_artifact).classify(waveform).probabilities)
        served = served_by(toy_artifact)(waveform[None])["probabilities"].numpy()
        np.testing.assert_allclose(served[0], heard.probabilities, rtol=0, atol=TOLERANCE)
        np.testing.assert_allclose(by_keras(toy_artifact, waveform), heard.probabilities, rtol=0, atol=TOLERANCE)


@pytest.fixture(scope="module")
def seven_real_clips(real_data: Path) -> np.ndarray:
    """float32 (7, samples): different music, cut to the shortest of them, some 30 s at 22,050 Hz."""
    files = sorted((real_data / "fma_small").rglob("*.mp3"))[:7]
    clips = [decode(file, sample_rate=22050) for file in files]
    return np.stack([clip[: min(map(len, clips))] for clip in clips])


@pytest.mark.parametrize("seconds", [1.0, 6.2, 25.0, None])
def test_seven_real_clips_in_a_batch_agree(
    toy_artifact: Path, seven_real_clips: np.ndarray, seconds: float | None
) -> None:
    samples = seven_real_clips.shape[1] if seconds is None else round(seconds * 22050)
    assert samples <= seven_real_clips.shape[1]
    waveforms = seven_real_clips[:, :samples]
    served = served_by(toy_artifact)(waveforms)["probabilities"].numpy()
    session = session_of(toy_artifact)
    heard = np.stack([session.classify(waveform).probabilities for waveform in waveforms])
    models = np.stack([by_keras(toy_artifact, waveform) for waveform in waveforms])
    np.testing.assert_allclose(served, heard, rtol=0, atol=TOLERANCE)
    np.testing.assert_allclose(models, heard, rtol=0, atol=TOLERANCE)
    answers = {tuple(row) for row in heard.round(4)}
    assert len(answers) == 7  # else a mix-up of rows would agree


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (44100, 2), (48000, 6), (96000, 1)])
def test_any_rate_and_channels(tone_artifact: Path, tmp_path: Path, rate: int, channels: int) -> None:
    for label in TONES:
        file = write_tone(tmp_path / f"{label}.wav", label, 2.5, rate, channels)
        result = session_of(tone_artifact).classify(str(file))
        assert (result.label, result.path) == (label, str(file))
        assert result.confidence > 0.95
        assert result.duration_s == pytest.approx(2.5, abs=1e-3)


def test_a_part_of_a_file(tone_artifact: Path, tmp_path: Path) -> None:
    path = tmp_path / "three.flac"
    soundfile.write(path, np.concatenate([tone(label, 3.0) for label in ("Low", "Middle", "High")]), TONE_RATE)
    session = session_of(tone_artifact)
    for number, label in enumerate(("Low", "Middle", "High")):
        shares: list[float] = []
        asked = {"start_s": 3.0 * number, "duration_s": 3.0}
        result = session.classify(path, **asked, along_time=True, progress=shares.append)
        assert result.label == label and result.confidence > 0.95
        assert (result.start_s, result.duration_s, result.end_s) == (3.0 * number, 3.0, 3.0 * number + 3.0)
        assert result.part == ("0s-3s", "3s-6s", "6s-9s")[number]
        np.testing.assert_allclose(result.times_s[:, 0], 3.0 * number + np.arange(3))  # times are those of the file
        assert shares == sorted(shares) and shares[-1] == 1.0
    rest = session.classify(path, start_s=6.0)
    assert (rest.start_s, rest.duration_s, rest.part) == (6.0, 3.0, "6s-end")
    whole = session.classify(path, along_time=True)
    assert (whole.start_s, whole.part, whole.times_s[0, 0]) == (0.0, "", 0.0)
    with pytest.raises(AudioError, match=r"asked to start at 20 s, but its sound ends at 9\.00 s"):
        session.classify(path, start_s=20.0)


def test_along_time(tone_artifact: Path) -> None:
    waveform = np.concatenate([tone("Low", 4.0), tone("High", 3.3)])
    session = session_of(tone_artifact)
    result = session.classify(waveform, along_time=True)
    starts = [0, 1, 2, 3, 4, 5, 6, 6.3]
    np.testing.assert_allclose(result.times_s, [(start, start + 1) for start in starts], atol=1e-9)
    assert [result.labels[row] for row in result.along_time.argmax(axis=1)] == ["Low"] * 4 + ["High"] * 4
    np.testing.assert_allclose(result.along_time.mean(axis=0), result.probabilities, atol=1e-6)
    assert session.classify(waveform).along_time is None
    short = session.classify(tone("Low", 0.4), along_time=True)
    np.testing.assert_allclose(short.times_s, [(0.0, 0.4)])


def test_progress_rises_to_one(toy_artifact: Path, tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    soundfile.write(path, music(40 * 22050, 2), 22050)
    shares: list[float] = []
    session_of(toy_artifact).classify(path, progress=shares.append)
    assert len(shares) > 3
    assert shares == sorted(shares) and shares[0] > 0 and max(shares[:-1]) <= 0.99 and shares[-1] == 1.0


def test_cancel_stops_between_steps(tone_artifact: Path) -> None:
    session = session_of(tone_artifact)
    cancel = threading.Event()
    shares: list[float] = []

    def after_two(share: float) -> None:
        shares.append(share)
        if len(shares) == 2:
            cancel.set()

    with pytest.raises(Cancelled):
        session.classify(tone("Low", 120.0), progress=after_two, cancel=cancel)
    assert len(shares) == 2 and shares[-1] < 0.5
    cancel.clear()
    assert session.classify(tone("Low", 2.0), cancel=cancel).label == "Low"


WRONG_SOUNDS = {
    "silent": (np.zeros(16000, np.float32), "silent from beginning to end"),
    "empty": (np.zeros(0, np.float32), "Received 0 samples"),
    "nan": (np.r_[np.ones(9000, np.float32), np.nan], "NaN or infinite"),
    "infinite": (np.r_[np.inf, np.ones(9000, np.float32)], "NaN or infinite"),
    "beyond float32": (np.full(9000, 1e300), "NaN or infinite"),
    "too loud": (np.full(9000, 1e30, np.float32), r"reach 1e\+30; expected about 1 at most"),
    "whole numbers": (np.ones(9000, np.int16), "type int16; expected float"),
    "stereo": (np.ones((9000, 2), np.float32), r"shape \(9000, 2\).*Mix it down"),
}


@pytest.mark.parametrize("case", WRONG_SOUNDS)
def test_waveforms_that_are_no_sound(tone_artifact: Path, case: str) -> None:
    waveform, message = WRONG_SOUNDS[case]
    with pytest.raises(AudioError, match=message):
        session_of(tone_artifact).classify(waveform)


@pytest.mark.parametrize("case", ["silent", "nan", "too loud"])
def test_files_that_are_no_sound(tone_artifact: Path, tmp_path: Path, case: str) -> None:
    waveform, message = WRONG_SOUNDS[case]
    path = tmp_path / "bad.wav"
    soundfile.write(path, waveform, TONE_RATE, subtype="FLOAT")
    with pytest.raises(AudioError, match=message) as caught:
        session_of(tone_artifact).classify(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_a_decoder_that_breaks_down_names_the_file(tone_artifact: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object, **options: object):
        yield tone("Low", 1.0)
        raise ValueError("table 7 overruns")

    monkeypatch.setattr("fstmuse.inference.blocks.stream", broken)
    with pytest.raises(AudioError, match=r"^a\.wav: ValueError: table 7 overruns"):
        session_of(tone_artifact).classify("a.wav")


def test_another_task_is_refused(tone_artifact: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import dataclasses

    session = session_of(tone_artifact)
    monkeypatch.setattr(session, "card", dataclasses.replace(session.card, task="generate"))
    with pytest.raises(ArtifactError, match="was trained to generate; expected an artifact that classifies"):
        session.classify(tone("Low", 1.0))


def test_hundreds_of_files_take_one_trace_and_no_more_memory(tone_artifact: Path, tmp_path: Path) -> None:
    from fstmuse.inference.session import Session

    files = [write_tone(tmp_path / f"{i}.wav", "Low", 0.5 + i / 8, 8000 * (1 + i % 2)) for i in range(8)]
    session = Session(tone_artifact)
    for number in range(400):
        if number == 100:
            before = resident_bytes()
        assert session.classify(files[number % 8]).label == "Low"
    assert session._listen.experimental_get_tracing_count() == 1
    assert resident_bytes() - before < 10e6


def resident_bytes() -> int:
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except FileNotFoundError:
        pytest.skip("no /proc on this system to read the memory from")


def test_warm_up_leaves_nothing_to_be_traced_by_the_first_answer(tone_artifact: Path) -> None:
    from fstmuse.inference.session import Session

    session = Session(tone_artifact)
    session.warm_up()
    traced = session._listen.experimental_get_tracing_count()
    session.classify(tone("Low", 3.0))
    assert traced == session._listen.experimental_get_tracing_count() == 1


def test_warm_up_asks_nothing_of_what_gives_no_labels(tone_artifact: Path) -> None:
    from fstmuse.inference.session import Session

    session = Session(tone_artifact)
    session.card = dataclasses.replace(session.card, task="transcribe")
    session.warm_up()
    assert session._listen.experimental_get_tracing_count() == 0
