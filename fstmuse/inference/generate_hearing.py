"""How a network that classifies hears pictures: as sound that was made of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import scipy.stats
import soxr
import tensorflow as tf

from fstmuse.artifacts.card import Card
from fstmuse.artifacts.load import load
from fstmuse.audio.shape import fit_length
from fstmuse.errors import ArtifactError
from fstmuse.features.frontend import LogMelFrontEnd
from fstmuse.features.inversion import invert
from fstmuse.features.picture import MelPicture
from fstmuse.inference.generate_settings import DRAWN, HELD, REAL, WAYS
from fstmuse.inference.generate_windows import Windows
from fstmuse.interrupt import Progress, part_of
from fstmuse.spec import MelSpec

_AT_ONCE = 8


@dataclass(frozen=True, eq=False)
class Heard:
    """What a classifier makes of sounds.

    Args:
        features: float32 (sounds, dimensions): what its last layer, the one that answers, is given.
        labels: the likeliest label of each.
    """

    features: np.ndarray
    labels: tuple[str, ...]


class Hearer:
    """A classifier that hears pictures of any spec.

    Args:
        artifact: its folder.

    Attributes:
        card: of the artifact.

    Raises:
        ArtifactError: the artifact is missing, damaged, or does not classify.
    """

    def __init__(self, artifact: Path) -> None:
        network, self.card = load(artifact)
        if self.card.task != "classify":
            raise ArtifactError(f"{artifact} was trained to {self.card.task}; expected an artifact that classifies.")
        if self.card.mel is None:
            raise ArtifactError(
                f"{artifact} hears the samples themselves; expected a network of log-mels, such as toymodel-pooled, as "
                "what it is to hear are pictures."
            )
        hears = keras.Model(network.inputs, [network.layers[-1].input, network.outputs[0]])
        front_end = LogMelFrontEnd(self.card.mel)
        signature = [tf.TensorSpec((None, self.card.audio.samples), tf.float32)]
        self._hear = tf.function(lambda sound: hears(front_end(sound), training=False), input_signature=signature)

    def frames(self, mel: MelSpec) -> int:
        """Of pictures of `mel`, as many as its window lasts."""
        return -(-round(self.card.audio.seconds * mel.sample_rate) // mel.hop_length)

    def __call__(self, pictures: np.ndarray, mel: MelSpec, progress: Progress | None = None) -> Heard:
        """Makes sound of pictures, as `generate` does, and hears it through the classifier's own front end.

        Args:
            pictures: float32 (sounds, frames, mels), as `mel` makes them.
            mel: of the pictures.
            progress: called with the share that is done.

        Raises:
            SpecError: pictures like these cannot be made into sound.
        """
        features, labels = [], []
        for first in range(0, len(pictures), _AT_ONCE):
            sounds = [self._sound(picture, mel) for picture in pictures[first : first + _AT_ONCE]]
            found, probabilities = self._hear(np.stack(sounds))
            features.append(np.reshape(found, (len(sounds), -1)))
            labels += [self.card.labels[number] for number in np.argmax(probabilities, axis=1)]
            if progress:
                progress(len(labels) / len(pictures))
        return Heard(np.concatenate(features), tuple(labels))

    def _sound(self, picture: np.ndarray, mel: MelSpec) -> np.ndarray:
        audio = self.card.audio
        sound = invert(MelPicture(picture, mel))
        if audio.sample_rate != mel.sample_rate:
            sound = soxr.resample(sound, mel.sample_rate, audio.sample_rate, quality="HQ")
        return fit_length(sound, audio)


@dataclass(frozen=True, eq=False)
class Recognised:
    """Which sounds a classifier takes for their label.

    Args:
        right: by `WAYS`, bool (sounds,); real ones are those of the measured split, and shuffled ones and noise those
            that were made of training clips.
    """

    right: dict[str, np.ndarray]

    def as_dict(self) -> dict[str, Any]:
        """Shares with Wilson's intervals."""
        told: dict[str, Any] = {"n": len(self.right[DRAWN])}
        for way, right in self.right.items():
            bounds = scipy.stats.binomtest(int(right.sum()), len(right)).proportion_ci(method="wilson")
            told[way] = {"share": float(right.mean()), "interval": [float(bounds.low), float(bounds.high)]}
        return told


def hear_windows(
    hearer: Hearer, windows: Windows, card: Card, progress: Progress | None = None
) -> tuple[dict[str, np.ndarray], Recognised | None]:
    """Hears all windows through the same path: real ones, too, are made into sound from their pictures.

    Args:
        hearer: the classifier.
        windows: drawn and others.
        card: of what draws.
        progress: called with the share that is done.

    Returns:
        Features, float32 (windows, dimensions), by `WAYS` and `HELD`; and who is recognised, None where nothing is
        drawn by label or the classifier does not know all labels.
    """
    kinds = windows.ways | {HELD: windows.held}
    heard = {
        kind: hearer(pictures, card.mel, part_of(progress, number / len(kinds), (number + 1) / len(kinds)))
        for number, (kind, pictures) in enumerate(kinds.items())
    }
    features = {kind: one.features for kind, one in heard.items()}
    if not knows(hearer.card, card):
        return features, None
    asked = np.array([card.labels[label] for label in windows.labels])
    answers = heard | {REAL: heard[HELD]}
    return features, Recognised({way: np.array(answers[way].labels) == asked for way in WAYS})


def knows(classifier: Card, card: Card) -> bool:
    """Whether drawn music can be recognised: it is drawn by label, and the classifier knows all labels."""
    return bool(card.labels) and set(card.labels) <= set(classifier.labels)
