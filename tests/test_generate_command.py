"""`python -m fstmuse.generate` as a user meets it: pieces by seed, refusals before TensorFlow, Ctrl-C, exit codes."""

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

from fstmuse import generate
from tests.card_fixtures import make_artifact
from tests.generate_fixtures import RATE, small_creator
from tests.inference.sketcher import Sketcher, card_of_turns

__all__ = ["small_creator"]

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(run_command: Callable) -> Command:
    """Runs the command in this process: exit code, stdout, stderr."""
    return partial(run_command, generate)


def test_pieces_by_seed(command: Command, small_creator: Path, tmp_path: Path):
    out = tmp_path / "drawn"
    asked = (small_creator, "--label", "Rock", "--seconds", 0.5, "--seed", 7, "--out", out)
    code, said, _ = command(*asked, "--count", 2, "--truncation", 0.8)
    assert code == 0
    names = [f"creator-Rock-seed{seed}" for seed in (7, 8)]
    assert [line.partition(":")[0] for line in said.splitlines()] == [str(out / f"{name}.wav") for name in names]
    assert "0.50 s of Rock from seed 7 by creator " in said and "8000 Hz, griffin-lim" in said
    assert sorted(file.name for file in out.iterdir()) == sorted(
        f"{name}.{suffix}" for name in names for suffix in ("wav", "png", "json")
    )
    sound, rate = soundfile.read(out / "creator-Rock-seed8.wav")
    assert rate == RATE and len(sound) == RATE // 2
    told = json.loads((out / "creator-Rock-seed8.json").read_text("utf-8"))
    assert (told["seed"], told["label"], told["settings"]["truncation"]) == (8, "Rock", 0.8)

    code, _, said = command(*asked)
    assert code == 2 and f"{out / names[0]}.wav exists already" in said
    before = (out / f"{names[0]}.wav").read_bytes()
    assert command(*asked, "--truncation", 0.8, "--overwrite")[0] == 0
    assert (out / f"{names[0]}.wav").read_bytes() == before


def test_a_folder_that_cannot_be_made_is_told(
    command: Command, small_creator: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refused)
    code, _, said = command(small_creator, "--seconds", 0.3, "--out", tmp_path / "locked")
    assert code == 2 and "locked cannot be made: Permission denied. Choose another folder." in " ".join(said.split())


def test_from_one_seed_to_another(command: Command, small_creator: Path, tmp_path: Path):
    asked = (small_creator, "--label", "Rock", "--seconds", 0.3, "--out", tmp_path, "--seed")
    code, said, _ = command(*asked, 7, "--towards", 9, "--count", 4)
    assert code == 0
    names = [f"creator-Rock-seed7-towards9-{share}" for share in ("0000", "0333", "0667", "1000")]
    assert [line.partition(":")[0] for line in said.splitlines()] == [str(tmp_path / f"{name}.wav") for name in names]
    assert "from seed 7, 33.3 % towards 9 by creator" in said
    told = [json.loads((tmp_path / f"{name}.json").read_text("utf-8")) for name in names]
    assert [(one["seed"], one["towards"]) for one in told] == [(7, 9)] * 4
    assert [one["share"] for one in told] == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert len({(tmp_path / f"{name}.wav").read_bytes() for name in names}) == 4


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--towards", 9), "Received --count 1 with --towards 9; expected 2 or more"),
        (("--towards", 7, "--seed", 7, "--count", 3), "Received --towards 7, which is --seed itself"),
        (("--label", "Polka"), "drawn knows no label 'Polka'. Did you mean 'Folk'?"),
        (("--seconds", -2), "Received -2 s; expected 0.1 to 600 s of music"),
        (("--seconds", 3600), "Received 3600 s; expected 0.1 to 600 s of music"),
        (("--truncation", 2), "Received the truncation 2; expected 0"),
        (("--inversion", "l-bgfs"), "Unknown inversion 'l-bgfs'. Did you mean 'l-bfgs'?"),
        (("--refine", "a.wav"), "goes on from no clip nor refines one"),
        (("--count", 0), "received '0', expected at least 1"),
        (("--out", "none/here"), "there is no folder none"),
    ],
)
def test_what_cannot_be_made_is_refused_at_once(command: Command, tmp_path: Path, arguments: tuple, words: str):
    folder = make_artifact(tmp_path / "drawn", network="melgan-c-tiny", task="generate")  # no network is in it
    code, said, error = command(folder, *arguments)
    assert (code, said) == (2, "") and words in " ".join(error.split())


