"""MelNet: draws log-mels element by element, coarse ones first (Vasquez and Lewis, 2019, arXiv:1906.01083).

Each tier is a network of its own. Its time-delayed stack knows the frames before, its frequency-delayed stack the
bands below in the same frame, too; from the latter come the mixtures that the elements are drawn from. The first tier
knows the frames before as wholes, besides, by a centralised stack. The others are told of the tiers before: of all of
it, later frames included. All can be told a label.

Beyond the paper, each band adds vectors of its own to what both stacks are given, and in the first tier each label adds
one for each band: by themselves GRUs along the bands find out only by counting how high a band is.
"""

from __future__ import annotations

from dataclasses import dataclass

import keras
from keras import layers

from fstmuse.errors import ConfigError
from fstmuse.networks import melnet_tiers
from fstmuse.networks.gapnet import OfBands
from fstmuse.networks.melnet_layers import (
    CentralizedStack,
    Delayed,
    FeatureExtraction,
    FrequencyDelayedStack,
    TimeDelayedStack,
)
from fstmuse.networks.melnet_mixture import GaussianMixtureHead
from fstmuse.networks.scaling import Scaling, standardised


@dataclass(frozen=True)
class Size:
    """How large the tiers are, the coarsest first.

    Args:
        dims: channels.
        depths: layers.
    """

    dims: tuple[int, ...]
    depths: tuple[int, ...]


# The first tier decides on what is played, and has an eighth of the elements: it gets most of the weights.
TINY = Size((64, 48, 32, 32), (4, 2, 2, 1))
SMALL = Size((128, 128, 96, 64), (8, 4, 3, 2))
BASE = Size((256, 256, 256, 256), (12, 6, 5, 4))

COMPONENTS = 10


@dataclass(frozen=True)
class MelNet:
    """The networks that draw a picture together.

    Args:
        tiers: the coarsest first, each from a dict to mixtures float32 (batch, frames, mels, 3 * components), see
            `fstmuse.networks.melnet_mixture`: "picture" float32 (batch, frames, mels), the tier's own part in the
            network's units, of which each element's mixture sees what is drawn before it, and which tiers in one pass
            do without; "known" of the same shape, what the tiers before have drawn, but for the first; "label" int32
            (batch,), where there are labels. `fstmuse.networks.melnet_tiers.lesson` gives pictures and what is known.
        scaling: between pictures of the entry's spec and the network's units; to be fitted.
    """

    tiers: tuple[keras.Model, ...]
    scaling: Scaling


def melnet(
    input_shape: tuple[int | None, int],
    labels: int = 0,
    size: Size = TINY,
    *,
    components: int = COMPONENTS,
    one_pass: bool = False,
    remat: bool = False,
) -> MelNet:
    """All tiers, with fresh weights.

    Args:
        input_shape: frames, of which any number goes in that is a multiple of the tiers' stride, and mel bands.
        labels: how many there are; with less than 2 the networks take none.
        size: of the tiers.
        components: of each mixture.
        one_pass: all tiers but the first draw their elements at once, each for itself, given what is known: faster,
            and less exact.
        remat: computes what happens within layers again for the gradients instead of keeping it.

    Raises:
        ConfigError: frames or bands do not go into the tiers, there are no components, or the size names depths of
            more or fewer tiers than channels.
    """
    frames, mels = input_shape
    count = len(size.dims)
    if len(size.depths) != count:
        raise ConfigError(f"MelNet: received channels of {count} tiers and depths of {len(size.depths)}.")
    if components < 1:
        raise ConfigError(f"MelNet: received mixtures of {components} components; expected at least 1.")
    melnet_tiers.check(frames, mels, count)
    tiers = []
    for number, (dims, depth) in enumerate(zip(size.dims, size.depths, strict=True), start=1):
        bands = melnet_tiers.shape(1, mels, number, count)[1]
        make = _Tier(f"tier{number}", bands, labels, dims, depth, components, remat, first=number == 1)
        if number == 1:
            tiers.append(make.drawn_in_turn(told=False))
        else:
            tiers.append(make.drawn_at_once() if one_pass else make.drawn_in_turn(told=True))
    return MelNet(tuple(tiers), standardised(mels))


