"""ConvAE: the convolutional autoencoder of the report "infilling and prediction", faithful.

Four convolutions 3x3 (64, 128, 512, 1024 filters) and four transposed ones back (512, 128,
64, 1) draw the whole picture anew, gap and known part alike: 10,767,873 parameters.

The report names filters, kernels and counts, the rest is chosen here:
- Activations: its table lists none as layers. ReLU, and a sigmoid at the end, which is how
  autoencoders with these layer names (conv1, t_conv1, ...) are written, and fits pictures in 0..1.
- Strides: 2 in all eight layers; the parameters are the same for every stride. With 1 nothing
  is condensed, a copy is all there is to learn, and a step costs some hundred times as much.
- Axes: the report's pictures are (mels, frames), ours (frames, mels). Kernels are square, so nothing else changes.
"""

from __future__ import annotations

import keras
from keras import layers

FILTERS = (64, 128, 512, 1024)


def convae(input_shape: tuple[int, int], strides: int = 2) -> keras.Model:
    """ConvAE as in the report: masked pictures to whole ones.

    Args:
        input_shape: frames and mels of a picture; (431, 64) in the report.
        strides: of every convolution, and of every transposed one.

    Returns:
        A model from float32 (batch, frames, mels) in 0..1 to the same shape and range; the
        report trains it by the mean squared error.
    """
    # === Functional model ===
    picture = keras.Input(input_shape, name="picture")
    x = layers.Reshape((*input_shape, 1), name="channel")(picture)  # (batch, frames, mels, 1)
    for number, filters in enumerate(FILTERS, start=1):
        x = layers.Conv2D(filters, 3, strides, padding="same", activation="relu", name=f"conv{number}")(x)
    for number, filters in enumerate((*FILTERS[-2::-1], 1), start=1):
        x = layers.Conv2DTranspose(filters, 3, strides, padding="same", name=f"t_conv{number}")(x)
        if filters > 1:
            x = layers.ReLU(name=f"t_relu{number}")(x)
    spare = [(0, there - wanted) for there, wanted in zip(x.shape[1:3], input_shape, strict=True)]
    x = layers.Cropping2D(spare, name="crop")(x)
    x = layers.Reshape(input_shape, name="whole")(x)
    # float32 whatever the policy: half precision has steps of 0.04 dB near 1.
    return keras.Model(picture, layers.Activation("sigmoid", dtype="float32", name="values")(x), name="convae")
