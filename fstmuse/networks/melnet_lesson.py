"""MelNet as it is trained, measured and stored: tiers between pictures in dB and the likelihood of their elements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from fstmuse.networks import melnet_tiers
from fstmuse.networks.melnet import MelNet
from fstmuse.networks.melnet_mixture import mixture_nll
from fstmuse.networks.scaling import Standardise, standardised


@keras.saving.register_keras_serializable(package="fstmuse")
class TierParts(layers.Layer):
    """What a tier learns from, see `fstmuse.networks.melnet_tiers.lesson`.

    Input shape: float32 (batch, frames, mels) in the network's units. Output: its own part and, but for the first tier,
    what it is told, float32 (batch, frames of the tier, mels of the tier) each.

    Args:
        tier: counted from 1.
        tiers: how many there are.
        **options: of every Keras layer.
    """

    def __init__(self, tier: int, tiers: int, **options: Any) -> None:
        super().__init__(**({"dtype": "float32"} | options))
        self.tier, self.tiers = tier, tiers

    def call(self, picture: Any) -> list[Any]:
        """Own part and what is known."""
        return list(melnet_tiers.lesson(picture, self.tier, self.tiers).values())

    def compute_output_shape(self, input_shape: Any) -> list[tuple[Any, ...]]:
        """Those of the parts."""
        batch, frames, mels = input_shape
        mels = melnet_tiers.shape(1, mels, self.tier, self.tiers)[1]
        if frames is not None:
            frames = melnet_tiers.shape(frames, 1, self.tier, self.tiers)[0]
        return [(batch, frames, mels)] * (1 if self.tier == 1 else 2)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return super().get_config() | {"tier": self.tier, "tiers": self.tiers}


@keras.saving.register_keras_serializable(package="fstmuse")
class Likelihood(layers.Layer):
    """Negative log-likelihood of each element under its mixture, whose mean is added to what training makes less.

    Input: the elements float32 (batch, frames, mels) and mixtures float32 (batch, frames, mels, 3 * components).
    Output shape: float32 (batch, frames, mels), in nats.

    Args:
        **options: of every Keras layer.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**({"dtype": "float32"} | options))

    def call(self, picture: Any, mixtures: Any) -> Any:
        """Of each element."""
        nll = mixture_nll(picture, mixtures)
        self.add_loss(ops.mean(nll))
        return nll

    def compute_output_shape(self, picture_shape: Any, mixtures_shape: Any) -> tuple[Any, ...]:
        """That of the elements."""
        return tuple(picture_shape)


def tier_lesson(net: MelNet, tier: int, noisy: bool = False) -> keras.Model:
    """A tier as it is trained: its loss is the mean NLL of its elements, in nats per element.

    Args:
        net: with its scaling fitted.
        tier: counted from 1.
        noisy: elements are foretold from others that have noise added, an input of its own.

    Returns:
        A model from {"picture": float32 (batch, frames, mels) in dB[, "label": int32 (batch,)][, "noise": as picture,
        in the network's units]} to the NLL of the tier's elements, float32 (batch, frames of the tier, mels of the
        tier). It shares its weights with `net`.
    """
    inputs = _inputs(net)
    units = net.scaling.forth(inputs["picture"])
    heard = None
    if noisy:
        inputs["noise"] = keras.Input(inputs["picture"].shape[1:], name="noise")
        heard = layers.Add(name="heard", dtype="float32")([units, inputs["noise"]])
    return keras.Model(inputs, _likelihood(net, tier, inputs, units, heard), name="lesson")


def joined(net: MelNet) -> keras.Model:
    """All tiers as one network, as artifacts hold it; `tiers_of` takes it apart again.

    Args:
        net: trained.

    Returns:
        A model from {"picture": float32 (batch, frames, mels) in dB[, "label": int32 (batch,)]} to {"nll1": ...,
        "nll2": ...}, the NLL of each tier's elements. Frames have to be a multiple of the tiers' stride.
    """
    inputs = _inputs(net)
    units = net.scaling.forth(inputs["picture"])
    numbers = range(1, len(net.tiers) + 1)
    return keras.Model(inputs, {f"nll{n}": _likelihood(net, n, inputs, units) for n in numbers}, name="melnet")


def tiers_of(network: keras.Model) -> MelNet:
    """Tiers and scaling of what `joined` gives, fresh or loaded. The tiers share its weights."""
    tiers: Sequence[keras.Model] = [network.get_layer(f"tier{n}") for n in range(1, len(network.output) + 1)]
    forth = next(layer for layer in network.layers if isinstance(layer, Standardise))
    scaling = standardised(network.input["picture"].shape[-1])
    scaling.take(forth)
    return MelNet(tuple(tiers), scaling)


def _inputs(net: MelNet) -> dict[str, keras.KerasTensor]:
    mels = net.scaling.forth.mean.shape[0]
    inputs = {"picture": keras.Input((None, mels), name="picture")}
    if "label" in net.tiers[0].input:
        inputs["label"] = keras.Input((), dtype="int32", name="label")
    return inputs


def _likelihood(
    net: MelNet,
    tier: int,
    inputs: dict[str, keras.KerasTensor],
    units: keras.KerasTensor,
    heard: keras.KerasTensor | None = None,
) -> keras.KerasTensor:
    count, model = len(net.tiers), net.tiers[tier - 1]
    take = TierParts(tier, count, name=f"parts{tier}")
    own, *_ = take(units)
    parts = dict(zip(("picture", "known"), take(units if heard is None else heard), strict=False))
    given = {name: parts.get(name, inputs.get(name)) for name in model.input}
    return Likelihood(name=f"nll{tier}")(own, model(given))
