"""Mel pictures that know what they are: an array never travels without its spec. Free of TensorFlow.

Two accidents made earlier reports take Griffin-Lim for noise: pictures of one mel scale were turned back with the
filters of another, and (time, mel) was taken for (mel, time). Neither can be told from the numbers.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from fstmuse.errors import DataError, SpecError
from fstmuse.spec import MelSpec, as_dict, from_dict, require_same

SUFFIX = ".npy"
_LOUDEST_DB = 120.0  # sound of a million times full scale: no picture of sound is louder


@dataclass(frozen=True, eq=False)
class MelPicture:
    """A mel spectrogram with the settings that it was made by.

    Args:
        values: float (frames, spec.n_mels): what `LogMel(spec)` gives. Kept as float32.
        spec: settings.

    Raises:
        SpecError: `values` is not (frames, n_mels), such as a transposed picture, or one of other bands.
        DataError: there are no frames, or values that no sound has.
    """

    values: np.ndarray
    spec: MelSpec

    def __post_init__(self) -> None:
        values = np.asarray(self.values)
        _require_shape(values, self.spec.n_mels)
        if values.dtype.kind not in "fiu":
            raise DataError(f"Received a picture of type {values.dtype}; expected real numbers, float32.")
        with np.errstate(over="ignore"):  # what float32 cannot hold is refused below
            values = np.ascontiguousarray(values, np.float32)
        _require_sound(values, self.spec)
        object.__setattr__(self, "values", values)

    @property
    def samples(self) -> int:
        """Length of its sound in samples, as far as the picture tells: whole hops."""
        return len(self.values) * self.spec.hop_length

    def save(self, path: Path | str) -> Path:
        """Writes the values as .npy and the spec beside them, in a file of the same name with .json behind it.

        A kill in between leaves values without spec, which `load` refuses, never with that of another picture.

        Args:
            path: ends in .npy; its folder must exist. What is there is replaced.

        Returns:
            `path`.

        Raises:
            DataError: another suffix, or the place cannot be written.
        """
        path = Path(path)
        _require_suffix(path)
        sidecar = sidecar_of(path)
        try:
            sidecar.unlink(missing_ok=True)
            _write(path, lambda part: _save_array(part, self.values))
            text = json.dumps({"mel": as_dict(self.spec)}, indent=2) + "\n"
            _write(sidecar, lambda part: part.write_text(text, "utf-8"))
        except OSError as error:
            raise DataError(f"{path} cannot be written: {error.strerror or error}. Choose another place.") from None
        return path

    @classmethod
    def load(cls, path: Path | str, spec: MelSpec | None = None) -> MelPicture:
        """The picture that `save` wrote, or an array of which the caller knows the spec.

        Args:
            path: of the .npy file.
            spec: what the picture must be; needed where no spec lies beside it.

        Raises:
            SpecError: there is neither a spec beside the array nor one given, they differ, or the array does not fit.
            DataError: the file is not there, no .npy file of numbers, or holds values that no sound has.
        """
        path = Path(path)
        _require_suffix(path)
        try:
            with path.open("rb") as file:
                values = np.load(file, allow_pickle=False)
        except FileNotFoundError:
            raise DataError(f"{path}: no such file. Check the path.") from None
        except (OSError, ValueError, EOFError, MemoryError) as error:
            raise DataError(f"{path} cannot be read as an array ({error}). Write it by MelPicture.save.") from None
        stored = _stored_spec(sidecar_of(path))
        if stored is None and spec is None:
            raise SpecError(
                f"{path} has no {sidecar_of(path).name} beside it, so that nothing says which mel scale, rate and hop "
                "it has. Say which preset it was made by (--preset), or write it by MelPicture.save."
            )
        if stored is not None and spec is not None:
            # Where a picture was cut says nothing of how it was made.
            require_same(replace(spec, max_frames=stored.max_frames), stored, str(path))
        try:
            return cls(values, spec if stored is None else stored)
        except (SpecError, DataError) as error:
            raise type(error)(f"{path}: {error}") from None


def sidecar_of(path: Path) -> Path:
    """Where the spec of the picture at `path` lies."""
    return path.with_name(f"{path.name}.json")


def _require_suffix(path: Path) -> None:
    if path.suffix.lower() != SUFFIX:
        raise DataError(f"{path}: expected a name that ends in {SUFFIX}, as pictures are stored. Change the suffix.")


def _require_shape(values: np.ndarray, n_mels: int) -> None:
    if values.ndim == 2 and values.shape[1] == n_mels:
        return
    received, expected = f"Received a picture of shape {values.shape}", f"expected (frames, {n_mels})"
    if values.ndim == 2 and values.shape[0] == n_mels:
        raise SpecError(f"{received}: it is transposed; {expected}. Hand in its .T.")
    if values.ndim == 2:
        raise SpecError(f"{received}; {expected}. It has other bands than its spec: give the spec it was made by.")
    raise SpecError(f"{received}; {expected}. Give one picture at a time, without an axis for channels.")


def _require_sound(values: np.ndarray, spec: MelSpec) -> None:
    if not len(values):
        raise DataError("Received a picture of 0 frames; expected at least 1. There is nothing to hear in it.")
    if not np.isfinite(values).all():
        broken = int((~np.isfinite(values)).sum())
        raise DataError(f"{broken:,} values of the picture are NaN or infinite. Find out where they came in.")
    if spec.log == "db":
        loudest, unit = float(values.max()), "dB relative to a full-scale sine"
        highest = _LOUDEST_DB
    else:
        if values.min() < 0:
            raise DataError(f"The picture holds {values.min():.3g}; expected 0 or more, as its spec has no logarithm.")
        loudest, unit = float(values.max()), "of magnitude" if spec.power == 1 else "of power"
        highest = 10 ** (_LOUDEST_DB / 20 * spec.power) * spec.full_scale**spec.power
    if loudest > highest:
        raise DataError(
            f"The picture reaches {loudest:.4g} {unit}; sound reaches some dB above 0, and {highest:.4g} never. "
            "Was it scaled to another range, or made by other settings?"
        )


def _stored_spec(sidecar: Path) -> MelSpec | None:
    """The spec in a sidecar; None where there is no sidecar."""
    try:
        fields = json.loads(sidecar.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise SpecError(f"{sidecar} cannot be read ({error}). Write the picture again.") from None
    if not isinstance(fields, dict) or "mel" not in fields:
        raise SpecError(f"{sidecar} holds no spec under 'mel'. Write the picture again by MelPicture.save.")
    try:
        return from_dict(MelSpec, fields["mel"])
    except SpecError as error:
        raise SpecError(f"{sidecar}: {error}") from None


def _save_array(part: Path, values: np.ndarray) -> None:
    with part.open("wb") as file:  # np.save would put .npy behind the name
        np.save(file, values)


def _write(path: Path, write) -> None:
    # Short and hidden: a long name stays within the file system's limit.
    part = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        write(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
