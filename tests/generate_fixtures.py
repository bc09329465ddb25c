"""Small untrained networks that make music from noise."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from fstmuse.spec import AudioSpec, MelSpec

RATE = 8000
LABELS = ("Folk", "R&B/Soul", "Rock")
CREATOR_MEL = MelSpec(RATE, 512, 128, 64, 0.0, 4000.0)
BOUND_MEL = MelSpec(RATE, 512, 256, 32, 0.0, 4000.0, power=1.0, log="none", max_frames=30)
BOUND_S = 30 * 256 / RATE

_made: dict[str, Path] = {}


@pytest.fixture(scope="session")
def small_creator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An artifact that heeds three labels and draws any length, in dB."""
    if "creator" not in _made:
        import keras
        import numpy as np

        from fstmuse.artifacts.card import Card
        from fstmuse.artifacts.save import save
        from fstmuse.networks.creators import creator
        from tests.networks.gans import SMALL_GANS

        keras.utils.set_random_seed(3)
        gan = SMALL_GANS["melgan-c"](len(LABELS))
        slope = np.linspace(-30, -60, CREATOR_MEL.n_mels)
        gan.scaling.fit([np.stack([slope - 15, slope + 15])])
        # Fresh networks draw nearly the same for all noise; larger last weights spread what they draw.
        kernel, bias = gan.generator.get_layer("drawn").get_weights()
        gan.generator.get_layer("drawn").set_weights([10 * kernel, bias])
        folder = tmp_path_factory.mktemp("creators") / "creator"
        card = Card("creator", "small-melgan-c", "generate", LABELS, AudioSpec(RATE, 1.0), CREATOR_MEL, 1.0)
        save(creator(gan.generator, gan.scaling.back), card, folder)
        _made["creator"] = folder
    return _made["creator"]


@pytest.fixture(scope="session")
def bound_creator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An artifact that knows no labels and draws 30 frames of magnitudes."""
    if "bound" not in _made:
        import keras

        from fstmuse.artifacts.card import Card
        from fstmuse.artifacts.save import save
        from fstmuse.networks.creators import creator
        from tests.networks.gans import SMALL_GANS

        keras.utils.set_random_seed(3)
        gan = SMALL_GANS["toygan"](0)
        folder = tmp_path_factory.mktemp("creators") / "bound"
        card = Card("bound", "small-toygan", "generate", (), AudioSpec(RATE, 1.0), BOUND_MEL, 1.0)
        save(creator(gan.generator, gan.scaling.back), card, folder)
        _made["bound"] = folder
    return _made["bound"]


TURNS = "small-melnet"


@pytest.fixture(scope="module")
def small_turns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An artifact that draws element by element, in two tiers, and heeds three labels."""
    import keras
    import numpy as np

    from fstmuse.artifacts.card import Card
    from fstmuse.artifacts.save import save
    from fstmuse.networks.catalogue import CATALOGUE, find
    from fstmuse.networks.melnet import Size, melnet
    from fstmuse.networks.melnet_lesson import joined

    audio = AudioSpec(RATE, 64 * CREATOR_MEL.hop_length / RATE)
    entry = dataclasses.replace(find("melnet-tiny"), name=TURNS, tiers=2, audio=audio, mel=CREATOR_MEL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(CATALOGUE, TURNS, entry)
        if "turns" not in _made:
            keras.utils.set_random_seed(3)
            net = melnet((None, CREATOR_MEL.n_mels), len(LABELS), Size((4, 4), (1, 1)), components=2)
            slope = np.linspace(-30, -60, CREATOR_MEL.n_mels)
            net.scaling.fit([np.stack([slope - 15, slope + 15])])
            folder = tmp_path_factory.mktemp("creators") / "turns"
            save(joined(net), Card("turns", TURNS, "generate", LABELS, audio, CREATOR_MEL, audio.seconds), folder)
            _made["turns"] = folder
        yield _made["turns"]
