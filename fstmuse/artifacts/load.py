"""Loads an artifact's network, after checking that it is what its card says."""

from __future__ import annotations

from pathlib import Path

import keras

from fstmuse.artifacts.audit import audit_saved_model
from fstmuse.artifacts.card import NETWORK, SAVED_MODEL, Card, read_card, verify
from fstmuse.errors import ArtifactError


def load(artifact: Path) -> tuple[keras.Model, Card]:
    """The network and card of an artifact.

    Keras' safe mode refuses code in `network.keras`; the SavedModel's graph is refused
    when it holds operations that touch files or call Python.

    Raises:
        ArtifactError: the artifact is missing, changed, unsafe, or its network and card disagree.
    """
    card = read_card(artifact)
    verify(card, artifact)
    audit_saved_model(artifact / SAVED_MODEL)
    try:
        network = keras.saving.load_model(artifact / NETWORK, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises many kinds here; all mean the same to the user.
        raise ArtifactError(f"{artifact / NETWORK} cannot be loaded: {error}") from error
    expected = (None, len(card.labels))
    if tuple(network.output_shape) != expected:
        raise ArtifactError(
            f"{artifact}: the network gives {tuple(network.output_shape)}, expected {expected} "
            f"for the labels {', '.join(card.labels)}. Card and network are not of one artifact."
        )
    return network, card
