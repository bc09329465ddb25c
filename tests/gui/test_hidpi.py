"""Screens with more pixels than points: the same layout, drawn finer; no size is given in pixels."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# A window in a process of its own: the scale of the screen is fixed when Qt starts.
SHOW = """
import json, sys
from pathlib import Path
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication
from gui.icons import icon
from gui.settings import Settings
from gui.theme import Theme
from gui.window import Window
from tests.gui.shell_targets import engine

if __name__ == "__main__":
    application = QApplication([])
    settings = Settings(Path(sys.argv[1]) / "settings.ini")
    theme = Theme(application, settings)
    window = Window(settings, target=engine)
    window.resize(1200, 800)
    window.show()
    window.show_page("models")
    QTest.qWait(300)
    button = window.models_panel.findChild(QAbstractButton)
    picture = window.grab()
    sign = icon("train").pixmap(button.iconSize(), window.devicePixelRatio())
    print(json.dumps({
        "pixels": [picture.width(), picture.height()],
        "points": [window.width(), window.height()],
        "sign": sign.width() / button.iconSize().width(),
        "buttons": [[b.width(), b.height()] for b in window.findChildren(QAbstractButton) if b.isVisible()],
    }))
    window.close_surely()
    theme.deleteLater()
"""


def _shown(folder: Path, scale: str) -> dict:
    script = folder / "show.py"
    script.write_text(SHOW, "utf-8")
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": scale, "PYTHONPATH": str(ROOT)}
    environment["FSTMUSE_CACHE"] = str(folder / "cache")
    done = subprocess.run(
        [sys.executable, str(script), str(folder)],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(("scale", "factor"), [("2", 2.0), ("1.5", 1.5)])
def test_all_is_drawn_with_the_pixels_that_are_there(models_folder: Path, tmp_path: Path, scale: str, factor) -> None:
    plain, fine = _shown(tmp_path, "1"), _shown(tmp_path, scale)
    assert plain["pixels"] == plain["points"] == [1200, 800]
    assert fine["points"] == plain["points"]
    assert fine["pixels"] == [factor * points for points in fine["points"]]
    assert fine["sign"] == pytest.approx(factor, abs=0.1), "signs are drawn anew, not blown up"
    # Fonts round to whole pixels: sizes in points may differ by one or two.
    assert len(fine["buttons"]) == len(plain["buttons"]) > 3
    for one, other in zip(plain["buttons"], fine["buttons"], strict=True):
        assert one == pytest.approx(other, rel=0.1, abs=2)


def test_no_size_stands_in_the_code_as_pixels() -> None:
    sizes = {"resize", "setGeometry", "setSizes", "setIconSize", "setPixelSize", "setPointSize", "setPointSizeF"}
    found = []
    for file in (ROOT / "gui").rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
                continue
            name = call.func.attr
            if name in sizes or name.startswith(("setFixed", "setMinimum", "setMaximum")):
                parts = [part for given in call.args for part in (getattr(given, "args", None) or [given])]
                fixed = [part.value for part in parts if isinstance(part, ast.Constant)]
                if any(isinstance(value, int | float) and value > 2 for value in fixed):
                    found.append(f"{file.name}:{call.lineno}: {name}{tuple(fixed)}")
    # Ranges of numbers are no sizes.
    assert [line for line in found if "setMaximum(" not in line and "setMinimum(" not in line] == []
