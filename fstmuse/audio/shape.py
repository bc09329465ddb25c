"""Waveforms of any length become windows of the length that a network hears."""

from __future__ import annotations

import numpy as np

from fstmuse.errors import AudioError
from fstmuse.spec import AudioSpec


def fit_length(waveform: np.ndarray, spec: AudioSpec) -> np.ndarray:
    """Cuts or pads a waveform to the window of `spec`.

    Args:
        waveform: (samples,), mono at `spec.sample_rate` Hz.
        spec: `spec.samples` is the length wanted, `spec.pad` how shorter sound is filled:
            `repeat` plays it again from its start, `zero` appends silence.

    Returns:
        float32 (spec.samples,), contiguous. A view of `waveform` where that is float32
        and long enough.

    Raises:
        AudioError: `waveform` is empty or not of rank 1.
    """
    waveform = np.asarray(waveform)
    if waveform.ndim != 1:
        raise AudioError(
            f"Received a waveform of shape {waveform.shape}; expected (samples,). Mix it down to mono before."
        )
    if not len(waveform):
        raise AudioError(
            f"Received a waveform of 0 samples; expected at least 1 to fill {spec.samples}. Leave the clip out."
        )
    waveform = np.ascontiguousarray(waveform, np.float32)
    if len(waveform) >= spec.samples:
        return waveform[: spec.samples]
    if spec.pad == "repeat":
        return np.resize(waveform, spec.samples)
    return np.pad(waveform, (0, spec.samples - len(waveform)))
