"""Makes a trained PredNet, whose pictures lie in 0..1, a network that goes on from pictures in dB.

As with networks that fill gaps (`fstmuse.networks.fillers`), the scaling is inside: 0..1 is 80 dB below the loudest
value of the context and that value. What comes may be louder than the context: it may lie above 1.
"""

from __future__ import annotations

import keras
from keras import ops

from fstmuse.networks.fillers import FromUnit, ToUnit
from fstmuse.networks.gapnet import Loudest
from fstmuse.networks.prednet import continuation


def continuer(trained: keras.Model) -> keras.Model:
    """What users need of a trained PredNet, with the scaling around it.

    Args:
        trained: of `fstmuse.networks.prednet.prednet`.

    Returns:
        A model from {"picture": float32 (batch, frames, mels) in dB, any number of frames, "code": float32 (batch,
        latent)} to float32 (batch, 20, mels) in dB: the frames that come next. Codes are drawn from N(0, I); 0 gives
        the expected frames. It shares its weights with `trained`.
    """
    core = continuation(trained)

    # === Functional model ===
    picture, code = (
        keras.Input(tensor.shape[1:], name=name) for tensor, name in zip(core.inputs, ("picture", "code"), strict=True)
    )
    missing = ops.zeros_like(picture[:, :, 0])  # nothing is
    # float32 whatever the policy: half precision has steps of 0.06 dB at -80 dB.
    level = Loudest(name="level", dtype="float32")(picture, missing)
    unit = ToUnit(name="unit", dtype="float32")(picture, level, missing)
    ahead = FromUnit(name="decibels", dtype="float32")(core([unit, code]), level)
    return keras.Model({"picture": picture, "code": code}, ahead, name=trained.name)
