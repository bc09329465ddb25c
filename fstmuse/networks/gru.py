"""Keras' GRU with a gradient written by hand, for training on CPUs: the same weights, cell and results, in less time.

Forward, all that enters from outside is one matrix product before the loop over the steps. Backward, all that does not
depend on later steps is computed for the whole sequence at once, the loop has the state's gradient alone, and the
gradients of the weights are one matrix product each behind it, where automatic differentiation has one for each step.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable(package="fstmuse")
class TrainedGRU(layers.GRU):
    """`keras.layers.GRU` of the usual kind (`reset_after`, no masks, no dropout), quicker to train.

    On GPUs, where Keras uses cuDNN, outside of training, and where the number of steps is not known (`keras.ops.scan`
    cannot have that on TensorFlow) it is that of Keras itself. Input shape: float (batch, steps, channels). Arguments:
    those of `keras.layers.GRU`.
    """

    def inner_loop(self, sequences: Any, initial_state: Any, mask: Any, training: bool = False) -> Any:
        """The last output, all outputs and the last state, as Keras wants them."""
        if not training or mask is not None or sequences.shape[1] is None or _on_gpu():
            return super().inner_loop(sequences, initial_state, mask, training)
        start = initial_state[0] if isinstance(initial_state, list | tuple) else initial_state
        x = ops.transpose(sequences, (1, 0, 2))
        if self.go_backwards:
            x = ops.flip(x, 0)
        weights = (self.cell.kernel, self.cell.recurrent_kernel, self.cell.bias)
        kernel, recurrent, bias = (ops.cast(ops.convert_to_tensor(weight), self.compute_dtype) for weight in weights)
        states = _run(x, ops.cast(start, self.compute_dtype), kernel, recurrent, bias[0], bias[1])
        return states[-1], ops.transpose(states, (1, 0, 2)), [states[-1]]


def _on_gpu() -> bool:
    return any("gpu" in name.lower() for name in keras.distribution.list_devices())


@ops.custom_gradient
def _run(x: Any, start: Any, kernel: Any, recurrent: Any, bias: Any, recurrent_bias: Any) -> Any:
    """X (steps, rows, channels) and start (rows, d) to all states (steps, rows, d), with their gradient."""
    d = recurrent.shape[0]
    gates_in = ops.matmul(x, kernel[:, : 2 * d]) + bias[: 2 * d] + recurrent_bias[: 2 * d]
    new_in = ops.matmul(x, kernel[:, 2 * d :]) + bias[2 * d :]
    to_gates, to_new, new_bias = recurrent[:, : 2 * d], recurrent[:, 2 * d :], recurrent_bias[2 * d :]

    def step(carried: Any, here: Any) -> Any:
        before = carried[0]
        update, reset = ops.split(ops.sigmoid(here[0] + ops.matmul(before, to_gates)), 2, axis=-1)
        told = ops.matmul(before, to_new) + new_bias
        new = ops.tanh(here[1] + reset * told)
        later = (new + update * (before - new), update, reset, told, new)
        return later, later  # TensorFlow's scan wants both alike

    _, (states, updates, resets, tolds, news) = ops.scan(step, (start,) * 5, (gates_in, new_in))

    def gradient(*upstream: Any) -> Any:
        befores = ops.concatenate([start[None], states[:-1]])
        keep = 1 - updates
        by_new = keep * (1 - news * news)
        by_update = (befores - news) * updates * keep
        by_reset = tolds * resets * (1 - resets)
        back_update, back_reset, back_told = (ops.transpose(recurrent[:, i * d : (i + 1) * d]) for i in range(3))

        def back(carried: Any, here: Any) -> Any:
            told, update, reset, to_new, to_update, to_reset = here
            to_state = carried[0] + told
            n = to_state * to_new
            u, r, t = to_state * to_update, n * to_reset, n * reset
            before = to_state * update
            before += ops.matmul(u, back_update) + ops.matmul(r, back_reset) + ops.matmul(t, back_told)
            later = (before, u, r, t, n)
            return later, later

        rows = (upstream[0], updates, resets, by_new, by_update, by_reset)
        first, (_, *sums) = ops.scan(back, (ops.zeros_like(start),) * 5, rows, reverse=True)
        u, r, t, n = map(_flat, sums)
        befores_across, x_across = ops.transpose(_flat(befores)), ops.transpose(_flat(x))
        ones = ops.ones((1, ops.shape(u)[0]), x.dtype)
        bu, br, bt, bn = (ops.matmul(ones, part)[0] for part in (u, r, t, n))
        across = ops.transpose(kernel)
        to_x = ops.matmul(u, across[:d]) + ops.matmul(r, across[d : 2 * d]) + ops.matmul(n, across[2 * d :])
        return (
            ops.reshape(to_x, ops.shape(x)),
            first[0],
            ops.concatenate([ops.matmul(x_across, part) for part in (u, r, n)], -1),
            ops.concatenate([ops.matmul(befores_across, part) for part in (u, r, t)], -1),
            ops.concatenate([bu, br, bn]),
            ops.concatenate([bu, br, bt]),
        )

    return states, gradient


def _flat(x: Any) -> Any:
    return ops.reshape(x, (-1, x.shape[-1]))
