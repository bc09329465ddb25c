"""The README of an artifact: its card in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fstmuse.artifacts.card import Card
from fstmuse.artifacts.card_check import PICTURE_TASKS
from fstmuse.networks.catalogue import CATALOGUE

_SNIPPET = """\
import librosa
import tensorflow as tf

model = tf.saved_model.load("saved_model")  # keep it as long as serve
serve = model.signatures["serve"]
waveform, _ = librosa.load("song.mp3", sr={rate}, mono=True)  # float32 (samples,)
result = serve(waveform=tf.constant(waveform[None]))  # a batch of one
for label, share in zip(result["labels"].numpy(), result["probabilities"].numpy()[0]):
    print(label.decode(), f"{{share:.1%}}")
"""


_FILLER_SNIPPET = """\
import librosa
import numpy as np
import tensorflow as tf

model = tf.saved_model.load("saved_model")  # keep it as long as serve
serve = model.signatures["serve"]
waveform, _ = librosa.load("song.mp3", sr={rate}, mono=True{duration})  # float32 (samples,)
missing = np.zeros(-(-len(waveform) // {hop}), np.float32)  # one number a frame
missing[100:110] = 1  # these frames are to be filled in
result = serve(waveform=tf.constant(waveform[None]), missing=tf.constant(missing[None]))  # a batch of one
print(result["picture"].shape)  # (1, frames, {mels}), in dB re full scale
"""


def write_readme(card: Card, artifact: Path) -> None:
    """Writes README.md: what the network hears, what it learnt from, how good it is, how to call it."""
    (artifact / "README.md").write_text(readme(card), "utf-8")


def readme(card: Card) -> str:
    """The text of `write_readme`."""
    if card.task in PICTURE_TASKS:
        return _of_filler(card)
    data = card.data
    lines = [
        f"# {card.name}",
        "",
        f"Network `{card.network}` for the task {card.task}, trained with FstMuse on {data.get('name', '?')}.",
        "",
        f"- Labels: {', '.join(card.labels)}",
        f"- Hears: mono sound at {card.audio.sample_rate} Hz, {card.audio.seconds:.3g} s at a time, "
        f"a window every {card.hop_seconds:.3g} s; probabilities are averaged over the windows",
        f"- Learnt from: {data.get('train', '?')} clips; chosen by {data.get('valid', '?')} clips",
        f"- Licence of the data: {data.get('licence') or 'not stated'}",
        "",
        "## How good it is",
        "",
        *(_metrics(card) or ["Not evaluated. Run `python -m fstmuse.evaluate` on it."]),
        "",
        "It answers with one of its labels whatever it hears; music unlike its training data gets an answer, too, "
        "and that answer means little.",
        "",
        "## Use it without FstMuse",
        "",
        "`pip install tensorflow librosa`, then in the folder of this file:",
        "",
        "```python",
        *_SNIPPET.format(rate=card.audio.sample_rate).splitlines(),
        "```",
        "",
        f'It takes float32 (batch, samples), mono, at {card.audio.sample_rate} Hz (`result["sample_rate"]`), in '
        "[-1, 1], of any length; clips of one batch are of one length.",
        "",
        "The SavedModel answers whatever it is given: silence gets a confident answer that means nothing, and samples "
        "that are NaN, infinite or far beyond 1 spoil the answer unnoticed. `python -m fstmuse.predict` refuses such "
        "sound; check it yourself where you serve the SavedModel.",
        "",
    ]
    return "\n".join(lines)


def _of_filler(card: Card) -> str:
    data, mel = card.data, card.mel
    any_length = not (card.network in CATALOGUE and CATALOGUE[card.network].bound)
    length = "any length" if any_length else f"{card.audio.seconds:.3g} s"
    duration = "" if any_length else f", duration={card.audio.seconds:g}"
    told = [line for split, values in card.metrics.items() for line in _gap_table(split, values)]
    lines = [
        f"# {card.name}",
        "",
        f"Network `{card.network}` that fills gaps in pictures of sound, trained with FstMuse on "
        f"{data.get('name', '?')}.",
        "",
        f"- Sees: log-mels of mono sound at {card.audio.sample_rate} Hz, {length}: {mel.n_mels} bands from "
        f"{mel.fmin:g} to {mel.fmax:g} Hz, n_fft {mel.n_fft}, hop {mel.hop_length}, in dB relative to a full-scale "
        f"sine, floor {mel.floor_db:g} dB",
        f"- Learnt from: {data.get('train', '?')} clips; chosen by {data.get('valid', '?')} clips",
        f"- Licence of the data: {data.get('licence') or 'not stated'}",
        "",
        "## How good it is",
        "",
        *(told or ["Not evaluated."]),
        "",
        "What it fills in is likely, not what was there: a note that began in the gap is lost.",
        "",
        "## Use it without FstMuse",
        "",
        "`pip install tensorflow librosa`, then in the folder of this file:",
        "",
        "```python",
        *_FILLER_SNIPPET.format(
            rate=card.audio.sample_rate, hop=mel.hop_length, mels=mel.n_mels, duration=duration
        ).splitlines(),
        "```",
        "",
        "Frame k covers the samples from k times hop on, n_fft of them. What sounds in missing frames does not matter.",
        "",
    ]
    return "\n".join(lines)


def _gap_table(split: str, values: dict[str, Any]) -> list[str]:
    """A table of the network and of what was measured beside it."""
    rows = {"**this network**": values} | values["beside"]
    return [
        f"In a gap of {values['width']} frames, {split} clips of {values['data']}, n = {values['n']}:",
        "",
        "| | RMSE, dB | MAE, dB | LSD, dB |",
        "|---|---|---|---|",
        *(f"| {way} | {row['rmse']:.2f} | {row['mae']:.2f} | {row['lsd']:.2f} |" for way, row in rows.items()),
        "",
        values["protocol"],
    ]


def _metrics(card: Card) -> list[str]:
    lines = []
    for split, values in card.metrics.items():
        low, high = values["accuracy_interval"]
        lines.append(
            f"- {split}: accuracy {values['accuracy']:.3f} (95 % interval {low:.3f} to {high:.3f}), "
            f"balanced accuracy {values['balanced_accuracy']:.3f}, macro-F1 {values['macro_f1']:.3f}; "
            f"n = {values['n']} clips. {values.get('protocol', '')}".rstrip()
        )
    return lines
