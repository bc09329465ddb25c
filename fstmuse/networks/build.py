"""From a name in the catalogue to a Keras model."""

from __future__ import annotations

from collections.abc import Callable

import keras

from fstmuse.networks import cmelgan, convae, convvae, genre, prednet, scaling, shortchunk, toygan
from fstmuse.networks import melnet as melnets
from fstmuse.networks.catalogue import find
from fstmuse.networks.dieleman import dieleman, dieleman_mel
from fstmuse.networks.dieleman_report import dieleman_report, dieleman_report_deep
from fstmuse.networks.fillers import filler
from fstmuse.networks.gan import Gan
from fstmuse.networks.gapnet import gapnet
from fstmuse.networks.melgan_c import BASE, TINY, melgan_c
from fstmuse.networks.rese import rese
from fstmuse.networks.samplecnn import samplecnn
from fstmuse.networks.tagger_efficientnet import tagger_efficientnet_b0
from fstmuse.networks.variational import OBJECTIVES, Objective
from fstmuse.networks.vocoder import vocoder
from fstmuse.spec import MelSpec

BUILDERS: dict[str, Callable[[tuple[int, ...], int], keras.Model]] = {
    "toymodel": genre.toymodel,
    "toymodel-pooled": genre.toymodel_pooled,
    "fstmuse": genre.fstmuse,
    "fstmuse-pooled": genre.fstmuse_pooled,
    "shortchunk": shortchunk.shortchunk,
    "shortchunk-tag": lambda shape, tags: shortchunk.shortchunk(shape, tags, tagging=True),
    "samplecnn": lambda shape, tags: samplecnn(shape[0], tags),
    "rese2-multi": lambda shape, tags: rese(shape[0], tags),
    "dieleman": lambda shape, tags: dieleman(shape[0], tags),
    "dieleman-mel": dieleman_mel,
    # Of one sub-clip: means over a clip's windows are told, as of all networks that give probabilities.
    "dieleman-report": lambda shape, tags: dieleman_report(shape[0], tags, sub_clips=1),
    "dieleman-report-deep": lambda shape, tags: dieleman_report_deep(shape[0], tags, sub_clips=1),
    "tagger-efficientnet-b0": tagger_efficientnet_b0,
}
"""From (frames, mels), or (samples,) where they hear sound, and the number of labels to probabilities of labels."""

FILLERS: dict[str, Callable[[tuple[int, int], Objective], keras.Model]] = {
    "gapnet": lambda shape, objective: gapnet(shape),
    "gapnet-hifi": lambda shape, objective: gapnet(shape),
    "convae": lambda shape, objective: filler(convae.convae(shape)),
    "convae-hifi": lambda shape, objective: filler(convae.convae(shape)),
    "convvae": lambda shape, objective: filler(convvae.convvae(shape, objective)),
    "convvae-hifi": lambda shape, objective: filler(convvae.convvae(shape, objective)),
}
"""From (frames, mels) and what a variational one is trained for to models that fill gaps; see `build_filler`."""

PREDICTORS: dict[str, Callable[[tuple[int, int], Objective], keras.Model]] = {
    "prednet": prednet.prednet,
    "prednet-hifi": prednet.prednet,
}
"""From (frames, mels) and what they are trained for to models that learn to go on; see `build_predictor`."""

VOCODERS: dict[str, Callable[[MelSpec], keras.Model]] = {"vocoder": vocoder, "vocoder-report": vocoder}
"""From the spec of pictures to models that make sound of them; see `build_vocoder`."""

GANS: dict[str, Callable[[tuple[int, int], int], Gan]] = {
    "toygan": toygan.toygan,
    "toygan-log": lambda shape, labels: toygan.toygan(
        shape, labels, scaling=scaling.from_floor(find("toygan-log").mel.floor_db, shape[1])
    ),
    "cmelgan": cmelgan.cmelgan,
    "cmelgan-log": lambda shape, labels: cmelgan.cmelgan(shape, labels, scaling=scaling.standardised(shape[1])),
    "melgan-c-tiny": lambda shape, labels: melgan_c(shape, labels, TINY),
    "melgan-c": lambda shape, labels: melgan_c(shape, labels, BASE),
}
"""From (frames, mels) and the number of labels to GANs; see `build_gan`."""

