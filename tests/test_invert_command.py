"""`python -m fstmuse.invert` as a user meets it: pictures and clips in, sound out, nothing overwritten."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fstmuse import invert
from fstmuse.features.mel import LogMel
from fstmuse.features.picture import MelPicture
from fstmuse.features.presets import HIFI, REPORT
from fstmuse.tasks.spectral import log_spectral_distance
from tests.artifact_fixtures import TONE_RATE, tone_artifact
from tests.features.test_mel import music

__all__ = ["tone_artifact"]

REPOSITORY = Path(__file__).resolve().parent.parent
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(run_command: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs the command in this process, in a folder with a clip and a picture: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    soundfile.write("clip.wav", np.stack([music(16000), music(16000)], axis=1), 22050)
    MelPicture(LogMel(REPORT)(music(12000)), REPORT).save("picture.npy")
    np.save("bare.npy", LogMel(REPORT)(music(12000)))
    return partial(run_command, invert)


def files() -> set[str]:
    return {path.name for path in Path().iterdir()}


def heard(name: str) -> np.ndarray:
    return soundfile.read(name, dtype="float32")[0]


def test_clip_to_sound_and_picture(command: Command) -> None:
    before = files()
    code, out, err = command("clip.wav", "--save-mel", "mel.npy", "--figure", "shown.png", "--iterations", 8)
    assert (code, err) == (0, "")
    assert files() - before == {"clip.inverted.wav", "mel.npy", "mel.npy.json", "shown.png"}
    lines = out.splitlines()
    assert lines[0].startswith("clip.inverted.wav: 0.73 s at 22050 Hz, off by ")
    assert lines[1:] == ["mel.npy: 32 frames of 128 mel bands", "shown.png"]
    info = soundfile.info("clip.inverted.wav")
    assert (info.samplerate, info.channels, info.frames) == (22050, 1, 16000)
    kept = MelPicture.load("mel.npy")
    assert kept.spec == HIFI
    np.testing.assert_allclose(kept.values, LogMel(HIFI)(music(16000)), atol=2)  # clip.wav has 16 bits
    distance = log_spectral_distance(kept.values, LogMel(HIFI)(heard("clip.inverted.wav")))
    assert distance == pytest.approx(float(lines[0].split()[-2]), abs=0.1) and distance < 4


def test_saved_picture_gives_the_same_sound_again(command: Command) -> None:
    assert command("clip.wav", "--save-mel", "mel.npy", "--iterations", 2)[0] == 0
    assert command("mel.npy", "--iterations", 2)[0] == 0
    clip, again = heard("clip.inverted.wav"), heard("mel.inverted.wav")
    np.testing.assert_allclose(again[: len(clip)], clip, atol=1e-3)
    chance = ("mel.npy", "--iterations", 2, "--phases", "random")
    assert command(*chance, "--out", "other.flac")[0] == 0
    assert command(*chance, "--seed", 6, "--out", "third.flac")[0] == 0
    other, third = heard("other.flac"), heard("third.flac")
    assert np.abs(other - again).max() > 0.01 and np.abs(third - other).max() > 0.01


def test_part_of_a_clip(command: Command) -> None:
    code, out, _ = command("clip.wav", "--start-s", 0.2, "--duration-s", 0.25, "--iterations", 1, "--mel", "pinv")
    assert code == 0 and "0.25 s" in out


def test_pictures_of_a_network(command: Command, tone_artifact: Path) -> None:
    code, out, err = command("clip.wav", "--model", tone_artifact, "--save-mel", "mel.npy", "--iterations", 1)
    assert (code, err) == (0, "") and f"at {TONE_RATE} Hz" in out
    assert MelPicture.load("mel.npy").spec.n_mels == 24
    assert command("mel.npy", "--model", tone_artifact, "--iterations", 1)[0] == 0
    code, _, err = command("picture.npy", "--model", tone_artifact)
    assert code == 2 and "picture.npy: sample_rate 22050, expected 8000" in err


def test_bare_array_needs_its_preset(command: Command) -> None:
    code, out, err = command("bare.npy")
    assert (code, out) == (2, "") and "no bare.npy.json beside it" in err and "--preset" in err
    code, _, err = command("bare.npy", "--preset", "hifi")
    assert code == 2 and "bare.npy: Received a picture of shape (24, 64); expected (frames, 128)" in err
    assert command("bare.npy", "--preset", "report", "--iterations", 1)[0] == 0


def test_loud_sound_is_lowered(command: Command) -> None:
    MelPicture(LogMel(REPORT)(8 * music(6000)), REPORT).save("loud.npy")
    code, out, _ = command("loud.npy", "--iterations", 2)
    assert code == 0 and "lowered by" in out
    assert 0.99 < np.abs(heard("loud.inverted.wav")).max() <= 1


def test_gradients_come_nearer(command: Command) -> None:
    off = {}
    for method in ("griffin-lim", "l-bfgs"):
        code, out, err = command("picture.npy", "--method", method, "--out", f"{method}.wav", "--phases", "slopes")
        assert (code, err) == (0, "") and out.startswith(f"{method}.wav: 0.56 s")
        off[method] = float(out.split()[-2])
    assert off["l-bfgs"] < 0.8 * off["griffin-lim"]


def test_tensorflow_io(command: Command) -> None:
    code, out, err = command("picture.npy", "--method", "tfio", "--iterations", 3)
    assert (code, err) == (0, "") and out.startswith("picture.inverted.wav: 0.56 s")


WRONG: dict[str, tuple[list[str], str]] = {
    "unknown preset": (["clip.wav", "--preset", "hfi"], "Unknown preset 'hfi'. Did you mean 'hifi'?"),
    "two specs": (["clip.wav", "--preset", "hifi", "--model", "x"], "Give one of them"),
    "unknown method": (["clip.wav", "--method", "griffinlim"], "Did you mean 'griffin-lim'?"),
    "unknown way": (["clip.wav", "--mel", "nnl"], "Did you mean 'nnls'?"),
    "unknown phases": (["clip.wav", "--phases", "slope"], "--phases: unknown name 'slope'. Did you mean 'slopes'?"),
    "phases of tfio": (["clip.wav", "--method", "tfio", "--phases", "slopes"], "tfio has none"),
    "seed of no chance": (["clip.wav", "--seed", "5"], "add --phases random"),
    "momentum of tfio": (["clip.wav", "--method", "tfio", "--momentum", "0.5"], "tfio has none"),
    "momentum": (["clip.wav", "--momentum", "1"], "expected 0 to less than 1"),
    "momentum nan": (["clip.wav", "--momentum", "nan"], "expected"),
    "iterations": (["clip.wav", "--iterations", "-1"], "expected at least 0"),
    "part of a picture": (["picture.npy", "--start-s", "1"], "a picture is inverted as a whole"),
    "start nowhere": (["clip.wav", "--start-s", "nan"], "expected"),
    "start after the end": (["clip.wav", "--start-s", "9"], "clip.wav"),
    "no length": (["clip.wav", "--duration-s", "0"], "expected more than 0 s"),
    "suffix of sound": (["clip.wav", "--out", "x.mp3"], "--out x.mp3: expected a name that ends in .wav or .flac"),
    "suffix of picture": (["clip.wav", "--save-mel", "x.png"], "ends in .npy"),
    "suffix of figure": (["clip.wav", "--figure", "x.jpg"], "ends in .png"),
    "no folder": (["clip.wav", "--out", "no/x.wav"], "there is no folder no"),
    "a folder": (["clip.wav", "--out", "folder.wav"], "is a folder"),
    "itself": (["clip.wav", "--out", "clip.wav", "--overwrite"], "is what is to be inverted"),
    "there already": (["clip.wav", "--out", "there.wav"], "there.wav exists already. Replace it (--overwrite)"),
    "missing clip": (["none.wav"], "none.wav"),
    "missing picture": (["none.npy"], "none.npy: no such file"),
    "no sound": (["text.wav"], "text.wav"),
    "transposed": (
        ["turned.npy", "--preset", "report"],
        "turned.npy: Received a picture of shape (64, 24): it is tran",
    ),
    "unknown model": (["clip.wav", "--model", "none"], "No artifact 'none'"),
}


@pytest.mark.parametrize("case", WRONG)
def test_refused_in_words(command: Command, case: str) -> None:
    arguments, message = WRONG[case]
    Path("there.wav").write_text("mine")
    Path("text.wav").write_text("no sound")
    Path("folder.wav").mkdir()
    np.save("turned.npy", np.load("bare.npy").T)
    before = files()
    clip = Path("clip.wav").read_bytes()
    code, out, err = command(*arguments)
    assert (code, out) == (2, "")
    told = err[err.index("Error: ") :]  # after the usage, where Typer found the fault
    assert message in told and len(told.splitlines()) <= 2
    assert files() == before and Path("there.wav").read_text() == "mine" and Path("clip.wav").read_bytes() == clip


def test_overwrites_when_asked(command: Command) -> None:
    Path("there.wav").write_text("mine")
    assert command("picture.npy", "--out", "there.wav", "--overwrite", "--iterations", 1)[0] == 0
    assert len(heard("there.wav")) == 24 * 512


def test_what_memory_cannot_hold_is_refused(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invert, "MOST_BYTES", 500_000)
    monkeypatch.setattr("fstmuse.audio.decode.decode", lambda *_, **__: pytest.fail("decoded"))
    for source in ("clip.wav", "big.npy"):
        MelPicture(np.full((60, 64), -50.0), REPORT).save("big.npy")
        code, _, err = command(source)
        assert code == 2 and f"{source}: 0 min take 0.0 GB of memory" in err and "--duration-s" in err
    assert command("picture.npy", "--iterations", 1)[0] == 0


def test_ctrl_c_leaves_nothing(command: Command) -> None:
    MelPicture(np.tile(LogMel(REPORT)(music(22050)), (20, 1)), REPORT).save("long.npy")
    before = files()
    process = subprocess.Popen(
        [sys.executable, "-c", PATIENT, "long.npy", "--iterations", "1000000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
    )
    assert process.stdout.readline() == "searching\n"
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[-1] == "Interrupted. Nothing was written."
    assert files() == before


# The command, which says when its search for phases has begun.
PATIENT = """
from fstmuse import invert
from fstmuse.features import griffin_lim
begin = griffin_lim._Search.begin

def told(*arguments):
    print("searching", flush=True)
    return begin(*arguments)

griffin_lim._Search.begin = told
invert.main()
"""
