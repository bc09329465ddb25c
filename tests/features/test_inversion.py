"""Mel pictures become sound whose picture they are; known frames stay; wrong pictures are refused in words."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest

from fstmuse.errors import Cancelled, ConfigError, DataError, SpecError
from fstmuse.features.griffin_lim import griffin_lim
from fstmuse.features.inversion import invert, mel_to_magnitude, tfio_inverse
from fstmuse.features.mel import LogMel, mel_matrix
from fstmuse.features.picture import MelPicture
from fstmuse.features.presets import HIFI, REPORT
from fstmuse.features.stft import istft, stft
from fstmuse.spec import MelSpec
from fstmuse.tasks.spectral import log_spectral_distance, spectral_convergence
from tests.features.test_mel import music

SPEC = MelSpec(22050, 1024, 256, 80, 0.0, 11025.0)


def picture(spec: MelSpec = SPEC, samples: int = 22050) -> MelPicture:
    return MelPicture(LogMel(spec)(music(samples)), spec)


def magnitudes(samples: int = 11025) -> np.ndarray:
    return np.abs(stft(music(samples), 1024, 256))


def bands(magnitude: np.ndarray, spec: MelSpec) -> np.ndarray:
    """The picture that these magnitudes have: what `LogMel` does after its FFT."""
    energies = magnitude.astype(np.float64) ** spec.power @ mel_matrix(spec)
    if spec.log == "none":
        return energies
    decibels = 20 / spec.power * np.log10(np.maximum(energies / spec.full_scale**spec.power, 1e-30))
    return np.maximum(decibels, spec.floor_db)


@pytest.mark.parametrize("scale", ["htk", "slaney", "tfio"])
@pytest.mark.parametrize("power", [1.0, 2.0])
@pytest.mark.parametrize("log", ["db", "none"])
def test_magnitudes_have_the_bands_of_the_picture(scale, power, log):
    spec = replace(SPEC, scale=scale, power=power, log=log)
    one = picture(spec, 8000)
    magnitude = mel_to_magnitude(one)
    assert magnitude.shape == (32, 513) and magnitude.dtype == np.float32 and magnitude.min() >= 0
    received = bands(magnitude, spec)
    if log == "db":
        assert log_spectral_distance(one.values, received) < 0.5
    else:
        assert np.linalg.norm(received - one.values) < 0.02 * np.linalg.norm(one.values)
    # True magnitudes are not to be had from 80 bands, but their level is: decibels and power are undone.
    level = np.linalg.norm(magnitude) / np.linalg.norm(np.abs(stft(music(8000), 1024, 256)))
    assert 0.8 < level < 1.25


def test_pseudo_inverse_meets_the_picture_less_well():
    one = picture()
    off = {way: log_spectral_distance(one.values, bands(mel_to_magnitude(one, way), SPEC)) for way in ("nnls", "pinv")}
    assert off["nnls"] < 0.5 < off["pinv"]
    level = np.linalg.norm(mel_to_magnitude(one, "pinv")) / np.linalg.norm(mel_to_magnitude(one))
    assert 0.8 < level < 1.25


def test_bins_that_no_band_hears_and_silence_are_zero():
    spec = replace(SPEC, fmin=500.0, fmax=4000.0)
    magnitude = mel_to_magnitude(picture(spec))
    hertz = np.arange(513) * 22050 / 1024
    assert (magnitude[:, (hertz < 480) | (hertz > 4020)] == 0).all() and magnitude.max() > 1
    silent = MelPicture(np.full((9, 80), -100.0), SPEC)
    assert (mel_to_magnitude(silent) == 0).all() and (mel_to_magnitude(silent, "pinv") == 0).all()
    assert (invert(silent) == 0).all()


@pytest.mark.parametrize(("spec", "bar"), [(REPORT, 3.0), (HIFI, 2.0), (replace(HIFI, scale="slaney", power=1.0), 2.0)])
def test_sound_has_the_picture_it_was_made_of(spec, bar):
    one = picture(spec, 22050)
    sound = invert(one)
    assert sound.shape == (one.samples,) and sound.dtype == np.float32
    assert log_spectral_distance(one.values, LogMel(spec)(sound)) < bar
    # Taken for a picture of another scale, or for a transposed one, it would be far off: what the spec is there for.
    other = "slaney" if spec.scale == "htk" else "htk"
    wrong = invert(MelPicture(one.values, replace(spec, scale=other)))
    wrong *= np.linalg.norm(sound) / np.linalg.norm(wrong)
    assert log_spectral_distance(one.values, LogMel(spec)(wrong)) > 3 * bar


def test_real_piano(real_data):
    from fstmuse.audio.decode import decode

    file = real_data / "piano_disklavier" / "MAPS_MUS-scn16_4_ENSTDkAm.flac"
    one = MelPicture(LogMel(HIFI)(decode(file, sample_rate=22050, start_s=20, duration_s=4)), HIFI)
    assert log_spectral_distance(one.values, LogMel(HIFI)(invert(one))) < 2.6


def test_fast_is_nearer_than_plain_and_more_is_nearer():
    asked = magnitudes()
    off = {
        setting: spectral_convergence(
            asked, np.abs(stft(griffin_lim(asked, 1024, 256, iterations=setting[0], momentum=setting[1]), 1024, 256))
        )
        for setting in ((0, 0.0), (8, 0.0), (32, 0.0), (32, 0.99))
    }
    assert off[0, 0.0] > off[8, 0.0] > off[32, 0.0] > off[32, 0.99]
    assert off[32, 0.99] < -15


def test_seeds_and_lengths():
    asked = magnitudes(4000)
    first = griffin_lim(asked, 1024, 256, iterations=2)
    np.testing.assert_array_equal(first, griffin_lim(asked, 1024, 256, iterations=2, seed=0))
    assert np.abs(first - griffin_lim(asked, 1024, 256, iterations=2, seed=1)).max() > 0.01
    assert len(first) == 16 * 256
    assert len(griffin_lim(asked, 1024, 256, iterations=0, samples=4000)) == 4000
    one = griffin_lim(asked[:1], 1024, 256, iterations=2)
    assert one.shape == (256,) and np.isfinite(one).all()


def test_right_phases_give_the_sound_itself_after_a_soft_start():
    sound = music(11025)
    spectra = stft(sound, 1024, 256)
    kept = griffin_lim(np.abs(spectra), 1024, 256, phases=np.angle(spectra), iterations=60, momentum=0.0, samples=11025)
    np.testing.assert_allclose(kept[1024:], sound[1024:], atol=0.02)
    assert 0.4 < np.linalg.norm(kept[:256]) / np.linalg.norm(sound[:256]) < 1.4


def test_known_frames_are_kept_and_lead_the_others():
    sound = music(22050)
    spectra = stft(sound, 1024, 256)
    mask = np.ones(len(spectra), bool)
    mask[40:46] = False
    made = griffin_lim(np.abs(spectra), 1024, 256, known=(mask, np.where(mask[:, None], spectra, 0)), samples=22050)
    # Under known frames alone the sound is theirs; the gap's phases join on to it.
    alone = np.r_[2000 : 40 * 256, 45 * 256 + 1024 : 20000]
    np.testing.assert_allclose(made[alone], sound[alone], atol=2e-3)
    gap = np.r_[40 * 256 : 45 * 256 + 1024]
    free = griffin_lim(np.abs(spectra), 1024, 256, samples=22050)

    def off(received: np.ndarray) -> float:
        return float(np.linalg.norm(received[gap] - sound[gap]) / np.linalg.norm(sound[gap]))

    assert off(made) < 0.5 < 1.0 < off(free)


def test_all_frames_known_is_the_inverse():
    sound = np.pad(music(8000), (1024, 0))
    spectra = stft(sound, 1024, 256)
    made = griffin_lim(np.zeros(spectra.shape), 1024, 256, known=(np.ones(len(spectra), bool), spectra), iterations=5)
    np.testing.assert_allclose(made[1024:9000], istft(spectra, 1024, 256)[1024:9000], atol=1e-4)


def test_progress_rises_to_one_and_cancel_stops():
    shares: list[float] = []
    invert(picture(samples=6000), iterations=4, progress=shares.append)
    assert shares == sorted(shares) and shares[-1] == 1.0 and len(shares) >= 5
    stop = threading.Event()
    seen: list[float] = []

    def after(share: float) -> None:
        seen.append(share)
        if share > 0.5:
            stop.set()

    with pytest.raises(Cancelled):
        invert(picture(samples=6000), iterations=1000, progress=after, cancel=stop)
    assert 0.5 < seen[-1] < 0.6
    with pytest.raises(Cancelled):
        mel_to_magnitude(picture(), cancel=stop)


def test_tensorflow_io_agrees_in_its_frames():
    spec = replace(SPEC, n_mels=128)
    one = picture(spec, 11025)
    sound = invert(one, method="tfio", iterations=32)
    assert sound.shape == (one.samples,) and sound.dtype == np.float32
    assert log_spectral_distance(one.values, LogMel(spec)(sound)) < 3
    # A quarter of a window apart, frames add up evenly; half a window apart, they swell and fall at each hop.
    noise = np.random.default_rng(4).standard_normal(32768).astype(np.float32)

    def swell(hop: int) -> float:
        steady = tfio_inverse(np.abs(stft(noise, 1024, hop)), 1024, hop, 8)[2048:30720]
        along_hop = np.square(steady.reshape(-1, hop)).mean(axis=0).reshape(16, -1).mean(axis=1)
        return float(along_hop.max() / along_hop.min())

    assert swell(256) < 1.3 and swell(512) > 2


@pytest.mark.parametrize(
    ("settings", "kind", "message"),
    [
        ({"method": "vocodr"}, ConfigError, "Unknown method 'vocodr'"),
        ({"mel": "nnl"}, ConfigError, "Did you mean 'nnls'"),
        ({"iterations": -1}, SpecError, "iterations=-1"),
        ({"momentum": 1.0}, SpecError, "momentum=1.0"),
        ({"momentum": float("nan")}, SpecError, "momentum=nan"),
    ],
)
def test_settings_are_checked(settings, kind, message):
    with pytest.raises(kind, match=message):
        invert(picture(samples=2000), **settings)


def test_bare_arrays_and_far_frames_are_refused():
    with pytest.raises(SpecError, match=r"ndarray of shape \(87, 80\).*expected a MelPicture"):
        invert(picture().values)
    wide = replace(SPEC, hop_length=600)
    for method in ("griffin-lim", "tfio"):
        with pytest.raises(SpecError, match="hop_length=600; expected 1 to 512"):
            invert(picture(wide), method=method)


def test_magnitudes_phases_and_known_frames_are_checked():
    asked = magnitudes(4000)
    spectra, mask = stft(music(4000), 1024, 256), np.ones(16, bool)
    wrong = {
        "transposed": ({"magnitude": asked.T}, SpecError, "transposed"),
        "decibels": ({"magnitude": asked - 5}, DataError, "decibels or logarithms"),
        "nan": ({"magnitude": asked * np.nan}, DataError, "NaN"),
        "complex": ({"magnitude": spectra}, SpecError, "complex64"),
        "length": ({"samples": 10**6}, SpecError, "samples=1000000"),
        "phases": ({"phases": np.zeros((3, 513))}, SpecError, r"\(3, 513\)"),
        "mask of numbers": ({"known": (mask.astype(int), spectra)}, SpecError, "int64"),
        "short mask": ({"known": (mask[:3], spectra)}, SpecError, r"\(3,\)"),
        "known nan": ({"known": (mask, spectra * np.nan)}, DataError, "known frames hold NaN"),
    }
    for settings, kind, message in wrong.values():
        with pytest.raises(kind, match=message):
            griffin_lim(**{"magnitude": asked, "n_fft": 1024, "hop_length": 256, "iterations": 1} | settings)


def test_import_needs_no_tensorflow():
    code = (
        "import sys; import fstmuse.features.inversion, fstmuse.features.presets;"
        "sys.exit(bool({'tensorflow', 'keras', 'librosa'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
