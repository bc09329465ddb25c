"""A small network that fills gaps, one that goes on, and clips."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from fstmuse.spec import AudioSpec, MelSpec

RATE = 16000
GAP_S = (0.8, 1.0)
FILLER_MEL = MelSpec(8000, 512, 256, 24, 0.0, 4000.0)
CONTINUER_MEL = FILLER_MEL

_made: dict[str, Path] = {}


def clip(seconds: float = 2.0, channels: int = 2, rate: int = RATE) -> np.ndarray:
    """float32 (n, channels) in steps of 16 bits: chords with a little noise."""
    times = np.arange(round(seconds * rate)) / rate
    random = np.random.default_rng(2)
    sound = sum(np.sin(2 * np.pi * f * times) for f in (220.0, 277.2, 1329.0)) / 8
    sound = sound[:, None] * np.linspace(0.5, 1, channels) + 0.003 * random.standard_normal((len(times), channels))
    return (np.round(sound * 2**15) / 2**15).astype(np.float32)


def write_clip(path: Path, damage: float | None = 0.0, **options: float) -> np.ndarray:
    """Writes `clip`, with `damage` in `GAP_S`; what it was without."""
    sound = clip(**options)
    rate = options.get("rate", RATE)
    hurt = sound.copy()
    if damage is not None:
        hurt[round(GAP_S[0] * rate) : round(GAP_S[1] * rate)] = damage
    subtype = "FLOAT" if damage is not None and not np.isfinite(damage) else "PCM_16"
    soundfile.write(path, hurt, rate, subtype=subtype)
    return sound


@pytest.fixture(scope="session")
def small_filler(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An artifact whose untrained network is linear interpolation."""
    if "filler" not in _made:
        from fstmuse.artifacts.card import Card
        from fstmuse.artifacts.save import save
        from fstmuse.networks.gapnet import gapnet

        folder = tmp_path_factory.mktemp("fillers") / "filler"
        network = gapnet((None, FILLER_MEL.n_mels), width=8, dilations=(1, 2))
        save(network, Card("filler", "small-gapnet", "infill", (), AudioSpec(8000, 2.0), FILLER_MEL, 2.0), folder)
        _made["filler"] = folder
    return _made["filler"]


@pytest.fixture(scope="session")
def small_continuer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An artifact whose untrained network is the decayed hold."""
    if "continuer" not in _made:
        from fstmuse.artifacts.card import Card
        from fstmuse.artifacts.save import save
        from fstmuse.networks.continuers import continuer
        from fstmuse.networks.prednet import prednet

        folder = tmp_path_factory.mktemp("continuers") / "continuer"
        network = continuer(prednet((64, CONTINUER_MEL.n_mels), latent=4))
        save(
            network,
            Card("continuer", "small-prednet", "continue", (), AudioSpec(8000, 2.0), CONTINUER_MEL, 2.0),
            folder,
        )
        _made["continuer"] = folder
    return _made["continuer"]
