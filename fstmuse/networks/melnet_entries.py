"""The catalogue's networks that draw music element by element."""

from __future__ import annotations

from fstmuse.features.presets import HIFI
from fstmuse.networks.entry import LIKELIHOOD, Entry
from fstmuse.spec import AudioSpec

_PAPER = "after MelNet (Vasquez and Lewis, 2019, arXiv:1906.01083)"
_AUDIO = AudioSpec(22050, 256 * 512 / 22050)
"""256 frames: as far back as gradients go. Pictures of any length are drawn."""


def _entry(size: str, parameters: int, summary: str) -> Entry:
    return Entry(
        name=f"melnet-{size}",
        task="generate",
        audio=_AUDIO,
        mel=HIFI,
        counted_outputs=3,
        parameters=parameters,
        # All but the scaling of the 128 bands.
        trainable=parameters - 2 * HIFI.n_mels,
        source=_PAPER,
        summary=summary,
        objectives=(LIKELIHOOD,),
        tiers=4,
    )


MELNET_ENTRIES = (
    _entry("tiny", 998_120, "draws log-mels element by element in four tiers, coarse ones first; trains on a CPU"),
    _entry("small", 8_518_360, "melnet-tiny with two to three times the channels and up to twice the layers"),
    _entry("base", 61_490_552, "melnet-tiny with 256 channels and as many layers as the report's; for a GPU"),
)
