"""A vocoder: from log-mels to sound by one inverse Fourier transform a frame, on a CPU many times faster than it plays.

After Vocos (Siuzdak, 2023, arXiv:2306.00814): ConvNeXt blocks over frames with one head for magnitudes and one for
phases, no upsampling. Two things are other than there, so that a small network that learns for an hour is of use:

- It begins where computing alone leads to, and its last layers are zero at first (as in `fstmuse.networks.gapnet`).
  Magnitudes begin as those that the bands of the picture allow (Lee and Seung's updates, as in
  `fstmuse.features.inversion`). Phases begin as `fstmuse.features.phase_slopes` has them: peaks turn on from frame to
  frame by what slopes tell of their frequencies. What a convolution says of a held note is the same in each frame:
  phases said so would be a buzz at the rate of the hops; added to phases that turn on, they are a held note.
- A few turns of the fast algorithm of Griffin and Lim follow. By how much they turn phases is taken as given when
  gradients are computed: through the turns themselves gradients are so wild that nothing is learnt.
"""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import layers, ops

from fstmuse.errors import SpecError
from fstmuse.features.mel import mel_matrix
from fstmuse.networks.slope_phases import slope_phases
from fstmuse.networks.spectra import istft, magnitudes, overlap, stft
from fstmuse.spec import MelSpec, as_dict, from_dict

WIDTH, BLOCKS = 128, 5
ROUNDS, TURNS = 24, 8

_MIDDLE_DB, _SCALE_DB = -50.0, 25.0
"""What the body takes for 0 and for 1: dB pictures of music lie within -2 and 2."""

_MOMENTUM = 0.99
_STEP = 1.8
_NEPER_DB = 20.0 / math.log(10.0)
_TINY = 1e-12

_GENTLY = 0.02
"""Of the phase head's answers, in radians: steps of training as long as the magnitudes' undo what is there."""

_BELOW_DB = 60.0
"""Bins may be so far below the floor of their bands, which are sums of up to 50 bins."""


@keras.saving.register_keras_serializable(package="fstmuse")
class BandsToBins(layers.Layer):
    """The magnitudes of frequency bins that log-mels allow, nearest to the bands spread evenly over their bins.

    Multiplicative updates as `fstmuse.features.inversion.mel_to_magnitude`, fewer and longer ones. Has no weights, and
    no gradient passes.

    Args:
        spec: of the pictures, in dB of power.
        rounds: updates.
        **options: of every Keras layer.

    Input shape: float32 (batch, frames, spec.n_mels) in dB.
    Output shape: float32 (batch, frames, spec.n_bins), in dB relative to a full-scale sine.
    """

    def __init__(self, spec: MelSpec | dict[str, Any], rounds: int = ROUNDS, **options: Any) -> None:
        super().__init__(**({"trainable": False, "dtype": "float32"} | options))
        self.spec, self.rounds = _decibel_spec(spec), rounds
        matrix = mel_matrix(self.spec)
        self._forth = matrix
        # A bin's share of each band, and a band's mean over its bins.
        self._share = 1 / (matrix.sum(axis=1) + _TINY)
        self._mean = 1 / (matrix.sum(axis=0) + _TINY)

    def call(self, picture: Any) -> Any:
        """Pictures to levels of bins."""
        per_neper = 2 / _NEPER_DB
        floor = self.spec.floor_db
        # To 1, so that loud and quiet frames are within single precision.
        loudest = ops.max(picture, axis=-1, keepdims=True)
        energies = ops.where(picture > floor, ops.exp(per_neper * (picture - loudest)), 0.0)
        # Once: as an array it would lie in an exported graph as often as it is used.
        forth = ops.convert_to_tensor(self._forth)
        back = ops.transpose(forth) * self._share
        bins = ops.matmul(energies * self._mean, back)
        for _ in range(self.rounds):
            bands = ops.matmul(bins, forth)
            ratio = ops.matmul(energies / ops.maximum(bands, _TINY), back)
            # Longer steps than those that are proven to lead down; they do, and twice as fast.
            bins = bins * ops.power(ratio, _STEP)
        level = loudest + ops.log(ops.maximum(bins, _TINY)) / per_neper
        return ops.stop_gradient(ops.maximum(level, floor - _BELOW_DB))

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """Bins for bands."""
        return (*input_shape[:2], self.spec.n_bins)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return super().get_config() | {"spec": as_dict(self.spec), "rounds": self.rounds}


@keras.saving.register_keras_serializable(package="fstmuse")
class Scaled(layers.Layer):
    """Pictures in dB as numbers of about -2 to 2. Input and output shape: float32 (batch, frames, mels)."""

    def call(self, picture: Any) -> Any:
        """Decibels to what the body sees."""
        return (picture - _MIDDLE_DB) / _SCALE_DB

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """That of the picture."""
        return tuple(input_shape)


