"""How a GAN learns: steps of two networks with an optimiser each, and the generator's average.

A step shows the discriminator real and drawn pictures apart, once or several times, and then the generator what the
discriminator says of its own: of those that the discriminator has just learnt from, since they cost as much as half of
its lesson. All that is drawn follows from the seed and from the optimisers' numbers of steps, which
checkpoints hold: a run that goes on draws what the undisturbed one would have drawn.
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from fstmuse.networks.catalogue import Entry
from fstmuse.networks.creators import creator
from fstmuse.networks.gan import Gan, noise_shapes
from fstmuse.tasks.gan_losses import GAN_LOSSES, naming, r1

_KEYS = 64
"""Numbers that a step has for what it draws: noise of each kind for the discriminator's lesson from 0 on, and so on."""
_DRAWN_GAINS, _FOR_GENERATOR, _LABEL_NOISE, _REAL_GAINS = 8, 16, 32, 33


class GanTrainer(keras.Model):
    """A GAN as `keras.Model.fit` trains it, on batches {"picture": float32 (batch, frames, mels)[, "label"]}.

    Metrics over an epoch: `loss` (the generator's), `d_loss`; `d_real` and `d_fake`, of how many real and drawn
    pictures the discriminator is right; where it names labels, `named_real` and `named_fake`, of how many it names the
    right one; `g_norm` and `d_norm`, lengths of the gradients; `r1`, the penalty without its weight, if there is one.

    Args:
        gan: the networks; they and their weights are shared.
        entry: of the networks; says what the pictures are.
        loss: of `fstmuse.tasks.gan_losses.GAN_LOSSES`.
        r1_weight: of the penalty on the discriminator's gradients; 0 has none.
        r1_every: steps from one penalty to the next, which weighs as much more.
        label_weight: in both networks' losses, of the cross-entropy of the labels that the discriminator names.
        discriminator_steps: of the discriminator, in one of the generator.
        average: momentum of the average of the generator's weights, at most: the first steps count less.
        gain_db: pictures are judged made louder or softer by up to this much, real and drawn ones alike.
        seed: of all that is drawn.
    """

    def __init__(
        self,
        gan: Gan,
        entry: Entry,
        *,
        loss: str,
        r1_weight: float = 0.0,
        r1_every: int = 1,
        label_weight: float = 0.0,
        discriminator_steps: int = 1,
        average: float = 0.0,
        gain_db: float = 0.0,
        seed: int = 0,
    ) -> None:
        super().__init__(name="gan")
        self.generator, self.discriminator = gan.generator, gan.discriminator
        self.forth, self.back = gan.scaling.forth, gan.scaling.back
        self.averaged = keras.models.clone_model(gan.generator, clone_function=_in_single_precision)
        self.averaged.trainable = False
        self.averaged.set_weights(gan.generator.get_weights())
        self.objective = GAN_LOSSES[loss]
        self.r1_weight, self.r1_every, self.label_weight = r1_weight, r1_every, label_weight
        self.discriminator_steps, self.momentum = discriminator_steps, average
        self.frames, self.mel = entry.input_shape[0], entry.mel
        self.gain_db, self.seed = gain_db, seed
        self.noise, self.heeds_labels = noise_shapes(gan.generator, self.frames), "label" in gan.generator.input
        self.names_labels = "label" in gan.discriminator.output
        names = ["loss", "d_loss", "d_real", "d_fake", "g_norm", "d_norm", *(["r1"] if r1_weight else [])]
        names += ["named_real", "named_fake"] if self.names_labels else []
        self.means = {name: keras.metrics.Mean(name=name) for name in names}
        self.built = True

    def compile(
        self,
        optimizer: keras.optimizers.Optimizer,
        discriminator_optimizer: keras.optimizers.Optimizer,
        jit_compile: bool = False,
    ) -> None:
        """Takes an optimiser for each network, with room for all that they keep."""
        super().compile(optimizer=optimizer, jit_compile=jit_compile)
        # TensorFlow 2.21 fails to fuse a convolution with the leaky ReLU behind it, and says so at length.
        tf.config.optimizer.set_experimental_options({"remapping": False})
        self.discriminator_optimizer = discriminator_optimizer
        optimizer.build(self.generator.trainable_variables)
        discriminator_optimizer.build(self.discriminator.trainable_variables)

    def creator(self) -> keras.Model:
        """What users need, see `fstmuse.networks.creators`: the average draws better than the generator itself."""
        return creator(self.averaged, self.back)

    def train_step(self, data: Any) -> dict[str, Any]:
        """A step of both networks."""
        batch, *_ = keras.utils.unpack_x_y_sample_weight(data)
        labels = batch.get("label") if self.heeds_labels else None
        real = self.forth(batch["picture"])
        batch = real.shape[0]
        for _ in range(self.discriminator_steps - 1):
            key = _KEYS * tf.cast(self.discriminator_optimizer.iterations, tf.int32)
            self._teach_discriminator(real, self._draw(batch, key, labels), labels)
        key = _KEYS * tf.cast(self.optimizer.iterations, tf.int32) + _FOR_GENERATOR
        with tf.GradientTape() as tape:
            drawn = self._draw(batch, key, labels)
            with tape.stop_recording():
                self._teach_discriminator(real, drawn, labels)
            # As it judges in earnest: without dropout, as the report has it.
            answers = self._judge(self._louder(drawn, key + _DRAWN_GAINS), labels, training=False)
            loss = self.objective.generator(answers["music"])
            if self.names_labels:
                loss += self.label_weight * naming(answers["label"], labels)
        gradients = tape.gradient(loss, self.generator.trainable_variables)
        self.optimizer.apply(gradients, self.generator.trainable_variables)
        self.means["loss"].update_state(loss)
        self.means["g_norm"].update_state(tf.linalg.global_norm(gradients))
        self._follow()
        return {name: mean.result() for name, mean in self.means.items()}

    def _teach_discriminator(self, real: tf.Tensor, drawn: tf.Tensor, labels: tf.Tensor | None) -> None:
        batch = real.shape[0]
        step = tf.cast(self.discriminator_optimizer.iterations, tf.int32)
        real = self._louder(real, _KEYS * step + _REAL_GAINS)
        drawn = self._louder(drawn, _KEYS * step + _DRAWN_GAINS)
        noise = self._label_noise(batch, _KEYS * step + _LABEL_NOISE)

        weights = self.discriminator.trainable_variables
        with tf.GradientTape() as tape:
            right, wrong = self._judge(real, labels), self._judge(drawn, labels)
            loss = self.objective.discriminator(right["music"], wrong["music"], *noise)
            if self.names_labels:
                loss += self.label_weight * naming(right["label"], labels)
        gradients = tape.gradient(loss, weights)
        if self.r1_weight:
            due = step % self.r1_every == 0
            penalty, *pull = tf.cond(
                due,
                lambda: self._penalty(real, labels),
                lambda: (tf.constant(0.0), *(tf.zeros(weight.shape) for weight in weights)),
            )
            gradients = [tf.convert_to_tensor(one) + other for one, other in zip(gradients, pull, strict=True)]
            self.means["r1"].update_state(penalty, sample_weight=tf.cast(due, tf.float32))
        self.discriminator_optimizer.apply(gradients, weights)
        self.means["d_loss"].update_state(loss)
        self.means["d_norm"].update_state(tf.linalg.global_norm(gradients))
        self.means["d_real"].update_state(self.objective.taken_for_real(right["music"]))
        self.means["d_fake"].update_state(1.0 - self.objective.taken_for_real(wrong["music"]))
        if self.names_labels:
            for name, answers in (("named_real", right), ("named_fake", wrong)):
                self.means[name].update_state(keras.metrics.sparse_categorical_accuracy(labels, answers["label"]))

    def _penalty(self, real: tf.Tensor, labels: tf.Tensor | None) -> tuple[tf.Tensor, ...]:
        """The penalty R1, and the gradients of what it costs, as many times over as it is left out."""
        weights = self.discriminator.trainable_variables
        with tf.GradientTape() as tape:
            with tf.GradientTape() as inner:
                inner.watch(real)
                total = tf.reduce_sum(self._judge(real, labels)["music"])
            penalty = r1(inner.gradient(total, real))
            cost = self.r1_weight * self.r1_every * penalty
        # A bias behind the last bend has no say in gradients.
        found = zip(tape.gradient(cost, weights), weights, strict=True)
        return penalty, *(tf.zeros(weight.shape) if one is None else tf.convert_to_tensor(one) for one, weight in found)

    def _follow(self) -> None:
        """Moves the average on; its first steps are long, so that it forgets where the generator began."""
        step = tf.cast(self.optimizer.iterations, tf.float32)
        momentum = tf.minimum(self.momentum, (1.0 + step) / (10.0 + step))
        for mean, weight in zip(self.averaged.weights, self.generator.weights, strict=True):
            mean.assign(weight + (mean - weight) * momentum)

    def _draw(self, batch: int, key: tf.Tensor, labels: tf.Tensor | None) -> tf.Tensor:
        """Pictures of new noise, of these labels where there are any."""
        inputs = {} if labels is None else {"label": labels}
        for number, (name, shape) in enumerate(self.noise.items()):
            inputs[name] = tf.random.stateless_normal((batch, *shape), tf.stack([self.seed, key + number]))
        return self.generator(inputs, training=True)[:, : self.frames]

    def _louder(self, pictures: tf.Tensor, key: tf.Tensor) -> tf.Tensor:
        """Pictures in the network's units, as they were made of louder or of softer sound."""
        if not self.gain_db:
            return pictures
        where = tf.stack([self.seed, key])
        gains = tf.random.stateless_uniform((pictures.shape[0], 1, 1), where, -self.gain_db, self.gain_db)
        plain = self.back(pictures)
        if self.mel.log == "db":
            return self.forth(plain + gains)
        return self.forth(plain * 10.0 ** (gains * self.mel.power / 20.0))

    def _judge(self, pictures: tf.Tensor, labels: tf.Tensor | None, training: bool = True) -> dict[str, tf.Tensor]:
        shown = {"picture": pictures} | ({} if labels is None else {"label": labels})
        return self.discriminator(shown, training=training)

    def _label_noise(self, batch: int, key: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        if not self.objective.noisy:
            return tf.constant(0.0), tf.constant(0.0)
        noise = tf.random.stateless_uniform((2, batch, 1), tf.stack([self.seed, key]))
        return noise[0], noise[1]


def _in_single_precision(layer: keras.layers.Layer) -> keras.layers.Layer:
    """A fresh layer, so that what is drawn for users needs no processor that is quick at half precision."""
    return type(layer).from_config(layer.get_config() | {"dtype": "float32"})
