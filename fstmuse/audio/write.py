"""Waveforms become sound files that are whole or not there at all."""

from __future__ import annotations

import secrets
from pathlib import Path

import numpy as np
import soundfile

from fstmuse.errors import AudioError, nearest

_FORMATS = {".wav": "WAV", ".flac": "FLAC"}
_BITS = {"PCM_16": 16, "PCM_24": 24}


def write(
    path: Path | str, samples: np.ndarray, sample_rate: int, subtype: str | None = None, kind: str | None = None
) -> None:
    """Writes a WAV or FLAC file by way of a temporary file beside it, which is renamed when it is whole.

    Args:
        path: ends in .wav or .flac, where `kind` does not say what it is; its folder must exist. A file that is there
            is replaced.
        samples: float (n,) or (n, channels) in [-1, 1]; what goes beyond is clipped in
            integer subtypes.
        sample_rate: in Hz.
        subtype: how samples are stored, such as PCM_16, PCM_24 or (WAV only) FLOAT;
            None means PCM_16.
        kind: WAV or FLAC; None: by the suffix.

    Raises:
        AudioError: suffix, subtype or samples cannot be written so, the folder is not
            there, or the disk refuses.
    """
    path = Path(path)
    kind = kind or _FORMATS.get(path.suffix.lower())
    if kind is None:
        raise AudioError(f"{path}: cannot write '{path.suffix}' files, only .wav and .flac. Change the suffix.")
    subtype = "PCM_16" if subtype is None else subtype.upper()
    known = soundfile.available_subtypes(kind)
    if subtype not in known:
        raise AudioError(f"{path}: {kind} has no subtype {subtype}. {nearest(subtype, known)}")
    samples = np.asarray(samples)
    if samples.ndim not in (1, 2) or not samples.size:
        raise AudioError(
            f"{path}: received samples of shape {samples.shape}, expected (n,) or (n, channels) and not empty. "
            "Reshape them."
        )
    if samples.dtype.kind != "f" or not np.isfinite(samples).all():
        raise AudioError(
            f"{path}: received {samples.dtype} samples that are not all finite floats in [-1, 1]. "
            "Scale integers to float and remove NaN before."
        )
    if not path.parent.is_dir():
        raise AudioError(f"{path}: its folder does not exist. Make it first.")
    # Short and hidden: a long name stays within the file system's limit, and find_audio does not list it.
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        soundfile.write(temporary, _quantised(samples, subtype), sample_rate, subtype=subtype, format=kind)
        temporary.replace(path)
    except (soundfile.SoundFileError, OSError, ValueError, TypeError) as error:
        words = getattr(error, "error_string", None) or getattr(error, "strerror", None) or error
        raise AudioError(
            f"{path}: {kind} {subtype} of shape {samples.shape} at {sample_rate} Hz could not be written ({words}). "
            "Check rate, channels, disk space and permissions."
        ) from None
    finally:
        temporary.unlink(missing_ok=True)


def exact_subtype(samples: np.ndarray) -> str:
    """How samples must be stored in a WAV file so that they are read back bit for bit, in as little room as that takes.

    Args:
        samples: float32, of any shape.

    Returns:
        PCM_16, PCM_24 or FLOAT.
    """
    for subtype, bits in _BITS.items():
        scale = np.float32(2 ** (bits - 1))
        steps = samples * scale  # exact: a power of two
        if (steps == np.rint(steps)).all() and (steps >= -scale).all() and (steps < scale).all():
            return subtype
    return "FLOAT"


def _quantised(samples: np.ndarray, subtype: str) -> np.ndarray:
    """Rounds to the nearest step: libsndfile cuts towards minus infinity in WAV, so that rewriting a file moves it."""
    bits = _BITS.get(subtype)
    if bits is None:
        return samples
    scale = 2 ** (bits - 1)
    steps = np.clip(np.rint(samples.astype(np.float64) * scale), -scale, scale - 1)
    # libsndfile takes the high bits of wider integers.
    return steps.astype(np.int16) if bits == 16 else (steps * 2 ** (32 - bits)).astype(np.int32)