@dataclass(frozen=True)
class _Tier:
    name: str
    mels: int
    labels: int
    dims: int
    depth: int
    components: int
    remat: bool
    first: bool

    def drawn_in_turn(self, told: bool) -> keras.Model:
        """The tier as the paper has it; the one that is told nothing has a centralised stack."""
        # === Functional model ===
        inputs = self._inputs(("picture", "known") if told else ("picture",))
        features = self._features(inputs["known"], 1) if told else None
        earlier = Delayed(melnet_tiers.TIME, name="earlier")(inputs["picture"])
        lower = Delayed(melnet_tiers.FREQUENCY, name="lower")(inputs["picture"])
        time = self._given(earlier, inputs, features, "time")
        frequency = self._given(lower, inputs, features, "frequency")
        if not told:
            centre = layers.Dense(self.dims, name="centre_input")(
                layers.Reshape((-1, self.mels), name="whole")(earlier)
            )
        for number in range(1, self.depth + 1):
            time = TimeDelayedStack(self.dims, self.remat, name=f"time{number}")(time)
            beside = time
            if not told:
                centre = CentralizedStack(self.dims, self.remat, name=f"centre{number}")(centre)
                to_all = layers.Reshape((-1, 1, self.dims), name=f"centre{number}_to_all")(centre)
                beside = layers.Add(name=f"beside{number}")([time, to_all])
            stack = FrequencyDelayedStack(self.dims, self.remat, name=f"frequency{number}")
            frequency = stack(frequency, beside)
        return self._model(inputs, frequency)

    def drawn_at_once(self) -> keras.Model:
        """The tier without stacks that see what it has drawn."""
        # === Functional model ===
        inputs = self._inputs(("known",))
        x = self._input(inputs["known"])
        x = OfBands(name="known_bands")(x)
        if self.labels > 1:
            x = layers.Add(name="known_told")([x, self._label(inputs["label"], "known")])
        return self._model(inputs, self._extracted(x, self.depth))

    def _inputs(self, names: tuple[str, ...]) -> dict[str, keras.KerasTensor]:
        inputs = {name: keras.Input((None, self.mels), name=name) for name in names}
        return inputs | ({"label": keras.Input((), dtype="int32", name="label")} if self.labels > 1 else {})

    def _input(self, known: keras.KerasTensor) -> keras.KerasTensor:
        return layers.Dense(self.dims, name="known_input")(layers.Reshape((-1, self.mels, 1), name="channel")(known))

    def _features(self, known: keras.KerasTensor, depth: int) -> keras.KerasTensor:
        return self._extracted(self._input(known), depth)

    def _extracted(self, x: keras.KerasTensor, depth: int) -> keras.KerasTensor:
        for number in range(1, depth + 1):
            x = FeatureExtraction(self.dims, self.remat, name=f"features{number}")(x)
        return x

    def _label(self, label: keras.KerasTensor, stack: str) -> keras.KerasTensor:
        """A label's vector, or, in the first tier, one for each band: only there labels decide on anything."""
        bands = self.mels if self.first else 1
        small = keras.initializers.RandomNormal(stddev=0.1)
        vector = layers.Embedding(self.labels, bands * self.dims, small, name=f"{stack}_label")(label)
        return layers.Reshape((1, bands, self.dims), name=f"{stack}_label_to_all")(vector)

    def _given(
        self,
        delayed: keras.KerasTensor,
        inputs: dict[str, keras.KerasTensor],
        features: keras.KerasTensor | None,
        stack: str,
    ) -> keras.KerasTensor:
        """What a stack starts from; `STACK_told` is all of it that does not depend on the tier's own picture."""
        x = layers.Dense(self.dims, name=f"{stack}_input")(delayed)
        told = [layers.Dense(self.dims, name=f"{stack}_features")(features)] if features is not None else []
        if self.labels > 1:
            told.append(self._label(inputs["label"], stack))
        if told:
            both = layers.Add(name=f"{stack}_told") if len(told) > 1 else layers.Identity(name=f"{stack}_told")
            x = layers.Add(name=f"{stack}_start")([x, both(told if len(told) > 1 else told[0])])
        return OfBands(name=f"{stack}_bands")(x)

    def _model(self, inputs: dict[str, keras.KerasTensor], x: keras.KerasTensor) -> keras.Model:
        return keras.Model(inputs, GaussianMixtureHead(self.components, name="mixtures")(x), name=self.name)
