"""What draws pictures with a trained network, of either kind. Free of TensorFlow at import."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from fstmuse.artifacts.card import Card
from fstmuse.features.picture import MelPicture
from fstmuse.inference.network_creator import Creator
from fstmuse.inference.turn_creator import TurnCreator
from fstmuse.spec import MelSpec

if TYPE_CHECKING:
    import keras


class PictureCreator(Protocol):
    """What draws pictures; see `network_creator.Creator` and `turn_creator.TurnCreator` in `fstmuse.inference`."""

    spec: MelSpec
    most_frames: int | None

    def __call__(self, frames: int, seed: int, label: int = 0, **options: Any) -> MelPicture:
        """A picture of `frames` frames, and of those that it begins with; fewer where it was cancelled."""


def picture_creator(network: keras.Model, card: Card) -> Creator | TurnCreator:
    """What draws pictures with the network of an artifact that generates."""
    return (TurnCreator if card.in_turn else Creator)(network, card.mel)
