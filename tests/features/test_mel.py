"""The NumPy log-mel equals librosa's and tensorflow-io's, on synthesised and on real sound."""

from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from fstmuse.errors import SpecError
from fstmuse.features.mel import LogMel, mel_matrix
from fstmuse.spec import MelSpec

SPEC = MelSpec(22050, 2048, 512, 128, 0.0, 8000.0)


def music(samples: int = 44100, rate: int = 22050) -> np.ndarray:
    """Chords with decay, a glide and noise: energy in every band, over some 60 dB."""
    time = np.arange(samples) / rate
    random = np.random.default_rng(3)
    sound = sum(np.sin(2 * np.pi * f * time) * np.exp(-2 * (time % 0.5)) / k for k, f in enumerate((110, 277, 415), 1))
    sound += 0.3 * np.sin(2 * np.pi * (50 + 2400 * time) * time) + 0.02 * random.standard_normal(samples)
    return (0.3 * sound).astype(np.float32)


def librosa_mel(sound: np.ndarray, spec: MelSpec) -> np.ndarray:
    """Librosa's picture of the sound followed by silence, for as many frames as `spec` counts."""
    import librosa

    frames = spec.frames(len(sound))
    needed = (frames - 1) * spec.hop_length + spec.n_fft
    htk = spec.scale == "htk"
    return librosa.feature.melspectrogram(
        y=np.pad(sound, (0, max(0, needed - len(sound))))[:needed],
        sr=spec.sample_rate,
        n_fft=spec.n_fft,
        hop_length=spec.hop_length,
        n_mels=spec.n_mels,
        fmin=spec.fmin,
        fmax=spec.fmax,
        power=spec.power,
        center=False,
        htk=htk,
        norm=None if htk else "slaney",
    ).T


@pytest.mark.parametrize("scale", ["htk", "slaney"])
@pytest.mark.parametrize("power", [1.0, 2.0])
@pytest.mark.parametrize(
    ("n_fft", "hop", "n_mels", "fmin", "fmax"), [(2048, 512, 128, 0, 8000), (512, 200, 40, 60, 11025)]
)
def test_equals_librosa(scale, power, n_fft, hop, n_mels, fmin, fmax):
    spec = MelSpec(22050, n_fft, hop, n_mels, fmin, fmax, scale=scale, power=power, log="none")
    ours, theirs = LogMel(spec)(music()), librosa_mel(music(), spec)
    assert ours.dtype == np.float32
    assert ours.shape == theirs.shape == (spec.frames(44100), n_mels)
    assert ours.max() > 0.1
    np.testing.assert_allclose(ours, theirs, rtol=1e-4)


@pytest.mark.parametrize("scale", ["htk", "slaney"])
@pytest.mark.parametrize("power", [1.0, 2.0])
def test_decibels_equal_librosa(scale, power):
    import librosa

    spec = replace(SPEC, scale=scale, power=power)
    linear = librosa_mel(music(), replace(spec, log="none"))
    # librosa's converters square their input or not by themselves; the reference is a full-scale sine.
    if power == 2:
        theirs = librosa.power_to_db(linear, ref=spec.full_scale**2, amin=1e-30, top_db=None)
    else:
        theirs = librosa.amplitude_to_db(linear, ref=spec.full_scale, amin=1e-15, top_db=None)
    ours = LogMel(spec)(music())
    assert np.ptp(ours) > 40
    np.testing.assert_allclose(ours, np.maximum(theirs, -100), atol=2e-3)


def test_real_clip_equals_librosa(real_data):
    from fstmuse.audio.decode import decode

    sound = decode(real_data / "fma_small" / "000" / "000002.mp3", sample_rate=22050, duration_s=5)
    for scale in ("htk", "slaney"):
        spec = replace(SPEC, scale=scale, log="none")
        theirs = librosa_mel(sound, spec)
        np.testing.assert_allclose(LogMel(spec)(sound), theirs, rtol=1e-4)


