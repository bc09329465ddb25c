"""The catalogue: every network's name, task, input, size and source, as plain data.

Free of Keras, so that listing it is instant; `fstmuse.networks.build` makes the models.
The parameter counts stated here are asserted against the built models by the tests.
"""

from __future__ import annotations

from fstmuse.errors import ConfigError, nearest
from fstmuse.features.presets import HIFI, REPORT
from fstmuse.networks.entry import FSTMUSE_AUDIO, FSTMUSE_MEL, FSTMUSE_REPORT, Entry
from fstmuse.networks.gan_entries import GAN_ENTRIES
from fstmuse.networks.melnet_entries import MELNET_ENTRIES
from fstmuse.networks.tagger_entries import SHORTCHUNK_AUDIO, SHORTCHUNK_MEL, SHORTCHUNK_SOURCE, TAGGER_ENTRIES
from fstmuse.spec import AudioSpec, MelSpec

_POOLED_MEL = MelSpec(22050, 2048, 1024, 64, 0.0, 8000.0)
_POOLED_AUDIO = AudioSpec(22050, 6.0)
_VOCOS = "after Vocos (Siuzdak, 2023, arXiv:2306.00814)"
_INFILL_REPORT = "report on infilling and prediction"
_INFILL_LAYERS = f"{_INFILL_REPORT}: its layers, on other pictures than its own"
_GAP_AUDIO = AudioSpec(22050, 64 * 512 / 22050)
"""64 frames: the widest gap and the frames on its sides that are looked at. Pictures of any length are filled."""
_AHEAD_AUDIO = AudioSpec(22050, 231 * 512 / 22050)
"""231 frames: the 20 to come, and 4.9 s before them, whose mean is near that of the whole clip."""

_SOUND_AUDIO = AudioSpec(22050, 28 * 512 / 22050)
"""28 frames: half of them hear all that the network hears of a frame's sides. Pictures of any length become sound."""

