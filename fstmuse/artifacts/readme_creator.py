"""The README of an artifact that makes music from noise."""

from __future__ import annotations

import json
import math

from fstmuse.artifacts.card import Card
from fstmuse.artifacts.exports import serves_sound
from fstmuse.artifacts.worth import figures, protocols
from fstmuse.networks.catalogue import CATALOGUE

_CREATOR_SNIPPET = """\
import soundfile
import tensorflow as tf

model = tf.saved_model.load("saved_model")  # keep it as long as generate
generate = model.signatures["generate"]
result = generate(seed=tf.constant(7), seconds=tf.constant({seconds}){heat}{label})
soundfile.write("music.wav", result["waveform"].numpy(), int(result["sample_rate"]))  # float32 (samples,), mono
"""

_NOISE_SNIPPET = """\
import numpy as np
import tensorflow as tf

model = tf.saved_model.load("saved_model")  # keep it as long as serve
serve = model.signatures["serve"]
taken = serve.structured_input_signature[1]
random = np.random.default_rng(7)
noise = {{"style": random.standard_normal((1, taken["style"].shape[-1]), np.float32)}}  # a batch of one
if "cells" in taken:  # one for some frames of the picture, and some beyond its edges
    noise["cells"] = random.standard_normal((1, 40, taken["cells"].shape[-1]), np.float32)
if "label" in taken:
    noise["label"] = np.zeros(1, np.int32)  # a number, in the order above
result = serve(**{{name: tf.constant(values) for name, values in noise.items()}})
print(result["picture"].shape)  # (1, frames, {mels})
"""


_HOW = {False: "from noise", True: "element by element"}
_SERVES = {
    False: "takes noise and gives the picture.",
    True: "takes pictures in dB, of frames that are a multiple of 4, and gives the negative log-likelihood of their "
    "elements, tier by tier, in nats.",
}
"""By whether a network draws in turn."""


def of_creator(card: Card) -> list[str]:
    """What the network draws, what it learnt from, how to call it, line by line."""
    data, mel = card.data, card.mel
    bound = card.network in CATALOGUE and CATALOGUE[card.network].bound
    longest = mel.frames(card.audio.samples) * mel.hop_length / mel.sample_rate
    if serves_sound(mel):
        label = f", label=tf.constant({json.dumps(card.labels[0], ensure_ascii=False)})" if card.labels else ""
        heat = ", temperature=tf.constant(1.0)" if card.in_turn else ""
        seconds = math.floor(10 * min(12.0, longest if bound else 12.0)) / 10
        program, needs = _CREATOR_SNIPPET.format(seconds=seconds, label=label, heat=heat), "tensorflow soundfile"
        more = [
            "The same seed gives the same music, but not that of `python -m fstmuse.generate`, which draws its noise "
            f"otherwise and makes sound by the best vocoder at hand. The signature `serve` {_SERVES[card.in_turn]}",
            "",
        ]
    else:
        program, needs, more = _NOISE_SNIPPET.format(mels=mel.n_mels), "tensorflow", []
    unit = f"dB relative to a full-scale sine, floor {mel.floor_db:g} dB" if mel.log == "db" else "no logarithm"
    return [
        f"# {card.name}",
        "",
        f"Network `{card.network}` that makes music {_HOW[card.in_turn]}, trained with FstMuse on "
        f"{data.get('name', '?')}.",
        "",
        *([f"- Labels: {', '.join(card.labels)}"] if card.labels else []),
        f"- Draws: mel spectrograms of mono sound at {mel.sample_rate} Hz, "
        f"{f'{longest:.4g} s at once' if bound else 'any length'}: {mel.n_mels} bands from {mel.fmin:g} to "
        f"{mel.fmax:g} Hz, n_fft {mel.n_fft}, hop {mel.hop_length}, {unit}",
        f"- Learnt from: {data.get('train', '?')} clips; chosen by {data.get('valid', '?')} clips",
        f"- Licence of the data: {data.get('licence') or 'not stated'}",
        f"- Licence of these weights: {data.get('weights_licence') or 'not stated'}",
        "",
        "## How good it is",
        "",
        *_worth(card),
        f"`python -m fstmuse.evaluate {card.name} --data {data.get('name', 'DATA')}` says how near to music it comes "
        "and whether it repeats what it learnt from; its figures then lie in `evaluation/`.",
        "",
        "## Use it without FstMuse",
        "",
        f"`pip install {needs}`, then in the folder of this file:",
        "",
        "```python",
        *program.splitlines(),
        "```",
        "",
        *more,
    ]


def _worth(card: Card) -> list[str]:
    told = [f"- {split.capitalize()}: {line}" for split, values in card.metrics.items() if (line := figures(values))]
    if not told:
        return ["Not measured at the end of its training."]
    return [*told, *(f"- {protocol}" for protocol in protocols(card)), ""]
