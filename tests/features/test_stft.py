"""Frames and spectra are those of librosa and tensorflow-io, and their inverse is the waveform again."""

from __future__ import annotations

import numpy as np
import pytest

from fstmuse.errors import SpecError
from fstmuse.features.stft import hann, istft, stft

SIZES = [(512, 128), (512, 256), (500, 128), (512, 200), (63, 17)]


def noise(samples: int = 9000) -> np.ndarray:
    return (0.1 * np.random.default_rng(1).standard_normal(samples)).astype(np.float32)


def test_equals_librosa():
    import librosa

    sound = noise()
    ours = stft(sound, 512, 200)
    assert ours.shape == (45, 257) and ours.dtype == np.complex64
    theirs = librosa.stft(np.pad(sound, (0, 512)), n_fft=512, hop_length=200, center=False).T[:45]
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_equals_tensorflow_io():
    tfio = pytest.importorskip("tensorflow_io")
    sound = noise(4000)
    theirs = tfio.audio.spectrogram(sound[None], nfft=512, window=512, stride=128).numpy()[0]
    ours = np.abs(stft(sound, 512, 128))
    assert ours.shape == theirs.shape == (32, 257)
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


@pytest.mark.parametrize(("n_fft", "hop"), SIZES)
def test_inverse_is_the_waveform(n_fft, hop):
    # Silence before and after, so that every sample lies under as many windows as in the middle.
    sound = np.pad(noise(), (n_fft, n_fft))
    again = istft(stft(sound, n_fft, hop), n_fft, hop, len(sound))
    assert again.shape == sound.shape and again.dtype == np.float32
    np.testing.assert_allclose(again, sound, atol=1e-6)


def test_start_fades_in_and_the_rest_is_exact():
    sound = noise()
    again = istft(stft(sound, 512, 128), 512, 128, len(sound))
    np.testing.assert_allclose(again[40:], sound[40:], atol=1e-5)
    assert (np.abs(again[:40]) <= np.abs(sound[:40]) + 1e-5).all()


def test_inverse_is_nearest_in_squares():
    # Of spectra that belong to no waveform, neighbours of the answer are further away.
    random = np.random.default_rng(5)
    spectra = (random.standard_normal((12, 33)) + 1j * random.standard_normal((12, 33))).astype(np.complex64)
    spectra[:, [0, -1]] = spectra[:, [0, -1]].real
    answer = istft(spectra, 64, 16)
    assert answer.shape == (11 * 16 + 64,)

    def off(sound: np.ndarray) -> float:
        difference = stft(sound, 64, 16, frames=12) - spectra
        twice = np.r_[1, np.full(31, 2), 1]  # bins that stand for two of the whole circle
        return float((twice * np.abs(difference.astype(np.complex128)) ** 2).sum())

    least = off(answer)
    for step in (0.05, -0.05):
        for sample in (30, 100, 150):
            nudged = answer.copy()
            nudged[sample] += step
            assert off(nudged) > least


def test_frames_asked_for_and_lengths():
    sound = noise(1000)
    assert stft(sound, 512, 128).shape == (8, 257)
    assert stft(sound, 512, 128, frames=3).shape == (3, 257)
    np.testing.assert_array_equal(stft(sound, 512, 128, frames=20)[9:], 0)
    assert stft(sound[:0], 512, 128).shape == (0, 257)
    assert stft(sound[:1], 512, 128).shape == (1, 257)
    assert istft(stft(sound, 512, 128), 512, 128).shape == (7 * 128 + 512,)


def test_blocks_equal_one_frame_alone():
    sound = np.tile(noise(), 8)  # 562 frames of 512: more than two blocks
    whole = stft(sound, 512, 128)
    for frame in (0, 255, 256, 500):
        np.testing.assert_allclose(whole[frame], stft(sound[frame * 128 :], 512, 128, frames=1)[0], atol=1e-5)


def test_refusals():
    sound, spectra = noise(2000), np.ones((20, 257), np.complex64)
    with pytest.raises(SpecError, match=r"\(2, 1000\).*one channel"):
        stft(sound.reshape(2, 1000), 512, 128)
    with pytest.raises(SpecError, match="hop_length=513"):
        stft(sound, 512, 513)
    with pytest.raises(SpecError, match=r"hop_length=300; expected 1 to 256"):
        istft(spectra, 512, 300)
    with pytest.raises(SpecError, match=r"\(257, 20\).*transposed"):
        istft(spectra.T, 512, 128)
    with pytest.raises(SpecError, match=r"\(20, 257\).*expected \(frames, 513\)"):
        istft(spectra, 1024, 128)
    with pytest.raises(SpecError, match=r"\(0, 257\)"):
        istft(spectra[:0], 512, 128)
    with pytest.raises(SpecError, match="samples=9999"):
        istft(spectra, 512, 128, samples=9999)


def test_window_is_shared_and_read_only():
    assert hann(512) is hann(512)
    with pytest.raises(ValueError):
        hann(512)[0] = 1
