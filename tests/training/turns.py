"""A MelNet without recurrent layers, which take long to compile, in the place of one of the catalogue."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import keras
import pytest

from fstmuse.networks import build, melnet_tiers
from fstmuse.networks.catalogue import CATALOGUE, find
from fstmuse.networks.melnet import MelNet, Size
from fstmuse.networks.melnet_layers import Delayed
from fstmuse.networks.melnet_mixture import GaussianMixtureHead
from fstmuse.networks.scaling import standardised
from fstmuse.spec import AudioSpec

NAME = "melnet-tiny"
FRAMES = 32


def plain(shape: tuple[int, int], labels: int, size: Size, *, components: int, **options: bool) -> MelNet:
    """Two tiers, whose elements are told by the same band one frame before, what is known there, and the label."""
    tiers = []
    for number in (1, 2):
        mels = melnet_tiers.shape(1, shape[1], number, 2)[1]
        names = ("picture", "known")[:number]
        inputs = {name: keras.Input((None, mels), name=name) for name in names}
        told = [keras.layers.Reshape((-1, mels, 1))(picture) for picture in list(inputs.values())[1:]]
        x = keras.layers.Concatenate()([Delayed(melnet_tiers.TIME)(inputs["picture"]), *told]) if told else None
        x = keras.layers.Dense(4, activation="tanh")(Delayed(melnet_tiers.TIME)(inputs["picture"]) if x is None else x)
        inputs["label"] = keras.Input((), dtype="int32", name="label")
        vector = keras.layers.Reshape((1, 1, 4))(keras.layers.Embedding(labels, 4)(inputs["label"]))
        mixtures = GaussianMixtureHead(components, name="mixtures")(keras.layers.Add()([x, vector]))
        tiers.append(keras.Model(inputs, mixtures, name=f"tier{number}"))
    return MelNet(tuple(tiers), standardised(shape[1]))


@pytest.fixture(scope="module")
def two_tiers() -> Iterator[None]:
    """`melnet-tiny` of two tiers, which learns by windows of 32 frames."""
    with pytest.MonkeyPatch.context() as patch:
        audio = AudioSpec(22050, FRAMES * 512 / 22050)
        patch.setitem(CATALOGUE, NAME, dataclasses.replace(find(NAME), tiers=2, audio=audio))
        patch.setattr(build.melnets, "melnet", plain)
        yield
