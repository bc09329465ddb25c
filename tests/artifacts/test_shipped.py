"""The artifacts that come with the project: whole, small, with their licence, and as good as their cards say."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from fstmuse.artifacts.card import read_card, verify
from fstmuse.artifacts.load import load
from fstmuse.audio.decode import decode
from fstmuse.data.demo import render_demo
from fstmuse.features.mel import LogMel
from fstmuse.networks.gan import noise_shapes
from fstmuse.tasks.gap_metrics import BASELINES, LINEAR, gap_errors, in_range
from fstmuse.tasks.generate_metrics import decibels, frechet_distance, statistics, with_shuffled_bands

MODELS = Path(__file__).resolve().parents[2] / "models"
GAPNET, MELGAN = MODELS / "gapnet-piano", MODELS / "melgan-demo"
MOST_BYTES = 16_000_000
PIECES = ("chpn_op7_1", "ty_november")
"""Two of the five held-out ones."""


@pytest.mark.parametrize("artifact", [GAPNET, MELGAN], ids=lambda folder: folder.name)
def test_it_is_whole_small_and_known_to_git(artifact: Path) -> None:
    card = read_card(artifact)
    verify(card, artifact)
    files = [file for file in artifact.rglob("*") if file.is_file()]
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


def test_its_music_is_nearer_to_new_music_than_bands_in_another_order(tmp_path: Path) -> None:
    create, card = load(MELGAN)
    assert card.data["name"] == "demo" and card.data["weights_licence"].startswith("Apache-2.0")
    assert len(card.labels) == 3

    manifest = render_demo(tmp_path / "demo", seed=99, clips_per_style=8, seconds=6.0, workers=0)
    mel = LogMel(card.mel)
    clips = [mel(decode(tmp_path / "demo" / clip.path, sample_rate=card.mel.sample_rate)) for clip in manifest.clips]
    one, other = (np.stack([clip[start : start + 128] for clip in clips]) for start in (0, 128))
    rng = np.random.default_rng(0)
    noise = {
        name: rng.standard_normal((len(one), *shape), np.float32) for name, shape in noise_shapes(create, 128).items()
    }
    drawn = create.predict_on_batch(noise | {"label": np.arange(len(one), dtype=np.int32) % 3})[:, :128]
    near, far = (
        frechet_distance(statistics(decibels(pictures, card.mel)), statistics(decibels(one, card.mel)))
        for pictures in (drawn, with_shuffled_bands(other, 0))
    )
    assert near < far / 2
