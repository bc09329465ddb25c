"""Which forms a network can be exported in, and where to. Free of TensorFlow."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from fstmuse.artifacts.card import NETWORK, SAVED_MODEL, Card
from fstmuse.errors import ExportError, nearest
from fstmuse.networks.catalogue import CATALOGUE
from fstmuse.networks.entry import LABELLING
from fstmuse.spec import MelSpec

SUFFIXES = {"savedmodel": "", "keras": ".keras", "onnx": ".onnx", "litert": ".tflite"}
EXPORTS = "exports"
TAKES_WAVEFORMS = "waveform float32 (batch, samples), mono at {rate} Hz, any length -> probabilities"
"""What a SavedModel takes and gives."""
_ONNX_PACKAGES = ("tf2onnx", "onnx")


def default_out(artifact: Path, kind: str) -> Path:
    """Where a form of the network goes when nothing else is said.

    Args:
        artifact: folder of the artifact.
        kind: one of `SUFFIXES`.

    Returns:
        `exports/NAME` with the format's suffix in the artifact's folder; for savedmodel the one that is there already.
    """
    if kind == "savedmodel":
        return artifact / SAVED_MODEL
    return artifact / EXPORTS / f"{artifact.resolve().name}{SUFFIXES[kind]}"


def check_format(kind: str) -> None:
    """Refuses an unknown format.

    Raises:
        ExportError: it is unknown.
    """
    if kind not in SUFFIXES:
        raise ExportError(f"Unknown format '{kind}'. {nearest(kind, SUFFIXES)}")


def missing(kind: str) -> str:
    """Why a format cannot be written on this machine.

    Args:
        kind: one of `SUFFIXES`.

    Returns:
        What is missing and how to get it; empty when nothing is.
    """
    absent = [package for package in _ONNX_PACKAGES if importlib.util.find_spec(package) is None]
    if kind != "onnx" or not absent:
        return ""
    return (
        f"Keras writes ONNX by the packages {' and '.join(_ONNX_PACKAGES)}; missing: {', '.join(absent)}. "
        f"Run: pip install {' '.join(absent)}"
    )


def takes(card: Card) -> str:
    """What the SavedModel of an artifact takes and gives, in one line."""
    rate = card.audio.sample_rate
    if card.task in LABELLING:
        return TAKES_WAVEFORMS.format(rate=rate)
    mels = card.mel.n_mels
    if card.task == "generate":
        label = " and label string ()" if card.labels else ""
        heat = ", temperature float32 ()" if card.in_turn else ""
        sound = f"seed int32 (), seconds float32 (){heat}{label} -> sound at {rate} Hz (signature generate); "
        return f"{sound if serves_sound(card.mel) else ''}{takes_noise(card)}"
    if card.task == "vocode":
        return f"log-mel pictures float32 (batch, frames, {mels}), any number of frames -> sound at {rate} Hz"
    if card.task == "continue":
        return (
            f"waveform float32 (batch, samples), mono at {rate} Hz, any length, and code float32 (batch, latent) -> "
            f"the log-mel pictures that come next, float32 (batch, frames, {mels})"
        )
    return (
        f"waveform float32 (batch, samples), mono at {rate} Hz, and missing float32 (batch, frames) -> filled "
        f"log-mel pictures float32 (batch, frames, {mels})"
    )


def takes_windows(card: Card) -> str:
    """What a network without front end takes, whatever it gives, in one line."""
    if card.mel is None:
        return f"waveform windows float32 (batch, {card.audio.samples}), mono at {card.audio.sample_rate} Hz"
    return f"log-mel pictures float32 (batch, frames, {card.mel.n_mels})"


def takes_noise(card: Card) -> str:
    """What a network that draws music takes and gives, in one line."""
    if card.in_turn:
        label = " and label int32 (batch,)" if card.labels else ""
        return (
            f"log-mel pictures float32 (batch, frames, {card.mel.n_mels}){label} -> the negative log-likelihood of "
            "their elements, tier by tier, in nats"
        )
    bound = card.network in CATALOGUE and CATALOGUE[card.network].bound
    noise = "style float32 (batch, latent)" + ("" if bound else ", cells float32 (batch, cells, latent)")
    label = ", label int32 (batch,)" if card.labels else ""
    return f"noise: {noise}{label} -> pictures float32 (batch, frames, {card.mel.n_mels})"


def serves_sound(mel: MelSpec) -> bool:
    """Whether the graph of a network that draws such pictures can make sound of them, too."""
    return mel.log == "db" and mel.power == 2 and mel.n_fft % mel.hop_length == 0 and mel.n_fft > mel.hop_length


def check_task(card: Card, kind: str) -> None:
    """Refuses forms that networks of a task cannot be written in.

    Raises:
        ExportError: they cannot.
    """
    if card.task not in LABELLING and kind in ("onnx", "litert"):
        gives = "sound" if card.task == "vocode" else "pictures"
        raise ExportError(
            f"Received --format {kind} for {card.name}, which gives {gives}; expected savedmodel or keras: the "
            "other converters are for networks that give labels."
        )


def part_of(out: Path, kind: str) -> Path:
    """Where a form is written before it is whole; a converter that is killed leaves it.

    Args:
        out: as in `check_out`.
        kind: one of `SUFFIXES`.
    """
    return out.with_name(f".{out.stem}.part{SUFFIXES[kind]}")


def check_out(artifact: Path, kind: str, out: Path, *, overwrite: bool = False) -> None:
    """Refuses what cannot come to a good end, before anything is loaded.

    Args:
        artifact: folder of the artifact.
        kind: one of `SUFFIXES`.
        out: file or folder to make.
        overwrite: it may be there already.

    Raises:
        ExportError: `out` has another format's suffix, is there already or belongs to the
            artifact, or a package is missing.
    """
    suffix, expected = out.suffix.lower(), SUFFIXES[kind]
    others = {name for other, name in SUFFIXES.items() if other != kind and name}
    if (expected and suffix != expected) or suffix in others:
        wanted = f"a name that ends in {expected}" if expected else "the name of a folder"
        meant = [f" or --format {other}" for other, name in SUFFIXES.items() if name and name == suffix]
        raise ExportError(f"{out} is no name for the format {kind}: give {wanted}{''.join(meant)}.")
    place, own = out.resolve(), artifact.resolve()
    if place == own or place == own / NETWORK or place.is_relative_to(own / SAVED_MODEL):
        raise ExportError(f"{out} belongs to the artifact itself. Give another --out.")
    if out.exists() and not overwrite:
        raise ExportError(f"{out} exists already. Give another --out, or --overwrite.")
    if out.exists() and out.is_dir() != (kind == "savedmodel"):
        here = "a folder" if out.is_dir() else "a file"
        raise ExportError(f"{out} is {here}, which the format {kind} cannot replace. Give another --out.")
    if lack := missing(kind):
        raise ExportError(lack)
