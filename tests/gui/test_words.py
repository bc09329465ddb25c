"""Names and labels as people and disks have them: long, with marks that mean something to Qt, from right to left."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PySide6 import QtGui
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QHelpEvent, QTextDocumentFragment
from PySide6.QtWidgets import QApplication, QLabel

from gui.error_dialog import ErrorDialog
from gui.panels.bars import Bars
from gui.queue_model import CLIP
from gui.settings import Settings
from gui.window import Window
from gui.window_parts import RecentMenu
from gui.words import Words, counted, isolated, one_line, plain_tip
from tests.artifact_fixtures import write_tone
from tests.gui.view_fixtures import heat, look, shown
from tests.gui.window_fixtures import all_done, open_window, window

__all__ = ["window"]

TIP = Qt.ItemDataRole.ToolTipRole
HTML = "<b>loud</b> & <i>clear"


def _read(tip: str) -> str:
    """What people see of a tool tip."""
    return QTextDocumentFragment.fromHtml(tip).toPlainText() if QtGui.Qt.mightBeRichText(tip) else tip


@pytest.mark.parametrize("text", [HTML, "R&B", "a < b", "&lt;", f"{HTML}\nsecond line", "two\nlines"])
def test_tips_show_the_text_itself(text: str) -> None:
    assert _read(plain_tip(text)) == text


@pytest.mark.parametrize(("number", "words"), [(0, "0 clips"), (1, "1 clip"), (2, "2 clips")])
def test_one_is_not_many(number: int, words: str) -> None:
    assert counted(number, "1 clip", f"{number} clips") == words


def test_names_are_shortened_in_the_middle() -> None:
    assert one_line("short\nname.wav") == "short name.wav"
    cut = one_line(f"{'a' * 300} take 7.wav")
    assert len(cut) == 60 and cut.startswith("aaa") and cut.endswith("take 7.wav") and "…" in cut


def test_only_names_from_right_to_left_are_set_apart() -> None:
    assert isolated("low.wav") == "low.wav"
    assert isolated("שלום.wav") == "\u2066שלום.wav\u2069"


def test_a_long_word_asks_for_no_more_room_than_a_short_one(qtbot) -> None:
    words = [Words("x" * length) for length in (20, 2000)]
    for label in words:
        qtbot.addWidget(label)
    assert words[0].minimumSizeHint().width() == words[1].minimumSizeHint().width()


def test_a_long_name_widens_no_window(qtbot, window: Window, tmp_path: Path) -> None:
    width = window.width()
    clip = write_tone(tmp_path / f"{'x' * 240}.wav", "Low", 1.0)
    window.take([str(clip)])
    qtbot.waitUntil(lambda: all_done(window, 1))
    qtbot.waitUntil(lambda: window.clip_view.clip is not None and window.clip_view.clip.picture.complete)
    window.clip_view.compare(window.clip_view.clip)
    QApplication.processEvents()
    assert window.minimumSizeHint().width() <= width and window.width() == width
    assert _read(window.clips.view.title.toolTip()) == str(clip)
    menu = window.findChild(RecentMenu)
    menu.aboutToShow.emit()
    assert menu.sizeHint().width() < width


def test_a_long_error_fits_on_the_screen(qtbot) -> None:
    dialog = ErrorDialog("Export", f"{'x' * 500} cannot be written.", "")
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.width() < dialog.fontMetrics().averageCharWidth() * 120


def test_marks_in_names_are_shown_as_they_are(qtbot, models_folder: Path, settings: Settings, tmp_path: Path) -> None:
    settings.output_folder = str(tmp_path / "R&B results")
    clip = write_tone(tmp_path / "<b>loud.wav", "Low", 1.0)
    window = open_window(qtbot, settings)
    try:
        assert (
            window.status.output.text().replace("&&", "\0").replace("&", "").replace("\0", "&").endswith("R&B results")
        )
        window.take([str(clip)])
        qtbot.waitUntil(lambda: all_done(window, 1))
        assert _read(window.queue_panel.model.index(0, CLIP).data(TIP)) == str(clip)
    finally:
        window.close_surely()


def test_labels_are_no_html_in_the_heat_map(qtbot, tmp_path: Path) -> None:
    stack = shown(qtbot, look(write_tone(tmp_path / "low.wav", "Low", 3.0), tmp_path))
    lane = heat(labels=3)
    lane.set_values([HTML, "two\nlines", "x" * 300], np.array([[0.0, 3.0]]), np.array([[0.5, 0.3, 0.2]]))
    stack.set_lanes([lane])
    QApplication.processEvents()
    at = QPoint(3, lane.height() // 6)
    QApplication.sendEvent(lane, QHelpEvent(QHelpEvent.Type.ToolTip, at, lane.mapToGlobal(at)))
    [tip] = [top for top in QApplication.topLevelWidgets() if top.inherits("QTipLabel") and isinstance(top, QLabel)]
    assert _read(tip.text()) == HTML
    tip.hide()
    assert lane.label_at(lane.height() / 2) == "two lines"
    assert stack.axis.left < stack.width() / 3


def test_a_long_label_leaves_room_for_the_bars(qtbot) -> None:
    bars = Bars()
    qtbot.addWidget(bars)
    bars.resize(400, 200)
    bars.set_rows([("x" * 300, 0.7), ("two\nlines", 0.2), (HTML, 0.1)])
    bars.show()
    QApplication.processEvents()
    assert bars.columnWidth(0) <= 200 and bars.columnWidth(1) >= 190
    assert bars.model().index(1, 0).data() == "two lines"
    assert _read(bars.model().index(2, 0).data(TIP)) == f"{HTML} 0.100"


def test_odd_names_are_clips_like_others(qtbot, window: Window, tmp_path: Path) -> None:
    base = write_tone(tmp_path / "base.wav", "Low", 1.0)
    folder = tmp_path / "odd"
    folder.mkdir()
    for name in ("R&B.wav", "new\nline.wav", "tab\t.wav", "[*] %1 {0}.wav", " blank.wav", "שלום.wav", "a#b?.wav"):
        shutil.copy(base, folder / name)
    window.take([str(folder)])
    qtbot.waitUntil(lambda: all_done(window, 7))
    for job in list(window.runner.jobs):
        window.queue_panel.choose(job.id)
        qtbot.waitUntil(lambda: window.clip_view.clip.picture.complete)
        assert (
            window.clip_view.clip.path == job.path and job.name.strip().split()[0][:4] in window.clips.view.title.text()
        )
