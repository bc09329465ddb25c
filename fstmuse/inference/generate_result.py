"""Music made from noise, and what it is written as. As light as results are for whoever only shows them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from fstmuse import __version__
from fstmuse.audio.write import write
from fstmuse.features.picture import MelPicture
from fstmuse.inference.outputs import Writer, outputs, save_as, suffix_of, unwritable
from fstmuse.inference.reports import shown

FORMATS = ("wav", "png", "json")
"""What music can be written as."""

_GIVEN = {"prime": "after", "refine": "refined from"}
"""Clips of the settings, in words."""


@dataclass(frozen=True, eq=False)
class Creation:
    """Music that a network made from noise.

    Args:
        path: what files of it are called, such as `Rock-seed7`, `Rock-seed7-towards9-0333` or
            `Rock-song-refined-seed7`.
        sample_rate: in Hz.
        waveform: float32 (samples, 1), within -1 to 1.
        picture: that the network drew and the sound was made of, before its level was set.
        seed: of the noise.
        label: what was asked for, or drawn by the seed; None where the network knows no labels.
        settings: how it was done, as far as JSON can say it.
        model: signature of the network.
        towards: for music between two seeds, the other one.
        share: of the way there, 0 to 1.
        part: always empty: the whole.
    """

    path: str
    sample_rate: int
    waveform: np.ndarray
    picture: MelPicture
    seed: int
    label: str | None
    settings: dict[str, Any]
    model: str
    towards: int | None = None
    share: float = 0.0
    part: str = ""

    @property
    def seconds(self) -> float:
        """Of the music."""
        return len(self.waveform) / self.sample_rate

    @property
    def words(self) -> str:
        """Label and seed, for a line above a picture."""
        return f"{self.label}, {self._seeds}" if self.label else self._seeds

    @property
    def summary(self) -> str:
        """The same with seconds, for a line of a terminal."""
        label = f" of {shown(self.label)}" if self.label else ""
        return f"{self.seconds:.2f} s{label} from {self._seeds}"

    @property
    def _seeds(self) -> str:
        if self.towards is None:
            return f"seed {self.seed}"
        return f"seed {self.seed}, {100 * self.share:.3g} % towards {self.towards}"


@outputs.register
def _(result: Creation) -> dict[str, Writer]:
    return {
        "wav": lambda path, model: write(path, result.waveform, result.sample_rate, kind="WAV"),
        "png": partial(_write_png, result),
        "json": lambda path, model: _write_sidecar(result, path),
    }


def places(stem: Path) -> tuple[Path, ...]:
    """The files that `write_files` makes, in the order of `FORMATS`."""
    return tuple(stem.with_name(stem.name + suffix_of(format)) for format in FORMATS)


def write_files(result: Creation, stem: Path) -> tuple[Path, ...]:
    """Writes sound, picture and sidecar; what is there is replaced.

    The sidecar comes last: where it is, the others are whole.

    Args:
        result: the music.
        stem: folder, which is there, and name without suffix.

    Returns:
        The files.

    Raises:
        AudioError: the sound cannot be written.
        DataError: the others cannot.
    """
    files = places(stem)
    try:
        files[-1].unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(files[-1], error) from None
    for format, file in zip(FORMATS, files, strict=True):
        save_as(result, file, format, result.model)
    return files


def _write_sidecar(result: Creation, path: Path) -> None:
    told = {
        "label": result.label,
        "seed": result.seed,
        "towards": result.towards,
        "share": result.share,
        "seconds": result.seconds,
        "sample_rate": result.sample_rate,
        "channels": result.waveform.shape[1],
        "samples": len(result.waveform),
        "model": result.model,
        "settings": result.settings,
        "mel": asdict(result.picture.spec),
        "fstmuse": __version__,
    }
    path.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")


def _write_png(result: Creation, path: Path, model: str) -> None:
    # Matplotlib takes most of a second to import.
    from fstmuse.tasks.creation_figure import creation_figure

    given = [f"{how} {Path(result.settings[what]).name}" for what, how in _GIVEN.items() if what in result.settings]
    title = shown(", ".join([result.words, *given]))
    prime_s = result.settings.get("prime_seconds", 0)
    creation_figure(result.picture, path, title=title, model=shown(model), prime_s=prime_s)
