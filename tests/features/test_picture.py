"""Mel pictures know what they are: shapes, values and files are checked against the spec."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fstmuse.errors import DataError, FstMuseError, SpecError
from fstmuse.features.picture import MelPicture, sidecar_of
from fstmuse.spec import MelSpec

SPEC = MelSpec(8000, 256, 64, 20, 0.0, 4000.0)


def values(frames: int = 30) -> np.ndarray:
    return np.random.default_rng(2).uniform(-90, -10, (frames, SPEC.n_mels)).astype(np.float32)


def test_keeps_values_and_tells_length():
    picture = MelPicture(values(), SPEC)
    np.testing.assert_array_equal(picture.values, values())
    assert picture.samples == 30 * 64
    doubled = MelPicture(values().astype(np.float64), SPEC).values
    assert doubled.dtype == np.float32 and doubled.flags.c_contiguous
    assert MelPicture(np.asfortranarray(values()), SPEC).values.flags.c_contiguous


def broken(number: float) -> np.ndarray:
    wrong = values()
    wrong[3, 4] = number
    return wrong


WRONG = {
    "transposed": (values().T, SPEC, SpecError, r"\(20, 30\): it is transposed; expected \(frames, 20\)"),
    "other bands": (np.zeros((30, 64)), SPEC, SpecError, r"\(30, 64\).*other bands"),
    "batch": (values()[None], SPEC, SpecError, "one picture at a time"),
    "channel": (values()[..., None], SPEC, SpecError, "one picture at a time"),
    "one row": (values()[0], SPEC, SpecError, "one picture at a time"),
    "empty": (values()[:0], SPEC, DataError, "0 frames"),
    "nan": (broken(np.nan), SPEC, DataError, "1 values .* NaN or infinite"),
    "infinite": (broken(-np.inf), SPEC, DataError, "NaN or infinite"),
    "beyond float32": (broken(1.0).astype(np.float64) * 1e300, SPEC, DataError, "NaN or infinite"),
    "an image": (np.full((30, 20), 255, np.uint8), SPEC, DataError, "reaches 255 dB"),
    "complex": (values() * 1j, SPEC, DataError, "type complex"),
    "text": (np.full((30, 20), "a"), SPEC, DataError, "expected real numbers"),
    "decibels for power": (values(), replace(SPEC, log="none"), DataError, "expected 0 or more"),
    "far too loud": (np.full((30, 20), 1e20), replace(SPEC, log="none"), DataError, "of power"),
}


@pytest.mark.parametrize("case", WRONG)
def test_refused_in_words(case):
    array, spec, kind, message = WRONG[case]
    with pytest.raises(kind, match=message) as error:
        MelPicture(array, spec)
    assert len(str(error.value)) < 250


def test_saved_and_loaded(tmp_path: Path):
    file = MelPicture(values(), SPEC).save(tmp_path / "clip.npy")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.npy", "clip.npy.json"]
    again = MelPicture.load(file)
    assert again.spec == SPEC
    np.testing.assert_array_equal(again.values, values())
    np.testing.assert_array_equal(np.load(file), values())
    MelPicture(values(7), replace(SPEC, scale="slaney")).save(file)
    assert MelPicture.load(file).spec.scale == "slaney" and len(MelPicture.load(file).values) == 7


def test_other_spec_than_stored_is_refused(tmp_path: Path):
    file = MelPicture(values(), SPEC).save(tmp_path / "clip.npy")
    with pytest.raises(SpecError, match="scale 'htk', expected 'slaney'"):
        MelPicture.load(file, replace(SPEC, scale="slaney"))
    # Where a picture was cut says nothing of how to invert it.
    assert MelPicture.load(file, replace(SPEC, max_frames=5)).spec == SPEC


def test_bare_array_needs_a_spec(tmp_path: Path):
    file = tmp_path / "bare.npy"
    np.save(file, values())
    with pytest.raises(SpecError, match=r"no bare\.npy\.json beside it.*--preset"):
        MelPicture.load(file)
    assert MelPicture.load(file, SPEC).spec == SPEC
    np.save(file, values().T)
    with pytest.raises(SpecError, match=r"bare\.npy: .*transposed"):
        MelPicture.load(file, SPEC)


def test_killed_between_its_files_leaves_no_wrong_spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = MelPicture(values(), replace(SPEC, scale="slaney")).save(tmp_path / "clip.npy")
    monkeypatch.setattr("json.dumps", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        MelPicture(values(), SPEC).save(file)
    with pytest.raises(SpecError, match="Say which preset"):
        MelPicture.load(file)


def test_damaged_files_are_told(tmp_path: Path):
    with pytest.raises(DataError, match="no such file"):
        MelPicture.load(tmp_path / "none.npy")
    with pytest.raises(DataError, match=r"ends in \.npy"):
        MelPicture.load(tmp_path / "clip.wav")
    with pytest.raises(DataError, match=r"ends in \.npy"):
        MelPicture(values(), SPEC).save(tmp_path / "clip.png")
    with pytest.raises(DataError, match="cannot be written"):
        MelPicture(values(), SPEC).save(tmp_path / "nowhere" / "clip.npy")
    file = MelPicture(values(), SPEC).save(tmp_path / "clip.npy")
    whole = file.read_bytes()
    for content in (b"", b"text", whole[:200]):
        file.write_bytes(content)
        with pytest.raises(DataError, match="cannot be read as an array"):
            MelPicture.load(file)
    np.save(file, np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match="cannot be read as an array"):
        MelPicture.load(file)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"mel": 3}', '{"mel": {"n_mels": 20}}', "[" * 100_000])
def test_damaged_sidecars_are_told(tmp_path: Path, text):
    file = MelPicture(values(), SPEC).save(tmp_path / "clip.npy")
    sidecar_of(file).write_text(text)
    with pytest.raises(FstMuseError) as error:
        MelPicture.load(file, SPEC)
    assert "clip.npy.json" in str(error.value)


def test_sidecar_edited_by_hand_is_checked(tmp_path: Path):
    file = MelPicture(values(), SPEC).save(tmp_path / "clip.npy")
    sidecar = sidecar_of(file)
    fields = json.loads(sidecar.read_text())
    fields["mel"]["n_mels"] = 64
    sidecar.write_text(json.dumps(fields))
    with pytest.raises(SpecError, match="other bands"):
        MelPicture.load(file)
