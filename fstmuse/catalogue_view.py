"""The catalogue of networks, for people and for programs, and the settings of training."""

from __future__ import annotations

import json

from fstmuse.networks.catalogue import CATALOGUE, Entry
from fstmuse.training.config import TrainConfig, meanings


def print_catalogue(as_json: bool) -> None:
    """Prints every network of the catalogue to standard output."""
    if as_json:
        print(json.dumps([entry.as_dict() for entry in CATALOGUE.values()], indent=2))
        return
    for entry in CATALOGUE.values():
        labels = f" for {entry.counted_outputs} labels" if entry.counted_outputs else ""
        size = f"{entry.parameters:,} parameters ({entry.trainable:,} trained){labels}"
        print(f"{entry.name}\n    task: {entry.task}\n    input: {_input(entry)}\n    size: {size}")
        print(f"    from: {entry.source}\n    {entry.summary}\n")
    print("The number of labels is that of your data; the sizes are stated for those of report or paper.")


def print_settings(config: TrainConfig) -> None:
    """Prints every setting of `train`: its value with the network's preset, and what it does."""
    for name, meaning in meanings().items():
        print(f"{name} = {json.dumps(getattr(config, name))}\n    {meaning}")


def _input(entry: Entry) -> str:
    window = f"{entry.audio.seconds:.3g} s at {entry.audio.sample_rate:,} Hz as"
    if entry.hears_sound:
        return f"{window} {entry.audio.samples:,} samples"
    frames, mels = entry.input_shape
    scale = "log-mel" if entry.mel.log == "db" else "mel"
    return f"{window} {scale} ({frames:,}, {mels})"
