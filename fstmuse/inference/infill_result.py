"""Clips whose gaps were filled, and what they are written as. As light as results are for whoever only shows them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from fstmuse import __version__
from fstmuse.audio.dropouts import Dropout
from fstmuse.audio.write import exact_subtype, write
from fstmuse.features.gaps import Gap
from fstmuse.features.picture import MelPicture
from fstmuse.inference.outputs import Writer, outputs, unwritable, written
from fstmuse.inference.reports import printable, shown

FORMATS = ("wav", "png", "json")
"""What a filled clip can be written as."""


@dataclass(frozen=True, eq=False)
class Infilling:
    """A clip whose gaps are filled.

    Args:
        path: of the file, as the user gave it.
        sample_rate: in Hz, that of the file.
        waveform: float32 (samples, channels), the whole clip; outside the gaps as in the file, bit for bit.
        gaps: first sample and first one behind it of each gap, in order of time.
        before: log-mel of what was there, mono, from `picture_start_s` on.
        after: the same of `waveform`.
        picture_start_s: where in the clip the pictures begin, in s.
        seed: of the phases.
        settings: how it was done, as far as JSON can say it.
        model: signature of the network, or `plain`.
        found: dropouts that were found, where they were looked for.
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
    found: tuple[Dropout, ...] = ()
    part: str = ""

    @property
    def gaps_s(self) -> tuple[tuple[float, float], ...]:
        """Start and end of each gap in s."""
        return tuple((start / self.sample_rate, end / self.sample_rate) for start, end in self.gaps)

    @property
    def duration_s(self) -> float:
        """Of the clip, in s."""
        return len(self.waveform) / self.sample_rate


@outputs.register
def _(result: Infilling) -> dict[str, Writer]:
    return {
        "wav": lambda path, model: write_sound(result, path),
        "png": partial(_write_png, result),
        "json": lambda path, model: write_sidecar(result, path),
    }


def write_files(result: Infilling, sound: Path, picture: Path, sidecar: Path, kind: str = "WAV") -> None:
    """Writes clip, pictures and sidecar to places that the caller chose; what is there is replaced.

    The sidecar comes last: where it is, the others are whole.

    Raises:
        AudioError: the clip cannot be written.
        DataError: the others cannot.
    """
    try:
        sidecar.unlink(missing_ok=True)
        write_sound(result, sound, kind)
        _write_png(result, picture, result.model)
        with written(lambda part, _: write_sidecar(result, part), sidecar.parent, result.model) as part:
            part.replace(sidecar)
    except OSError as error:
        raise unwritable(sound.parent, error) from None


def write_sound(result: Infilling, path: Path, kind: str = "WAV") -> None:
    """Writes the clip; outside the gaps it reads back bit for bit as the file that was mended did.

    Args:
        result: the clip.
        path: to write.
        kind: WAV or FLAC, which keeps 24 bits at most.

    Raises:
        AudioError: it cannot be written.
    """
    write(path, result.waveform, result.sample_rate, subtype_of(result, kind), kind)


def subtype_of(result: Infilling, kind: str = "WAV") -> str:
    """How `write_sound` stores samples: PCM_16, PCM_24 or FLOAT."""
    known = np.ones(len(result.waveform), bool)
    for start, end in result.gaps:
        known[start:end] = False
    subtype = exact_subtype(result.waveform[known])
    return "PCM_24" if kind == "FLAC" and subtype == "FLOAT" else subtype


def write_sidecar(result: Infilling, path: Path) -> None:
    """Writes what was done, as JSON: clip, gaps, settings, seed, model."""
    found = [
        {"start_s": d.start / result.sample_rate, "end_s": d.end / result.sample_rate, "reason": d.reason}
        for d in result.found
    ]
    gaps = [
        {"start_s": start_s, "end_s": end_s, "start_sample": start, "end_sample": end}
        for (start, end), (start_s, end_s) in zip(result.gaps, result.gaps_s, strict=True)
    ]
    told = {
        "clip": printable(result.path),
        "sample_rate": result.sample_rate,
        "channels": result.waveform.shape[1],
        "samples": len(result.waveform),
        "gaps": gaps,
        "found": found,
        "model": result.model,
        "seed": result.seed,
        "settings": result.settings,
        "fstmuse": __version__,
    }
    path.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")


def _write_png(result: Infilling, path: Path, model: str) -> None:
    # Matplotlib takes most of a second to import.
    from fstmuse.tasks.infill_figure import infill_figure

    start_s = result.picture_start_s
    infill_figure(
        result.before,
        result.after,
        result.gaps_s,
        path,
        start_s,
        title=shown(Path(result.path).name),
        model=shown(model),
    )
