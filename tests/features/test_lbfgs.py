"""L-BFGS goes down the slope that differences tell, comes nearer to pictures than its start, and can be stopped."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from fstmuse.errors import Cancelled, SpecError
from fstmuse.features import lbfgs as module
from fstmuse.features.inversion import invert
from fstmuse.features.lbfgs import MelDistance, lbfgs
from fstmuse.features.mel import LogMel, mel_matrix
from fstmuse.features.picture import MelPicture
from fstmuse.features.stft import stft
from fstmuse.spec import MelSpec
from fstmuse.tasks.spectral import log_spectral_distance
from tests.features.test_mel import music

SPEC = MelSpec(22050, 1024, 256, 80, 0.0, 11025.0, scale="tfio")  # librosa takes long to import
OTHER = MelSpec(22050, 600, 150, 50, 0.0, 11025.0, scale="tfio")
"""Sees what a search has not looked at."""


def energies(sound: np.ndarray, spec: MelSpec, frames: int) -> np.ndarray:
    """The mel bands of frames that `sound` covers, before the logarithm."""
    magnitude = np.abs(stft(sound, spec.n_fft, spec.hop_length, frames))
    return magnitude**spec.power @ mel_matrix(spec)


def covering(spec: MelSpec, frames: int, seed: int) -> np.ndarray:
    """Noise over these frames."""
    samples = (frames - 1) * spec.hop_length + spec.n_fft
    return np.random.default_rng(seed).standard_normal(samples).astype(np.float32)


@pytest.mark.parametrize(
    "spec",
    [SPEC, replace(SPEC, power=1.0), replace(SPEC, n_fft=513, hop_length=130, n_mels=20, fmin=300.0, fmax=6000.0)],
    ids=["power", "magnitude", "odd and narrow"],
)
def test_gradient_is_that_of_finite_differences(spec):
    wave = covering(spec, 9, seed=0)
    distance = MelDistance(energies(covering(spec, 9, seed=1), spec, 9), spec)
    _, gradient = distance(wave)
    assert gradient.shape == wave.shape and gradient.dtype == np.float32
    for seed in range(3):
        # Of some samples in the middle, first and last, so that no part of the gradient is left out.
        along = np.zeros_like(wave)
        place = (len(wave) // 2, 64, len(wave) - 164)[seed]
        along[place : place + 100] = gradient[place : place + 100]
        step = np.float32(0.1 / np.linalg.norm(along))
        rise = (distance(wave + step * along)[0] - distance(wave - step * along)[0]) / (2 * step)
        assert rise == pytest.approx(float(np.vdot(gradient, along)), rel=0.01)


def test_distance_of_the_sound_itself_is_nothing_and_relative():
    sound = covering(SPEC, 9, seed=0)
    asked = energies(sound, SPEC, 9)
    distance = MelDistance(asked, SPEC)
    assert distance(sound)[0] < 1e-6 < distance(np.float32(0.9) * sound)[0]
    # Half as loud, all bands lack half of their amplitudes: a quarter of their squares.
    assert distance(sound / 2)[0] == pytest.approx(distance(np.zeros_like(sound))[0] / 4, rel=1e-3)
    louder = MelDistance(100 * asked, SPEC)
    assert louder(5 * sound)[0] == pytest.approx(distance(sound / 2)[0], rel=1e-3)


@pytest.mark.parametrize(
    ("spec", "bar"),
    # Of magnitudes, with all bands counting alike, it would be 0.59.
    [(SPEC, 0.7), (replace(SPEC, power=1.0), 0.55), (replace(SPEC, log="none"), 0.7)],
    ids=["db", "magnitude", "bare"],
)
def test_comes_nearer_than_griffin_lim_also_where_nobody_looked(spec, bar):
    sound = music(16384)
    picture = MelPicture(LogMel(spec)(sound), spec)
    begun, found = invert(picture), invert(picture, method="l-bfgs")
    assert found.shape == (picture.samples,) and found.dtype == np.float32

    def off(view: MelSpec, received: np.ndarray) -> float:
        return log_spectral_distance(LogMel(view)(sound), LogMel(view)(received))

    assert off(replace(spec, log="db"), found) < bar * off(replace(spec, log="db"), begun)
    assert off(OTHER, found) < off(OTHER, begun)
    np.testing.assert_array_equal(found, invert(picture, method="l-bfgs"))


def test_blocks_find_what_the_whole_finds(monkeypatch):
    asked = energies(music(24576), SPEC, 93)
    begin = np.float32(0.7) * music(24576)[: 92 * 256 + 1024] + np.float32(0.01) * covering(SPEC, 93, seed=2)
    whole = lbfgs(asked, SPEC, begin, iterations=20)
    monkeypatch.setattr(module, "_BLOCK_FRAMES", 31)
    parts = lbfgs(asked, SPEC, begin, iterations=20)
    away = MelDistance(asked, SPEC)
    assert max(away(whole)[0], away(parts)[0]) < 0.2 * away(begin)[0]
    assert away(parts)[0] < 1.5 * away(whole)[0]
    # Joins are at 31 and 62 hops: frames around them are met as well as others.
    off = np.abs(np.sqrt(energies(parts, SPEC, 93)) - np.sqrt(asked)).mean(axis=1)
    joins = np.r_[28:34, 59:65]
    assert off[joins].mean() < 1.5 * np.delete(off, joins).mean()


def test_block_before_a_join_stays(monkeypatch):
    monkeypatch.setattr(module, "_BLOCK_FRAMES", 31)
    asked = energies(music(16384), SPEC, 61)
    begin = music(16384)[: 60 * 256 + 1024] * np.float32(0.8)
    stop = 30 * 256 + 1024
    first = lbfgs(asked[:31], SPEC, begin[:stop], iterations=5)
    both = lbfgs(asked, SPEC, begin, iterations=5)
    np.testing.assert_array_equal(both[: 31 * 256], first[: 31 * 256])
    assert np.abs(both[31 * 256 : stop] - first[31 * 256 : stop]).max() > 1e-4


def test_nothing_to_search_leaves_the_start():
    begin = covering(SPEC, 9, seed=0)
    asked = energies(covering(SPEC, 9, seed=1), SPEC, 9)
    np.testing.assert_array_equal(lbfgs(asked, SPEC, begin, iterations=0), begin)
    np.testing.assert_array_equal(lbfgs(np.zeros_like(asked), SPEC, begin, iterations=5), begin)
    silent = MelPicture(np.full((9, 80), -100.0), SPEC)
    assert (invert(silent, method="l-bfgs") == 0).all()


def test_soft_and_loud_are_alike():
    begin, level = covering(SPEC, 9, seed=0), np.float32(2**-20)
    for spec in (SPEC, replace(SPEC, power=1.0)):
        asked = energies(covering(SPEC, 9, seed=1), spec, 9)
        loud = lbfgs(asked, spec, begin, iterations=4)
        soft = lbfgs(asked * level**spec.power, spec, begin * level, iterations=4)
        np.testing.assert_allclose(soft, loud * level, rtol=1e-4, atol=1e-4 * level)
        assert np.abs(loud - begin).max() > 0.1


def test_one_frame():
    one = invert(MelPicture(LogMel(SPEC)(music(256)), SPEC), method="l-bfgs", iterations=2)
    assert one.shape == (256,) and np.isfinite(one).all() and one.any()


def test_progress_rises_to_one_and_cancel_stops(monkeypatch):
    monkeypatch.setattr(module, "_BLOCK_FRAMES", 12)
    picture = MelPicture(LogMel(SPEC)(music(6000)), SPEC)
    shares: list[float] = []
    invert(picture, method="l-bfgs", iterations=4, progress=shares.append)
    assert shares == sorted(shares) and shares[-1] == 1.0 and sum(share > 0.3 for share in shares) >= 8
    stop = threading.Event()
    seen: list[float] = []

    def after(share: float) -> None:
        seen.append(share)
        if share > 0.5:
            stop.set()

    with pytest.raises(Cancelled):
        invert(picture, method="l-bfgs", iterations=1000, progress=after, cancel=stop)
    assert 0.5 < seen[-1] < 0.6


def test_what_does_not_fit_is_refused():
    begin, asked = covering(SPEC, 9, seed=0), energies(covering(SPEC, 9, seed=1), SPEC, 9)
    wrong = {
        "bands": (asked[:, :40], begin, SPEC, 1, r"\(9, 40\).*expected \(frames, 80\)"),
        "transposed": (asked.T, begin, SPEC, 1, r"\(80, 9\)"),
        "too short": (asked, begin[:-1], SPEC, 1, r"\(3071,\).*the \(3072,\) samples"),
        "no frames": (asked[:0], begin, SPEC, 1, r"\(0, 80\)"),
        "far apart": (asked, begin, replace(SPEC, hop_length=600), 1, "hop_length=600"),
        "iterations": (asked, begin, SPEC, -1, "iterations=-1"),
    }
    for bands, wave, spec, iterations, message in wrong.values():
        with pytest.raises(SpecError, match=message):
            lbfgs(bands, spec, wave, iterations=iterations)
