"""The README of an artifact: its card in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fstmuse.artifacts.card import Card
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

_CONTINUER_SNIPPET = """\
import librosa
import numpy as np
import tensorflow as tf

model = tf.saved_model.load("saved_model")  # keep it as long as serve
serve = model.signatures["serve"]
waveform, _ = librosa.load("song.mp3", sr={rate}, mono=True)  # float32 (samples,): the last 10 s are enough
latent = serve.structured_input_signature[1]["code"].shape[-1]
code = np.random.default_rng(0).standard_normal((1, latent), np.float32)  # zeros: the best guess
result = serve(waveform=tf.constant(waveform[None]), code=tf.constant(code))  # a batch of one
print(result["picture"].shape)  # (1, frames, {mels}), in dB re full scale: what comes next
"""


_VOCODER_SNIPPET = """\
import librosa
import numpy as np
import tensorflow as tf

model = tf.saved_model.load("saved_model")  # keep it as long as serve
serve = model.signatures["serve"]
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
    if card.task in _READMES:
        return _READMES[card.task](card)
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
        f"- Licence of these weights: {data.get('weights_licence') or 'not stated'}",
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
    mel = card.mel
    bound = card.network in CATALOGUE and CATALOGUE[card.network].bound
    length = f"{card.audio.seconds:.3g} s" if bound else "any length"
    duration = f", duration={card.audio.seconds:g}" if bound else ""
    lines = [
        *_about_pictures(card, "fills gaps in pictures of sound", length),
        "What it fills in is likely, not what was there: a note that began in the gap is lost."
        + ("" if bound else " Of several gaps in a picture it fills the first one; straight lines fill the others."),
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


def _of_continuer(card: Card) -> str:
    lines = [
        *_about_pictures(card, "goes on where pictures of sound end", "any length"),
        "Its best guess (code 0) fades towards what was usual before; drawn codes are livelier and further off. What "
        "it draws is likely, not what the musician played.",
        "",
        "## Use it without FstMuse",
        "",
        "`pip install tensorflow librosa`, then in the folder of this file:",
        "",
        "```python",
        *_CONTINUER_SNIPPET.format(rate=card.audio.sample_rate, mels=card.mel.n_mels).splitlines(),
        "```",
        "",
        f"The last frame that it sees ends where the sound does, the first one that it gives {card.mel.hop_length} "
        "samples later. Append what it gives to the picture, and `network.keras` goes on from there.",
        "",
    ]
    return "\n".join(lines)


def _of_vocoder(card: Card) -> str:
    mel = card.mel
    settings = {"rate": mel.sample_rate, "n_fft": mel.n_fft, "hop": mel.hop_length, "mels": mel.n_mels}
    lines = [
        *_about_pictures(card, "makes sound of pictures of it", "any length"),
        "What a picture does not tell, such as phases and what lies between its bands, is made up; music unlike what "
        "it learnt from sounds worse.",
        "",
        "## Use it without FstMuse",
        "",
        "`pip install tensorflow librosa`, then in the folder of this file:",
        "",
        "```python",
        *_VOCODER_SNIPPET.format(**settings, fmin=mel.fmin, fmax=mel.fmax, floor=mel.floor_db).splitlines(),
        "```",
        "",
        "Other pictures (another scale, rate or hop) give noise, and nothing warns of it.",
        "",
    ]
    return "\n".join(lines)


_READMES = {"infill": _of_filler, "continue": _of_continuer, "vocode": _of_vocoder}


def _about_pictures(card: Card, does: str, length: str) -> list[str]:
    """What a network of pictures is, what it sees, what it learnt from, how good it is."""
    data, mel = card.data, card.mel
    copies = ", copies shifted in pitch included" if card.training.get("pitch_semitones") else ""
    told = [line for split, values in card.metrics.items() for line in _table(split, values)]
    return [
        f"# {card.name}",
        "",
        f"Network `{card.network}` that {does}, trained with FstMuse on {data.get('name', '?')}.",
        "",
        f"- Sees: log-mels of mono sound at {card.audio.sample_rate} Hz, {length}: {mel.n_mels} bands from "
        f"{mel.fmin:g} to {mel.fmax:g} Hz, n_fft {mel.n_fft}, hop {mel.hop_length}, in dB relative to a full-scale "
        f"sine, floor {mel.floor_db:g} dB",
        f"- Learnt from: {data.get('train', '?')} clips{copies}; chosen by {data.get('valid', '?')} clips",
        f"- Licence of the data: {data.get('licence') or 'not stated'}",
        f"- Licence of these weights: {data.get('weights_licence') or 'not stated'}",
        "",
        "## How good it is",
        "",
        *(told or ["Not evaluated."]),
        "",
    ]


def _table(split: str, values: dict[str, Any]) -> list[str]:
    """A table of the network and of what was measured beside it."""
    if "held_notes" in values:
        return _sound_table(split, values)
    rows = {"**this network**": values} | values.get("draws", {}) | values["beside"]
    where = f"In a gap of {values['width']}" if "width" in values else f"The next {values['frames']}"
    return [
        f"{where} frames, {split} clips of {values['data']}, n = {values['n']}:",
        "",
        "| | RMSE, dB | MAE, dB | LSD, dB |",
        "|---|---|---|---|",
        *(f"| {way} | {row['rmse']:.2f} | {row['mae']:.2f} | {row['lsd']:.2f} |" for way, row in rows.items()),
        "",
        values["protocol"],
    ]


def _sound_table(split: str, values: dict[str, Any]) -> list[str]:
    rows = []
    for way, held in values["held_notes"].items():
        row = values["beside"].get(way, values if way == "vocoder" else {})
        cells = [f"{row[name]:.2f}" if name in row else "" for name in ("lsd", "lsd_linear")]
        factor = values["real_time_factor"].get(way)
        cells += [f"{held['std']:.1f}", f"{held['off']:.1f}", f"{factor:.3f}" if factor else ""]
        rows.append(f"| {way} | {' | '.join(cells)} |")
    return [
        f"Pictures of {split} clips of {values['data']} made into sound again, n = {values['n']}:",
        "",
        "| | LSD, dB | LSD of bins, dB | held notes wander, cents | are off, cents | real-time factor |",
        "|---|---|---|---|---|---|",
        *rows,
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
