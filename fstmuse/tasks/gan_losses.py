"""What the two networks of a GAN are trained for, of the discriminator's answers alone; and the penalty R1.

Each objective is a `GanLoss`: what the discriminator has to lower, what the generator has to lower, and from which
answers on the discriminator is right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from keras import ops

Tensor = Any

LABEL_NOISE = 0.15
"""Of `bce`: targets lie up to this far from 0 and from 1, on the inner side, as in the report."""

_TINY = 1e-7


@dataclass(frozen=True)
class GanLoss:
    """An objective. All answers are float32 (batch, 1).

    Args:
        discriminator: from answers to real and to drawn pictures, and numbers in 0..1 drawn for each of them, to what
            the discriminator lowers, ().
        generator: from answers to drawn pictures to what the generator lowers, ().
        middle: answers beyond this mean real.
        reversed: whether smaller answers mean real instead.
        noisy: whether the discriminator's targets are noisy: else the drawn numbers are not looked at.
    """

    discriminator: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]
    generator: Callable[[Tensor], Tensor]
    middle: float
    reversed: bool = False
    noisy: bool = False

    def taken_for_real(self, answers: Tensor) -> Tensor:
        """Share of pictures that the discriminator takes for real, ()."""
        real = answers < self.middle if self.reversed else answers > self.middle
        return ops.mean(ops.cast(real, "float32"))


def _hinge(real: Tensor, drawn: Tensor, *_: Tensor) -> Tensor:
    return ops.mean(ops.relu(1.0 - real)) + ops.mean(ops.relu(1.0 + drawn))


def _least_squares(real: Tensor, drawn: Tensor, *_: Tensor) -> Tensor:
    return ops.mean(ops.square(real - 1.0)) + ops.mean(ops.square(drawn))


def _cross_entropies(real: Tensor, drawn: Tensor, real_noise: Tensor, drawn_noise: Tensor) -> Tensor:
    # Real is 0 and drawn is 1, as in the report; its mean is over both together.
    targets = LABEL_NOISE * real_noise, 1.0 - LABEL_NOISE * drawn_noise
    return (_cross_entropy(targets[0], real) + _cross_entropy(targets[1], drawn)) / 2.0


def _cross_entropy(target: Tensor, share: Tensor) -> Tensor:
    share = ops.clip(share, _TINY, 1.0 - _TINY)
    return -ops.mean(target * ops.log(share) + (1.0 - target) * ops.log(1.0 - share))


GAN_LOSSES: dict[str, GanLoss] = {
    "hinge": GanLoss(_hinge, lambda drawn: -ops.mean(drawn), middle=0.0),
    "lsgan": GanLoss(_least_squares, lambda drawn: ops.mean(ops.square(drawn - 1.0)), middle=0.5),
    "bce": GanLoss(
        _cross_entropies,
        lambda drawn: _cross_entropy(ops.zeros_like(drawn), drawn),
        middle=0.5,
        reversed=True,
        noisy=True,
    ),
}
"""By name: `hinge` for answers without bounds (Lim and Ye, 2017), `lsgan` (Mao et al., 2017), `bce` for shares."""


def naming(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of the labels that the discriminator names, (); both networks lower it (Odena et al., 2017).

    Args:
        logits: float32 (batch, labels).
        labels: int32 (batch,), their numbers.
    """
    return ops.mean(ops.sparse_categorical_crossentropy(labels, logits, from_logits=True))


def r1(gradients: Tensor) -> Tensor:
    """Half the squared length of the discriminator's gradients at real pictures, (); Mescheder et al., 2018.

    Args:
        gradients: float32 (batch, frames, mels), of each picture's own answer by the picture.
    """
    return ops.mean(ops.sum(ops.square(gradients), axis=(1, 2))) / 2.0
