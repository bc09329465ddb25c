"""How arrays are kept in a cache: waveforms as int16, log-mels as float16."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from fstmuse.errors import DataError, SpecError, nearest
from fstmuse.spec import AudioSpec, MelSpec

KINDS = ("waveform", "log-mel")
FULL_SCALE = 32767
"""The int16 of a sample of 1.0."""


class Picture(Protocol):
    """A transform that knows its settings, such as `fstmuse.features.mel.LogMel`."""

    spec: MelSpec

    def __call__(self, waveform: np.ndarray) -> np.ndarray:
        """From float32 (samples,) to float32 (frames, n_mels)."""


class Stored:
    """From a waveform to the array that is kept; runs in the loader's workers, so that less is handed over.

    Args:
        kind: `waveform` or `log-mel`.
        spec: of the waveforms.
        mel: makes the pictures, for `log-mel`.

    Raises:
        DataError: `kind` is unknown.
        SpecError: there is no picture for log-mels, or one at another sample rate.
    """

    def __init__(self, kind: str, spec: AudioSpec, mel: Picture | None) -> None:
        if kind not in KINDS:
            raise DataError(f"Unknown kind of cache '{kind}'. {nearest(kind, KINDS)}")
        if kind == "log-mel" and not callable(mel):
            raise SpecError(f"A log-mel cache received mel={mel!r}; expected a transform. Give mel=LogMel(spec).")
        if kind == "waveform" and mel is not None:
            raise SpecError("A cache of waveforms received a mel transform. Leave mel out, or ask for kind='log-mel'.")
        self.mel = mel
        if mel is None:
            self.shape, self.dtype = (spec.samples,), np.dtype(np.int16)
            return
        if mel.spec.sample_rate != spec.sample_rate:
            raise SpecError(
                f"Audio at {spec.sample_rate} Hz, mel spectrogram for {mel.spec.sample_rate} Hz; expected the same. "
                "Mend one of the two specs."
            )
        self.shape = (mel.spec.frames(spec.samples), mel.spec.n_mels)
        # Decibels lie within a few hundred, where float16 is exact to 0.06; powers would overflow it.
        self.dtype = np.dtype(np.float16 if mel.spec.log == "db" else np.float32)

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return int(np.prod(self.shape)) * self.dtype.itemsize

    def __call__(self, waveform: np.ndarray) -> np.ndarray:
        """The row of one waveform, float32 (spec.samples,): of `shape` and `dtype`."""
        if self.mel is None:
            return np.rint(np.clip(waveform, -1, 1) * FULL_SCALE).astype(self.dtype)
        return self.mel(waveform).astype(self.dtype)


def as_float(rows: np.ndarray, into: np.ndarray | None = None) -> np.ndarray:
    """Stored rows as float32: waveforms in [-1, 1], pictures in their own unit."""
    into = np.empty(rows.shape, np.float32) if into is None else into
    if rows.dtype == np.int16:
        return np.multiply(rows, np.float32(1 / FULL_SCALE), out=into)
    into[...] = rows
    return into