MELNETS: dict[str, melnets.Size] = {
    "melnet-tiny": melnets.TINY,
    "melnet-small": melnets.SMALL,
    "melnet-base": melnets.BASE,
}
"""How large they are; see `build_melnet`."""


def build(name: str, outputs: int) -> keras.Model:
    """A fresh, uncompiled network of the catalogue that gives probabilities of labels.

    Args:
        name: of the catalogue, an entry of the tasks classify and tag.
        outputs: number of labels.

    Returns:
        A model from float32 (batch, frames, mels), or (batch, samples) where it hears sound, to float32 (batch,
        outputs).

    Raises:
        ConfigError: there is no network of that name.
    """
    return BUILDERS[name](find(name).input_shape, outputs)


def build_filler(name: str, objective: Objective | None = None) -> keras.Model:
    """A fresh, uncompiled network of the catalogue that fills gaps.

    Args:
        name: of the catalogue, an entry of the task infill.
        objective: what a variational network is trained for; None: its own.

    Returns:
        A model from {"picture": float32 (batch, frames, mels) in dB, "missing": float32 (batch, frames), 1 where a
        frame is missing} to float32 (batch, frames, mels) in dB.

    Raises:
        ConfigError: there is no network of that name.
    """
    return FILLERS[name](find(name).input_shape, objective or OBJECTIVES["elbo"])


def build_predictor(name: str, objective: Objective | None = None) -> keras.Model:
    """A fresh, uncompiled network of the catalogue that goes on, as it is trained.

    Args:
        name: of the catalogue, an entry of the task continue.
        objective: what it is trained for; None: its own.

    Returns:
        A model from float32 (batch, frames, mels) in 0..1 to their last 20 frames, float32 (batch, 20, mels).
        `fstmuse.networks.continuers.continuer` makes of it what users need.

    Raises:
        ConfigError: there is no network of that name, or the objective leaves the picture out.
    """
    return PREDICTORS[name](find(name).input_shape, objective or OBJECTIVES["elbo"])


def build_vocoder(name: str) -> keras.Model:
    """A fresh, uncompiled network of the catalogue that makes sound of pictures.

    Args:
        name: of the catalogue, an entry of the task vocode.

    Returns:
        A model from float32 (batch, frames, mels) in dB to float32 (batch, frames * hop_length).

    Raises:
        ConfigError: there is no network of that name.
    """
    return VOCODERS[name](find(name).mel)


def build_gan(name: str, labels: int = 0) -> Gan:
    """A fresh GAN of the catalogue.

    Args:
        name: of the catalogue, an entry of the task generate.
        labels: how many there are; with less than 2, and of networks that heed none, the networks take no label.

    Returns:
        Generator, discriminator and the scaling between their units and pictures of the entry's spec, still to be
        fitted where it learns.

    Raises:
        ConfigError: there is no network of that name.
    """
    return GANS[name](find(name).input_shape, labels)


def build_melnet(
    name: str, labels: int = 0, *, components: int = melnets.COMPONENTS, one_pass: bool = False, remat: bool = False
) -> melnets.MelNet:
    """A fresh MelNet of the catalogue.

    Args:
        name: of the catalogue, an entry that draws in turn.
        labels: how many there are; with less than 2 the networks take no label.
        components: of each mixture.
        one_pass: all tiers but the first draw their elements at once.
        remat: computes what happens within layers again for the gradients instead of keeping it.

    Returns:
        The tiers, and the scaling between their units and pictures of the entry's spec, still to be fitted.

    Raises:
        ConfigError: there is no network of that name.
    """
    shape = find(name).input_shape
    options = {"components": components, "one_pass": one_pass, "remat": remat}
    return melnets.melnet(shape, labels, MELNETS[name], **options)
