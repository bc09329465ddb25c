"""`python -m fstmuse.infill` as a user meets it: mended files, refusals before TensorFlow, Ctrl-C, exit codes."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fstmuse import infill
from tests.artifact_fixtures import tone_artifact
from tests.infill_fixtures import GAP_S, RATE, small_continuer, small_filler, write_clip

__all__ = ["small_continuer", "small_filler", "tone_artifact"]

START, END = (round(edge * RATE) for edge in GAP_S)

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(run_command: Callable) -> Command:
    """Runs the command in this process: exit code, stdout, stderr."""
    return partial(run_command, infill)


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    write_clip(tmp_path / "clip.wav")
    return tmp_path / "clip.wav"


def test_plain_with_two_gaps(command: Command, damaged: Path, tmp_path: Path):
    out = tmp_path / "fixed.wav"
    code, said, _ = command("--plain", damaged, "--gap", 0.8, 1.0, "--gap", 1.5, 1.52, "--out", out, "--seed", 5)
    assert code == 0
    assert said == f"{out}: 2 gaps, 0.220 s of 2.00 s, filled by plain; 16000 Hz, 2 channels, PCM_16\n"
    before, _ = soundfile.read(damaged, dtype="float32")
    after, rate = soundfile.read(out, dtype="float32")
    assert rate == RATE
    same = (before == after).all(axis=1)
    assert same[:START].all() and same[END:24_000].all() and same[24_320:].all()
    assert np.abs(after[START:END]).mean() > 0.02
    told = json.loads((tmp_path / "fixed.json").read_text("utf-8"))
    assert (told["seed"], told["model"], told["clip"], told["out"]) == (5, "plain", str(damaged), str(out))
    assert [gap["start_s"] for gap in told["gaps"]] == [0.8, 1.5]
    assert (tmp_path / "fixed.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["clip.wav", "fixed.json", "fixed.png", "fixed.wav"]


def test_found_and_as_flac(command: Command, damaged: Path, tmp_path: Path):
    code, said, _ = command("--plain", damaged, "--find", "--out", tmp_path / "fixed.flac")
    assert code == 0
    assert said.splitlines()[0] == "found 0.800 to 1.000 s: silent"
    before, _ = soundfile.read(damaged, dtype="float32")
    after, _ = soundfile.read(tmp_path / "fixed.flac", dtype="float32")
    np.testing.assert_array_equal(after[:START], before[:START])


def test_with_a_network_and_without_a_place(
    command: Command, small_filler: Path, damaged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    code, said, _ = command(small_filler, damaged, "--gap", *GAP_S)
    assert code == 0
    assert "clip.infilled.wav: 1 gap, 0.200 s of 2.00 s, filled by filler " in said
    assert json.loads((tmp_path / "clip.infilled.json").read_text())["settings"]["mel"]["n_mels"] == 24


def test_plain_that_goes_on(command: Command, damaged: Path, tmp_path: Path):
    out = tmp_path / "longer.wav"
    code, said, _ = command("--plain", damaged, "--continue", 0.5, "--out", out, "--seed", 5, "--spread", 0)
    assert code == 0
    assert said == f"{out}: goes on from 2.00 to 2.50 s, by plain; 16000 Hz, 2 channels, PCM_16\n"
    before, _ = soundfile.read(damaged, dtype="float32")
    after, rate = soundfile.read(out, dtype="float32")
    assert (rate, len(after)) == (RATE, len(before) + RATE // 2)
    np.testing.assert_array_equal(after[: len(before)], before)
    told = json.loads((tmp_path / "longer.json").read_text("utf-8"))
    assert (told["seed"], told["made"]["start_s"]) == (5, 2.0)
    assert told["settings"] == {"seconds": 0.5, "spread": 0.0, "iterations": 32}
    assert sorted(file.name for file in tmp_path.iterdir()) == ["clip.wav", "longer.json", "longer.png", "longer.wav"]


def test_a_network_that_goes_on(
    command: Command, small_continuer: Path, damaged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    code, said, _ = command(small_continuer, damaged, "--continue", 0.5, "--spread", 0.5)
    assert code == 0
    assert "clip.continued.wav: goes on from 2.00 to 2.50 s, by continuer " in said
    assert json.loads((tmp_path / "clip.continued.json").read_text())["settings"]["spread"] == 0.5


def test_nothing_is_replaced_unless_asked(command: Command, damaged: Path, tmp_path: Path):
    (tmp_path / "fixed.png").write_text("mine")
    asked = ("--plain", damaged, "--gap", *GAP_S, "--out", tmp_path / "fixed.wav")
    code, _, said = command(*asked)
    assert (code, said) == (
        2,
        f"Error: {tmp_path / 'fixed.png'} exists already. Replace it (--overwrite) or choose another name.\n",
    )
    assert not (tmp_path / "fixed.wav").exists()
    assert command(*asked, "--overwrite")[0] == 0
    assert (tmp_path / "fixed.png").stat().st_size > 1000


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--plain", "CLIP"), "Nothing to fill"),
        (("CLIP", "--gap", 0.1, 0.2), "clip.wav; expected an artifact and a clip"),
        (("--plain", "a", "CLIP", "--gap", 0.1, 0.2), "the clip alone with --plain"),
        (("--plain", "CLIP", "--gap", 0.1), "--gap 0.1: expected two numbers"),
        (("CLIP", "--gap", 0.1, "--plain"), "--gap 0.1: expected two numbers"),
        (("--plain", "CLIP", "--gap", "0,1", 0.2), "behind a point, not a comma"),
        (("--plain", "CLIP", "--gap", "1:70", "2:00"), "--gap 1:70 2:00: expected two numbers"),
        (("--plain", "CLIP", "--gap", "1:02.5", "1:03"), "gap 62.5 to 63 s, but the clip goes from 0 to 2.00 s"),
        (("--plain", "CLIP", "--gap=1:02", "1:03"), "gap 62 to 63 s, but"),
        (("--plain", "CLIP", "--gap", "a", "b"), "--gap a b: expected two numbers"),
        (("--plain", "CLIP", "--gap", 1.0, 0.5), "a start and a later end"),
        (("--plain", "CLIP", "--gap", 1.0, 3.5), "the clip goes from 0 to 2.00 s"),
        (("--plain", "CLIP", "--gap", -1, 0.5), "the clip goes from 0 to 2.00 s"),
        (("--plain", "CLIP", "--gap", 0, 2), "as wide as the clip"),
        (("--plain", "none.wav", "--gap", 0.1, 0.2), "no such file"),
        (("--plain", "CLIP", "--find", "--out", "fixed.mp3"), "ends in .wav or .flac"),
        (("--plain", "CLIP", "--find", "--out", "nowhere/fixed.wav"), "there is no folder nowhere"),
        (("--plain", "CLIP", "--find", "--out", "CLIP"), "would replace the clip itself"),
        (("nothing-here", "CLIP", "--find"), "No artifact 'nothing-here'"),
        (("TONES", "CLIP", "--find"), "was trained to classify; expected a network that fills gaps"),
        (("TONES", "CLIP", "--continue", 1), "was trained to classify; expected a network that goes on"),
        (("--plain", "CLIP", "--continue", 31), "expected more than 0, up to 30 s"),
        (("--plain", "CLIP", "--continue", 1, "--find"), "--continue fills no gaps"),
        (("TONES", "CLIP", "--continue", 1, "--spread", 9), "expected 0 (the best guess) to 3"),
        (("TONES", "CLIP", "--find", "--spread", 1), "give it with --continue"),
    ],
)
def test_refusals_come_before_tensorflow(
    command: Command, tone_artifact: Path, damaged: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple, words: str
):
    def never() -> None:
        raise AssertionError("TensorFlow was loaded")

    monkeypatch.setattr("fstmuse.quiet.load_tensorflow", never)
    monkeypatch.chdir(damaged.parent)
    places = {"CLIP": damaged, "TONES": tone_artifact}
    code, out, err = command(*(places.get(argument, argument) for argument in arguments))
    assert code == 2
    assert words in err
    assert out == ""
    assert 1 <= err.count("\n") <= 2
    assert [file.name for file in damaged.parent.iterdir()] == ["clip.wav"]


@pytest.mark.parametrize("network", [False, True])
def test_whole_sound_is_told_before_tensorflow(
    command: Command, small_filler: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, network: bool
):
    monkeypatch.setattr("fstmuse.quiet.load_tensorflow", lambda: pytest.fail("TensorFlow was loaded"))
    write_clip(tmp_path / "whole.wav", None)
    how = small_filler if network else "--plain"
    code, _, err = command(how, tmp_path / "whole.wav", "--find", "--out", tmp_path / "fixed.wav")
    assert code == 2
    assert "whole.wav: no dropout found" in err


@pytest.mark.skipif(os.name == "nt", reason="signals as in a terminal")
def test_ctrl_c_leaves_nothing_behind(command: Command, damaged: Path, monkeypatch: pytest.MonkeyPatch):
    from fstmuse.features import gap_sound

    bridged = gap_sound.bridged

    def interrupted(*arguments: object) -> object:
        os.kill(os.getpid(), signal.SIGINT)
        return bridged(*arguments)

    monkeypatch.setattr(gap_sound, "bridged", interrupted)
    monkeypatch.chdir(damaged.parent)
    code, out, err = command("--plain", damaged, "--gap", *GAP_S, "--out", "fixed.wav")
    assert (code, out) == (130, "")
    assert err.endswith("Interrupted. Nothing was written.\n")
    assert [file.name for file in damaged.parent.iterdir()] == ["clip.wav"]
