"""The README of an artifact: its card in words."""

from __future__ import annotations

from pathlib import Path

from fstmuse.artifacts.card import Card

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


def write_readme(card: Card, artifact: Path) -> None:
    """Writes README.md: what the network hears, what it learnt from, how good it is, how to call it."""
    (artifact / "README.md").write_text(readme(card), "utf-8")


def readme(card: Card) -> str:
    """The text of `write_readme`."""
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
