"""The front end in graphs: librosa's mel, the workers' mel, one clip's picture whatever its company."""

from __future__ import annotations

import keras
import librosa
import numpy as np
import pytest

from fstmuse.audio.decode import decode
from fstmuse.errors import SpecError
from fstmuse.features.frontend import LogMelFrontEnd
from fstmuse.features.mel import LogMel
from fstmuse.networks.catalogue import CATALOGUE
from fstmuse.spec import MelSpec

SPECS = {
    "htk": MelSpec(22050, 2048, 512, 128, 0.0, 8000.0, scale="htk", power=2.0, log="none"),
    "slaney": MelSpec(22050, 1024, 512, 64, 20.0, 11025.0, scale="slaney", power=2.0, log="none"),
    "magnitude": MelSpec(16000, 512, 256, 96, 0.0, 8000.0, scale="slaney", power=1.0, log="none"),
}


def music(rate: int, seconds: float = 2.0, seed: int = 0) -> np.ndarray:
    time = np.arange(int(rate * seconds)) / rate
    rng = np.random.default_rng(seed)
    tones = sum(np.sin(2 * np.pi * frequency * time) / (1 + i) for i, frequency in enumerate(rng.uniform(60, 5000, 8)))
    return (0.1 * tones * np.exp(-time % 0.5) + 0.01 * rng.normal(size=len(time))).astype(np.float32)


def librosa_mel(waveform: np.ndarray, spec: MelSpec) -> np.ndarray:
    """Librosa's own picture of the same frames: not centred, the end filled with zeros."""
    frames = spec.frames(len(waveform))
    padded = np.pad(waveform, (0, (frames - 1) * spec.hop_length + spec.n_fft - len(waveform)))
    return librosa.feature.melspectrogram(
        y=padded,
        sr=spec.sample_rate,
        n_fft=spec.n_fft,
        hop_length=spec.hop_length,
        center=False,
        power=spec.power,
        n_mels=spec.n_mels,
        fmin=spec.fmin,
        fmax=spec.fmax,
        htk=spec.scale == "htk",
        norm="slaney" if spec.scale == "slaney" else None,
    ).T


@pytest.mark.parametrize("name", SPECS)
def test_equals_librosa(name: str) -> None:
    spec = SPECS[name]
    waveform = music(spec.sample_rate)
    ours = LogMelFrontEnd(spec)(waveform[None]).numpy()[0]
    theirs = librosa_mel(waveform, spec)
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4 * theirs.max() * 1e-4)


def test_equals_librosa_on_real_music(real_data) -> None:
    spec = SPECS["htk"]
    waveform = decode(sorted((real_data / "fma_small").rglob("*.mp3"))[0], sample_rate=22050, duration_s=10.0)
    ours = LogMelFrontEnd(spec)(waveform[None]).numpy()[0]
    theirs = librosa_mel(waveform, spec)
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4 * theirs.max() * 1e-4)


@pytest.mark.parametrize("name", [name for name, entry in CATALOGUE.items() if not entry.hears_sound])
def test_equals_the_picture_made_in_workers(name: str) -> None:
    spec = CATALOGUE[name].mel
    waveform = music(spec.sample_rate)
    ours = LogMelFrontEnd(spec)(waveform[None]).numpy()[0]
    theirs = LogMel(spec)(waveform)
    assert ours.shape == theirs.shape == (spec.frames(len(waveform)), spec.n_mels)
    # Decibels: 0.01 dB is a tenth of a percent; linear values: relative to the loudest.
    tolerance = 0.01 if spec.log == "db" else 1e-4 * theirs.max()
    np.testing.assert_allclose(ours, theirs, atol=tolerance)


def test_full_scale_sine_is_zero_decibels_and_silence_the_floor() -> None:
    spec = MelSpec(22050, 2048, 512, 128, 0.0, 8000.0)
    frequency = 40 * 22050 / 2048  # the middle of an FFT bin
    sine = np.sin(2 * np.pi * frequency * np.arange(22050) / 22050).astype(np.float32)
    pictures = LogMelFrontEnd(spec)(np.stack([sine, np.zeros_like(sine)])).numpy()
    assert abs(pictures[0].max()) < 3.0  # what the mel band's triangle gathers from neighbouring bins
    assert (pictures[1] == spec.floor_db).all()


def test_a_clip_does_not_depend_on_its_company() -> None:
    layer = LogMelFrontEnd(MelSpec(22050, 2048, 512, 128, 0.0, 8000.0))
    quiet, loud = music(22050, seed=1) * 1e-3, music(22050, seed=2)
    np.testing.assert_allclose(layer(np.stack([quiet, loud]))[0], layer(quiet[None])[0], atol=1e-4)


def test_saves_and_reloads_within_a_model(tmp_path) -> None:
    waveform = keras.Input((None,))
    model = keras.Model(waveform, LogMelFrontEnd(SPECS["htk"])(waveform))
    model.save(tmp_path / "front_end.keras")
    reloaded = keras.saving.load_model(tmp_path / "front_end.keras", safe_mode=True)
    sound = music(22050)[None]
    np.testing.assert_array_equal(reloaded(sound), model(sound))
    assert reloaded.layers[-1].spec == SPECS["htk"]


def test_refuses_waveforms_with_channels() -> None:
    with pytest.raises(SpecError, match=r"shape \(2, 100, 2\); expected \(batch, samples\)"):
        LogMelFrontEnd(SPECS["htk"])(np.zeros((2, 100, 2), np.float32))
