"""Loads an artifact's network, after checking that it is what its card says."""

from __future__ import annotations

from pathlib import Path

import keras

# Whoever loads a network needs its layers, which importing them registers.
import fstmuse.networks.build
import fstmuse.networks.melnet_lesson  # noqa: F401
from fstmuse.artifacts.audit import audit_saved_model
from fstmuse.artifacts.card import CARD, NETWORK, SAVED_MODEL, Card, read_card, verify
from fstmuse.errors import ArtifactError, SpecError
from fstmuse.networks.catalogue import CATALOGUE
from fstmuse.spec import input_shape, require_same


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
    _require_fit(network, card, artifact)
    return network, card


def _require_fit(network: keras.Model, card: Card, artifact: Path) -> None:
    """The network takes the card's pictures and answers with its labels; a network of the catalogue hears as there."""
    if card.task == "infill":
        _require_pictures(network, card, artifact)
    elif card.task == "continue":
        _require_ahead(network, card, artifact)
    elif card.task == "vocode":
        _require_sound(network, card, artifact)
    elif card.in_turn:
        _require_turns(network, card, artifact)
    elif card.task == "generate":
        _require_drawn(network, card, artifact)
    else:
        _require_labels(network, card, artifact)
    if card.network in CATALOGUE:
        entry = CATALOGUE[card.network]
        if entry.hears_sound != (card.mel is None):
            hears = "the samples themselves" if entry.hears_sound else "pictures"
            raise ArtifactError(
                f"{artifact / CARD}: received mel {'none' if card.mel is None else 'of pictures'}, expected what "
                f"{card.network} takes: {hears}. Train or copy the artifact again."
            )
        try:
            require_same(entry.audio, card.audio, f"{artifact / CARD}: audio of {card.network}")
            if not entry.hears_sound:
                require_same(entry.mel, card.mel, f"{artifact / CARD}: mel of {card.network}")
        except SpecError as error:
            raise ArtifactError(str(error)) from None


def _require_pictures(network: keras.Model, card: Card, artifact: Path) -> None:
    """The network takes pictures and which frames are missing, and gives pictures."""
    frames, mels = card.mel.frames(card.audio.samples), card.mel.n_mels
    taken = {tensor.name: tuple(tensor.shape) for tensor in network.inputs}
    for length in (None, frames):
        if taken == {"picture": (None, length, mels), "missing": (None, length)}:
            break
    else:
        raise ArtifactError(
            f"{artifact}: the network takes {taken}, expected picture (None, {frames}, {mels}) "
            f"and missing (None, {frames}), by audio and mel in {CARD}. Card and network are not of one artifact."
        )
    if network.output_shape != (None, length, mels):
        raise ArtifactError(
            f"{artifact}: the network gives {network.output_shape}, expected {(None, length, mels)}, pictures like "
            "those it takes. Card and network are not of one artifact."
        )


def _require_ahead(network: keras.Model, card: Card, artifact: Path) -> None:
    """The network takes pictures of any length and a code, and gives pictures of one length."""
    mels = card.mel.n_mels
    taken = {tensor.name: tuple(tensor.shape) for tensor in network.inputs}
    shape, code = network.output_shape, taken.get("code", ())
    goes_on = isinstance(shape, tuple) and len(shape) == 3 and bool(shape[1]) and shape[2] == mels
    coded = len(code) == 2 and bool(code[1])
    if not goes_on or not coded or taken != {"picture": (None, None, mels), "code": code}:
        raise ArtifactError(
            f"{artifact}: the network takes {taken} and gives {shape}, expected picture (None, None, {mels}) and a "
            f"code, and pictures of {mels} bands, by mel in {CARD}. Card and network are not of one artifact."
        )


def _require_sound(network: keras.Model, card: Card, artifact: Path) -> None:
    """The network takes pictures of any length and gives sound."""
    mels = card.mel.n_mels
    if network.input_shape != (None, None, mels) or network.output_shape != (None, None):
        raise ArtifactError(
            f"{artifact}: the network takes {network.input_shape} and gives {network.output_shape}, expected "
            f"(None, None, {mels}) and (None, None), by mel in {CARD}. Card and network are not of one artifact."
        )


def _require_drawn(network: keras.Model, card: Card, artifact: Path) -> None:
    """The network takes noise, and labels where the card has several, and gives pictures."""
    mels, shape = card.mel.n_mels, network.output_shape
    taken = {tensor.name: tuple(tensor.shape) for tensor in network.inputs}
    noise = {name: size for name, size in taken.items() if name != "label"}
    style, cells = noise.get("style", ()), noise.get("cells", (None, None, 1))
    drawn = isinstance(shape, tuple) and len(shape) == 3 and shape[2] == mels
    drawn = drawn and (shape[1] is None) == ("cells" in noise)
    noisy = {"style"} <= set(noise) <= {"style", "cells"} and len(style) == 2 and bool(style[1])
    noisy = noisy and len(cells) == 3 and cells[1] is None and bool(cells[2])
    labelled = taken.get("label") == (None,) if card.labels else "label" not in taken
    if not drawn or not noisy or not labelled:
        label = " and label (None,)" if card.labels else ""
        raise ArtifactError(
            f"{artifact}: the network takes {taken} and gives {shape}, expected noise named style (None, numbers) and "
            f"perhaps cells (None, None, numbers){label}, and pictures of {mels} bands, by labels and mel in {CARD}. "
            "Card and network are not of one artifact."
        )


def _require_turns(network: keras.Model, card: Card, artifact: Path) -> None:
    """The network takes pictures, and labels where the card has several, and gives likelihoods of all its tiers."""
    mels = card.mel.n_mels
    taken = {tensor.name: tuple(tensor.shape) for tensor in network.inputs}
    expected = {"picture": (None, None, mels)} | ({"label": (None,)} if card.labels else {})
    given = set(network.output) if isinstance(network.output, dict) else set()
    tiers = {f"nll{number}" for number in range(1, CATALOGUE[card.network].tiers + 1)}
    if taken != expected or given != tiers:
        raise ArtifactError(
            f"{artifact}: the network takes {taken} and gives {sorted(given)}, expected {expected} and "
            f"{sorted(tiers)}, by network, labels and mel in {CARD}. Card and network are not of one artifact."
        )


def _require_labels(network: keras.Model, card: Card, artifact: Path) -> None:
    """The network takes pictures, or windows of sound, and gives a number for each label."""
    expected = input_shape(card.audio, card.mel)
    taken, given = network.input_shape, network.output_shape
    fits = isinstance(taken, tuple) and len(taken) == 1 + len(expected)
    if not fits or any(size not in (None, wanted) for size, wanted in zip(taken[1:], expected, strict=True)):
        what = "the windows of audio" if card.mel is None else "the pictures of audio and mel"
        raise ArtifactError(
            f"{artifact}: the network takes {taken}, expected {(None, *expected)}, {what} "
            f"in {CARD}. Card and network are not of one artifact."
        )
    if given != (None, len(card.labels)):
        raise ArtifactError(
            f"{artifact}: the network gives {given}, expected {(None, len(card.labels))} "
            f"for the labels {', '.join(card.labels)}. Card and network are not of one artifact."
        )
