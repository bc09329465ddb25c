"""Whatever people read in the window goes through tr(), so that it can be translated without a change of code."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

GUI = Path(__file__).resolve().parents[2] / "gui"
TRANSLATORS = {"tr": 0, "translate": 1, "QT_TRANSLATE_NOOP": 1}
"""Functions that lupdate knows, and which of their arguments is the text."""

SHOWN = re.compile(
    r"(set(Text|ToolTip|StatusTip|WhatsThis|WindowTitle|Title|PlaceholderText|AccessibleName|AccessibleDescription"
    r"|Suffix|Prefix|SpecialValueText|HeaderLabels?|HorizontalHeaderLabels|LabelText|InformativeText|DetailedText"
    r"|TabText|ItemText|NameFilters?)"
    r"|(add|insert)(Action|Menu|Tab|Item|Items|Row|Button)|drawText|drawStaticText|showMessage|say|ask_to|ask_folder"
    r"|Q(Label|PushButton|CheckBox|RadioButton|GroupBox|Action|ToolButton|MessageBox|FileDialog|Menu|TableWidgetItem"
    r"|TreeWidgetItem|ListWidgetItem|StandardItem)|FolderField)"
)
"""Calls whose texts are seen or read aloud."""

NAMES = {"FstMuse"}
"""The same in every language."""


def called(call: ast.Call) -> str:
    match call.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def texts(node: ast.AST) -> Iterator[str]:
    """String literals that become part of an expression's value; not those that a translator or other call is given."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts) | ast.BoolOp(values=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts):
            for part in parts:
                yield from texts(part)
        case ast.FormattedValue(value=part) | ast.Starred(value=part):
            yield from texts(part)
        case ast.BinOp(left=left, right=right) | ast.IfExp(body=left, orelse=right):
            yield from texts(left)
            yield from texts(right)
        case ast.GeneratorExp(elt=part) | ast.ListComp(elt=part):
            yield from texts(part)
        case ast.Call(func=ast.Attribute(value=text, attr="format" | "join"), args=parts):
            for part in (text, *parts):
                yield from texts(part)


def untranslated(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Lines and literals that people see as they stand in the code."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and SHOWN.fullmatch(called(call)):
            for given in (*call.args, *(word.value for word in call.keywords)):
                for text in texts(given):
                    if re.search(r"[^\W\d_]{2,}", text) and text.strip(" -") not in NAMES:
                        yield call.lineno, text


FILES = [file for file in sorted(GUI.rglob("*.py")) if file.parent.name not in ("core", "work")]
"""Those that have Qt. What `core` and `work` say are reasons, in English as all errors of `fstmuse` are."""


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(GUI)))
def test_every_text_can_be_translated(file: Path) -> None:
    found = [f"line {line}: {text!r}" for line, text in untranslated(ast.parse(file.read_text("utf-8")))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("label.setText('Not here')", ["Not here"]),
        ("QLabel(f'{n} clips')", [" clips"]),
        ("box.addItem(a or 'None of them')", ["None of them"]),
        ("box.setToolTip('Why: {0}'.format(why))", ["Why: {0}"]),
        ("box.setToolTip(self.tr('Why: {0}').format(why))", []),
        ("QPushButton(icon('train'), self.tr('Train'))", []),
        ("label.setText(f'{share:.1f} %' if kind == 'share' else rows['best'])", []),
    ],
)
def test_what_is_looked_for_is_found(code: str, found: list[str]) -> None:
    assert [text for _, text in untranslated(ast.parse(code))] == found


def marked(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Lines and texts that are marked for translation."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and (place := TRANSLATORS.get(called(call))) is not None:
            match call.args[place]:
                case ast.Constant(value=str(text)):
                    yield call.lineno, text


def test_translators_get_every_text(tmp_path: Path) -> None:
    """By Qt's own tool, which does not look into f-strings, nor for functions that are called otherwise."""
    tool = shutil.which("pyside6-lupdate", path=Path(sys.executable).parent)
    if tool is None:
        pytest.skip("PySide6 without its tools")
    subprocess.run([tool, *FILES, "-ts", tmp_path / "all.ts"], check=True, capture_output=True, timeout=60)
    found = {source.text for source in ElementTree.parse(tmp_path / "all.ts").iter("source")}
    lost = [
        f"{file.relative_to(GUI)}, line {line}: {text!r}"
        for file in FILES
        for line, text in marked(ast.parse(file.read_text("utf-8")))
        if text not in found
    ]
    assert len(found) > 300 and not lost, "\n".join(lost)
