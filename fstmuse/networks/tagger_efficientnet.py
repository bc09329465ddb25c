"""EfficientNet-B0 on log-mels: what Keras has for photographs, as a tagger.

The report on raw-audio tagging names it as a reference, after "Implementation of computationally efficient and
accurate music auto tagging" (there from raw sound turned into a mel spectrogram). The layers are those of
`keras.applications` (Tan and Le, 2019, arXiv:1905.11946), untrained, with one channel instead of three, and with
moving statistics that settle within some tens of steps. Those of Keras (momentum 0.99) need hundreds; before that, what
49 normalisations one behind the other let through may grow beyond any number, as it did two steps after the start.

For 50 tags and 128 bands: 4,071,278 weights that training changes and 42,275 that it does not, 3 of them of a
normalisation that Keras has before the first layer and that is left at rest.
"""

from __future__ import annotations

import keras
from keras import layers

from fstmuse.errors import ConfigError
from fstmuse.networks.tagging import require_counts, tagged

_FEWEST = 32
"""Frames and bands that are halved five times."""


def tagger_efficientnet_b0(
    input_shape: tuple[int | None, int], outputs: int, dropout: float = 0.2, momentum: float = 0.9
) -> keras.Model:
    """Log-mels to tags by EfficientNet-B0.

    Args:
        input_shape: frames and mel bands, at least 32 of each; any number of frames goes in, whatever is said here.
        outputs: number of tags.
        dropout: share of the 1,280 features that is left out in training.
        momentum: of batch normalisation's moving statistics.

    Returns:
        A model from float32 (batch, frames, mels) in dB to float32 (batch, outputs) in [0, 1].

    Raises:
        ConfigError: a picture is smaller than 32 in time or in frequency, or there is no tag.
    """
    frames, mels = input_shape
    require_counts("tagger-efficientnet-b0", outputs=outputs)
    if mels < _FEWEST or (frames or _FEWEST) < _FEWEST:
        raise ConfigError(
            f"tagger-efficientnet-b0: received pictures of {frames} frames and {mels} bands; expected at least "
            f"{_FEWEST} of each, which five halvings bring to one."
        )

    # === Functional model ===
    picture = keras.Input((None, mels), name="picture")
    # Each band by what it is in all clips: how loud one clip is stays to be heard, as "loud" and "quiet" are tags.
    x = layers.BatchNormalization(axis=-1, name="equalise")(picture)
    x = layers.Reshape((-1, mels, 1), name="channel")(x)  # (batch, frames, mels, 1)
    # The network divides by 255, as if these were pixels. Left so, its first normalisation would see numbers smaller
    # than its epsilon.
    x = layers.Rescaling(255.0, name="pixels")(x)
    body = keras.applications.EfficientNetB0(include_top=False, weights=None, input_tensor=x, pooling="avg")
    x = layers.Dropout(dropout, name="dropout")(body.output)
    model = keras.Model(picture, tagged(x, outputs), name="tagger-efficientnet-b0")
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = momentum  # Keras' function takes none
    return model