@pytest.mark.parametrize("fmin", [0.0, 125.0])
def test_tfio_scale_equals_tfio(fmin):
    tfio = pytest.importorskip("tensorflow_io")
    spec = MelSpec(22050, 2048, 512, 128, fmin, 8000.0, scale="tfio", power=1.0, log="none", max_frames=80)
    spectrogram = tfio.audio.spectrogram(music(), nfft=2048, window=2048, stride=512)
    theirs = tfio.audio.melscale(spectrogram, rate=22050, mels=128, fmin=fmin, fmax=8000.0).numpy()
    assert theirs.shape == (87, 128)
    ours = LogMel(spec)(music())
    assert ours.shape == (80, 128)
    # tfio draws its triangles in single precision: a weight of 1e-4 is off by one part in 10,000.
    np.testing.assert_allclose(ours, theirs[:80], rtol=1e-4, atol=theirs.max() * 1e-6)
    identity = tfio.audio.melscale(np.eye(1025, dtype=np.float32), rate=22050, mels=128, fmin=fmin, fmax=8000.0)
    np.testing.assert_allclose(mel_matrix(spec), identity.numpy(), atol=2e-4)


def test_full_scale_sine_is_zero_decibels():
    # 1378.125 Hz is the middle of bin 128; its band's triangle of height 1 has its peak near there.
    sine = np.sin(2 * np.pi * 128 / 2048 * np.arange(22050)).astype(np.float32)
    spec = replace(SPEC, n_mels=40)
    top = LogMel(spec)(sine)[5].max()
    assert -3 < top < 3


def test_silence_is_the_floor():
    assert (LogMel(SPEC)(np.zeros(5000, np.float32)) == -100).all()
    assert (LogMel(replace(SPEC, floor_db=-250.0))(np.zeros(5000, np.float32)) == -250).all()
    assert (LogMel(replace(SPEC, log="none"))(np.zeros(5000, np.float32)) == 0).all()


@pytest.mark.parametrize("samples", [0, 1, 511, 512, 513, 2048, 2049, 70000])
def test_frame_count(samples):
    picture = LogMel(SPEC)(music(70000)[:samples])
    assert picture.shape == (-(-samples // 512), 128)
    assert np.isfinite(picture).all()


def test_max_frames_cuts_the_end_only():
    sound = music(70000)
    whole = LogMel(SPEC)(sound)
    cut = LogMel(replace(SPEC, max_frames=100))(sound)
    assert cut.shape == (100, 128)
    np.testing.assert_allclose(cut, whole[:100], atol=1e-4)


def test_long_sound_in_blocks_equals_its_parts():
    # 70,000 samples are 137 frames, more than two blocks; each frame alone is its own picture.
    spec = replace(SPEC, log="none")
    sound = music(70000)
    whole = LogMel(spec)(sound)
    for frame in (0, 63, 64, 100):
        alone = LogMel(replace(spec, max_frames=1))(sound[frame * 512 :])
        np.testing.assert_allclose(whole[frame], alone[0], rtol=1e-5)


def test_survives_pickling_and_takes_other_number_types():
    transform = pickle.loads(pickle.dumps(LogMel(SPEC)))
    np.testing.assert_array_equal(transform(music()), LogMel(SPEC)(music()))
    np.testing.assert_array_equal(transform(music().astype(np.float64)), LogMel(SPEC)(music()))
    assert len(pickle.dumps(transform)) < 600_000


def test_matrix_is_shared_and_read_only():
    assert mel_matrix(SPEC) is mel_matrix(replace(SPEC))
    assert mel_matrix(SPEC).shape == (1025, 128)
    with pytest.raises(ValueError):
        mel_matrix(SPEC)[0, 0] = 1


def test_stereo_is_refused():
    with pytest.raises(SpecError, match=r"\(2, 100\).*expected \(samples,\)"):
        LogMel(SPEC)(np.zeros((2, 100), np.float32))


def test_import_and_use_need_neither_tensorflow_nor_librosa():
    code = (
        "import sys, numpy; from fstmuse.features.mel import LogMel; from fstmuse.spec import MelSpec;"
        "LogMel(MelSpec(22050, 512, 128, 20, 0.0, 8000.0, scale='tfio'))(numpy.zeros(2000));"
        "sys.exit(bool({'tensorflow', 'keras', 'librosa'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
