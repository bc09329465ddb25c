"""A trained vocoder as what makes sound of mel pictures. Free of TensorFlow at import."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fstmuse.errors import ArtifactError, Cancelled, ConfigError, SpecError
from fstmuse.features.picture import MelPicture
from fstmuse.interrupt import Cancel, Progress
from fstmuse.spec import MelSpec, require_same

if TYPE_CHECKING:
    import keras

MOST_SECONDS = 600.0
"""Of sound at once: some 3 GB of memory. Its phases go on from frame to frame, so that it is not made in parts."""


class NetworkVocoder:
    """A network as what makes sound.

    Args:
        network: as `fstmuse.networks.build.build_vocoder` makes it.
        spec: of its pictures.
    """

    def __init__(self, network: keras.Model, spec: MelSpec) -> None:
        import tensorflow as tf

        # How many frames a network was taught says nothing of how they are made.
        self.spec = dataclasses.replace(spec, max_frames=0)
        signature = [tf.TensorSpec((1, None, spec.n_mels))]
        self._make = tf.function(lambda picture: network(picture, training=False), input_signature=signature)

    def __call__(
        self, picture: MelPicture, *, progress: Progress | None = None, cancel: Cancel | None = None
    ) -> np.ndarray:
        """The sound of a picture, as loud as what that was made of.

        Args:
            picture: of the network's own spec.
            progress: called with 1 when it is done.
            cancel: looked at before and after; the network runs to its end once it has begun.

        Returns:
            float32 (picture.samples,), mono at `spec.sample_rate` Hz; samples may go a little beyond 1.

        Raises:
            SpecError: `picture` is not a `MelPicture`, or of another spec.
            ConfigError: it is longer than `MOST_SECONDS`.
            Cancelled: `cancel` was set.
        """
        if not isinstance(picture, MelPicture):
            raise SpecError(f"Received {type(picture).__name__}; expected a MelPicture: MelPicture(values, spec).")
        require_same(self.spec, dataclasses.replace(picture.spec, max_frames=0), "The picture for this vocoder")
        seconds = picture.samples / self.spec.sample_rate
        if seconds > MOST_SECONDS:
            raise ConfigError(
                f"Received a picture of {seconds / 60:.0f} min; a vocoder makes at most {MOST_SECONDS / 60:.0f} min at "
                "once. Take parts, or leave the vocoder out."
            )
        _stop_if(cancel)
        sound = np.asarray(self._make(picture.values[None]))[0]
        _stop_if(cancel)
        if progress:
            progress(1.0)
        return sound


def _stop_if(cancel: Cancel | None) -> None:
    if cancel is not None and cancel.is_set():
        raise Cancelled("Cancelled before the sound was made.")


def load_vocoder(artifact: Path) -> NetworkVocoder:
    """The vocoder in an artifact's folder.

    Raises:
        ArtifactError: the artifact is missing, damaged, unsafe, or does something else.
    """
    from fstmuse.artifacts.card import read_card

    card = read_card(artifact)
    if card.task != "vocode":
        raise ArtifactError(
            f"{artifact} was trained to {card.task}; expected a vocoder, which makes sound of pictures."
        )
    from fstmuse.artifacts.load import load

    return NetworkVocoder(load(artifact)[0], card.mel)
