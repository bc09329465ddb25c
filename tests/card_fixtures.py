"""Artifacts as far as their cards go, made in a moment: for tests that load no network."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from fstmuse.artifacts.card import NETWORK, SAVED_MODEL, Card, sealed, write_card
from fstmuse.spec import AudioSpec, MelSpec

LABELS = ("Folk", "Hip-Hop", "Rock")
METRICS = {
    "test": {
        "data": "mine",
        "n": 54,
        "skipped": 2,
        "accuracy": 0.9259,
        "accuracy_interval": [0.8518, 0.9815],
        "macro_f1": 0.9254,
        "accuracy_with_skipped": 0.9259,
        "protocol": "Each clip is heard in windows of 6 s.",
        "notes": ["Rock: 3 clips alone."],
    }
}


def make_artifact(folder: Path, **fields: Any) -> Path:
    """A folder with a card, sealed, and files in the places of a network's.

    Args:
        folder: to make.
        fields: of the card.
    """
    audio, mel = AudioSpec(22050, 6.0), MelSpec(22050, 2048, 1024, 64, 0.0, 8000.0)
    card = Card(folder.name, "toymodel-pooled", "classify", LABELS, audio, mel, 6.0)
    (folder / SAVED_MODEL).mkdir(parents=True)
    (folder / NETWORK).write_bytes(b"network")
    (folder / SAVED_MODEL / "saved_model.pb").write_bytes(b"graph")
    write_card(sealed(dataclasses.replace(card, **fields), folder), folder)
    return folder
