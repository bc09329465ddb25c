"""Sound in blocks, as a session hears it: cut from a waveform or decoded, and refused where it is no sound."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from fstmuse.audio.decode import probe, stream
from fstmuse.errors import AudioError, FstMuseError
from fstmuse.spec import AudioSpec

# Sound is about 1 at its loudest. Far beyond, squares overflow float32 and every answer would be NaN.
_LOUDEST = 1e6


def cut(waveform: np.ndarray, audio: AudioSpec) -> Iterator[np.ndarray]:
    """A waveform in blocks of a window's length.

    Args:
        waveform: float (samples,), mono at the spec's rate.
        audio: the window.

    Raises:
        AudioError: the waveform is of another shape or type, or holds no finite numbers.
    """
    rate, size = audio.sample_rate, audio.samples
    if waveform.ndim != 1 or waveform.dtype.kind != "f":
        raise AudioError(
            f"Received a waveform of shape {waveform.shape} and type {waveform.dtype}; expected float (samples,), "
            f"mono at {rate} Hz. Mix it down, and scale whole numbers to [-1, 1]."
        )
    for start in range(0, len(waveform), size):
        with np.errstate(over="ignore"):  # what float32 cannot hold is refused below
            block = waveform[start : start + size].astype(np.float32)
        if not np.isfinite(block).all():
            raise AudioError("The waveform holds NaN or infinite samples; expected numbers about -1 to 1.")
        yield block


def decoded_blocks(path: Path, audio: AudioSpec, start_s: float, duration_s: float | None) -> Iterator[np.ndarray]:
    """A file, or a part of it, in blocks of a window's length, mono at the spec's rate.

    Raises:
        AudioError: it cannot be decoded.
    """
    part = {"start_s": start_s, "duration_s": duration_s}
    try:
        yield from stream(path, sample_rate=audio.sample_rate, block_samples=audio.samples, **part)
    except FstMuseError:
        raise
    except Exception as error:
        # Whatever a damaged file brings a decoder to raise belongs to this file, not to a run over thousands.
        raise AudioError(f"{path}: {type(error).__name__}: {error}. Convert it to WAV or leave it out.") from error


def part_s(path: Path, start_s: float, duration_s: float | None) -> float:
    """How long the part of a file is, in s; a guess that serves the progress alone."""
    rest = max(0.0, probe(path).duration_s - start_s)
    return rest if duration_s is None else min(rest, duration_s)


def audible(blocks: Iterable[np.ndarray], name: str) -> Iterator[np.ndarray]:
    """The blocks, unless they are no sound that an answer could be about.

    Raises:
        AudioError: all blocks are silent, or one is louder than sound can be.
    """
    heard, samples = False, 0
    for block in blocks:
        samples += len(block)
        peak = float(np.abs(block).max(initial=0.0))
        if peak > _LOUDEST:
            raise AudioError(f"{name}: its samples reach {peak:.3g}; expected about 1 at most. Scale them to [-1, 1].")
        heard = heard or peak > 0
        yield block
    if samples and not heard:
        raise AudioError(f"{name}: silent from beginning to end; expected music. Nothing can be said of it.")
