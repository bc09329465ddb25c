"""The README of an artifact: its card in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fstmuse.artifacts.card import Card
from fstmuse.artifacts.figures_table import figures_table
from fstmuse.artifacts.readme_creator import of_creator
from fstmuse.artifacts.worth import figures
from fstmuse.networks.catalogue import CATALOGUE

_HEAD = """\
model = tf.saved_model.load("saved_model")  # keep it as long as serve
serve = model.signatures["serve"]
"""

_CLASSIFIER = """\
waveform, _ = librosa.load("song.mp3", sr={rate}, mono=True)  # float32 (samples,)
result = serve(waveform=tf.constant(waveform[None]))  # a batch of one
for label, share in zip(result["labels"].numpy(), result["probabilities"].numpy()[0]):
    print(label.decode(), f"{{share:.1%}}")
"""

_FILLER = """\
waveform, _ = librosa.load("song.mp3", sr={rate}, mono=True{duration})  # float32 (samples,)
missing = np.zeros(-(-len(waveform) // {hop}), np.float32)  # one number a frame
missing[100:110] = 1  # these frames are to be filled in
result = serve(waveform=tf.constant(waveform[None]), missing=tf.constant(missing[None]))  # a batch of one
print(result["picture"].shape)  # (1, frames, {mels}), in dB re full scale
"""

_CONTINUER = """\
waveform, _ = librosa.load("song.mp3", sr={rate}, mono=True)  # float32 (samples,): the last 10 s are enough
latent = serve.structured_input_signature[1]["code"].shape[-1]
code = np.random.default_rng(0).standard_normal((1, latent), np.float32)  # zeros: the best guess
result = serve(waveform=tf.constant(waveform[None]), code=tf.constant(code))  # a batch of one
print(result["picture"].shape)  # (1, frames, {mels}), in dB re full scale: what comes next
"""

_VOCODER = """\
waveform, _ = librosa.load("song.mp3", sr={rate}, mono=True)  # float32 (samples,)
bands = librosa.feature.melspectrogram(
    y=waveform, sr={rate}, n_fft={n_fft}, hop_length={hop}, center=False, n_mels={mels},
    fmin={fmin}, fmax={fmax}, htk=True, norm=None,
)
picture = np.maximum(10 * np.log10(np.maximum(bands.T / ({n_fft} / 4) ** 2, 1e-20)), {floor})
result = serve(picture=tf.constant(picture[None].astype("float32")))  # a batch of one
print(result["waveform"].shape)  # (1, frames * {hop})
"""


def write_readme(card: Card, artifact: Path) -> None:
    """Writes README.md: what the network hears, what it learnt from, how good it is, how to call it."""
    (artifact / "README.md").write_text(readme(card), "utf-8")


def readme(card: Card) -> str:
    """The text of `write_readme`."""
    return "\n".join(_READMES.get(card.task, _of_classifier)(card))


def _of_classifier(card: Card) -> list[str]:
    return _of_labelled(
        card,
        "It answers with one of its labels whatever it hears; music unlike its training data gets an answer, too, "
        "and that answer means little.",
    )


def _of_tagger(card: Card) -> list[str]:
    return _of_labelled(
        card,
        "It gives each of its labels a probability by itself: several may be near 1 at once, or none, and they do not "
        "sum to 1. Rare tags have low ones: how they rank clips was measured, no threshold was chosen. To music unlike "
        "its training data it gives probabilities, too, and those mean little.",
    )


def _of_labelled(card: Card, caution: str) -> list[str]:
    rate = card.audio.sample_rate
    hears = (
        f"Hears: mono sound at {rate} Hz, {card.audio.seconds:.3g} s at a time"
        f"{', the samples themselves' if card.mel is None else ''}, a window every "
        f"{card.hop_seconds:.3g} s; probabilities are averaged over the windows"
    )
    return [
        *_about(card, f"for the task {card.task}", f"Labels: {', '.join(card.labels)}", hears),
        caution,
        "",
        *_usage(_CLASSIFIER.format(rate=rate)),
        f'It takes float32 (batch, samples), mono, at {rate} Hz (`result["sample_rate"]`), in [-1, 1], of any length; '
        "clips of one batch are of one length.",
        "",
        "The SavedModel answers whatever it is given: silence gets a confident answer that means nothing, and samples "
        "that are NaN, infinite or far beyond 1 spoil the answer unnoticed. `python -m fstmuse.predict` refuses such "
        "sound; check it yourself where you serve the SavedModel.",
        "",
    ]


def _of_filler(card: Card) -> list[str]:
    bound = card.network in CATALOGUE and CATALOGUE[card.network].bound
    length = f"{card.audio.seconds:.3g} s" if bound else "any length"
    duration = f", duration={card.audio.seconds:g}" if bound else ""
    several = "" if bound else " Of several gaps in a picture it fills the first one; straight lines fill the others."
    return [
        *_about(card, "that fills gaps in pictures of sound", _sees(card, length)),
        f"What it fills in is likely, not what was there: a note that began in the gap is lost.{several}",
        "",
        *_usage(_FILLER.format(**_settings(card), duration=duration)),
        "Frame k covers the samples from k times hop on, n_fft of them. What sounds in missing frames does not matter.",
        "",
    ]


def _of_continuer(card: Card) -> list[str]:
    return [
        *_about(card, "that goes on where pictures of sound end", _sees(card)),
        "Its best guess (code 0) fades towards what was usual before; drawn codes are livelier and further off. What "
        "it draws is likely, not what the musician played.",
        "",
        *_usage(_CONTINUER.format(**_settings(card))),
        f"The last frame that it sees ends where the sound does, the first one that it gives {card.mel.hop_length} "
        "samples later. Append what it gives to the picture, and `network.keras` goes on from there.",
        "",
    ]


def _of_vocoder(card: Card) -> list[str]:
    return [
        *_about(card, "that makes sound of pictures of it", _sees(card)),
        "What a picture does not tell, such as phases and what lies between its bands, is made up; music unlike what "
        "it learnt from sounds worse.",
        "",
        *_usage(_VOCODER.format(**_settings(card))),
        "Other pictures (another scale, rate or hop) give noise, and nothing warns of it.",
        "",
    ]


_READMES = {
    "tag": _of_tagger,
    "infill": _of_filler,
    "continue": _of_continuer,
    "vocode": _of_vocoder,
    "generate": of_creator,
}


def _about(card: Card, does: str, *facts: str) -> list[str]:
    """What a network is, what it learnt from, how good it is."""
    data = card.data
    copies = ", copies shifted in pitch included" if card.training.get("pitch_semitones") else ""
    facts = (
        *facts,
        f"Learnt from: {data.get('train', '?')} clips{copies}; chosen by {data.get('valid', '?')} clips",
        f"Licence of the data: {data.get('licence') or 'not stated'}",
        f"Licence of these weights: {data.get('weights_licence') or 'not stated'}",
    )
    told = [line for split, values in card.metrics.items() for line in _measured(card, split, values)]
    return [
        f"# {card.name}",
        "",
        f"Network `{card.network}` {does}, trained with FstMuse on {data.get('name', '?')}.",
        "",
        *(f"- {fact}" for fact in facts),
        "",
        "## How good it is",
        "",
        *(told or ["Not evaluated. Run `python -m fstmuse.evaluate` on it."]),
        "",
    ]


def _usage(program: str) -> list[str]:
    """How to call a network; `program` is what comes after loading it."""
    numpy = ["import numpy as np"] if "np." in program else []
    return [
        "## Use it without FstMuse",
        "",
        "`pip install tensorflow librosa`, then in the folder of this file:",
        "",
        "```python",
        *("import librosa", *numpy, "import tensorflow as tf", ""),
        *(_HEAD + program).splitlines(),
        "```",
        "",
    ]


def _settings(card: Card) -> dict[str, float]:
    """What the programs need to know of pictures."""
    mel = card.mel
    settings = {"rate": mel.sample_rate, "n_fft": mel.n_fft, "hop": mel.hop_length, "mels": mel.n_mels}
    return settings | {"fmin": mel.fmin, "fmax": mel.fmax, "floor": mel.floor_db}


def _sees(card: Card, length: str = "any length") -> str:
    mel = card.mel
    return (
        f"Sees: log-mels of mono sound at {card.audio.sample_rate} Hz, {length}: {mel.n_mels} bands from "
        f"{mel.fmin:g} to {mel.fmax:g} Hz, n_fft {mel.n_fft}, hop {mel.hop_length}, in dB relative to a full-scale "
        f"sine, floor {mel.floor_db:g} dB"
    )


def _measured(card: Card, split: str, values: dict[str, Any]) -> list[str]:
    """The figures of a split."""
    if card.task == "tag":
        protocol = values.get("protocol", "")
        return [f"- {split}: {figures(values)}. {protocol}".rstrip()]
    if card.labels:
        low, high = values["accuracy_interval"]
        return [
            f"- {split}: accuracy {values['accuracy']:.3f} (95 % interval {low:.3f} to {high:.3f}), "
            f"balanced accuracy {values['balanced_accuracy']:.3f}, macro-F1 {values['macro_f1']:.3f}; "
            f"n = {values['n']} clips. {values.get('protocol', '')}".rstrip()
        ]
    table = figures_table(values)
    (ours, *first), *others = table.rows
    return [
        f"Split {split} of {values['data']}, {values['n']} clips, {table.title}:",
        "",
        _row("", *table.columns),
        "|---" * (len(table.columns) + 1) + "|",
        _row(f"**{ours}**", *first),
        *(_row(*row) for row in others),
        "",
        values["protocol"],
    ]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