_ENTRIES = (
    Entry(
        name="toymodel",
        task="classify",
        audio=FSTMUSE_AUDIO,
        mel=FSTMUSE_MEL,
        counted_outputs=3,
        parameters=151_860_099,
        trainable=151_860_099,
        source=FSTMUSE_REPORT,
        summary="three convolutions, Flatten, one wide Dense; linear magnitudes; faithful to the report",
    ),
    Entry(
        name="toymodel-pooled",
        task="classify",
        audio=_POOLED_AUDIO,
        mel=_POOLED_MEL,
        counted_outputs=3,
        parameters=104_227,
        trainable=103_651,
        source=f"{FSTMUSE_REPORT}, improved here",
        summary="ToyModel's convolutions on normalised log-mels, pooled over time; the default",
    ),
    Entry(
        name="fstmuse",
        task="classify",
        audio=FSTMUSE_AUDIO,
        mel=FSTMUSE_MEL,
        counted_outputs=7,
        parameters=7_521_479,
        trainable=7_521_479,
        source=FSTMUSE_REPORT,
        summary="five convolutions, Flatten, Dense; linear magnitudes; faithful to the report",
    ),
    Entry(
        name="fstmuse-pooled",
        task="classify",
        audio=_POOLED_AUDIO,
        mel=_POOLED_MEL,
        counted_outputs=7,
        parameters=518_823,
        trainable=517_863,
        source=f"{FSTMUSE_REPORT}, improved here",
        summary="FstMuse's convolutions on normalised log-mels, pooled over time",
    ),
    Entry(
        name="shortchunk",
        task="classify",
        audio=SHORTCHUNK_AUDIO,
        mel=SHORTCHUNK_MEL,
        counted_outputs=50,
        parameters=12_116_022,
        trainable=12_104_244,
        source=SHORTCHUNK_SOURCE,
        summary="seven residual blocks on 3.7 s chunks, averaged over the clip",
    ),
    Entry(
        name="gapnet",
        task="infill",
        audio=_GAP_AUDIO,
        mel=REPORT,
        counted_outputs=0,
        parameters=423_504,
        trainable=423_504,
        source=f"{_INFILL_REPORT}, improved here",
        summary="fills gaps of any log-mel: convolutions along the bands correct the line between the gap's edges",
        objectives=("gap", "mse"),
    ),
    Entry(
        name="gapnet-hifi",
        task="infill",
        audio=_GAP_AUDIO,
        mel=HIFI,
        counted_outputs=0,
        parameters=431_696,
        trainable=431_696,
        source=f"{_INFILL_REPORT}, improved here",
        summary="gapnet on 128 mels up to 11 kHz, which can be turned back into sound",
        objectives=("gap", "mse"),
    ),
    Entry(
        name="convae",
        task="infill",
        audio=AudioSpec(22050, 10.0),
        mel=REPORT,
        counted_outputs=0,
        parameters=10_767_873,
        trainable=10_767_873,
        source=_INFILL_REPORT,
        summary="convolutional autoencoder that draws the whole picture anew; faithful to the report",
        objectives=("mse", "gap"),
        bound=True,
    ),
    Entry(
        name="convae-hifi",
        task="infill",
        audio=AudioSpec(22050, 10.0),
        mel=HIFI,
        counted_outputs=0,
        parameters=10_767_873,
        trainable=10_767_873,
        source=_INFILL_LAYERS,
        summary="convae on 128 mels up to 11 kHz",
        objectives=("mse", "gap"),
        bound=True,
    ),
    Entry(
        name="convvae",
        task="infill",
        audio=AudioSpec(22050, 10.0),
        mel=REPORT,
        counted_outputs=0,
        parameters=36_568_529,
        trainable=36_568_465,
        source=_INFILL_REPORT,
        summary="variational autoencoder with a code of 256; faithful to the report, whose own objective is kl",
        objectives=("elbo", "kl"),
        bound=True,
    ),
    Entry(
        name="convvae-hifi",
        task="infill",
        audio=AudioSpec(22050, 10.0),
        mel=HIFI,
        counted_outputs=0,
        parameters=78_303_697,
        trainable=78_303_633,
        source=_INFILL_LAYERS,
        summary="convvae on 128 mels up to 11 kHz",
        objectives=("elbo", "kl"),
        bound=True,
    ),
    Entry(
        name="prednet",
        task="continue",
        audio=_AHEAD_AUDIO,
        mel=REPORT,
        counted_outputs=0,
        parameters=347_368,
        trainable=347_368,
        source=f"{_INFILL_REPORT}, improved here",
        summary="goes on where a log-mel ends: the decayed hold, what is expected, and what a drawn code adds",
        objectives=("elbo",),
    ),
    Entry(
        name="prednet-hifi",
        task="continue",
        audio=_AHEAD_AUDIO,
        mel=HIFI,
        counted_outputs=0,
        parameters=512_232,
        trainable=512_232,
        source=f"{_INFILL_REPORT}, improved here",
        summary="prednet on 128 mels up to 11 kHz, which can be turned back into sound",
        objectives=("elbo",),
    ),
    Entry(
        name="vocoder",
        task="vocode",
        audio=_SOUND_AUDIO,
        mel=HIFI,
        counted_outputs=0,
        parameters=880_258,
        trainable=880_258,
        source=_VOCOS,
        summary="makes sound of log-mels: corrects magnitudes and phases that are computed, then inverse FFTs",
    ),
    Entry(
        name="vocoder-report",
        task="vocode",
        audio=_SOUND_AUDIO,
        mel=REPORT,
        counted_outputs=0,
        parameters=690_818,
        trainable=690_818,
        source=_VOCOS,
        summary="vocoder of the report's pictures, 64 mels up to 8 kHz",
    ),
)

_ALL = (*_ENTRIES, *TAGGER_ENTRIES, *GAN_ENTRIES, *MELNET_ENTRIES)
CATALOGUE: dict[str, Entry] = {entry.name: entry for entry in _ALL}


def find(name: str) -> Entry:
    """The entry of a network.

    Raises:
        ConfigError: there is none of that name.
    """
    try:
        return CATALOGUE[name]
    except KeyError:
        raise ConfigError(f"Unknown network '{name}'. {nearest(name, CATALOGUE)}") from None
