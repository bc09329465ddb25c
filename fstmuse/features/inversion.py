"""From mel pictures back to sound: decibels, power and mel filters undone, then phases found or samples searched."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from fstmuse.errors import Cancelled, ConfigError, SpecError, nearest
from fstmuse.features.griffin_lim import FAST, ITERATIONS, SLOPES, griffin_lim
from fstmuse.features.lbfgs import lbfgs
from fstmuse.features.mel import mel_matrix, sparse_mel
from fstmuse.features.picture import MelPicture
from fstmuse.features.stft import require_overlap
from fstmuse.interrupt import Cancel, Progress, part_of
from fstmuse.spec import MelSpec

LBFGS = "l-bfgs"
METHODS = ("griffin-lim", LBFGS, "tfio")
UNMELS = ("nnls", "pinv")

_BLOCK_FRAMES = 256
_ROUNDS = 100
"""Multiplicative updates: pictures of piano are then met within 0.05 dB; 400 bring 0.01 dB more after Griffin-Lim."""
_TINY = np.float32(1e-30)
_SHARES, _LBFGS_SHARES = (0.2, 1.0), (0.1, 0.3)
"""What is done after the rounds, and after Griffin-Lim, by the time that 32 iterations of a method take."""


def mel_to_magnitude(
    picture: MelPicture,
    method: str = "nnls",
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> np.ndarray:
    """The magnitudes of frequency bins that a mel picture was made of, as far as it tells.

    `nnls` looks for spectra without negative numbers whose mel bands are those of the picture. There are many; taken
    is one near to the bands spread evenly over their bins, by the multiplicative updates of Lee and Seung (2001:
    Algorithms for non-negative matrix factorization) for the Kullback-Leibler divergence, where what a band lacks
    counts in proportion to what it holds: quiet bands are met as well as loud ones. Solvers for the sum of squares
    were tried on piano and are worse and slower (128 bands): librosa.util.nnls takes 8 s for each second of sound and
    misses the picture by 4 dB, as loud bands are all that counts to it; scipy.optimize.nnls meets it exactly, but by
    few bins with all the rest at 0, and what is heard afterwards is off by 2.3 dB instead of 1.5.

    `pinv` multiplies by the pseudo-inverse and sets what comes out negative to 0: fast, and off by 5 dB.

    Values at the floor of a dB picture are taken for silence.

    Args:
        picture: of any spec.
        method: `nnls` or `pinv`.
        progress: called with the share that is done, 0 to 1, rising.
        cancel: looked at between blocks of frames.

    Returns:
        float32 (frames, spec.n_bins), of the unscaled FFT as in `stft`. Bins that no band hears are 0.

    Raises:
        ConfigError: there is no such method.
        SpecError: `picture` is not a `MelPicture`.
        Cancelled: `cancel` was set.
    """
    _require_picture(picture)
    if method not in UNMELS:
        raise ConfigError(f"Unknown way from mel to magnitude '{method}'. {nearest(method, UNMELS)}")
    spec, values = picture.spec, picture.values
    magnitude = np.empty((len(values), spec.n_bins), np.float32)
    solve = _by_updates if method == "nnls" else _by_pseudo_inverse
    for start in range(0, len(values), _BLOCK_FRAMES):
        if cancel is not None and cancel.is_set():
            raise Cancelled("Cancelled before the sound was made.")
        energies = _energies(values[start : start + _BLOCK_FRAMES], spec)
        # To 1, so that loud and quiet frames are within single precision.
        loudest = np.maximum(energies.max(axis=1, keepdims=True), _TINY)
        bins = solve(energies / loudest, spec) * loudest
        magnitude[start : start + _BLOCK_FRAMES] = np.sqrt(bins) if spec.power == 2 else bins
        if progress:
            progress(min(1.0, (start + _BLOCK_FRAMES) / len(values)))
    return magnitude


def invert(
    picture: MelPicture,
    *,
    method: str = "griffin-lim",
    mel: str = "nnls",
    iterations: int = ITERATIONS,
    momentum: float = FAST,
    phases: str = SLOPES,
    seed: int = 0,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> np.ndarray:
    """The sound of a mel picture.

    Args:
        picture: of any spec whose windows overlap by a half or more.
        method: `griffin-lim`; `l-bfgs`, which goes on from 32 iterations of that by gradients and comes nearer to the
            picture, at three to four times the cost (see `lbfgs`); or `tfio` for `tfio.audio.inverse_spectrogram`, as
            student reports had it (see `tfio_inverse`), which has neither momentum nor phases to begin with, and loads
            TensorFlow.
        mel: the way to magnitudes, `nnls` or `pinv`; see `mel_to_magnitude`.
        iterations: of the method.
        momentum: of `griffin_lim`; 0 is plain, 0.99 fast.
        phases: that `griffin_lim` begins with: `slopes`, what the magnitudes tell of them, or `random`.
        seed: of random phases.
        progress: called with the share that is done, 0 to 1, rising.
        cancel: looked at between steps; `tfio` runs to its end once it has begun.

    Returns:
        float32 (picture.samples,), mono at `picture.spec.sample_rate` Hz. As loud as what the picture was made of;
        samples may go a little beyond 1.

    Raises:
        ConfigError: there is no such method, or there are no such phases.
        SpecError: `picture` is not a `MelPicture`, its windows do not overlap enough, or a setting is impossible.
        Cancelled: `cancel` was set.
    """
    if method not in METHODS:
        raise ConfigError(f"Unknown method '{method}'. {nearest(method, METHODS)}")
    gradients = method == LBFGS
    unmelled, phased = _LBFGS_SHARES if gradients else _SHARES
    magnitude = mel_to_magnitude(picture, mel, progress=part_of(progress, 0.0, unmelled), cancel=cancel)
    spec = picture.spec
    if method == "tfio":
        require_overlap(spec.n_fft, spec.hop_length)
        sound = tfio_inverse(magnitude, spec.n_fft, spec.hop_length, iterations)
        if cancel is not None and cancel.is_set():
            raise Cancelled("Cancelled before the sound was made.")
        return sound
    sound = griffin_lim(
        magnitude,
        spec.n_fft,
        spec.hop_length,
        iterations=ITERATIONS if gradients else iterations,
        momentum=momentum,
        phases=phases,
        seed=seed,
        # What comes after the picture is free, and cut off in the end.
        samples=picture.samples - spec.hop_length + spec.n_fft if gradients else None,
        progress=part_of(progress, unmelled, phased),
        cancel=cancel,
    )
    if not gradients:
        return sound
    energies, rest = _energies(picture.values, spec), part_of(progress, phased, 1.0)
    return lbfgs(energies, spec, sound, iterations=iterations, progress=rest, cancel=cancel)[: picture.samples]


def tfio_inverse(magnitude: np.ndarray, n_fft: int, hop_length: int, iterations: int = ITERATIONS) -> np.ndarray:
    """The sound of magnitudes by `tfio.audio.inverse_spectrogram`, for comparison.

    Its frames are those of this house: `tf.signal.stft` neither centres nor pads, and its window is the periodic Hann.
    It begins with all phases 0, is plain Griffin-Lim, and adds frames up under the window without dividing by the
    windows' squares: with `hop_length` half of `n_fft` (the reports' preset) the sound swells and falls by up to 6 dB
    at each hop, with a quarter or less it does not. In the end it scales the whole by its loudest bin.

    Args:
        magnitude: float (frames, n_fft // 2 + 1), of `stft`.
        n_fft: length of window and FFT, in samples.
        hop_length: samples between the starts of two frames.
        iterations: turns.

    Returns:
        float32 (frames * hop_length,).
    """
    from fstmuse.quiet import load_tensorflow_io

    load_tensorflow_io()
    import tensorflow_io as tfio

    sound = tfio.audio.inverse_spectrogram(
        np.asarray(magnitude, np.float32), nfft=n_fft, window=n_fft, stride=hop_length, iterations=iterations
    )
    return sound.numpy()[: len(magnitude) * hop_length].astype(np.float32, copy=False)


def _energies(values: np.ndarray, spec: MelSpec) -> np.ndarray:
    """What `LogMel` had before it took the logarithm: float32 (frames, n_mels)."""
    if spec.log == "none":
        return values
    per_ten = 10.0 if spec.power == 2 else 20.0
    energies = np.power(10.0, values / per_ten, dtype=np.float32) * np.float32(spec.full_scale**spec.power)
    energies[values <= spec.floor_db] = 0
    return energies


def _by_updates(energies: np.ndarray, spec: MelSpec) -> np.ndarray:
    forth, back = sparse_mel(spec)
    heard = np.maximum(back.sum(axis=1), _TINY)[:, None]  # by all bands together, for each bin
    width = np.maximum(forth.sum(axis=1), _TINY)[:, None]
    energies = np.ascontiguousarray(energies.T)  # (mels, frames): what sparse products want
    bins = back @ (energies / width)
    bins /= heard
    for _ in range(_ROUNDS):
        bands = forth @ bins
        np.maximum(bands, _TINY, out=bands)
        bins *= back @ np.divide(energies, bands, out=bands)
        bins /= heard
    return bins.T


def _by_pseudo_inverse(energies: np.ndarray, spec: MelSpec) -> np.ndarray:
    return np.maximum(energies @ _pseudo_inverse(spec), 0)


@lru_cache(maxsize=4)
def _pseudo_inverse(spec: MelSpec) -> np.ndarray:
    return np.linalg.pinv(mel_matrix(spec).astype(np.float64)).astype(np.float32)


def _require_picture(picture: object) -> None:
    if not isinstance(picture, MelPicture):
        shape = f" of shape {picture.shape}" if isinstance(picture, np.ndarray) else ""
        raise SpecError(
            f"Received {type(picture).__name__}{shape}; expected a MelPicture, which says by which filters it was "
            "made: MelPicture(values, spec)."
        )
