"""Room for names in the queue, and which row is shown when others are taken off."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from gui.queue_model import CLIP, OUTPUT, RESULT, STATE
from gui.window import Window
from tests.gui.window_fixtures import window

__all__ = ["window"]


def _fill(window: Window, *names: str) -> list[int]:
    return window.runner.add([f"/c/{name}.wav" for name in names], "classify", (), {}, None, run=False)


def test_names_have_the_most_room_and_keep_both_ends(qtbot, window: Window) -> None:
    _fill(window, "a")
    table = window.queue_panel.table
    assert table.textElideMode() == Qt.TextElideMode.ElideMiddle
    for wide in (45, 60, 90):
        window.clips.splitter.setSizes([wide * table.fontMetrics().horizontalAdvance("0"), 400, 300])
        clip, state, result, output = map(table.columnWidth, (CLIP, STATE, RESULT, OUTPUT))
        assert clip >= 1.2 * result
        assert table.viewport().width() in (clip + state + result, clip + state + result + output)


def test_the_queue_grows_with_the_window(qtbot, window: Window) -> None:
    window.clips.spread(1000)
    window.resize(1000, 700)
    qtbot.waitUntil(lambda: window.clips.width() == 1000)
    before = window.queue_panel.width()
    window.resize(2000, 700)
    qtbot.waitUntil(lambda: window.clips.width() == 2000)
    assert window.queue_panel.width() == pytest.approx(2 * before, rel=0.1)


def test_what_comes_next_is_shown_when_rows_are_removed(qtbot, window: Window) -> None:
    panel, shown = window.queue_panel, []
    a, b, c, d, e, f = _fill(window, *"abcdef")
    panel.current.connect(shown.append)
    table = panel.table

    def remove(*jobs: int) -> tuple[int, list[int]]:
        shown.clear()
        for number, job in enumerate(jobs):
            flags = table.selectionModel().SelectionFlag
            how = flags.Select if number else flags.ClearAndSelect
            table.selectionModel().setCurrentIndex(
                table.model().index(table.model().row_of(job), CLIP), how | flags.Rows
            )
        qtbot.waitUntil(window.context.actions["remove"].isEnabled)
        table.setFocus()
        qtbot.keyClick(table, Qt.Key.Key_Delete)
        return panel.current_id, panel.selected()

    assert remove(b) == (c, [c])
    assert shown == [b, c], "nothing is shown in between"
    assert remove(a, d) == (e, [e])
    assert remove(f) == (e, [e]), "the last one"
    assert remove(c, e) == (-1, [])
    assert window.clip_view.clip is None
