"""Making sound of pictures: what x and y are.

x is the log-mel picture of a window of a clip, y the window's sound. Windows are cut so that no frame of the picture
sees beyond them; y ends where the last frame's hop does. In training, windows and gains are drawn at random, by
(seed, epoch) alone; in validation they lie side by side.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from fstmuse.data.cache import Cache
from fstmuse.data.clip import Clip
from fstmuse.data.dataset import Examples, fixed_crops, from_batches, random_crops, steps_per_epoch, window_pairs
from fstmuse.errors import DataError
from fstmuse.features.mel import LogMel
from fstmuse.networks.catalogue import Entry
from fstmuse.quiet import load_tensorflow
from fstmuse.spec import MelSpec

load_tensorflow()

import tensorflow as tf  # noqa: E402

GAINS = 1
"""Told apart from the draws of the crops by this number in the seed."""

Batch = tuple[np.ndarray, np.ndarray]


def examples(cache: Cache, clips: Sequence[Clip], entry: Entry) -> Examples:
    """The clips of one split as examples; clips that the cache could not read are left out.

    Args:
        cache: waveforms of the clips.
        clips: of one split. Their labels do not matter.
        entry: of the network.

    Raises:
        DataError: no clip is left, or none is as long as a window.
    """
    readable = set(cache.ids)
    positions = cache.positions(clip.clip_id for clip in clips if clip.clip_id in readable)
    if not len(positions):
        raise DataError(f"None of {len(clips)} clips could be read. See bad_clips.csv in the run's folder for reasons.")
    lengths = np.minimum(np.asarray(cache.samples)[positions], cache.shape[0])
    window = seen(entry)
    if cache.shape[0] < window:
        seconds = window / entry.audio.sample_rate
        raise DataError(f"{cache.shape[0]:,} samples of each clip are read; {entry.name} learns from {seconds:.2f} s.")
    return Examples(cache, positions, lengths, np.zeros((len(positions), 0), np.float32), window)


def seen(entry: Entry) -> int:
    """Samples that the frames of one window see."""
    return (entry.input_shape[0] - 1) * entry.mel.hop_length + entry.mel.n_fft


def training_dataset(
    data: Examples, entry: Entry, gain_db: float, *, batch_size: int, draws: int, seed: int, epoch: int
) -> tf.data.Dataset:
    """Endless batches that start at `epoch`; `draws` windows of each clip an epoch, up to `gain_db` off in loudness."""
    mel = LogMel(entry.mel)

    def batches() -> Iterator[Batch]:
        steps = steps_per_epoch(len(data.positions), batch_size, draws)
        crops = random_crops(data, batch_size, draws, seed, epoch)
        for now in itertools.count(epoch):
            rng = np.random.default_rng((seed, now, GAINS))
            for waves, _ in itertools.islice(crops, steps):
                gains = 10 ** (rng.uniform(-gain_db, gain_db, (len(waves), 1)) / 20)
                yield as_batch(waves * gains.astype(np.float32), mel)

    return from_batches(batches, _signature(batch_size, entry), tf.data.INFINITE_CARDINALITY)


def validation_dataset(data: Examples, entry: Entry, batch_size: int, replicas: int = 1) -> tf.data.Dataset:
    """Windows side by side of every clip, each once."""
    mel = LogMel(entry.mel)
    pairs = window_pairs(data, data.window, replicas)

    def batches() -> Iterator[Batch]:
        for waves, _ in fixed_crops(data, pairs, batch_size):
            yield as_batch(waves, mel)

    return from_batches(batches, _signature(None, entry), -(-len(pairs) // batch_size))


def as_batch(waves: np.ndarray, mel: LogMel) -> Batch:
    """Windows of sound as the x and y of training.

    Args:
        waves: float32 (batch, samples), as many as whole frames see.
        mel: makes the pictures.

    Returns:
        Pictures float32 (batch, frames, mels) in dB, and their sound float32 (batch, frames * hop_length).
    """
    frames = _whole_frames(waves.shape[1], mel.spec)
    pictures = np.stack([mel(wave)[:frames] for wave in waves])
    return pictures, waves[:, : frames * mel.spec.hop_length]


def _whole_frames(samples: int, spec: MelSpec) -> int:
    return (samples - spec.n_fft) // spec.hop_length + 1


def _signature(batch_size: int | None, entry: Entry) -> Any:
    frames, mels = entry.input_shape
    return (
        tf.TensorSpec((batch_size, frames, mels), tf.float32),
        tf.TensorSpec((batch_size, frames * entry.mel.hop_length), tf.float32),
    )
