"""The artifacts that come with the project: whole, small, with their licence, and as good as their cards say."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np

from fstmuse.artifacts.card import read_card, verify
from fstmuse.artifacts.load import load
from fstmuse.audio.decode import decode
from fstmuse.features.mel import LogMel
from fstmuse.tasks.gap_metrics import BASELINES, LINEAR, gap_errors, in_range

MODELS = Path(__file__).resolve().parents[2] / "models"
GAPNET = MODELS / "gapnet-piano"
MOST_BYTES = 10_000_000
PIECES = ("chpn_op7_1", "ty_november")
"""Two of the five held-out ones."""


def test_it_is_whole_small_and_known_to_git() -> None:
    card = read_card(GAPNET)
    verify(card, GAPNET)
    files = [file for file in GAPNET.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) < MOST_BYTES
    if (MODELS.parent / ".git").exists():
        ignored = subprocess.run(["git", "check-ignore", *files], cwd=MODELS.parent, capture_output=True, text=True)
        assert ignored.stdout == ""


def test_its_card_names_data_licence_figures_and_settings() -> None:
    card = read_card(GAPNET)
    assert card.data["name"] == "gap_training" and "CC BY-NC-SA" in card.data["licence"]
    assert card.data["weights_licence"].startswith("CC BY-NC-SA")
    assert card.training["network"] == card.network and card.training["data"] == "gap_training"
    figures = card.metrics["test"]
    line = figures["beside"][LINEAR]
    assert figures["n"] == 74 and figures["width"] == 10
    assert all(figures[measure] < line[measure] and line[f"p_{measure}"] < 0.01 for measure in ("rmse", "mae", "lsd"))


def test_on_pieces_held_out_it_beats_a_straight_line(real_data: Path) -> None:
    network, card = load(GAPNET)
    width, truths, lines, filled = 10, [], [], []
    for piece in PIECES:
        file = real_data / "piano_disklavier" / f"MAPS_MUS-{piece}_ENSTDkAm.flac"
        sound = decode(file, sample_rate=card.mel.sample_rate, duration_s=60)
        picture = in_range(LogMel(card.mel)(sound))
        starts = np.arange(40, len(picture) - 60, 97)
        crops = np.stack([picture[start - 20 : start + width + 20] for start in starts])
        missing = np.zeros(crops.shape[:2], np.float32)
        missing[:, 20 : 20 + width] = 1
        hidden = np.where(missing[..., None] > 0, np.float32(card.mel.floor_db), crops)
        answers = np.asarray(network.predict_on_batch({"picture": hidden, "missing": missing}))
        filled += [in_range(answer, like=picture)[20 : 20 + width] for answer in answers]
        truths += list(crops[:, 20 : 20 + width])
        lines += [BASELINES[LINEAR](crop, 20, 20 + width) for crop in crops]
    ours, theirs = gap_errors(truths, filled).pooled(), gap_errors(truths, lines).pooled()
    assert ours["rmse"] < 0.96 * theirs["rmse"] and ours["lsd"] < 0.97 * theirs["lsd"] and len(truths) > 40
