"""Draws a tier of MelNet: each GRU takes one step for each frame or element, nothing is computed again.

Random numbers come from NumPy, so that a seed draws alike on every backend, compiled or not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from fstmuse.errors import ConfigError
from fstmuse.networks.melnet_layers import TimeDelayedStack
from fstmuse.networks.melnet_mixture import draw

LIMIT = 1.0
"""What is drawn is cut off beyond it: the largest number of the network's units, see `fstmuse.networks.scaling`."""

Compile = Callable[[Callable[..., Any]], Callable[..., Any]]
"""Makes a function faster without changing it: `tf.function`, or `jax.jit` after the last change of weights."""


class TierSampler:
    """Draws the part of a tier.

    Args:
        model: a tier of `fstmuse.networks.melnet.MelNet`, fresh or loaded.
        compiled: is applied to what is called for each frame.
        compiled_once: is applied to what is called once for all frames, however many there are; None: `compiled`.
    """

    def __init__(
        self,
        model: keras.Model,
        compiled: Compile = lambda function: function,
        compiled_once: Compile | None = None,
    ) -> None:
        self.model = model
        self.in_turn = "picture" in model.input
        names = {layer.name for layer in model.layers}
        self.mels = model.output.shape[2]
        self.labelled = "label" in model.input
        self.told = "known" in model.input
        if not self.in_turn:
            return
        depth = sum(isinstance(layer, TimeDelayedStack) for layer in model.layers)
        numbers = range(1, depth + 1)
        self._time = [model.get_layer(f"time{number}") for number in numbers]
        self._frequency = [model.get_layer(f"frequency{number}") for number in numbers]
        self._centre = [model.get_layer(f"centre{number}") for number in numbers if f"centre{number}" in names]
        self._told = None
        if "time_told" in names:
            conditions = {name: tensor for name, tensor in model.input.items() if name != "picture"}
            outputs = [model.get_layer(f"{stack}_told").output for stack in ("time", "frequency")]
            self._told = (compiled_once or compiled)(keras.Model(conditions, outputs).call)
        self._advanced, self._stepped = compiled(self.advance), compiled(self.step)

    def frames(
        self,
        count: int,
        rngs: Sequence[np.random.Generator],
        *,
        label: np.ndarray | None = None,
        known: np.ndarray | None = None,
        temperature: float = 1.0,
        prime: np.ndarray | None = None,
    ) -> Iterator[np.ndarray]:
        """One frame after the other, those of `prime` first.

        Args:
            count: frames to give, the prime's included.
            rngs: of the draws, one for each clip: what it draws does not depend on the others.
            label: int32 (clips,), for networks that take one.
            known: float32 (clips, count, mels), what the tiers before have drawn; for all but the first.
            temperature: above 0; below 1 draws what is likelier.
            prime: float32 (clips, frames, mels), the first frames, given.

        Yields:
            float32 (clips, mels).

        Raises:
            ConfigError: what the tier has to be told is missing or of another shape, or the temperature is not above 0.
        """
        clips = len(rngs)
        conditions = self._checked(count, clips, label, known, temperature)
        primed = 0 if prime is None else min(prime.shape[1], count)
        heat = np.float32(temperature)
        if not self.in_turn:
            mixtures = self.model.predict_on_batch(conditions)
            numbers = _numbers(rngs, (count, self.mels))
            drawn = np.clip(np.asarray(draw(mixtures, *numbers, heat)), -LIMIT, LIMIT)
            for place in range(count):
                yield prime[:, place] if place < primed else drawn[:, place]
            return
        told = [part if part is None else np.asarray(part) for part in self.conditions(conditions)]
        state, frame = self.start(clips), np.zeros((clips, self.mels), np.float32)
        for place in range(count):
            now = [part if part is None else part[:, min(place, part.shape[1] - 1)] for part in told]
            if place < primed:
                _, state = self._advanced(state, frame, now[0])
                frame = np.asarray(prime[:, place], np.float32)
            else:
                numbers = _numbers(rngs, (self.mels,))
                frame, _, state = self._stepped(state, frame, *now, *numbers, heat)
                frame = np.asarray(frame)
            yield frame

    def conditions(self, inputs: dict[str, Any]) -> tuple[Any, Any]:
        """What both stacks are told besides the tier's own picture.

        Args:
            inputs: "known" float32 (clips, frames, mels) and "label" int32 (clips,), those that the tier takes.

        Returns:
            For the time-delayed and for the frequency-delayed stack float32 (clips, frames, mels, dims), or (clips, 1,
            1, dims) where it is the label alone; None where the tier takes neither.
        """
        if self._told is None:
            return None, None
        time, frequency = self._told({name: ops.convert_to_tensor(value) for name, value in inputs.items()})
        return time, frequency

    def start(self, clips: int) -> dict[str, list[Any]]:
        """The states of all GRUs that go forward in time, before the first frame."""
        return {
            "time": [stack.start(clips * self.mels) for stack in self._time],
            "centre": [stack.start(clips) for stack in self._centre],
        }

    def advance(self, state: dict[str, list[Any]], before: Any, told: Any) -> tuple[Any, dict[str, list[Any]]]:
        """Steps over time by one frame.

        Args:
            state: of `start` or of the step before.
            before: float32 (clips, mels), the frame before the one to draw; zeros before the first.
            told: float32 (clips, 1 or mels, dims), what the time-delayed stack is told of this frame, or None.

        Returns:
            What the layers of the frequency-delayed stack get beside their own input, (layers, clips, mels, dims); and
            the new state.
        """
        time = self._given("time", before, told)
        centre = self.model.get_layer("centre_input")(before) if self._centre else None
        beside: list[Any] = []
        later: dict[str, list[Any]] = {"time": [], "centre": []}
        for number, stack in enumerate(self._time):
            time, kept = stack.step(time, state["time"][number])
            later["time"].append(kept)
            if self._centre:
                centre, kept = self._centre[number].step(centre, state["centre"][number])
                later["centre"].append(kept)
            beside.append(time if centre is None else time + centre[:, None])
        return ops.stack(beside), later

    def step(
        self,
        state: dict[str, list[Any]],
        before: Any,
        time_told: Any,
        frequency_told: Any,
        uniform: Any,
        normal: Any,
        temperature: Any,
    ) -> tuple[Any, Any, dict[str, list[Any]]]:
        """Draws a frame, band by band.

        Args:
            state: of `start` or of the step before.
            before: float32 (clips, mels), the frame before; zeros before the first.
            time_told: float32 (clips, 1 or mels, dims), what the time-delayed stack is told of this frame, or None.
            frequency_told: the same of the frequency-delayed stack.
            uniform: float32 (clips, mels) in 0..1, see `fstmuse.networks.melnet_mixture.draw`.
            normal: float32 (clips, mels), drawn from N(0, 1).
            temperature: above 0.

        Returns:
            The frame float32 (clips, mels), the mixtures that it was drawn from, float32 (clips, mels, 3 *
            components), and the new state.
        """
        beside, state = self.advance(state, before, time_told)
        # Of the band's input all but the element below is known beforehand.
        given = self._given("frequency", ops.zeros_like(before), frequency_told)
        kernel = self.model.get_layer("frequency_input").kernel

        def band(carried: Any, here: Any) -> Any:
            below, _, states = carried
            x, besides, chance, place = here
            x = x + ops.cast(below[:, None], x.dtype) * ops.cast(kernel, x.dtype)
            later = []
            for number, stack in enumerate(self._frequency):
                x, kept = stack.step(x, besides[number], states[number])
                later.append(kept)
            mixtures = self.model.get_layer("mixtures")(x)
            element = ops.clip(draw(mixtures, chance, place, temperature), -LIMIT, LIMIT)
            carried = (element, mixtures, later)
            return carried, carried  # TensorFlow's scan wants both alike

        rows = (
            ops.transpose(given, (1, 0, 2)),
            ops.transpose(beside, (2, 0, 1, 3)),
            ops.transpose(uniform),
            ops.transpose(normal),
        )
        clips, numbers = before.shape[0], self.model.output.shape[-1]
        nothing = (
            ops.zeros((clips,), "float32"),
            ops.zeros((clips, numbers), "float32"),
            [stack.start(clips) for stack in self._frequency],
        )
        _, (elements, mixtures, _) = ops.scan(band, nothing, rows)
        return ops.transpose(elements), ops.transpose(mixtures, (1, 0, 2)), state

    def _given(self, stack: str, picture: Any, told: Any) -> Any:
        """What a stack starts from in one frame: (clips, mels, dims)."""
        x = self.model.get_layer(f"{stack}_input")(ops.expand_dims(picture, -1))
        return self.model.get_layer(f"{stack}_bands")(x if told is None else x + told)

    def _checked(
        self, count: int, clips: int, label: np.ndarray | None, known: np.ndarray | None, temperature: float
    ) -> dict[str, np.ndarray]:
        if not temperature > 0:
            raise ConfigError(f"MelNet: received a temperature of {temperature}; expected a number above 0.")
        conditions = {}
        if self.labelled:
            if label is None or np.shape(label) != (clips,):
                raise ConfigError(f"MelNet: this network needs a label for each of {clips} clips.")
            conditions["label"] = np.asarray(label, np.int32)
        if self.told:
            expected = (clips, count, self.mels)
            if known is None or np.shape(known) != expected:
                received = "nothing" if known is None else f"a picture of {np.shape(known)}"
                raise ConfigError(f"MelNet: received {received} as known to {self.model.name}; expected {expected}.")
            conditions["known"] = np.asarray(known, np.float32)
        return conditions


def _numbers(rngs: Sequence[np.random.Generator], shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    uniform = np.stack([rng.random(shape, np.float32) for rng in rngs])
    return uniform, np.stack([rng.standard_normal(shape, np.float32) for rng in rngs])
