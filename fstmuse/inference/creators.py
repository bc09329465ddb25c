"""What draws pictures with a trained network, of either kind. Free of TensorFlow at import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fstmuse.artifacts.card import Card
from fstmuse.inference.network_creator import Creator
from fstmuse.inference.turn_creator import TurnCreator

if TYPE_CHECKING:
    import keras


def picture_creator(network: keras.Model, card: Card) -> Creator | TurnCreator:
    """What draws pictures with the network of an artifact that generates."""
    return (TurnCreator if card.in_turn else Creator)(network, card.mel)