def test_other_artifacts_are_refused(command: Command, tmp_path: Path):
    folder = make_artifact(tmp_path / "hears")
    code, _, said = command(folder)
    assert code == 2 and f"{folder} was trained to classify; expected a network that makes music from noise" in said
    code, _, said = command(tmp_path / "nothing")
    assert code == 2 and "holds no artifact" in said


def test_ctrl_c_keeps_what_is_done(
    command: Command, small_creator: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from fstmuse.inference import generate_result

    write = generate_result.write_files

    def interrupted(*arguments: object) -> tuple[Path, ...]:
        os.kill(os.getpid(), signal.SIGINT)
        return write(*arguments)

    monkeypatch.setattr(generate_result, "write_files", interrupted)
    code, said, error = command(small_creator, "--count", 3, "--seconds", 0.2, "--out", tmp_path, "--label", "Folk")
    assert code == 130 and "Interrupted. 1 of 3 pieces were written." in error
    assert len(said.splitlines()) == 1
    assert sorted(file.suffix for file in tmp_path.iterdir()) == [".json", ".png", ".wav"]


@pytest.fixture
def turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Sketcher]:
    """An artifact that draws in turn, and what draws in place of its network."""
    from fstmuse.artifacts.card import read_card
    from fstmuse.inference import creating, session

    folder, sketcher = card_of_turns(tmp_path / "turns"), Sketcher()
    monkeypatch.setattr(session, "load", lambda folder: (None, read_card(folder)))
    monkeypatch.setattr(session, "picture_creator", lambda *_: sketcher)
    monkeypatch.setattr(creating, "TOGETHER", 2)
    return folder, sketcher


def test_ctrl_c_keeps_all_that_is_drawn_at_once(command: Command, turns: tuple[Path, Sketcher], tmp_path: Path):
    folder, sketcher = turns
    sketcher.interrupt = partial(os.kill, os.getpid(), signal.SIGINT)
    out = tmp_path / "drawn"
    code, said, error = command(folder, "--count", 3, "--seconds", 0.4, "--out", out, "--label", "Folk")
    assert code == 130 and "Interrupted. 2 of 3 pieces were written, 2 of them cut short." in error
    assert [line.endswith("; cut short") for line in said.splitlines()] == [True, True]
    assert len(list(out.iterdir())) == 6 and sketcher.batches == [[0, 1]]
    for seed in (0, 1):
        told = json.loads((out / f"turns-Folk-seed{seed}.json").read_text("utf-8"))
        assert told["settings"]["cut_short"] and told["seed"] == seed and told["settings"]["seconds"] == 0.4
        assert told["samples"] == soundfile.info(out / f"turns-Folk-seed{seed}.wav").frames < 0.4 * RATE
    # The same command makes the fragments anew, and what is whole stays.
    sketcher.interrupt = lambda: None
    asked = (folder, "--seconds", 0.4, "--out", out, "--label", "Folk")
    assert command(*asked, "--count", 3)[0] == 0
    code, _, error = command(*asked)
    assert code == 2 and "turns-Folk-seed0.wav exists already" in error


def test_a_clip_is_refined(command: Command, turns: tuple[Path, Sketcher], tmp_path: Path):
    folder, sketcher = turns
    clip = tmp_path / "song.wav"
    soundfile.write(clip, 0.1 * np.random.default_rng(0).standard_normal(RATE // 2), RATE)
    asked = (folder, "--refine", clip, "--label", "Rock", "--out", tmp_path)
    code, said, _ = command(*asked, "--count", 3, "--inversion", "l-bfgs")
    assert code == 0 and sketcher.batches == [[0, 1], [2]] and said.count("0.50 s of Rock") == 3
    told = json.loads((tmp_path / "turns-Rock-song-refined-seed2.json").read_text("utf-8"))
    assert (told["seconds"], told["settings"]["refine"], told["settings"]["sound"]) == (0.5, str(clip), "l-bfgs")
    for wrong, words in (
        (("--seconds", 3), "expected no length: the music lasts as long as that clip"),
        (("--prime", clip), "expected one of them"),
        (("--refine", tmp_path / "absent.wav"), "absent.wav"),
    ):
        code, said, error = command(*asked, *wrong)
        assert (code, said) == (2, "") and words in " ".join(error.split())
