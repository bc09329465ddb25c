"""The objectives of GANs against figures worked out by hand, and the penalty R1 against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
import tensorflow as tf

from fstmuse.tasks.gan_losses import GAN_LOSSES, LABEL_NOISE, naming, r1

REAL, DRAWN = np.array([[2.0], [0.5]], np.float32), np.array([[-3.0], [0.25]], np.float32)
NONE = np.zeros((2, 1), np.float32)


def test_hinge() -> None:
    hinge = GAN_LOSSES["hinge"]
    # max(0, 1 - 2) = 0 and 1 - 0.5 = 0.5; max(0, 1 - 3) = 0 and 1 + 0.25 = 1.25
    assert float(hinge.discriminator(REAL, DRAWN, NONE, NONE)) == pytest.approx(0.25 + 0.625)
    assert float(hinge.generator(DRAWN)) == pytest.approx(2.75 / 2)
    assert float(hinge.taken_for_real(REAL)) == 1.0 and float(hinge.taken_for_real(DRAWN)) == 0.5


def test_least_squares() -> None:
    lsgan = GAN_LOSSES["lsgan"]
    assert float(lsgan.discriminator(REAL, DRAWN, NONE, NONE)) == pytest.approx((1 + 0.25) / 2 + (9 + 0.0625) / 2)
    assert float(lsgan.generator(DRAWN)) == pytest.approx((16 + 0.5625) / 2)
    assert float(lsgan.taken_for_real(np.array([[0.6], [0.4], [0.9]], np.float32))) == pytest.approx(2 / 3)


def test_cross_entropy_takes_0_for_real_and_its_noise_leads_inwards() -> None:
    bce = GAN_LOSSES["bce"]
    real, drawn = np.array([[0.2]], np.float32), np.array([[0.7]], np.float32)
    plain = -(math.log(0.8) + math.log(0.7)) / 2
    assert float(bce.discriminator(real, drawn, NONE[:1], NONE[:1])) == pytest.approx(plain)
    off = LABEL_NOISE / 2
    noisy = -(off * math.log(0.2) + (1 - off) * math.log(0.8) + (1 - off) * math.log(0.7) + off * math.log(0.3)) / 2
    half = np.full((1, 1), 0.5, np.float32)
    assert float(bce.discriminator(real, drawn, half, half)) == pytest.approx(noisy)
    assert float(bce.generator(drawn)) == pytest.approx(-math.log(0.3))
    assert float(bce.taken_for_real(real)) == 1.0 and float(bce.taken_for_real(drawn)) == 0.0
    assert math.isfinite(float(bce.generator(np.ones((1, 1), np.float32))))


def test_r1_of_a_quadratic_discriminator() -> None:
    pictures = tf.random.stateless_normal((3, 4, 5), (1, 2))
    with tf.GradientTape() as tape:
        tape.watch(pictures)
        answers = 1.5 * tf.reduce_sum(pictures**2, axis=(1, 2))
    # The gradient is 3x: half its squared length is 4.5 |x|^2, mean over the batch.
    expected = 4.5 * np.mean(np.sum(pictures.numpy() ** 2, axis=(1, 2)))
    assert float(r1(tape.gradient(answers, pictures))) == pytest.approx(expected, rel=1e-5)


def test_naming_costs_what_the_labels_share_falls_short_of_one() -> None:
    logits = np.log(np.array([[0.5, 0.3, 0.2], [0.25, 0.25, 0.5]], np.float32))
    assert float(naming(logits, np.array([0, 2], np.int32))) == pytest.approx(np.log(2), rel=1e-5)
    assert float(naming(logits, np.array([2, 0], np.int32))) == pytest.approx(-np.log(0.2 * 0.25) / 2, rel=1e-5)
