"""What the taggers share: waveforms in, one probability for each tag out, and what lies just before."""

from __future__ import annotations

import keras
from keras import layers

from fstmuse.errors import ConfigError

EMBEDDING = "embedding"
"""Name of the layer whose output the probabilities are computed from, in every tagger."""


def waveform(samples: int) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """The input of a network that hears sound.

    Args:
        samples: of one window, mono.

    Returns:
        The input, float32 (batch, samples) in [-1, 1], and the same as convolutions take it, (batch, samples, 1).
    """
    sound = keras.Input((samples,), name="waveform")
    return sound, layers.Reshape((samples, 1), name="channel")(sound)


def normed_relu(
    x: keras.KerasTensor, name: str = "", momentum: float = 0.99, epsilon: float = 1e-3
) -> keras.KerasTensor:
    """Batch normalisation and ReLU, as behind most convolutions here.

    Args:
        x: (batch, ..., channels).
        name: what comes before `norm` and `relu` in the names of the two layers.
        momentum: of the moving statistics.
        epsilon: added to the variance.

    Returns:
        The same shape.
    """
    x = layers.BatchNormalization(momentum=momentum, epsilon=epsilon, name=f"{name}norm")(x)
    return layers.ReLU(name=f"{name}relu")(x)


def tagged(x: keras.KerasTensor, outputs: int) -> keras.KerasTensor:
    """One probability for each tag, each on its own: several may be near 1 at once, or none.

    Args:
        x: (batch, features).
        outputs: number of tags.

    Returns:
        float32 (batch, outputs) in [0, 1], from a layer named `probabilities`.
    """
    x = layers.Identity(name=EMBEDDING)(x)
    # float32 whatever the policy: half precision knows no probabilities between 0.9995 and 1.
    return layers.Dense(outputs, activation="sigmoid", dtype="float32", name="probabilities")(x)


def embedder(tagger: keras.Model) -> keras.Model:
    """The tagger without its last layer, for classifiers of other people's own. The weights are shared.

    Args:
        tagger: one of the networks whose last layers are those of `tagged`.

    Returns:
        A model from what the tagger takes to (batch, features).
    """
    return keras.Model(tagger.input, tagger.get_layer(EMBEDDING).output, name=f"{tagger.name}-{EMBEDDING}")


def require_counts(network: str, **counts: int) -> None:
    """Refuses sizes below 1.

    Args:
        network: whose sizes they are.
        **counts: the sizes by the names of their arguments.

    Raises:
        ConfigError: one of them is below 1.
    """
    for name, count in counts.items():
        if count < 1:
            raise ConfigError(f"{network}: received {name}={count}; expected at least 1.")


def strided_frames(network: str, samples: int, length: int, stride: int) -> int:
    """How many frames a strided convolution without padding makes of a window of sound.

    Args:
        network: whose first layer it is.
        samples: of the window.
        length: of the filters, in samples.
        stride: from one frame to the next, in samples.

    Returns:
        The number of whole frames; 0 where the window is shorter than one.

    Raises:
        ConfigError: a size is below 1, or frames do not touch, so that samples between them would go unheard.
    """
    require_counts(network, samples=samples, length=length, stride=stride)
    if stride > length:
        raise ConfigError(
            f"{network}: received first filters of {length} samples every {stride} samples, which leaves some unheard; "
            "expected a stride of at most the length."
        )
    return max(0, (samples - length) // stride + 1)
