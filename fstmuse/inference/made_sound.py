"""Clips of which a part was made, and what they are written as. As light as results are for whoever only shows them."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from fstmuse import __version__
from fstmuse.audio.write import exact_subtype, write
from fstmuse.errors import AudioError
from fstmuse.features.gaps import Gap
from fstmuse.features.picture import MelPicture
from fstmuse.inference.outputs import Writer, outputs, unwritable, written
from fstmuse.inference.reports import printable, shown

FORMATS = ("wav", "png", "json")
"""What such a clip can be written as."""

_FINENESS = {"": 0, "PCM_16": 1, "PCM_24": 2, "FLOAT": 3}


@dataclass(frozen=True, eq=False)
class MadeSound(ABC):
    """A clip of which a part was made; the rest is as it was, bit for bit.

    Args:
        path: of the file, as the user gave it.
        sample_rate: in Hz, that of the file.
        waveform: float32 (samples, channels), the whole clip.
        gaps: what was made: first sample and first one behind it of each stretch, in order of time.
        before: log-mel of what was there, mono, from `picture_start_s` on.
        after: the same of `waveform`.
        picture_start_s: where in the clip the pictures begin, in s.
        seed: of what cannot be known.
        settings: how it was done, as far as JSON can say it.
        model: signature of the network, or `plain`.
        stored: how the file stores samples, such as `PCM_24`; empty where it is not known or no subtype of WAV.
        part: always empty: the whole clip.
    """

    path: str
    sample_rate: int
    waveform: np.ndarray
    gaps: tuple[Gap, ...]
    before: MelPicture
    after: MelPicture
    picture_start_s: float
    seed: int
    settings: dict[str, Any]
    model: str
    stored: str = ""
    part: str = ""

    @property
    def gaps_s(self) -> tuple[tuple[float, float], ...]:
        """Start and end of each gap in s."""
        return tuple((start / self.sample_rate, end / self.sample_rate) for start, end in self.gaps)

    @property
    def duration_s(self) -> float:
        """Of the clip, in s."""
        return len(self.waveform) / self.sample_rate

    @property
    def made_s(self) -> float:
        """How much was made, in s."""
        return sum(end - start for start, end in self.gaps) / self.sample_rate

    @property
    @abstractmethod
    def words(self) -> str:
        """What was made, for a line of the picture, such as `2 gaps filled`."""

    @property
    @abstractmethod
    def summary(self) -> str:
        """The same with seconds, for a line of a terminal."""

    @property
    def lines(self) -> list[str]:
        """What else a terminal is told before it."""
        return []

    @abstractmethod
    def told(self) -> dict[str, Any]:
        """What the sidecar says of what was made."""


@outputs.register
def _(result: MadeSound) -> dict[str, Writer]:
    return {
        "wav": lambda path, model: write_sound(result, path),
        "png": partial(_write_png, result),
        "json": lambda path, model: write_sidecar(result, path),
    }


def write_files(result: MadeSound, sound: Path, picture: Path, sidecar: Path, kind: str = "WAV") -> None:
    """Writes clip, pictures and sidecar to places that the caller chose; what is there is replaced.

    The sidecar comes last: where it is, the others are whole. After Ctrl-C none is there.

    Raises:
        AudioError: the clip cannot be written.
        DataError: the others cannot.
    """
    try:
        sidecar.unlink(missing_ok=True)
        write_sound(result, sound, kind)
        _write_png(result, picture, result.model)
        with written(lambda part, _: write_sidecar(result, part, sound), sidecar.parent, result.model) as part:
            part.replace(sidecar)
    except OSError as error:
        raise unwritable(sound.parent, error) from None
    except KeyboardInterrupt:
        # Half of an answer would stand in the way of the same command given again.
        for path in (sound, picture):
            path.unlink(missing_ok=True)
        raise


def write_sound(result: MadeSound, path: Path, kind: str = "WAV") -> None:
    """Writes the clip; what was not made reads back bit for bit as from the file that it came from.

    Args:
        result: the clip.
        path: to write.
        kind: WAV or FLAC, which keeps 24 bits at most.

    Raises:
        AudioError: it cannot be written, or is louder than full scale, which FLAC cannot hold.
    """
    peak = float(np.abs(result.waveform).max())
    if kind == "FLAC" and peak > 1:
        raise AudioError(
            f"{path}: the sound reaches {peak:.2f} of full scale, as MP3 often does, and FLAC holds no more than 1. "
            "Write .wav."
        )
    write(path, result.waveform, result.sample_rate, subtype_of(result, kind), kind)


def subtype_of(result: MadeSound, kind: str = "WAV") -> str:
    """How `write_sound` stores samples: PCM_16, PCM_24 or FLOAT; as the file does, or finer where that is needed."""
    known = np.ones(len(result.waveform), bool)
    for start, end in result.gaps:
        known[start:end] = False
    subtype = max(exact_subtype(result.waveform[known]), result.stored, key=_FINENESS.get)
    return "PCM_24" if kind == "FLAC" and subtype == "FLOAT" else subtype


def write_sidecar(result: MadeSound, path: Path, sound: Path | None = None) -> None:
    """Writes what was done, as JSON: clip, what was made, settings, seed, model.

    Args:
        result: the clip.
        path: to write.
        sound: where the clip was written, if it was.
    """
    told = {
        "clip": printable(result.path),
        **({} if sound is None else {"out": printable(str(sound))}),
        "sample_rate": result.sample_rate,
        "channels": result.waveform.shape[1],
        "samples": len(result.waveform),
        **result.told(),
        "model": result.model,
        "seed": result.seed,
        "settings": result.settings,
        "fstmuse": __version__,
    }
    path.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")


def stretch(result: MadeSound, start: int, end: int) -> dict[str, float]:
    """A stretch of samples for the sidecar, in s and in samples."""
    rate = result.sample_rate
    return {"start_s": start / rate, "end_s": end / rate, "start_sample": start, "end_sample": end}


def _write_png(result: MadeSound, path: Path, model: str) -> None:
    # Matplotlib takes most of a second to import.
    from fstmuse.tasks.infill_figure import infill_figure

    infill_figure(
        result.before,
        result.after,
        result.gaps_s,
        path,
        result.picture_start_s,
        title=shown(Path(result.path).name),
        words=result.words,
        model=shown(model),
    )
