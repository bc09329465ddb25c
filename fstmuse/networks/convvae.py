"""ConvVAE: the convolutional variational autoencoder of the report "infilling and prediction", faithful.

Three convolutions, three Dense of 12.2 million weights around a code of 256, three transposed
convolutions: 36,568,465 trained parameters, which are the report's 146.274 MB.

The report's pictures are (mels, frames), ours (frames, mels): every kernel and padding is
mirrored, so that each count stays. Its table gives kernels by their number of weights. These
sizes and paddings agree with all counts, with the (32, 14, 106) picture before the Dense
layers, and give (64, 431) back without a rest (mels x frames, padding on each side):

    conv1     3x3 stride 2, padding 1        t_conv1  4x4, padding 1
    conv2     4x4 stride 2, padding 1        t_conv2  4x4 stride 2
    conv3     4x4, padding 1; maximum 2x2    t_conv3  4x5 stride 2, padding 1 and 2

Activations are not in the table: ReLU, and a sigmoid at the end, as in ConvAE.

The report trains it by the KL divergence alone (objective "kl"). No gradient reaches the
decoder then, and the code's best is to forget the picture: the output is what random weights
make of nothing. "elbo" adds the picture: -log p(picture | code) + beta * KL with free bits.
"""

from __future__ import annotations

import keras
from keras import layers

from fstmuse.errors import ConfigError
from fstmuse.networks.variational import Objective, find_objective, values_in

LATENT = 256


def convvae(
    input_shape: tuple[int, int], objective: str | Objective = "elbo", latent: int = LATENT, seed: int | None = None
) -> keras.Model:
    """ConvVAE as in the report: masked pictures to whole ones.

    Args:
        input_shape: frames and mels of a picture; (431, 64) in the report.
        objective: "kl" (the report's), "elbo", or one's own. Compile the model with `find_objective(...).loss()`.
        latent: size of the code.
        seed: of the draws in training. Outside of training the code's mean is decoded: same picture, same answer.

    Returns:
        A model from float32 (batch, frames, mels) in 0..1 to the same shape and range, which
        adds the KL divergence to its losses.

    Raises:
        ConfigError: the layers cannot give a picture of this shape back, or the objective is unknown.
    """
    frames, mels = input_shape
    if frames % 4 != 3 or mels % 4 or frames < 11 or mels < 16:
        raise ConfigError(
            f"convvae: a picture of {frames} frames and {mels} mels is not one that its strides give back. Take "
            "4k + 3 frames and 4k mels, at least 11 and 16, such as the report's 431 and 64."
        )
    aim = find_objective(objective)

    # === Encoder ===
    picture = keras.Input(input_shape, name="picture")
    x = layers.Reshape((*input_shape, 1), name="channel")(picture)  # (batch, frames, mels, 1)
    x = _conv(x, 16, 3, 2, "conv1")
    x = _conv(x, 32, 4, 2, "conv2")
    x = layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name="batch2encode")(x)
    x = layers.ReLU(name="relu2")(x)
    x = _conv(x, 32, 4, 1, "conv3")
    x = layers.MaxPooling2D(2, strides=1, name="pool")(x)  # (batch, 106, 14, 32)
    condensed = x.shape[1:]
    x = layers.Flatten(name="flatten")(x)
    mean = layers.Dense(latent, dtype="float32", name="linear1")(x)
    log_variance = layers.Dense(latent, dtype="float32", name="linear2")(x)
    code = aim.sampling(values_in(input_shape), seed=seed, name="code")([mean, log_variance])

    # === Decoder ===
    x = layers.Dense(values_in(condensed), activation="relu", name="linear3")(code)
    x = layers.Reshape(condensed, name="unflatten")(x)
    x = layers.Conv2DTranspose(32, 4, use_bias=False, name="t_conv1")(x)
    x = layers.Cropping2D(1, name="t_crop1")(x)  # a transposed convolution's padding is what it cuts off
    x = layers.ReLU(name="t_relu1")(x)
    x = layers.Conv2DTranspose(16, 4, 2, use_bias=False, name="t_conv2")(x)
    x = layers.ReLU(name="t_relu2")(x)
    x = layers.Conv2DTranspose(1, (5, 4), 2, name="t_conv3")(x)
    x = layers.Cropping2D((2, 1), name="t_crop3")(x)
    x = layers.Reshape(input_shape, name="whole")(x)
    return keras.Model(picture, layers.Activation("sigmoid", dtype="float32", name="values")(x), name="convvae")


def _conv(x: keras.KerasTensor, filters: int, size: int, strides: int, name: str) -> keras.KerasTensor:
    # Keras' "same" would put the odd line of padding at the end alone; the report's framework pads both sides.
    x = layers.ZeroPadding2D(1, name=f"{name}_pad")(x)
    # conv2's ReLU comes after its norm.
    activation = None if name == "conv2" else "relu"
    return layers.Conv2D(filters, size, strides, use_bias=False, activation=activation, name=name)(x)