@keras.saving.register_keras_serializable(package="fstmuse")
class Sound(layers.Layer):
    """Levels of bins and corrections of them and of the phases to waveforms.

    Args:
        spec: of the pictures; gives frames, bins and full scale.
        turns: of the fast algorithm of Griffin and Lim.
        **options: of every Keras layer.

    Input shape: levels float32 (batch, frames, bins) in dB relative to a full-scale sine, corrections of them in nepers
    and of the phases in units of `_GENTLY`, of the same shape.
    Output shape: float32 (batch, frames * hop_length).
    """

    def __init__(self, spec: MelSpec | dict[str, Any], turns: int = TURNS, **options: Any) -> None:
        super().__init__(**({"trainable": False, "dtype": "float32"} | options))
        self.spec, self.turns = _decibel_spec(spec), turns
        self._overlap = overlap(self.spec.n_fft, self.spec.hop_length)

    def call(self, level: Any, louder: Any, turned: Any) -> Any:
        """Levels and corrections to sound."""
        spec, lead = self.spec, self._overlap - 1
        level = level / _NEPER_DB + louder + math.log(spec.full_scale)
        # Frames before the first one, so that its beginning lies under as many windows as all else.
        level, turned = (ops.concatenate([x[:, :1]] * lead + [x], axis=1) for x in (level, turned))
        wanted = ops.exp(level)
        phases = slope_phases(ops.stop_gradient(level), self._overlap) + _GENTLY * turned
        cosine, sine = self._searched(ops.stop_gradient(wanted), ops.stop_gradient(phases))
        # What the search turned phases by counts as given: the gradient goes to the phases that it began with.
        beyond = phases - ops.stop_gradient(phases)
        now = (wanted * (cosine - sine * beyond), wanted * (sine + cosine * beyond))
        waves = istft(now, spec.n_fft, spec.hop_length)
        frames = ops.shape(level)[1] - lead
        return waves[:, lead * spec.hop_length : (lead + frames) * spec.hop_length]

    def _searched(self, wanted: Any, phases: Any) -> tuple[Any, Any]:
        """Cosines and sines of phases after the turns of the search."""
        n_fft, hop = self.spec.n_fft, self.spec.hop_length
        cosine, sine = ops.cos(phases), ops.sin(phases)
        before: tuple[Any, Any] | None = None
        for _ in range(self.turns):
            met = stft(istft((wanted * cosine, wanted * sine), n_fft, hop), n_fft, hop)
            ahead = met if before is None else tuple(a + _MOMENTUM * (a - b) for a, b in zip(met, before, strict=True))
            before = met
            size = magnitudes(ahead)
            cosine, sine = ahead[0] / size, ahead[1] / size
        return ops.stop_gradient(cosine), ops.stop_gradient(sine)

    def compute_output_shape(self, level_shape: Any, louder_shape: Any, turned_shape: Any) -> tuple[Any, ...]:
        """Samples for frames."""
        batch, frames = level_shape[:2]
        return batch, None if frames is None else frames * self.spec.hop_length

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return super().get_config() | {"spec": as_dict(self.spec), "turns": self.turns}


def vocoder(
    spec: MelSpec, width: int = WIDTH, blocks: int = BLOCKS, *, rounds: int = ROUNDS, turns: int = TURNS
) -> keras.Model:
    """Log-mels to sound.

    Args:
        spec: of the pictures, in dB of power; windows of whole hops.
        width: channels of the body.
        blocks: of the body; each hears three frames more on either side.
        rounds: of `BandsToBins`.
        turns: of Griffin and Lim's algorithm at the end.

    Returns:
        A model from float32 (batch, frames, mels) in dB, any number of frames, to float32 (batch, frames * hop_length):
        as loud as what the picture was made of.

    Raises:
        SpecError: pictures are not in dB of power, or windows are not whole hops.
    """
    # === Functional model ===
    picture = keras.Input((None, spec.n_mels), name="picture")
    level = BandsToBins(spec, rounds, name="level")(picture)
    x = Scaled(name="scaled", dtype="float32")(picture)
    x = layers.Conv1D(width, 7, padding="same", name="stem")(x)
    x = layers.LayerNormalization(epsilon=1e-6, name="stem_norm")(x)
    for number in range(1, blocks + 1):
        x = _block(x, width, 1 / blocks, f"block{number}")
    x = layers.LayerNormalization(epsilon=1e-6, name="norm")(x)
    louder = layers.Dense(spec.n_bins, kernel_initializer="zeros", dtype="float32", name="magnitude")(x)
    turned = layers.Dense(spec.n_bins, kernel_initializer="zeros", dtype="float32", name="phase")(x)
    sound = Sound(spec, turns, name="sound")(level, louder, turned)
    return keras.Model(picture, sound, name="vocoder")


def _block(x: keras.KerasTensor, width: int, scale: float, name: str) -> keras.KerasTensor:
    """ConvNeXt (Liu et al., 2022, arXiv:2201.03545) over frames; `scale` is what the block adds at first."""
    y = layers.DepthwiseConv1D(7, padding="same", name=f"{name}_over_time")(x)
    y = layers.LayerNormalization(epsilon=1e-6, name=f"{name}_norm")(y)
    y = layers.Dense(3 * width, activation="gelu", name=f"{name}_wide")(y)
    y = layers.Dense(width, name=f"{name}_narrow")(y)
    y = layers.Rescaling(scale, name=f"{name}_scale")(y)
    return layers.Add(name=f"{name}_add")([x, y])


def _decibel_spec(spec: MelSpec | dict[str, Any]) -> MelSpec:
    spec = spec if isinstance(spec, MelSpec) else from_dict(MelSpec, spec)
    if spec.log != "db" or spec.power != 2:
        raise SpecError(f"Received log={spec.log!r}, power={spec.power}; a vocoder needs dB of power: 'db' and 2.")
    overlap(spec.n_fft, spec.hop_length)
    return spec
