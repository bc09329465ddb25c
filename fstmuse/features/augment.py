"""Augmentation of batches of pictures, or of sounds, in the tf.data graph: level, SpecAugment masks, mixup.

Park et al. (2019), arXiv:1904.08779 (masks); Zhang et al. (2018), arXiv:1710.09412 (mixup).
"""

from __future__ import annotations

from dataclasses import dataclass

from fstmuse.quiet import load_tensorflow_io
from fstmuse.spec import MelSpec

load_tensorflow_io()

import tensorflow as tf  # noqa: E402
import tensorflow_io as tfio  # noqa: E402


@dataclass(frozen=True)
class Augmentation:
    """How far training pictures, or sounds, are changed; zeros change nothing.

    Args:
        gain_db: each one is made louder or softer by up to this much, in dB.
        masks: how many frequency masks and how many time masks each picture gets; sounds get none.
        freq_mask: mel bands that one mask hides at most.
        time_mask: frames that one mask hides at most.
        mixup: alpha of the beta distribution from which the share of the second one is drawn.
    """

    gain_db: float = 0.0
    masks: int = 0
    freq_mask: int = 0
    time_mask: int = 0
    mixup: float = 0.0


def augment(
    inputs: tf.Tensor, targets: tf.Tensor, spec: MelSpec | None, how: Augmentation
) -> tuple[tf.Tensor, tf.Tensor]:
    """Changes a batch at random; `tf.random.set_seed` makes it repeatable.

    Args:
        inputs: float32 (batch, frames, mels), as `spec` makes them, or sounds (batch, samples).
        targets: float32 (batch, labels), one-hot or multi-hot.
        spec: of the pictures: tells dB from linear values; None of sounds.
        how: what to do.

    Returns:
        Inputs and targets of the same shapes.
    """
    if how.gain_db:
        inputs = _gain(inputs, spec, how.gain_db)
    if how.mixup:
        inputs, targets = _mixup(inputs, targets, how.mixup)
    if spec is not None and how.masks and (how.freq_mask or how.time_mask):
        inputs = _mask(inputs, how)
    return inputs, targets


def _gain(inputs: tf.Tensor, spec: MelSpec | None, gain_db: float) -> tf.Tensor:
    decibels = tf.random.uniform((tf.shape(inputs)[0], *[1] * (len(inputs.shape) - 1)), -gain_db, gain_db)
    if spec is not None and spec.log == "db":
        return tf.maximum(inputs + decibels, spec.floor_db)
    power = 1.0 if spec is None else spec.power
    return inputs * 10.0 ** (decibels * power / 20.0)


def _mixup(inputs: tf.Tensor, targets: tf.Tensor, alpha: float) -> tuple[tf.Tensor, tf.Tensor]:
    batch = tf.shape(inputs)[0]
    ours = tf.random.gamma((batch,), alpha)
    theirs = tf.random.gamma((batch,), alpha)
    share = ours / (ours + theirs)
    share = tf.maximum(share, 1.0 - share)  # the first one prevails, so that class weights stay those of its label
    inputs_share = tf.reshape(share, (batch, *[1] * (len(inputs.shape) - 1)))
    targets_share = share[:, None]
    mixed = inputs_share * inputs + (1.0 - inputs_share) * tf.reverse(inputs, [0])
    return mixed, targets_share * targets + (1.0 - targets_share) * tf.reverse(targets, [0])


def _mask(pictures: tf.Tensor, how: Augmentation) -> tf.Tensor:
    def one(picture: tf.Tensor) -> tf.Tensor:
        # tfio masks with zeros; in dB that would be a full-scale flash, so zero is moved to the picture's mean.
        mean = tf.reduce_mean(picture)
        picture = picture - mean
        for _ in range(how.masks):
            if how.freq_mask:
                picture = tfio.audio.freq_mask(picture, param=how.freq_mask)
            if how.time_mask:
                picture = tfio.audio.time_mask(picture, param=how.time_mask)
        return picture + mean

    # One at a time: parallel iterations would draw from the random stream in any order.
    return tf.map_fn(one, pictures, parallel_iterations=1)
