"""Two tones that may sound at once, and small members of the families of taggers that tell them apart."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np

from fstmuse.networks.dieleman import dieleman, dieleman_mel
from fstmuse.networks.dieleman_report import dieleman_report, dieleman_report_deep
from fstmuse.networks.rese import rese
from fstmuse.networks.samplecnn import samplecnn

SAMPLES = 243

SMALL_TAGGERS: dict[str, Callable[[], keras.Model]] = {
    "dieleman": lambda: dieleman(SAMPLES, 2, 8, 4, first_filters=8),
    "dieleman-report": lambda: dieleman_report(81, 2, 8, 2, sub_clips=3),
    "dieleman-report-deep": lambda: dieleman_report_deep(81, 2, 8, 2, sub_clips=3, filters=(8, 8, 16), dropout=0.1),
    "samplecnn": lambda: samplecnn(SAMPLES, 2, 3, 3, first=9, filters=8, dropout=0.1, momentum=0.8),
    "rese2-multi": lambda: rese(SAMPLES, 2, blocks=3, filters=8, alpha=2, dropout=0.1, momentum=0.8),
    "se": lambda: rese(SAMPLES, 2, "se", False, blocks=2, filters=8, alpha=0.5, dropout=0.1, momentum=0.8),
}
"""Networks of two tags that hear `SAMPLES` samples."""


def small_mel_tagger() -> keras.Model:
    """The network of two tags that sees pictures of 60 frames and 6 bands."""
    return dieleman_mel((60, 6), 2)


def tones(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Sounds and their tags.

    Args:
        count: of sounds.
        seed: of the random numbers.

    Returns:
        float32 (count, SAMPLES): neither, one or both of two tones of random phase, in noise; and float32 (count, 2):
        which of them are there.
    """
    rng = np.random.default_rng(seed)
    tags = rng.integers(0, 2, (count, 2)).astype(np.float32)
    turns = np.arange(SAMPLES) * np.array([0.02, 0.13])[:, None] + rng.uniform(size=(count, 2, 1))
    sound = 0.4 * np.einsum("nt,nts->ns", tags, np.sin(2 * np.pi * turns))
    return (sound + rng.normal(0, 0.05, sound.shape)).astype(np.float32), tags
