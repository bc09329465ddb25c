"""`python -m fstmuse.datasets` as a user meets it: output, exit codes, messages."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fstmuse import datasets
from fstmuse.data.manifest import read_manifest

REPOSITORY = Path(__file__).resolve().parent.parent

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(run_command: Callable) -> Command:
    """Runs the command in this process: exit code, stdout, stderr."""
    return partial(run_command, datasets)


def music(root: Path, labels: tuple[str, ...] = ("Folk", "Rock"), count: int = 4) -> Path:
    for label in labels:
        for number in range(count):
            path = root / label / f"{number}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, np.full(1600, 0.1 + number / 20), 8000)
    return root


def test_list(command: Command) -> None:
    code, out, _ = command("list")
    assert code == 0
    assert "fma_small" in out and "7.2 GiB" in out and "demo" in out
    lines = [line.strip() for line in out.splitlines()]
    assert "https://github.com/mdeff/fma" in lines
    assert "Official artist-filtered split 6,400/800/800; six clips are broken and marked so." in lines
    assert lines[lines.index("fma_small (classify, 7.2 GiB to fetch)") - 1] == ""
    assert "demo (classify, no download)" in lines and "piano_disklavier (infill, to fetch by hand)" in lines
    code, out, _ = command("list", "--json")
    assert [row["name"] for row in json.loads(out)] == ["demo", "fma_small", "piano_disklavier", "gap_training"]


def test_build_then_check(command: Command, tmp_path: Path) -> None:
    root, out_file = music(tmp_path / "my music"), tmp_path / "my.csv"
    (root / "Rock" / "broken.mp3").write_text("words")
    code, out, err = command("build", "--folders", root, "--out", out_file, "--workers", 0)
    assert (code, err) == (0, "")
    lines = [line.split() for line in out.splitlines()]
    assert ["Folk", "2", "1", "1"] in lines and ["all", "clips", "4", "2", "2"] in lines
    assert "1 clip marked bad:\n  Rock/broken.mp3: " in out
    assert f"python -m fstmuse.train toymodel-pooled --data {out_file} --root '{root}' --config " in out
    assert read_manifest(out_file).require_labels() == ("Folk", "Rock")

    report = tmp_path / "report.csv"
    code, out, _ = command("check", out_file, "--root", root, "--report", report, "--workers", 0)
    assert code == 0
    assert "1 clip marked bad in the manifest:\n  Rock/broken.mp3: " in out
    assert "9 clips: 8 ok, 1 known bad, 0 failed, 0 missing, 0 silent." in out
    with report.open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 9

    (root / "Rock" / "1.wav").unlink()
    code, out, _ = command("check", out_file, "--root", root, "--workers", 0)
    assert code == 1
    assert "1 clip not as the manifest says:\n  Rock/1.wav: no such file" in out


def test_next_command_fits_the_number_of_clips(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = music(tmp_path / "music", count=3)

    def following() -> str:
        _, out, _ = command("build", "--folders", root, "--out", tmp_path / "m.csv", "--overwrite", "--workers", 0)
        return out.splitlines()[-1].split(str(root))[0] + out.splitlines()[-1].split(str(root))[1]

    start = f"  python -m fstmuse.train toymodel-pooled --data {tmp_path / 'm.csv'} --root "
    assert following() == f"{start} --config {REPOSITORY / 'docs' / 'small-data.toml'}".replace(f"{Path.cwd()}/", "")
    monkeypatch.setattr(datasets, "SMALL_DATA", tmp_path / "absent.toml")
    assert following() == start
    monkeypatch.setattr(datasets, "FEW_CLIPS", 6)
    assert following() == start.replace("toymodel-pooled", "shortchunk")


def test_too_few_groups_come_with_the_command_that_mends_it(command: Command, tmp_path: Path) -> None:
    root, out_file = music(tmp_path / "my music"), tmp_path / "my.csv"
    music(root, ("Polka",), 1)
    line = ("build", "--folders", root, "--out", out_file, "--workers", 0)
    code, _, err = command(*line)
    remedy = f"python -m fstmuse.datasets build --folders '{root}' --out {out_file} --workers 0 --drop-rare"
    assert code == 2 and "'Polka' 1; each label needs 3" in err and err.endswith(f"\nFor example: {remedy}\n")
    code, out, _ = command(*line, "--drop-rare")
    assert code == 0
    assert "1 clip left out by --drop-rare:\n  Polka/0.wav: label 'Polka' has 1 group, fewer than 3\n" in out
    assert "bad" not in out
    code, out, _ = command(*line, "--overwrite", "--merge", "Polka=Folk", "--merge", "Rock=Pop")
    assert code == 0 and read_manifest(out_file).labels == ("Folk", "Pop")


def test_help_is_not_cut(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    _, out, _ = command("--help")
    assert "..." not in out.split("Commands:")[1] and "check  Compares a manifest with its files.\n" in out


def test_nothing_is_decoded_for_a_place_that_is_not_there(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = music(tmp_path / "music")
    command("build", "--folders", root, "--out", tmp_path / "my.csv", "--workers", 0)

    def never(*_: object, **__: object) -> None:
        raise AssertionError("a file was decoded")

    monkeypatch.setattr("fstmuse.data.build.inspect_all", never)
    monkeypatch.setattr("fstmuse.data.check.inspect_all", never)
    for option, line in (
        ("--out", ("build", "--folders", root)),
        ("--report", ("check", tmp_path / "my.csv", "--root", root)),
    ):
        code, _, err = command(*line, option, tmp_path / "no" / "z.csv")
        assert code == 2 and f"there is no folder {tmp_path / 'no'}." in err and not (tmp_path / "no").exists()
        code, _, err = command(*line, option, tmp_path, *(["--overwrite"] if option == "--out" else []))
        assert code == 2 and f"{option} {tmp_path} is a folder" in err


def test_nothing_is_overwritten_unasked(command: Command, tmp_path: Path) -> None:
    root, out_file = music(tmp_path / "music"), tmp_path / "my.csv"
    out_file.write_text("mine")
    code, _, err = command("build", "--folders", root, "--out", out_file, "--workers", 0)
    assert (code, out_file.read_text()) == (2, "mine")
    assert err.startswith(f"Error: {out_file} exists.") and "--overwrite" in err
    assert command("build", "--folders", root, "--out", out_file, "--workers", 0, "--overwrite")[0] == 0
    assert len(read_manifest(out_file)) == 8


def test_build_from_a_csv_beside_its_music(command: Command, tmp_path: Path) -> None:
    music(tmp_path)
    table = tmp_path / "labels.csv"
    table.write_text("path,label\n" + "".join(f"{s}/{n}.wav,{s}\n" for s in ("Folk", "Rock") for n in range(4)))
    code, _, _ = command("build", "--csv", table, "--out", tmp_path / "my.csv", "--checksums", "--workers", 0)
    assert code == 0
    assert all(clip.checksum.startswith("sha256:") for clip in read_manifest(tmp_path / "my.csv").clips)


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


WRONG: dict[str, tuple[Callable[[Path], list[object]], str]] = {
    "unknown data set": (lambda tmp: ["check", "fma_samll"], "Did you mean 'fma_small'?"),
    "missing csv": (lambda tmp: ["check", tmp / "x.csv"], "no such file"),
    "wrong root": (lambda tmp: ["check", "fma_small", "--root", tmp], "looked for"),
    "absent root": (lambda tmp: ["check", "fma_small", "--root", tmp / "no"], "No folder at"),
    "empty manifest": (
        lambda tmp: ["check", write(tmp / "m.csv", "clip_id,path,labels,split\n")],
        "the manifest is empty",
    ),
    "no label column": (
        lambda tmp: ["check", write(tmp / "m.csv", "clip_id,path,split\na,a.wav,train\n")],
        "no column 'labels'",
    ),
    "group crosses": (
        lambda tmp: [
            "check",
            write(tmp / "m.csv", "clip_id,path,labels,split,group\na,a.wav,x,train,g\nb,b.wav,x,test,g\n"),
        ],
        "group 'g' lies in train",
    ),
    "two sources": (
        lambda tmp: ["build", "--folders", tmp, "--id3", tmp, "--out", tmp / "m.csv"],
        "Give one of --folders",
    ),
    "no source": (lambda tmp: ["build", "--out", tmp / "m.csv"], "Give one of --folders"),
    "two roots": (
        lambda tmp: ["build", "--folders", music(tmp / "m"), "--root", tmp, "--out", tmp / "m.csv"],
        "differs from --folders",
    ),
    "no audio": (lambda tmp: ["build", "--folders", tmp, "--out", tmp / "m.csv"], "No audio file"),
    "too few": (
        lambda tmp: ["build", "--folders", music(tmp / "m", count=2), "--out", tmp / "m.csv"],
        "'Folk' 2, 'Rock' 2; each label needs 3",
    ),
    "fractions": (
        lambda tmp: ["build", "--folders", tmp, "--out", tmp / "m.csv", "--valid", 0.5, "--test", 0.5],
        "nothing to train on",
    ),
    "group by": (
        lambda tmp: ["build", "--folders", tmp, "--out", tmp / "m.csv", "--group-by", "flder"],
        "Did you mean 'folder'?",
    ),
    "fetch demo": (lambda tmp: ["fetch", "demo", "--root", tmp], "makes it on first use"),
    "fetch by hand": (lambda tmp: ["fetch", "piano_disklavier", "--root", tmp], "Get it by hand as https://adasp."),
    "fetch nowhere": (lambda tmp: ["fetch", "fma_small", "--root", tmp, "--url", "nowhere"], "no address"),
}


@pytest.mark.parametrize("case", WRONG)
def test_errors_are_plain_and_end_with_2(case: str, command: Command, tmp_path: Path) -> None:
    arguments, message = WRONG[case]
    code, out, err = command(*arguments(tmp_path))
    assert code == 2
    assert err.startswith("Error: ") and message in err and err.count("\n") <= 2
    assert not out


def test_help_is_quick_to_load() -> None:
    code = (
        "import sys, contextlib, io\n"
        "sys.argv = ['datasets', '--help']\n"
        "from fstmuse.datasets import main\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        "    main()\n"
        "heavy = {'numpy', 'pandas', 'tensorflow', 'keras', 'librosa', 'sklearn', 'requests', 'mutagen', 'soundfile'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY, check=True)
    assert done.stdout == "[]\n"


def test_as_a_module_with_several_processes(tmp_path: Path) -> None:
    root = music(tmp_path / "music", count=10)
    line = [sys.executable, "-m", "fstmuse.datasets", "build", "--folders", root, "--out", tmp_path / "my.csv"]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(line, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stderr
    assert len(read_manifest(tmp_path / "my.csv").usable) == 20
