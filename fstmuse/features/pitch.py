"""Log-mels of sound played faster or slower: pitch and tempo shift together, as on a record. Free of TensorFlow."""

from __future__ import annotations

import dataclasses

import numpy as np

from fstmuse.features.mel import LogMel
from fstmuse.spec import MelSpec


class ShiftedLogMel:
    """Pictures of sound that was resampled to `spec.sample_rate` and is heard as if it had another rate.

    Args:
        spec: of the pictures.
        semitones: of the shift; 1 is 6 % higher and faster.

    Attributes:
        spec: what the sound must be resampled to. Its frequencies are those that the bands' ends have in the sound
            as it was recorded.
    """

    def __init__(self, spec: MelSpec, semitones: float) -> None:
        rate = round(spec.sample_rate / 2 ** (semitones / 12))
        ratio = rate / spec.sample_rate
        self._mel = LogMel(spec)
        self.spec = dataclasses.replace(
            spec, sample_rate=rate, fmin=spec.fmin * ratio, fmax=min(spec.fmax * ratio, rate / 2)
        )

    def __call__(self, waveform: np.ndarray) -> np.ndarray:
        """From float32 (samples,) at `spec.sample_rate` Hz to float32 (frames, n_mels)."""
        return self._mel(waveform)
