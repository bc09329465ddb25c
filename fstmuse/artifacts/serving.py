"""The functions that artifacts serve inside one graph: waveforms in, probabilities or pictures out."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

from fstmuse.artifacts.card import Card
from fstmuse.audio.windows import LEAST_NEW
from fstmuse.features.frontend import LogMelFrontEnd
from fstmuse.networks.creators import not_below_silence
from fstmuse.networks.gan import row_of_cells
from fstmuse.networks.spectra import overlap
from fstmuse.networks.vocoder import BandsToBins, Sound
from fstmuse.spec import MelSpec

_TURNS = 16
"""Of the search for phases: half of those of `fstmuse.features.inversion`, each of which lies in the graph."""

_LEVEL, _PEAK = 0.1, 0.99
"""As in `fstmuse.inference.creating`: -20 dB RMS, softer where peaks would be higher than this."""

_TINY = 1e-6


class Listener(keras.layers.Layer):
    """Front end and network in one: windows of sound to probabilities.

    Args:
        network: (batch, frames, mels), or (batch, samples) where the card has no mel, to (batch, labels).
        card: of the artifact; gives specs and windows.
    """

    def __init__(self, network: keras.Model, card: Card) -> None:
        super().__init__(trainable=False, dtype="float32")
        self.network = network
        self.front_end = keras.layers.Identity() if card.mel is None else LogMelFrontEnd(card.mel)
        self.window = card.audio.samples
        self.hop = card.hop_samples
        self.repeats = card.audio.pad == "repeat"

    def call(self, windows: tf.Tensor) -> tf.Tensor:
        """float32 (batch, window) to float32 (batch, labels)."""
        return tf.cast(self.network(self.front_end(windows), training=False), tf.float32)

    def whole(self, waveforms: tf.Tensor) -> tf.Tensor:
        """Mean probabilities over the windows of whole clips, float32 (batch, samples) to (batch, labels).

        The windows are those of `fstmuse.audio.windows`. They are heard one after the
        other: memory stays that of one window whatever the clip's length.
        """
        samples = tf.shape(waveforms)[1]
        with tf.control_dependencies([tf.debugging.assert_positive(samples, "the waveform is empty")]):
            filled = self._fill(waveforms, samples)
        last = tf.maximum(samples - self.window, 0)
        starts = tf.range(0, last + 1, self.hop)
        worth = (last - starts[-1]) * LEAST_NEW >= self.window
        starts = tf.cond(worth, lambda: tf.concat([starts, [last]], 0), lambda: starts)
        batch = tf.shape(waveforms)[0]

        def listen(start: tf.Tensor) -> tf.Tensor:
            return self(tf.reshape(filled[:, start : start + self.window], (batch, self.window)))

        outputs = tf.TensorSpec((None, *self.network.output_shape[1:]), tf.float32)
        by_window = tf.map_fn(listen, starts, fn_output_signature=outputs, parallel_iterations=1)
        return tf.reduce_mean(by_window, axis=0)

    def _fill(self, waveforms: tf.Tensor, samples: tf.Tensor) -> tf.Tensor:
        missing = tf.maximum(self.window - samples, 0)
        if not self.repeats:
            return tf.pad(waveforms, [[0, 0], [0, missing]])
        return tf.cond(
            missing > 0,
            lambda: tf.gather(waveforms, tf.range(self.window) % samples, axis=1),
            lambda: waveforms,
        )


class Filler(keras.layers.Layer):
    """Front end and network in one: waveforms with missing frames to filled pictures.

    Args:
        network: as `fstmuse.networks.build.build_filler` makes it.
        card: of the artifact; gives the picture's spec.
    """

    def __init__(self, network: keras.Model, card: Card) -> None:
        super().__init__(trainable=False, dtype="float32")
        self.network = network
        self.front_end = LogMelFrontEnd(card.mel)

    def call(self, waveforms: tf.Tensor, missing: tf.Tensor) -> tf.Tensor:
        """float32 (batch, samples) and (batch, frames) to float32 (batch, frames, mels) in dB."""
        pictures = self.front_end(waveforms)
        wrong = "missing needs one number for each frame of the waveform: samples / hop_length, rounded up"
        with tf.control_dependencies([tf.debugging.assert_equal(tf.shape(pictures)[:2], tf.shape(missing), wrong)]):
            missing = tf.identity(missing)
        return tf.cast(self.network({"picture": pictures, "missing": missing}, training=False), tf.float32)


class Foreteller(keras.layers.Layer):
    """Front end and network in one: waveforms and codes to the pictures that come next.

    Args:
        network: as `fstmuse.networks.continuers.continuer` makes it.
        card: of the artifact; gives the picture's spec.
    """

    def __init__(self, network: keras.Model, card: Card) -> None:
        super().__init__(trainable=False, dtype="float32")
        self.network = network
        self.front_end = LogMelFrontEnd(card.mel)
        self.n_fft, self.hop = card.mel.n_fft, card.mel.hop_length

    def call(self, waveforms: tf.Tensor, code: tf.Tensor) -> tf.Tensor:
        """float32 (batch, samples) and (batch, latent) to float32 (batch, frames, mels) in dB."""
        samples = tf.shape(waveforms)[1]
        short = f"the waveform is shorter than a frame, {self.n_fft} samples"
        with tf.control_dependencies([tf.debugging.assert_greater_equal(samples, self.n_fft, short)]):
            # The last frame ends where the sound does: one that reaches beyond would see it break off.
            waveforms = waveforms[:, (samples - self.n_fft) % self.hop :]
        whole = (tf.shape(waveforms)[1] - self.n_fft) // self.hop + 1
        pictures = self.front_end(waveforms)[:, :whole]
        return tf.cast(self.network({"picture": pictures, "code": code}, training=False), tf.float32)


class Vocoder(keras.layers.Layer):
    """A network that makes sound of pictures, for serving.

    Args:
        network: as `fstmuse.networks.build.build_vocoder` makes it.
    """

    def __init__(self, network: keras.Model) -> None:
        super().__init__(trainable=False, dtype="float32")
        self.network = network

    def call(self, pictures: tf.Tensor) -> tf.Tensor:
        """float32 (batch, frames, mels) in dB to float32 (batch, samples)."""
        return tf.cast(self.network(pictures, training=False), tf.float32)


class Creator(keras.layers.Layer):
    """A network that draws pictures from noise, for serving.

    Args:
        network: as `fstmuse.networks.creators.creator` makes it.
        card: of the artifact.
    """

    def __init__(self, network: keras.Model, card: Card) -> None:
        super().__init__(trainable=False, dtype="float32")
        self.network, self.mel = network, card.mel

    def call(self, noise: dict[str, tf.Tensor]) -> tf.Tensor:
        """The network's inputs to float32 (batch, frames, mels), not below what the card's spec calls silence."""
        return not_below_silence(tf.cast(self.network(noise, training=False), tf.float32), self.mel)


class SoundOfPicture:
    """Search for phases and level: pictures to music as loud as music usually is.

    Args:
        mel: spec of the pictures, one that `fstmuse.artifacts.exports.serves_sound`.

    Attributes:
        lead: frames that are drawn before the music begins, and cut off: the first windows alone would begin soft.
    """

    def __init__(self, mel: MelSpec) -> None:
        self.rate, self.hop = mel.sample_rate, mel.hop_length
        self.lead = overlap(mel.n_fft, mel.hop_length) - 1
        self.bins, self.search = BandsToBins(mel), Sound(mel, _TURNS)

    def size(self, seconds: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """float32 () to samples and frames, int32 () each."""
        samples = tf.cast(tf.round(seconds * self.rate), tf.int32)
        with tf.control_dependencies([tf.debugging.assert_positive(samples, "seconds must be more than 0")]):
            return samples, -(-samples // self.hop)

    def __call__(self, picture: tf.Tensor, lead: tf.Tensor | int, samples: tf.Tensor) -> tf.Tensor:
        """float32 (1, frames, mels) in dB to float32 (samples,), without the first `lead` frames."""
        level = self.bins(picture)
        sound = self.search(level, tf.zeros_like(level), tf.zeros_like(level))[0]
        sound = sound[lead * self.hop : lead * self.hop + samples]
        size = tf.sqrt(tf.reduce_mean(tf.square(sound)))
        return sound * tf.minimum(
            _LEVEL / tf.maximum(size, _TINY), _PEAK / tf.maximum(tf.reduce_max(abs(sound)), _TINY)
        )


def numbered(labels: Sequence[str], label: tf.Tensor) -> tf.Tensor:
    """The number of a label, string () to int32 ()."""
    same = tf.equal(tf.constant(labels), label)
    wrong = f"unknown label; known: {', '.join(labels)}"
    with tf.control_dependencies([tf.debugging.assert_equal(tf.reduce_any(same), True, wrong)]):
        return tf.argmax(tf.cast(same, tf.int32), output_type=tf.int32)


class MusicMaker:
    """Noise of a seed, network and search for phases in one: seeds to music.

    Args:
        network: as `fstmuse.networks.creators.creator` makes it.
        card: of the artifact, one that `fstmuse.artifacts.exports.serves_sound`.
    """

    def __init__(self, network: keras.Model, card: Card) -> None:
        self.creator = Creator(network, card)
        self.shapes = {name: tensor.shape[1:] for name, tensor in network.input.items()}
        self.row = row_of_cells(network) if "cells" in self.shapes else None
        self.labels, self.frames = list(card.labels), network.output_shape[1]
        self.sound = SoundOfPicture(card.mel)

    def __call__(self, seed: tf.Tensor, seconds: tf.Tensor, label: tf.Tensor | None = None) -> tf.Tensor:
        """int32 (), float32 () and, where there are labels, string () to float32 (samples,)."""
        samples, frames = self.sound.size(seconds)
        lead = tf.constant(self.sound.lead)
        if self.row is None:
            longest = self.frames * self.sound.hop / self.sound.rate
            long = f"this network draws {longest:.2f} s at once and no more"
            with tf.control_dependencies([tf.debugging.assert_less_equal(frames, self.frames, long)]):
                lead = tf.minimum(lead, self.frames - frames)
        noise = {"style": self._normal(seed, 0, (1, self.shapes["style"][0]))}
        if self.row is not None:
            beyond, each = self.row
            noise["cells"] = self._normal(seed, 1, (1, beyond - (-(lead + frames) // each), self.shapes["cells"][1]))
        if "label" in self.shapes:
            noise["label"] = numbered(self.labels, label)[None]
        return self.sound(self.creator(noise)[:, : lead + frames], lead, samples)

    @staticmethod
    def _normal(seed: tf.Tensor, kind: int, shape: tuple) -> tf.Tensor:
        return tf.random.stateless_normal(shape, tf.stack([seed, kind]))
