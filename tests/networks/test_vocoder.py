"""The vocoder: its transforms are this house's, it begins at what computing alone gives, and it can learn."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops

from fstmuse.errors import SpecError
from fstmuse.features import stft as house
from fstmuse.features.inversion import invert, mel_to_magnitude
from fstmuse.features.mel import LogMel
from fstmuse.features.phase_slopes import SlopePhases
from fstmuse.features.picture import MelPicture
from fstmuse.features.presets import HIFI, PRESETS
from fstmuse.networks import spectra
from fstmuse.networks.slope_phases import slope_phases
from fstmuse.networks.vocoder import BandsToBins, vocoder
from fstmuse.spec import MelSpec
from fstmuse.tasks.spectral import log_spectral_distance
from fstmuse.tasks.vocode_losses import SoundLoss
from tests.training.filling import chords

SMALL = MelSpec(8000, 256, 64, 24, 0.0, 4000.0)


def random(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.1, shape).astype(np.float32)


def made_by(network: keras.Model, picture: np.ndarray) -> np.ndarray:
    return np.asarray(network(picture[None].astype(np.float32), training=False))[0]


@pytest.mark.parametrize(("n_fft", "hop"), [(2048, 512), (1024, 512), (96, 32)])
def test_transforms_are_those_of_the_house(n_fft: int, hop: int) -> None:
    sound = random(2, 12 * hop + n_fft)
    real, imaginary = (np.asarray(part) for part in spectra.stft(sound, n_fft, hop))
    for row, wave in enumerate(sound):
        expected = house.stft(wave, n_fft, hop, frames=real.shape[1])
        np.testing.assert_allclose(real[row] + 1j * imaginary[row], expected, atol=1e-5)
        again = np.asarray(spectra.istft((real, imaginary), n_fft, hop))[row]
        np.testing.assert_allclose(again, house.istft(expected, n_fft, hop), atol=1e-5)
        np.testing.assert_allclose(again[n_fft:-n_fft], wave[n_fft:-n_fft], atol=1e-5)


@pytest.mark.parametrize(("n_fft", "hop"), [(2048, 500), (512, 512)])
def test_windows_of_no_whole_hops_are_refused(n_fft: int, hop: int) -> None:
    with pytest.raises(SpecError, match=f"n_fft={n_fft}, hop_length={hop}; expected windows of 2"):
        vocoder(MelSpec(22050, n_fft, hop, 64, 0.0, 8000.0), width=4, blocks=1)


def test_pictures_of_another_unit_are_refused() -> None:
    with pytest.raises(SpecError, match="needs dB of power"):
        vocoder(MelSpec(22050, 2048, 512, 64, 0.0, 8000.0, log="none"), width=4, blocks=1)


@pytest.mark.parametrize("spec", PRESETS.values(), ids=PRESETS)
def test_bins_are_those_of_the_inversion(spec: MelSpec) -> None:
    picture = MelPicture(LogMel(spec)(chords(1))[20:60], spec)
    level = np.asarray(BandsToBins(spec)(picture.values[None]))[0]
    expected = 20 * np.log10(np.maximum(mel_to_magnitude(picture) / spec.full_scale, 1e-8))
    assert log_spectral_distance(expected, level) < 2


def test_phases_to_begin_with_are_those_of_the_search() -> None:
    magnitude = np.abs(house.stft(chords(1), 1024, 256)) + 1e-6
    expected = SlopePhases(1024, 256)(magnitude)
    off = np.asarray(slope_phases(np.log(magnitude)[None].astype(np.float32), 4))[0] - expected
    assert np.abs(np.angle(np.exp(1j * off))).max() < 1e-3


@pytest.mark.parametrize("spec", PRESETS.values(), ids=PRESETS)
def test_untrained_it_is_no_worse_than_a_short_search(spec: MelSpec) -> None:
    picture = MelPicture(LogMel(spec)(chords(1)), spec)
    network = vocoder(spec, width=4, blocks=1)
    sound = made_by(network, picture.values)
    assert sound.shape == (picture.samples,) and sound.dtype == np.float32
    rival = invert(picture, iterations=4, phases="random")
    ours, theirs = (log_spectral_distance(picture.values, LogMel(spec)(made)) for made in (sound, rival))
    assert ours < theirs < 6
    part, softer = (made_by(network, picture.values[30:60] - fall) for fall in (0, 12))
    assert 10 * np.log10(np.square(part).mean() / np.square(softer).mean()) == pytest.approx(12, abs=0.5)


def test_any_number_of_frames_and_silence() -> None:
    network = vocoder(SMALL, width=8, blocks=1)
    for frames in (1, 2, 9):
        silent = np.asarray(network(np.full((2, frames, 24), SMALL.floor_db, np.float32)))
        assert silent.shape == (2, frames * 64) and np.abs(silent).max() < 1e-6


def test_phases_are_exact_after_minutes() -> None:
    """A held tone keeps its loudness: phases of neighbouring bins do not drift apart by rounding."""
    tone = 0.5 * np.sin(2 * np.pi * 1000.0 / 8000 * np.arange(8000 * 60)).astype(np.float32)
    picture = LogMel(SMALL)(tone)
    sound = made_by(vocoder(SMALL, width=4, blocks=1), picture)
    early, late = (np.square(sound[at : at + 8000]).mean() for at in (8000, 8000 * 58))
    assert late == pytest.approx(early, rel=0.1) and early == pytest.approx(0.125, rel=0.2)


def test_both_heads_learn() -> None:
    keras.utils.set_random_seed(0)
    network = vocoder(SMALL, width=8, blocks=1, rounds=4, turns=1)
    sound = np.stack([chords(seed, 1.0)[: 48 * 64] for seed in range(4)])
    sound[0, :640] = 0  # silence has gradients, too
    picture = np.stack([LogMel(SMALL)(wave) for wave in sound])
    network.compile(keras.optimizers.Adam(0.003), SoundLoss(SMALL), run_eagerly=True)
    losses = [float(network.train_on_batch(picture, sound)) for _ in range(12)]
    assert np.isfinite(losses).all() and losses[-1] < 0.95 * losses[0]
    for head in ("magnitude", "phase"):
        assert np.abs(np.asarray(network.get_layer(head).kernel)).max() > 0.01


def test_saves_and_reloads(tmp_path: Path) -> None:
    network = vocoder(SMALL, width=8, blocks=1)
    for variable in network.trainable_variables:
        variable.assign(random(*variable.shape))
    network.save(tmp_path / "network.keras")
    again = keras.saving.load_model(tmp_path / "network.keras", compile=False, safe_mode=True)
    picture = random(7, 24) * 100 - 40
    np.testing.assert_allclose(made_by(again, picture), made_by(network, picture), atol=1e-5)
    assert again.input_shape == (None, None, 24) and again.output_shape == (None, None)


def test_the_loss_knows_what_is_the_same() -> None:
    sound = np.stack([chords(1)[:20480], chords(2)[:20480]])
    loss = SoundLoss(HIFI)
    same, softer, noise = (
        np.asarray(loss.call(ops.convert_to_tensor(sound), ops.convert_to_tensor(made)))
        for made in (sound, 0.9 * sound, random(*sound.shape))
    )
    assert same.shape == (2,) and same.max() < 0.01
    assert (same < softer).all() and (softer < noise).all()
    assert SoundLoss.from_config(loss.get_config()).spec == HIFI
