"""PredNet: a conditional variational autoencoder that goes on where a picture ends.

It draws the next 20 frames (0.46 s) from the frames before them and a code of 32 numbers;
other codes, other continuations. What it predicts is the residual on the decayed hold, the
best of the simple baselines: the last frame is held and decays to the context's mean by 0.93^t.
The last layers start at zero, so that the network starts exactly at that baseline.

Why this body:

- Frames are channels, and convolutions run along the mel bands: what a note does after its onset
  is much the same in every band, and each clip has 64 bands to learn it from. In a trial on
  the piano, 0.9 million parameters with bands as channels and convolutions along time fitted the
  15 training pieces and did not beat the hold on others; this one does, with 0.35 million.
- What is expected and what cannot be foreseen are apart. The expected frames follow from the
  context alone and are taught by their own error; the code stands for what comes besides (onsets),
  and code 0 adds nothing: it is the best guess, other codes deviate from it. An encoder
  reads the code from the frames to come, in training alone (Sohn, Lee and Yan, "Learning
  Structured Output Representation using Deep Conditional Generative Models", 2015). Its
  gradients stop before the expected part, which a code that knows the answer would spoil.
- The prior is a plain N(0, I): the decoder knows the context and bends the code to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from fstmuse.errors import ConfigError
from fstmuse.networks.variational import PACKAGE, Objective, Reconstruction, find_objective, values_in

FUTURE = 20
"""Frames that are predicted at a time."""

CONTEXT = 44
"""Frames before them that are looked at one by one; the mean is that of all frames given."""

LATENT = 32
WIDTH = 64
DROPOUT = 0.1
DILATIONS = (1, 2, 4, 8)
_SCALE = 10.0
"""Brings residuals of pictures in 0..1, some 0.1 large, to the size of 1."""


@keras.saving.register_keras_serializable(PACKAGE)
class DecayedHold(layers.Layer):
    """The baseline: holds the last frame and lets it decay to the mean of all frames.

    Takes (batch, frames, mels), gives (batch, steps, mels): mean + (last - mean) * decay^t, t = 1..steps.

    Args:
        steps: frames to give.
        decay: factor per frame.
        **options: of every Keras layer.
    """

    def __init__(self, steps: int = FUTURE, decay: float = 0.93, **options: Any) -> None:
        super().__init__(**({"dtype": "float32"} | options))
        self.steps, self.decay = steps, decay

    def call(self, context: keras.KerasTensor) -> keras.KerasTensor:
        """The frames after `context`."""
        mean = ops.mean(context, axis=1, keepdims=True)
        powers = [[self.decay**t] for t in range(1, self.steps + 1)]
        return mean + (context[:, -1:] - mean) * ops.cast([powers], context.dtype)  # (1, steps, 1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """(batch, steps, mels)."""
        return input_shape[0], self.steps, input_shape[2]

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return super().get_config() | {"steps": self.steps, "decay": self.decay}


@keras.saving.register_keras_serializable(PACKAGE)
class LastFrames(layers.Layer):
    """The last frames of a picture; a shorter one is filled up in front with its first frame.

    Takes (batch, frames, mels), gives (batch, count, mels).

    Args:
        count: frames to give.
        **options: of every Keras layer.
    """

    def __init__(self, count: int = CONTEXT, **options: Any) -> None:
        super().__init__(**options)
        self.count = count

    def call(self, context: keras.KerasTensor) -> keras.KerasTensor:
        """The last `count` frames of `context`."""
        first = ops.repeat(context[:, :1], self.count, axis=1)
        return ops.concatenate([first, context], axis=1)[:, -self.count :]

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """(batch, count, mels)."""
        return input_shape[0], self.count, input_shape[2]

    def get_config(self) -> dict[str, Any]:
        """The argument."""
        return super().get_config() | {"count": self.count}


@keras.saving.register_keras_serializable(PACKAGE)
class Taught(layers.Layer):
    """Adds the error of a prediction to the model's losses, and passes the prediction on without its gradients.

    Takes two tensors (batch, frames, mels), prediction and truth; gives the prediction.

    Args:
        deviation: of `Reconstruction`, which is the error.
        **options: of every Keras layer.
    """

    def __init__(self, deviation: float, **options: Any) -> None:
        super().__init__(**({"dtype": "float32"} | options))
        self.deviation = deviation

    def call(self, inputs: Sequence[keras.KerasTensor]) -> keras.KerasTensor:
        """The prediction."""
        prediction, truth = inputs
        self.add_loss(Reconstruction(self.deviation)(truth, prediction))
        return ops.stop_gradient(prediction)

    def compute_output_shape(self, input_shape: Sequence[tuple[int | None, ...]]) -> tuple[int | None, ...]:
        """That of the prediction."""
        return input_shape[0]

    def get_config(self) -> dict[str, Any]:
        """The argument."""
        return super().get_config() | {"deviation": self.deviation}


def prednet(
    input_shape: tuple[int, int],
    objective: str | Objective = "elbo",
    latent: int = LATENT,
    dropout: float = DROPOUT,
    seed: int | None = None,
    width: int = WIDTH,
    dilations: tuple[int, ...] = DILATIONS,
) -> keras.Model:
    """PredNet as it is trained: pictures to their own last 20 frames.

    The last frames are seen by the code's encoder in training alone. Outside of training the code is 0, the
    prior's mean: what `predict` and the validation loss show owes nothing to the frames that are to be predicted.

    Args:
        input_shape: frames and mels of a picture: the context, 44 frames or more, and the 20 frames after it.
        objective: "elbo", or one's own that has a deviation. Compile the model with `find_objective(...).loss()`.
        latent: size of the code.
        dropout: part of the features that is left out in training.
        seed: of the draws in training.
        width: features of each band.
        dilations: of the convolutions along the bands, in bands, one for each block; all but the last for what is
            besides.

    Returns:
        A model from float32 (batch, frames, mels) in 0..1 to float32 (batch, 20, mels), which adds the KL
        divergence and the error of the expected frames to its losses. `continuation` takes the part of it that
        users need.

    Raises:
        ConfigError: no frame is left for the context, or the objective is unknown or leaves the picture out.
    """
    frames, mels = input_shape
    if frames <= FUTURE:
        raise ConfigError(
            f"prednet: pictures of {frames} frames leave no context before the {FUTURE} to predict. "
            f"Take {CONTEXT + FUTURE} frames or more."
        )
    aim = find_objective(objective)
    if aim.deviation is None:
        raise ConfigError("prednet: the KL divergence alone predicts nothing. Take the objective 'elbo'.")

    # === Functional model ===
    picture = keras.Input(input_shape, name="picture")
    context = layers.Cropping1D((0, FUTURE), name="context")(picture)
    future = layers.Cropping1D((frames - FUTURE, 0), name="future")(picture)
    past = _past(mels, width, dilations, dropout)(context)
    expected = Taught(aim.deviation, name="taught")([_expected(mels, width, dropout)([context, past]), future])
    past = ops.stop_gradient(past)
    x = layers.Subtract(name="surprise")([future, expected])
    x = layers.Rescaling(_SCALE, name="surprise_scale")(layers.Permute((2, 1), name="surprise_bands")(x))
    x = layers.Dense(width, name="stem_surprise")(layers.Concatenate(name="both")([x, past]))
    for number in (1, 2):
        x = layers.Conv1D(width, 3, 2, padding="same", activation="gelu", name=f"surprise_conv{number}")(x)
    x = layers.Dense(2 * width, activation="gelu", name="surprise_all")(layers.Flatten(name="surprise_flat")(x))
    mean = layers.Dense(latent, dtype="float32", name="mean")(x)
    log_variance = layers.Dense(latent, dtype="float32", name="log_variance")(x)
    code = aim.sampling(values_in((FUTURE, mels)), at_rest="prior", seed=seed, name="code")([mean, log_variance])
    unforeseen = _unforeseen(mels, latent, width, dilations[:-1])
    return keras.Model(picture, _joined(expected, unforeseen, past, code), name="prednet")


def continuation(model: keras.Model) -> keras.Model:
    """The part of a trained PredNet that goes on: [context, code] to the next frames.

    Args:
        model: of `prednet`, trained or loaded.

    Returns:
        A model from [float32 (batch, any frames, mels), float32 (batch, latent)] to float32 (batch, 20, mels). Codes
        are drawn from N(0, I); 0 gives the expected frames. It shares its weights with `model`.
    """
    unforeseen = model.get_layer("unforeseen")
    context, code = (
        keras.Input(part.shape[1:], name=name)
        for name, part in (("context", model.get_layer("past").inputs[0]), ("code", unforeseen.inputs[1]))
    )
    past = model.get_layer("past")(context)
    expected = model.get_layer("expected")([context, past])
    return keras.Model([context, code], _joined(expected, unforeseen, past, code), name="continuation")


def _joined(
    expected: keras.KerasTensor, unforeseen: keras.Model, past: keras.KerasTensor, code: keras.KerasTensor
) -> keras.KerasTensor:
    """The expected frames and what the code adds to them; code 0 adds nothing."""
    added = layers.Subtract(name="added")([unforeseen([past, code]), unforeseen([past, ops.zeros_like(code)])])
    return layers.Add(dtype="float32", name="frames")([expected, added])


def _past(mels: int, width: int, dilations: tuple[int, ...], dropout: float) -> keras.Model:
    """What is known of a context (batch, frames, mels), by band: (batch, mels, width)."""
    context = keras.Input((None, mels), name="context")
    level = layers.GlobalAveragePooling1D(keepdims=True, name="level")(context)
    around = layers.Subtract(name="around")([LastFrames(name="last_frames")(context), level])
    x = layers.Concatenate(axis=1, name="around_level")([around, level])
    x = layers.Rescaling(_SCALE, name="scale")(layers.Permute((2, 1), name="bands")(x))  # (batch, mels, frames)
    x = layers.Dense(width, name="stem")(x)
    for dilation in dilations:
        x = _block(x, width, dilation, dropout, f"past{dilation}")
    return keras.Model(context, layers.LayerNormalization(name="norm")(x), name="past")


def _expected(mels: int, width: int, dropout: float) -> keras.Model:
    """From a context and what is known of it to the frames expected, float32 (batch, FUTURE, mels)."""
    context = keras.Input((None, mels), name="context")
    past = keras.Input((mels, width), name="past")
    x = _frames(_block(past, width, 1, dropout, "expected"), "correction")
    return keras.Model(
        [context, past],
        layers.Add(dtype="float32", name="corrected")([DecayedHold(name="hold")(context), x]),
        name="expected",
    )


def _unforeseen(mels: int, latent: int, width: int, dilations: tuple[int, ...]) -> keras.Model:
    """From what is known of a context and a code to what comes besides, (batch, FUTURE, mels)."""
    past = keras.Input((mels, width), name="past")
    code = keras.Input((latent,), name="code")
    # A part of the code's features is each band's own: it is the code that says which notes begin.
    x = layers.Reshape((mels, 16), name="code_bands")(layers.Dense(mels * 16, name="stem_code")(code))
    x = layers.Dense(width, name="both_dense")(layers.Concatenate(name="both")([past, x]))
    for dilation in dilations:
        x = _block(x, width, dilation, 0.0, f"unforeseen{dilation}")
    return keras.Model([past, code], _frames(x, "deviation"), name="unforeseen")


def _frames(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    """Features by band (batch, mels, width) to frames (batch, FUTURE, mels), zero at first."""
    x = layers.Dense(FUTURE, kernel_initializer="zeros", name=name)(x)
    return layers.Rescaling(1 / _SCALE, name=f"{name}_scale")(layers.Permute((2, 1), name=f"{name}_frames")(x))


def _block(x: keras.KerasTensor, width: int, dilation: int, dropout: float, name: str) -> keras.KerasTensor:
    y = layers.LayerNormalization(name=f"{name}_norm")(x)
    y = layers.Conv1D(width, 3, dilation_rate=dilation, padding="same", activation="gelu", name=f"{name}_conv")(y)
    y = layers.Dropout(dropout, name=f"{name}_dropout")(y)
    y = layers.Dense(width, name=f"{name}_dense")(y)
    return layers.Add(name=f"{name}_add")([x, y])
