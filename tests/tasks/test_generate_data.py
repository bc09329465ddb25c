"""What is said of the music before a GAN learns from it is true."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fstmuse.data.cache import prepare
from fstmuse.data.clip import Clip
from fstmuse.data.manifest import Manifest
from fstmuse.errors import DataError
from fstmuse.features.mel import LogMel
from fstmuse.networks.catalogue import find
from fstmuse.spec import AudioSpec, MelSpec
from fstmuse.tasks import generate
from fstmuse.tasks.generate_data import MusicReport, Twins, look_at_music
from fstmuse.tasks.generate_remarks import remarks

RATE = 8000
MEL = MelSpec(RATE, 512, 128, 64, 0.0, 4000.0)
ENTRY = replace(find("melgan-c-tiny"), audio=AudioSpec(RATE, 1.0), mel=MEL)
SPEC = AudioSpec(RATE, 10.0)


def band(seed: int, seconds: float = 10.0) -> np.ndarray:
    """Notes of random pitch and level."""
    rng = np.random.default_rng(seed)
    notes = []
    for _ in range(round(5 * seconds)):
        times = np.arange(RATE // 5) / RATE
        pitches = rng.uniform(100, 3000, 3)
        notes.append(rng.uniform(0.05, 0.3) * np.sin(2 * np.pi * times[:, None] * pitches).sum(axis=1))
    return np.concatenate(notes)


def report_of(folder: Path, sounds: dict[str, np.ndarray], labels: tuple[str, ...] = ()) -> MusicReport:
    """Of sounds by file; the split and perhaps a label begin their names: `train-rock-1.wav`."""
    clips = []
    for name, sound in sounds.items():
        soundfile.write(folder / name, sound, RATE)
        split, *more = name.split(".")[0].split("-")
        clips.append(Clip(name.split(".")[0], name, labels=tuple(more[:1]) if labels else (), split=split))
    manifest = Manifest("sounds", tuple(clips))
    cache = prepare(manifest, folder, SPEC, kind="log-mel", mel=LogMel(MEL), cache_dir=folder / "cache", workers=0)
    sets = (generate.examples(cache, manifest.split(split).clips, labels, ENTRY) for split in ("train", "valid"))
    told: list[float] = []
    report = look_at_music(cache, folder, *sets, labels, ENTRY, told.append)
    assert told == sorted(told) and told[-1] == 1
    return report


def test_all_that_is_wrong_is_found(tmp_path: Path) -> None:
    half = band(3)  # two thirds of it silent
    half[len(half) // 3 :] = 0
    sounds = {
        "train-a.wav": band(0),
        "train-b.wav": band(1),
        "train-loud.wav": np.clip(np.concatenate([0.2 * band(2, 6), 8 * band(2, 4)]), -1, 1),
        "train-half.wav": half,
        "train-again.mp3": 0.5 * band(0),
        "train-faint.wav": 1e-4 * band(5),
        "valid-c.wav": band(6),
        "valid-b.ogg": band(1)[RATE // 2 :],
    }
    report = report_of(tmp_path, sounds)
    assert report.minutes == {"": pytest.approx(1, rel=0.01)} and report.clips == {"": 6}
    assert report.valid_minutes == pytest.approx(19.5 / 60, rel=0.02)
    assert report.silent == pytest.approx((1 + 2 / 3) / 6, abs=0.02)
    assert report.silent_clips == ("train-faint", "train-half")
    assert (report.listened, report.clipped) == (6, ("train-loud",))
    found = {(twins.one, twins.other, twins.parted) for twins in report.twins}
    assert found == {("train-a", "train-again", False), ("train-b", "valid-b", True)}
    said = "\n".join(remarks(report))
    for words in ("1.0 minutes; expected 5", "train-loud", "In training and in validation: train-b = valid-b"):
        assert words in said, said
    assert "train-a = train-again" in said and "Silence: 2" in said


def test_minutes_are_counted_by_label(tmp_path: Path) -> None:
    names = ["train-rock-1", "train-rock-2", "train-rock-3", "train-rock-4", "train-folk-1", "valid-rock", "valid-folk"]
    sounds = {f"{name}.wav": band(seed, 3 if "folk" in name else 10) for seed, name in enumerate(names)}
    report = report_of(tmp_path, sounds, ("folk", "rock"))
    assert report.clips == {"folk": 1, "rock": 4}
    assert report.minutes == {"folk": pytest.approx(3 / 60, rel=0.05), "rock": pytest.approx(40 / 60, rel=0.02)}
    assert report.values == pytest.approx(43 * RATE / 128 * 64, rel=0.02)
    said = remarks(report)
    assert len(said) == 3 and "folk has less than a third of the minutes of rock" in said[2]


def test_nothing_but_silence_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="All of the 2 clips to learn from are silent"):
        report_of(tmp_path, {"train-a.wav": 1e-4 * band(0), "train-b.wav": 1e-4 * band(1), "valid-c.wav": band(2)})


GOOD = MusicReport(
    minutes={"folk": 300.0, "rock": 200.0},
    clips={"folk": 600, "rock": 400},
    valid_minutes=60.0,
    values=160_000_000,
    weights=1_630_694,
    padded=0.0,
    silent=0.004,
    silent_clips=(),
    listened=200,
    clipped=("one",),
    twins=(),
)


def test_good_music_gets_one_line() -> None:
    assert remarks(GOOD) == [
        "Music to learn from: 8.3 hours in 1,000 clips (folk 5.0 hours, rock 3.3 hours); 60 minutes for validation; "
        "silent: under 1 %; clipped: 1 of 200 clips; recordings that lie in twice: 0."
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"minutes": {"folk": 300.0, "rock": 4.0}}, "4.0 minutes of rock; expected 5 minutes or more of each label"),
        (
            {"weights": 209_000_000},
            "209.0 million weights can learn 160.0 million picture values by heart. Expected 10.9",
        ),
        ({"minutes": {"folk": 300.0, "rock": 60.0}}, "rock has less than a third of the minutes of folk"),
        ({"padded": 0.6}, "60 % of what it sees is silence that fills them up"),
        ({"silent": 0.2}, "Silence: 20 % of the seconds"),
        ({"clipped": tuple("abcdefghijkl")}, "Clipped: a, b, c and 9 more"),
        ({"twins": (Twins("a", "b", True, 0.9),)}, "In training and in validation: a = b. Validation then says less"),
    ],
)
def test_what_is_wrong_is_said(change: dict, words: str) -> None:
    assert any(words in remark for remark in remarks(replace(GOOD, **change))[1:])
