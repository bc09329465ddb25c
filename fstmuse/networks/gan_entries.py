"""The catalogue's networks that draw music from noise."""

from __future__ import annotations

from dataclasses import replace

from fstmuse.features.presets import HIFI
from fstmuse.networks.entry import FSTMUSE_AUDIO, FSTMUSE_MEL, FSTMUSE_REPORT, Entry
from fstmuse.spec import AudioSpec, MelSpec

_CMELGAN = "report on MelNet and cMelGAN"
_CMELGAN_AUDIO = AudioSpec(22050, 10.0)
_CMELGAN_MEL = MelSpec(22050, 2048, 864, 256, 0.0, 11025.0, log="none")
_CMELGAN_PARAMETERS = 13_177_652 + 1_201_345
_TOYGAN_PARAMETERS = 172_014_081 + 37_633_281
_PATCH_AUDIO = AudioSpec(22050, 128 * 512 / 22050)
"""128 frames: what the discriminator sees at a time. Pictures of any length are drawn."""

GAN_ENTRIES = (
    Entry(
        name="toygan",
        task="generate",
        audio=FSTMUSE_AUDIO,
        mel=FSTMUSE_MEL,
        counted_outputs=0,
        parameters=_TOYGAN_PARAMETERS,
        trainable=_TOYGAN_PARAMETERS,
        source=FSTMUSE_REPORT,
        summary="draws 30 s at once by upsampling and convolutions; linear magnitudes; faithful to the report",
        objectives=("bce",),
        bound=True,
    ),
    Entry(
        name="toygan-log",
        task="generate",
        audio=AudioSpec(22050, 1291 * 512 / 22050),
        mel=HIFI,
        counted_outputs=0,
        parameters=_TOYGAN_PARAMETERS,
        trainable=_TOYGAN_PARAMETERS,
        source=f"{FSTMUSE_REPORT}, its pictures mended here",
        summary="toygan on log-mels, which can be turned back into sound, scaled to its sigmoid's range",
        objectives=("bce",),
        bound=True,
    ),
    Entry(
        name="cmelgan",
        task="generate",
        audio=_CMELGAN_AUDIO,
        mel=_CMELGAN_MEL,
        counted_outputs=3,
        parameters=_CMELGAN_PARAMETERS,
        trainable=_CMELGAN_PARAMETERS,
        source=_CMELGAN,
        summary="draws 10 s by transposed convolutions of dilated blocks; power without log; faithful to the report",
        objectives=("lsgan",),
        bound=True,
    ),
    Entry(
        name="cmelgan-log",
        task="generate",
        audio=_CMELGAN_AUDIO,
        mel=replace(_CMELGAN_MEL, log="db"),
        counted_outputs=3,
        parameters=_CMELGAN_PARAMETERS,
        trainable=_CMELGAN_PARAMETERS,
        source=f"{_CMELGAN}, its pictures mended here",
        summary="cmelgan on log-mels, each band standardised",
        objectives=("lsgan",),
        bound=True,
    ),
    Entry(
        name="melgan-c-tiny",
        task="generate",
        audio=_PATCH_AUDIO,
        mel=HIFI,
        counted_outputs=3,
        parameters=1_630_694,
        trainable=1_630_694,
        source=f"{_CMELGAN}, improved here",
        summary="draws log-mels of any length without seams, with or without labels; trains on a CPU",
        objectives=("hinge",),
    ),
    Entry(
        name="melgan-c",
        task="generate",
        audio=_PATCH_AUDIO,
        mel=HIFI,
        counted_outputs=3,
        parameters=10_750_870,
        trainable=10_750_870,
        source=f"{_CMELGAN}, improved here",
        summary="melgan-c-tiny with some three times the channels, eight times the work",
        objectives=("hinge",),
    ),
)
