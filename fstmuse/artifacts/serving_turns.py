"""What artifacts of networks that draw in turn serve inside one graph: likelihoods, and music of a seed."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from fstmuse.artifacts.card import Card
from fstmuse.artifacts.serving import SoundOfPicture, numbered
from fstmuse.networks import melnet_tiers
from fstmuse.networks.creators import not_below_silence
from fstmuse.networks.melnet_lesson import tiers_of
from fstmuse.networks.melnet_mixture import draw
from fstmuse.networks.melnet_sampling import LIMIT, TierSampler

_NORMAL = 100
"""Tells a tier's normal draws from its uniform ones."""


class TurnMaker:
    """Tiers, their draws and search for phases in one: seeds to music.

    Args:
        network: as `fstmuse.networks.melnet_lesson.joined` makes it.
        card: of the artifact, one that `fstmuse.artifacts.exports.serves_sound`.
    """

    def __init__(self, network: keras.Model, card: Card) -> None:
        net = tiers_of(network)
        self.scaling, self.mel, self.labels = net.scaling, card.mel, list(card.labels)
        self.samplers = [TierSampler(tier) for tier in net.tiers]
        self.stride = melnet_tiers.strides(len(net.tiers))[0]
        self.sound = SoundOfPicture(card.mel)

    def __call__(
        self, seed: tf.Tensor, seconds: tf.Tensor, temperature: tf.Tensor, label: tf.Tensor | None = None
    ) -> tf.Tensor:
        """int32 (), float32 (), float32 () and, where there are labels, string () to float32 (samples,)."""
        samples, frames = self.sound.size(seconds)
        hot = tf.debugging.assert_positive(temperature, "temperature must be more than 0")
        with tf.control_dependencies([hot]):
            total = -(-(self.sound.lead + frames) // self.stride) * self.stride
        told = {} if label is None else {"label": numbered(self.labels, label)[None]}
        count, known = len(self.samplers), None
        for number, sampler in enumerate(self.samplers, 1):
            rows = melnet_tiers.shape(total, 1, number, count)[0]
            conditions = told if known is None else told | {"known": known}
            part = _drawn(sampler, rows, seed, number, conditions, temperature)
            known = (
                part if known is None else melnet_tiers.interleave(part, known, melnet_tiers.axes(count)[number - 2])
            )
        picture = not_below_silence(self.scaling.back(known), self.mel)
        return self.sound(picture[:, : self.sound.lead + frames], self.sound.lead, samples)


def _drawn(
    sampler: TierSampler, rows: tf.Tensor, seed: tf.Tensor, number: int, conditions: dict[str, Any], heat: tf.Tensor
) -> tf.Tensor:
    """A tier's part: float32 (1, rows, mels)."""
    shape = (rows, 1, sampler.mels)
    uniform = tf.random.stateless_uniform(shape, tf.stack([seed, number]))
    normal = tf.random.stateless_normal(shape, tf.stack([seed, number + _NORMAL]))
    if not sampler.in_turn:
        mixtures = sampler.model(conditions, training=False)
        places = [tf.transpose(numbers, (1, 0, 2)) for numbers in (uniform, normal)]
        return tf.clip_by_value(draw(mixtures, *places, heat), -LIMIT, LIMIT)
    told = sampler.conditions(conditions)

    def row(place: tf.Tensor, frame: tf.Tensor, state: Any, drawn: tf.TensorArray) -> tuple[Any, ...]:
        now = [part if part is None else part[:, tf.minimum(place, tf.shape(part)[1] - 1)] for part in told]
        frame, _, state = sampler.step(state, frame, *now, uniform[place], normal[place], heat)
        return place + 1, frame, state, drawn.write(place, frame)

    start = (0, tf.zeros((1, sampler.mels)), sampler.start(1), tf.TensorArray(tf.float32, rows))
    *_, drawn = tf.while_loop(lambda place, *_: place < rows, row, start)
    return tf.ensure_shape(tf.transpose(drawn.stack(), (1, 0, 2)), (1, None, sampler.mels))
