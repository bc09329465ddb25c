"""What the window and its child processes say to each other: frozen dataclasses, both directions, all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Saving:
    """Where and how a result is written as soon as it is there.

    Args:
        folder: made when it is missing.
        formats: for results of all kinds; those that a result's kind does not have are left out.
        draft: the one file is for the window to show and play, and goes with it.
    """

    folder: str
    formats: tuple[str, ...]
    draft: bool = False


# To the child that answers


@dataclass(frozen=True)
class Load:
    """Load an artifact and warm it up, so that its first answer does not wait."""

    artifact: str


@dataclass(frozen=True)
class Run:
    """Ask one artifact about one clip.

    Args:
        job: number of the row in the queue.
        artifact: folder of the trained network.
        verb: method of `fstmuse.inference.session.Session`, such as `classify`.
        sound: path of the clip; empty where the method takes none, since it makes something new.
        options: keyword arguments of that method.
        save: None leaves nothing on the disk.
    """

    job: int
    artifact: str
    verb: str
    sound: str
    options: dict[str, Any] = field(default_factory=dict)
    save: Saving | None = None


@dataclass(frozen=True)
class Cancel:
    """Stop what is done for a job; sent while it runs."""

    job: int


@dataclass(frozen=True)
class Stop:
    """End the child, or stop a training so that it can be resumed."""


# From the child that answers


@dataclass(frozen=True)
class Ready:
    """TensorFlow is loaded.

    Args:
        device: what computes, such as `CPU, 2 cores`.
        versions: of packages, by name.
    """

    device: str
    versions: dict[str, str]


@dataclass(frozen=True)
class Loaded:
    """An artifact is ready to answer."""

    artifact: str


@dataclass(frozen=True)
class Refused:
    """An artifact is not trusted, damaged or missing; the reason says how to mend it."""

    artifact: str
    reason: str


@dataclass(frozen=True)
class Started:
    """A `Run` has begun.

    Args:
        job: as in `Run`.
        artifact: as in `Run`.
        keeps: when it is cancelled, what there is by then is made whole, which takes a while, and is the answer.
    """

    job: int
    artifact: str
    keeps: bool = False


@dataclass(frozen=True)
class Progress:
    """How far a `Run` is.

    Args:
        job: as in `Run`.
        artifact: as in `Run`.
        fraction: 0 to 1, rising.
        text: what is going on now; may be empty.
    """

    job: int
    artifact: str
    fraction: float
    text: str = ""


@dataclass(frozen=True)
class Result:
    """The answer to a `Run`.

    Args:
        job: as in `Run`.
        artifact: as in `Run`.
        result: what the session's method returned.
        files: paths that were written, as `Run.save` asked.
        seconds: that the answer took.
        unsaved: why files could not be written; empty when they were, or were not asked for.
        signature: of the artifact's card.
    """

    job: int
    artifact: str
    result: Any
    files: tuple[str, ...]
    seconds: float
    unsaved: str = ""
    signature: str = ""


@dataclass(frozen=True)
class Failed:
    """A `Run`, a `Look`, a `Train` or a search for dropouts came to nothing.

    Args:
        job: number of the job or request.
        artifact: as in `Run`; empty elsewhere.
        kind: name of the error's class; `Cancelled` when it was asked for.
        message: for people.
        details: the traceback; empty for errors made for people.
    """

    job: int
    artifact: str
    kind: str
    message: str
    details: str = ""


@dataclass(frozen=True)
class Log:
    """A line for the log file; `level` as in `logging`."""

    level: int
    text: str


# To the child that looks at clips


@dataclass(frozen=True)
class Look:
    """Decode a clip, write its samples to a file and send its picture piece by piece.

    Args:
        request: a number that the answers carry.
        path: of the clip.
        pcm: file to write: int16 little-endian mono samples at the clip's own rate, no header.
    """

    request: int
    path: str
    pcm: str


# From the child that looks at clips


@dataclass(frozen=True)
class Opened:
    """A clip can be read; tiles follow.

    Args:
        request: as in `Look`.
        sample_rate: of the samples in `Look.pcm`, in Hz.
        duration_s: as the file says; `Looked` knows better.
        hop_length: samples between two columns of the picture.
        n_mels: rows of the picture.
        centres_hz: middle of each mel band in Hz, rising; float32 (n_mels,).
        floor_db: of value 0; value 255 is 0 dB relative to full scale.
    """

    request: int
    sample_rate: int
    duration_s: float
    hop_length: int
    n_mels: int
    centres_hz: np.ndarray
    floor_db: float


@dataclass(frozen=True)
class Tile:
    """A stretch of the picture, `fstmuse_gui.core.picture.TILE_COLUMNS` columns wide (the last one narrower).

    Args:
        request: as in `Look`.
        index: 0 is the first tile.
        levels: log-mel by level, each uint8 (columns, n_mels); a level has a quarter of the columns of the one before,
            the loudest of four.
        peaks: lowest and highest sample by level, each int8 (n, 2), full scale 127, as finely as `PEAK_SAMPLES` says.
        missing: pairs of `peaks` in whose stretch a sample is no number, by level, each bool (n,); none: there is no
            such sample. Such samples count as silence in all else.
    """

    request: int
    index: int
    levels: tuple[np.ndarray, ...]
    peaks: tuple[np.ndarray, ...]
    missing: tuple[np.ndarray, ...] = ()


@dataclass(frozen=True)
class Looked:
    """A clip has been looked at to its end; `samples` are in its pcm file."""

    request: int
    samples: int


# From the child that looks for dropouts


@dataclass(frozen=True)
class Dropouts:
    """Where sound is missing in a clip.

    Args:
        found: of each dropout start and end in s, and the reason as `fstmuse.audio.dropouts.Dropout` has it.
    """

    found: tuple[tuple[float, float, str], ...]
