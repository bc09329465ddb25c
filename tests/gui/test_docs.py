"""docs/gui.md says what is: its keys, the joint of the pages, and tests that exist.

`python -m tests.gui.test_docs` writes the parts of it that come from the code.
"""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from gui import action_entry
from gui.actions import Actions
from gui.pages import Page, View, find_pages

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docs" / "gui.md"
RANKS = ("Must", "Should", "Later")


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows))


def keys() -> str:
    """All actions that have keys, by menu."""
    actions = Actions(find_pages())
    rows = []
    for menu, title in action_entry.MENUS.items():
        for entry in actions.of_menu(menu):
            if entry.keys:
                text = entry.text.replace("&", "").removesuffix("...")
                shown = " or ".join(f"`{key}`" for key in entry.keys)
                rows.append((title.replace("&", ""), text, shown, entry.tip))
    return _table(("menu", "what", "keys", "in words"), rows)


def page_fields() -> str:
    """What a page holds, as its docstring says."""
    told = dict(re.findall(r"^    (\w+): ((?:.|\n {8})+)", inspect.getdoc(Page), re.MULTILINE))
    rows = [(f"`{field.name}`", re.sub(r"\s+", " ", told[field.name]).strip()) for field in fields(Page)]
    return _table(("field of `Page`", ""), rows)


def view_methods() -> str:
    """What a page's widget can be asked to do, as the docstrings say."""
    rows = []
    for name, method in vars(View).items():
        if inspect.isfunction(method) and not name.startswith("_"):
            given = ", ".join(list(inspect.signature(method).parameters)[1:])
            rows.append((f"`{name}({given})`", re.sub(r"\s+", " ", inspect.getdoc(method).partition("\n\n")[0])))
    return _table(("method of `View`", ""), rows)


PARTS = {"keys": keys, "fields of a page": page_fields, "methods of a view": view_methods}


def _part(name: str) -> re.Pattern:
    return re.compile(rf"(<!-- {name} -->\n).*?(\n<!-- end of {name} -->)", re.DOTALL)


@pytest.mark.parametrize("name", PARTS)
def test_what_comes_from_the_code_is_up_to_date(qapp: QApplication, name: str) -> None:
    text = FILE.read_text("utf-8")
    [found] = _part(name).finditer(text)
    assert found[0] == f"{found[1]}{PARTS[name]()}{found[2]}", "Write it anew: python -m tests.gui.test_docs"


def _rows() -> list[list[str]]:
    """What is expected, its rank, what there is, and tests."""
    _, _, after = FILE.read_text("utf-8").partition("| what users expect |")
    lines = after.splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]


ROWS = _rows()


def _tests(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_each_row_says_what_there_is_and_how_that_is_known(row: list[str]) -> None:
    _, rank, there, tests = row
    assert re.findall(r"\w+", rank)[0] in RANKS and there
    if "Must" in rank:
        assert _tests(tests) and not there.lower().startswith("not "), "what must be there is there, and tested"
    for test in _tests(tests):
        file, _, name = test.partition("::")
        path = (ROOT / "tests" / "gui" / file) if "/" not in file else ROOT / file
        tree = ast.parse(path.read_text("utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, test


def test_no_row_of_the_survey_is_left_out() -> None:
    assert len(ROWS) == 29


def test_pictures_of_the_readme_are_there_described_and_small() -> None:
    section = (ROOT / "README.md").read_text("utf-8").partition("## The window")[2].partition("\n## ")[0]
    pictures = re.findall(r"!\[([^]]+)\]\((docs/images/[^)]+)\)", section)
    assert len(pictures) == 3
    for words, file in pictures:
        assert len(words) > 40 and (ROOT / file).stat().st_size < 250_000, file


def test_screenshots_without_a_model_say_what_is_missing(tmp_path: Path) -> None:
    command = [sys.executable, "tests/screenshots.py", "--models", str(tmp_path), "--out", str(tmp_path / "pictures")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2 and "Run make train first" in done.stderr
    assert not (tmp_path / "pictures").exists()


def main() -> None:
    """Writes the parts that come from the code."""
    application = QApplication.instance() or QApplication(["-platform", "offscreen"])
    text = FILE.read_text("utf-8")
    for name, make in PARTS.items():
        table = make()
        text = _part(name).sub(lambda found, table=table: f"{found[1]}{table}{found[2]}", text)
    FILE.write_text(text, "utf-8")
    del application


if __name__ == "__main__":
    main()
