"""What a network hears: frozen specifications from which samples, frames and bins follow.

A spec is stated once, in a network's catalogue entry, and travels with the cache, the
run and the artifact. Whoever meets two specs compares them with `require_same`, so that
a wrong sample rate never passes silently.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from fstmuse.errors import SpecError

MEL_SCALES = ("htk", "slaney", "tfio")
LOGS = ("none", "db")
PADS = ("repeat", "zero")

_MOST_SAMPLES = 2**31 - 1  # what TensorFlow counts in int32


@dataclass(frozen=True)
class AudioSpec:
    """A mono window of sound.

    Args:
        sample_rate: in Hz.
        seconds: length of the window.
        pad: how shorter sound is brought to this length: `repeat` plays it again from
            its start, `zero` appends silence.
    """

    sample_rate: int
    seconds: float
    pad: str = "repeat"

    def __post_init__(self) -> None:
        _require_numbers(self, whole=("sample_rate",), real=("seconds",))
        _require(self.sample_rate > 0, f"sample_rate={self.sample_rate}", "more than 0 Hz")
        _require(self.seconds > 0, f"seconds={self.seconds}", "more than 0 s")
        _require(
            0.5 < self.sample_rate * self.seconds < _MOST_SAMPLES,
            f"seconds={self.seconds}",
            f"1 to {_MOST_SAMPLES:,} samples at {self.sample_rate} Hz",
        )
        _require(self.pad in PADS, f"pad={self.pad!r}", f"one of {', '.join(PADS)}")

    @property
    def samples(self) -> int:
        """Length of the window in samples."""
        return round(self.sample_rate * self.seconds)


@dataclass(frozen=True)
class MelSpec:
    """A mel spectrogram.

    Args:
        sample_rate: of the sound, in Hz.
        n_fft: length of the periodic Hann window and of its FFT, in samples.
        hop_length: samples between the starts of two frames.
        n_mels: mel bands.
        fmin: lowest frequency, in Hz.
        fmax: highest frequency, in Hz, at most half of `sample_rate`.
        scale: `htk` (HTK formula, triangles of height 1), `slaney` (Slaney's formula,
            triangles of area 1; librosa's default) or `tfio` (HTK formula, triangles
            straight in mel instead of Hz, as `tfio.audio.melscale` makes them).
        power: 1 for magnitudes, 2 for power.
        log: `none`, or `db`: decibels relative to a full-scale sine.
        floor_db: lowest value of a `db` picture, in dB.
        max_frames: pictures are cut after this many frames; 0 keeps all.
    """

    sample_rate: int
    n_fft: int
    hop_length: int
    n_mels: int
    fmin: float
    fmax: float
    scale: str = "htk"
    power: float = 2.0
    log: str = "db"
    floor_db: float = -100.0
    max_frames: int = 0

    def __post_init__(self) -> None:
        _require_numbers(
            self,
            whole=("sample_rate", "n_fft", "hop_length", "n_mels", "max_frames"),
            real=("fmin", "fmax", "power", "floor_db"),
        )
        _require(self.sample_rate > 0, f"sample_rate={self.sample_rate}", "more than 0 Hz")
        _require(0 < self.hop_length <= self.n_fft, f"hop_length={self.hop_length}", f"1 to n_fft={self.n_fft} samples")
        _require(self.n_mels > 0, f"n_mels={self.n_mels}", "at least 1")
        _require(0 <= self.fmin < self.fmax, f"fmin={self.fmin}", f"0 to fmax={self.fmax} Hz")
        _require(
            self.fmax <= self.sample_rate / 2,
            f"fmax={self.fmax}",
            f"at most half the sample rate, {self.sample_rate / 2} Hz",
        )
        _require(self.scale in MEL_SCALES, f"scale={self.scale!r}", f"one of {', '.join(MEL_SCALES)}")
        _require(self.power in (1.0, 2.0), f"power={self.power}", "1 (magnitude) or 2 (power)")
        _require(self.log in LOGS, f"log={self.log!r}", f"one of {', '.join(LOGS)}")
        _require(self.max_frames >= 0, f"max_frames={self.max_frames}", "0 (keep all) or more")

    def frames(self, samples: int) -> int:
        """Frames of the picture of `samples` samples: one for each hop begun, the last ones zero-padded."""
        frames = math.ceil(samples / self.hop_length)
        return min(frames, self.max_frames) if self.max_frames else frames

    @property
    def n_bins(self) -> int:
        """Frequency bins of the FFT."""
        return self.n_fft // 2 + 1

    @property
    def full_scale(self) -> float:
        """Magnitude of a full-scale sine in its FFT bin: half the sum of the Hann window."""
        return self.n_fft / 4


def input_shape(audio: AudioSpec, mel: MelSpec | None) -> tuple[int, ...]:
    """What a network takes of one window: frames and mel bands of its picture, or, without a picture, its samples."""
    return (audio.samples,) if mel is None else (mel.frames(audio.samples), mel.n_mels)


def as_dict(spec: AudioSpec | MelSpec) -> dict[str, Any]:
    """The spec's fields as plain values, for JSON and for hashing."""
    return dataclasses.asdict(spec)


def from_dict(kind: type, fields: dict[str, Any]) -> Any:
    """A spec of class `kind` from what `as_dict` gave.

    Raises:
        SpecError: a field is missing, unknown or impossible.
    """
    if not isinstance(fields, dict):
        raise SpecError(f"Received {fields!r}; expected the fields of {kind.__name__}.")
    try:
        return kind(**fields)
    except TypeError as error:
        raise SpecError(
            f"{kind.__name__} cannot be read from {sorted(fields)}: {error}. "
            "The file was written by another version or edited by hand."
        ) from None


def require_same(expected: AudioSpec | MelSpec, received: AudioSpec | MelSpec, where: str) -> None:
    """Refuses two specs that differ, showing each field that does.

    Raises:
        SpecError: they differ.
    """
    if expected == received:
        return
    ours, theirs = as_dict(expected), as_dict(received)
    different = [
        f"{name} {theirs.get(name)!r}, expected {ours.get(name)!r}" for name in ours if ours[name] != theirs.get(name)
    ]
    raise SpecError(
        f"{where}: {'; '.join(different) or 'another kind of spec'}. Use what was made for it, or make it again."
    )


def _require_numbers(spec: AudioSpec | MelSpec, whole: tuple[str, ...], real: tuple[str, ...]) -> None:
    """Specs are read from files that hands have edited: text, null and infinity come in, too."""
    for name in (*whole, *real):
        value = getattr(spec, name)
        kinds = (int,) if name in whole else (int, float)
        _require(
            isinstance(value, kinds) and not isinstance(value, bool) and math.isfinite(value),
            f"{name}={value!r}",
            "a whole number" if name in whole else "a finite number",
        )


def _require(holds: bool, received: str, expected: str) -> None:
    if not holds:
        raise SpecError(f"Received {received}; expected {expected}.")
