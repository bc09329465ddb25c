"""Writes an artifact: models/NAME/{card.json, network.keras, saved_model/, README.md}, whole or not at all."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import tensorflow as tf

from fstmuse.artifacts.card import NETWORK, SAVED_MODEL, Card, read_card, sealed, write_card
from fstmuse.artifacts.exports import serves_sound
from fstmuse.artifacts.leftovers import replace, workplace
from fstmuse.artifacts.readme import write_readme
from fstmuse.artifacts.serving import Creator, Filler, Foreteller, Listener, MusicMaker, Vocoder
from fstmuse.artifacts.serving_turns import TurnMaker
from fstmuse.errors import ArtifactError

Endpoint = tuple[Callable[..., dict[str, tf.Tensor]], list[tf.TensorSpec]]
"""A function that a SavedModel serves, and what it takes."""


def save(network: keras.Model, card: Card, artifact: Path) -> Card:
    """Writes a trained network with its front end; an artifact of the same name is replaced.

    Args:
        network: float32 (batch, frames, mels), or (batch, samples) where the card has no mel, to (batch, labels), or
            as `fstmuse.networks.build.build_filler` or `fstmuse.networks.continuers.continuer` or
            `fstmuse.networks.creators.creator` makes it.
        card: what is known of it; date and checksums are filled in.
        artifact: the folder to make.

    Returns:
        The card as written.

    Raises:
        ArtifactError: the disk is full, the folder cannot be written, or another process writes it.
            What stood there stands there still.
    """
    with _words(artifact), workplace(artifact) as part:
        network.save(part / NETWORK)
        export_saved_model(network, card, part / SAVED_MODEL)
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        card = sealed(dataclasses.replace(card, created=now), part)
        write_card(card, part)
        write_readme(card, part)
        replace(part, artifact)
    return card


def export_saved_model(network: keras.Model, card: Card, folder: Path) -> None:
    """Writes a SavedModel with the endpoint `serve`, which plain TensorFlow loads without FstMuse.

    `serve(waveform=float32 (batch, samples))`, mono at the card's rate in [-1, 1], any length,
    returns `probabilities` float32 (batch, labels), `labels` string (labels,) and `sample_rate` int32 ().

    That of a network that fills gaps is `serve(waveform=float32 (batch, samples), missing=float32 (batch, frames))`,
    1 where a frame of the waveform's picture is missing; it returns `picture` float32 (batch, frames, mels), filled,
    in dB, and `sample_rate`. Lengths are those of one window where the network is bound to it.

    That of a network that goes on is `serve(waveform=float32 (batch, samples), code=float32 (batch, latent))`; it
    returns `picture` float32 (batch, frames to come, mels) in dB, and `sample_rate`.

    That of a vocoder is `serve(picture=float32 (batch, frames, mels))` in dB; it returns `waveform` float32
    (batch, frames * hop_length) and `sample_rate`.

    That of a network that draws music takes its noise: `serve(style=float32 (batch, latent)[, cells=float32 (batch,
    cells, latent)][, label=int32 (batch,)])`; it returns `picture` float32 (batch, frames, mels), and `sample_rate`.
    Where its pictures are in dB of power, there is a second endpoint, `generate(seed=int32 (), seconds=float32 ()[,
    label=string ()])`; it returns `waveform` float32 (samples,), and `sample_rate`.

    That of a network that draws in turn tells likelihoods: `serve(picture=float32 (batch, frames, mels)[, label=int32
    (batch,)])` in dB, of frames that are a multiple of the tiers' stride; it returns `nll1`, `nll2`, ..., of the
    elements of each tier, in nats, and `sample_rate`. `generate` takes a `temperature=float32 ()`, too, after seconds.
    """
    if card.task in _EXPORTERS:
        export = _export_turns if card.in_turn else _EXPORTERS[card.task]
        export(network, card, folder)
        return
    listener = Listener(network, card)
    listener(tf.zeros((1, card.audio.samples)))  # builds it

    def serve(waveform: tf.Tensor) -> dict[str, tf.Tensor]:
        return {
            "probabilities": listener.whole(waveform),
            "labels": tf.constant(card.labels),
            "sample_rate": tf.constant(card.audio.sample_rate, tf.int32),
        }

    _write({"serve": (serve, [tf.TensorSpec((None, None), tf.float32, name="waveform")])}, folder)


def _export_filler(network: keras.Model, card: Card, folder: Path) -> None:
    filler = Filler(network, card)
    frames = network.output_shape[1]
    samples = None if frames is None else card.audio.samples
    filler(tf.zeros((1, card.audio.samples)), tf.zeros((1, card.mel.frames(card.audio.samples))))  # builds it

    def serve(waveform: tf.Tensor, missing: tf.Tensor) -> dict[str, tf.Tensor]:
        rate = tf.constant(card.audio.sample_rate, tf.int32)
        return {"picture": filler(waveform, missing), "sample_rate": rate}

    signature = [
        tf.TensorSpec((None, samples), tf.float32, name="waveform"),
        tf.TensorSpec((None, frames), tf.float32, name="missing"),
    ]
    _write({"serve": (serve, signature)}, folder)


def _export_foreteller(network: keras.Model, card: Card, folder: Path) -> None:
    foreteller = Foreteller(network, card)
    latent = network.input["code"].shape[-1]
    foreteller(tf.zeros((1, card.audio.samples)), tf.zeros((1, latent)))  # builds it

    def serve(waveform: tf.Tensor, code: tf.Tensor) -> dict[str, tf.Tensor]:
        rate = tf.constant(card.audio.sample_rate, tf.int32)
        return {"picture": foreteller(waveform, code), "sample_rate": rate}

    signature = [
        tf.TensorSpec((None, None), tf.float32, name="waveform"),
        tf.TensorSpec((None, latent), tf.float32, name="code"),
    ]
    _write({"serve": (serve, signature)}, folder)


def _export_vocoder(network: keras.Model, card: Card, folder: Path) -> None:
    vocoder = Vocoder(network)
    vocoder(tf.zeros((1, 1, card.mel.n_mels)))  # builds it

    def serve(picture: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"waveform": vocoder(picture), "sample_rate": tf.constant(card.audio.sample_rate, tf.int32)}

    _write({"serve": (serve, [tf.TensorSpec((None, None, card.mel.n_mels), tf.float32, name="picture")])}, folder)


def _export_creator(network: keras.Model, card: Card, folder: Path) -> None:
    creator = Creator(network, card)

    def serve(*noise: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"picture": creator(dict(zip(network.input, noise, strict=True)))}

    _export_drawing(network, card, serve, MusicMaker, folder)


def _export_turns(network: keras.Model, card: Card, folder: Path) -> None:
    def serve(*given: tf.Tensor) -> dict[str, tf.Tensor]:
        return network(dict(zip(network.input, given, strict=True)), training=False)

    _export_drawing(network, card, serve, TurnMaker, folder)


def _export_drawing(
    network: keras.Model,
    card: Card,
    answer: Callable[..., dict[str, tf.Tensor]],
    maker: type[MusicMaker] | type[TurnMaker],
    folder: Path,
) -> None:
    """Of networks that draw music: what the network itself answers, and music of a seed where pictures allow it."""
    rate = {"sample_rate": tf.constant(card.audio.sample_rate, tf.int32)}

    def serve(*given: tf.Tensor) -> dict[str, tf.Tensor]:
        return answer(*given) | rate

    taken = [tf.TensorSpec(tensor.shape, tensor.dtype, name) for name, tensor in network.input.items()]
    endpoints: dict[str, Endpoint] = {"serve": (serve, taken)}
    if serves_sound(card.mel):
        make = maker(network, card)

        def generate(*asked: tf.Tensor) -> dict[str, tf.Tensor]:
            return {"waveform": make(*asked)} | rate

        asked = [tf.TensorSpec((), tf.int32, "seed"), tf.TensorSpec((), tf.float32, "seconds")]
        asked += [tf.TensorSpec((), tf.float32, "temperature")] if card.in_turn else []
        asked += [tf.TensorSpec((), tf.string, "label")] if "label" in network.input else []
        endpoints["generate"] = (generate, asked)
    _write(endpoints, folder)


_EXPORTERS: dict[str, Callable[[keras.Model, Card, Path], None]] = {
    "infill": _export_filler,
    "continue": _export_foreteller,
    "vocode": _export_vocoder,
    "generate": _export_creator,
}
"""Of networks that give pictures or sound, by task."""


def _write(endpoints: dict[str, Endpoint], folder: Path) -> None:
    archive = keras.export.ExportArchive()
    for name, (function, signature) in endpoints.items():
        archive.add_endpoint(name=name, fn=function, input_signature=signature)
    archive.write_out(str(folder), verbose=False)


def record_metrics(artifact: Path, split: str, metrics: dict) -> None:
    """Writes the metrics of a split into the card and README of an artifact that stands already.

    Raises:
        ArtifactError: there is none, or it cannot be written.
    """
    card = read_card(artifact)
    card = dataclasses.replace(card, metrics=card.metrics | {split: metrics})
    with _words(artifact):
        write_card(card, artifact)
        write_readme(card, artifact)


@contextmanager
def _words(artifact: Path) -> Iterator[None]:
    """A full disk and the like in words. TensorFlow has errors of its own for them."""
    try:
        yield
    except (OSError, tf.errors.OpError) as error:
        reason = getattr(error, "strerror", None) or str(error).strip().partition("\n")[0]
        raise ArtifactError(
            f"{artifact} cannot be written: {reason}. Free space, or choose another place for models by "
            "FSTMUSE_MODELS; then give the same command again."
        ) from error
