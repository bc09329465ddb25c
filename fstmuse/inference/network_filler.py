"""A trained network as what fills the gaps of pictures. Free of TensorFlow at import."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from fstmuse.features.gap_picture import interpolated
from fstmuse.features.gap_sound import fill_sound
from fstmuse.features.picture import MelPicture
from fstmuse.quiet import without_notes
from fstmuse.spec import MelSpec

if TYPE_CHECKING:
    import keras


class NetworkFiller:
    """A network as what `fill_sound` asks.

    Args:
        network: as `fstmuse.networks.build.build_filler` makes it.
        spec: of its pictures.
    """

    def __init__(self, network: keras.Model, spec: MelSpec) -> None:
        import tensorflow as tf

        # How many frames a network was taught says nothing of how they are made.
        self.spec = dataclasses.replace(spec, max_frames=0)
        self._bound: int | None = network.output_shape[1]
        signature = [tf.TensorSpec((1, self._bound, spec.n_mels)), tf.TensorSpec((1, self._bound))]
        self._fill = tf.function(
            lambda picture, missing: network({"picture": picture, "missing": missing}, training=False),
            input_signature=signature,
        )
        # On its first call TensorFlow notes that its fast kernels have no integers of 64 bits, as if it were an error.
        frames = self._bound or 1
        with without_notes():
            self._fill(tf.zeros((1, frames, spec.n_mels)), tf.zeros((1, frames)))

    def warm_up(self) -> None:
        """Fills a gap in noise, so that the first one of a clip is filled as quickly as the second."""
        rate = self.spec.sample_rate
        noise = 0.1 * np.random.default_rng(0).standard_normal((8 * rate, 1)).astype(np.float32)
        fill_sound(noise, rate, [(4 * rate, 4 * rate + rate // 4)], self)

    def __call__(self, picture: MelPicture, missing: np.ndarray) -> MelPicture:
        """The picture with its missing frames, bool (frames,), filled."""
        filled = interpolated(picture, missing)
        count = len(missing)
        length = self._bound or count
        middle = int(np.flatnonzero(missing).mean())
        first = max(0, min(middle - length // 2, count - length))
        window = slice(first, first + length)
        values, lost = filled.values[window], missing[window]
        if lost.all():
            return filled
        # A network of one length hears its window filled up with what is known.
        spare = max(0, length - len(lost))
        values = np.concatenate([values, np.resize(values[~lost], (spare, values.shape[1]))])
        mask = np.concatenate([lost, np.zeros(spare, bool)]).astype(np.float32)
        answer = np.asarray(self._fill(values[None], mask[None]))[0, : len(lost)]
        filled.values[window][lost] = answer[lost]
        return MelPicture(filled.values, self.spec)
