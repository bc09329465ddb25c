"""`python -m fstmuse.models` as a user meets it: lists, cards, deleting, exit codes."""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from fstmuse import models
from tests.card_fixtures import METRICS, make_artifact

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(run_command: Callable) -> Command:
    """Runs the command in this process: exit code, stdout, stderr."""
    return partial(run_command, models)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two models and a broken one; the command's default folder."""
    place = tmp_path / "models"
    make_artifact(place / "genres", metrics=METRICS)
    make_artifact(place / "effects", task="reconstruct", labels=("one",))
    (place / "broken").mkdir()
    (place / "broken" / "card.json").write_text("{")
    monkeypatch.setenv("FSTMUSE_MODELS", str(place))
    monkeypatch.chdir(tmp_path)
    return place


class Terminal(io.StringIO):
    """Standard input with somebody at it."""

    def isatty(self) -> bool:
        return True


def test_list(command: Command, folder: Path) -> None:
    code, out, err = command("list")
    assert (code, err) == (0, "")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines[0] == "name task labels test size"
    assert lines[1].startswith("effects reconstruct 1 not evaluated ")
    assert lines[2].startswith("genres classify 3 accuracy 0.926, n = 54 ") and lines[2].endswith(" kB")
    assert lines[3] == "1 artifact cannot be used:" and lines[4].startswith(f"broken: {folder}/broken/card.json cannot")
    assert lines[5].startswith(f"3 artifacts in {folder}.")


def test_list_for_programs(command: Command, folder: Path) -> None:
    code, out, _ = command("list", "--json")
    broken, effects, genres = json.loads(out)
    assert code == 0
    assert (broken["name"], broken["task"], broken["score"]) == ("broken", None, None) and broken["reason"]
    assert effects["score"] is None and effects["reason"] == ""
    assert genres["labels"] == ["Folk", "Hip-Hop", "Rock"] and genres["path"] == str(folder / "genres")
    assert (genres["score"]["value"], genres["score"]["n"]) == (0.9259, 54)


@pytest.mark.parametrize("there", [True, False])
def test_an_empty_folder_says_where_it_looked_and_what_to_do(
    command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    empty = folder / "empty"
    if there:
        empty.mkdir()
    monkeypatch.setenv("FSTMUSE_MODELS", str(empty))
    code, out, _ = command("list")
    assert code == 0 and out.startswith(f"No trained networks in {empty}. Train one: python -m fstmuse.train ")
    assert json.loads(command("list", "--json")[1]) == []


def test_show(command: Command, folder: Path) -> None:
    code, out, err = command("show", "genres")
    assert (code, err) == (0, "")
    rows = dict(line.split("  ", 1) for line in out.splitlines())
    assert rows["Licence of the data"].strip() == rows["Licence of the weights"].strip() == "not stated"
    assert rows["Test"].strip().startswith("accuracy 0.926 (95 % interval 0.852 to 0.982), macro-F1 0.925; n = 54")
    assert rows["Folder"].strip() == str(folder / "genres")
    code, out, _ = command("show", folder / "genres", "--json")
    shown = json.loads(out)
    assert code == 0 and shown["card"]["metrics"] == METRICS and shown["reason"] == ""


def test_show_says_what_is_wrong(command: Command, folder: Path) -> None:
    (folder / "genres" / "network.keras").write_bytes(b"another")
    code, out, _ = command("show", "genres")
    assert code == 1 and out.startswith("Cannot be used") and "network.keras is not what card.json says" in out
    assert "Folk, Hip-Hop, Rock" in out
    code, out, _ = command("show", "broken", "--json")
    assert code == 1 and json.loads(out)["card"] is None and "cannot be read" in json.loads(out)["reason"]


@pytest.mark.parametrize("verb", ["show", "delete"])
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gneres", "Did you mean 'genres'?"),
        ("models/..", "holds no artifact: no card.json there."),
        ("models/none", "none holds no artifact"),
        ("models/genres/card.json", "is a file; expected the folder"),
    ],
)
def test_a_wrong_name(command: Command, folder: Path, verb: str, name: str, message: str) -> None:
    code, out, err = command(verb, name)
    assert (code, out) == (2, "") and err.startswith("Error: ") and message in err and err.count("\n") <= 2


@pytest.mark.parametrize("name", ["genres", "broken", "models/genres"])
def test_delete(command: Command, folder: Path, name: str) -> None:
    path = folder / name.removeprefix("models/")
    code, out, err = command("delete", name, "--yes")
    assert (code, err) == (0, "") and out.startswith(f"Deleted: {path} (")
    assert not path.exists() and (folder / "effects").is_dir()
    assert command("delete", name, "--yes")[0] == 2


def test_delete_asks(command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    code, _, err = command("delete", "genres")
    assert code == 2 and f"{folder / 'genres'} (" in err and "Add --yes." in err
    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    code, out, _ = command("delete", "genres")
    assert code == 1 and out.startswith(f"Delete {folder / 'genres'} (") and (folder / "genres").is_dir()
    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
    assert command("delete", "genres")[0] == 0 and not (folder / "genres").exists()


def test_long_rows_go_on_in_their_column(command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: shutil.os.terminal_size((60, 20)))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    _, out, _ = command("show", "genres")
    assert max(map(len, out.splitlines()[:6])) <= 60
    assert any(line.startswith(" " * 21) and line.strip() for line in out.splitlines())
