"""The window without a mouse, and as a screen reader tells of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QWidget

from gui.settings import Settings
from gui.window import Window
from tests.gui.view_fixtures import heat
from tests.gui.window_fixtures import all_done, open_window, window

__all__ = ["window"]


def _said(widget: QWidget, what: QAccessible.Text = QAccessible.Text.Name) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(what)


def _stops(qtbot, first: QWidget) -> list[QWidget]:
    """What Tab comes to, until it comes round."""
    first.setFocus(Qt.FocusReason.TabFocusReason)
    stops: list[QWidget] = []
    while (widget := QApplication.focusWidget()) not in stops:
        stops.append(widget)
        qtbot.keyClick(widget, Qt.Key.Key_Tab)
    return stops


@pytest.fixture
def answered(qtbot, window: Window, tones: Path, broken: Path) -> Window:
    window.take([str(tones), str(broken)])
    qtbot.waitUntil(lambda: all_done(window, 3))
    qtbot.waitUntil(lambda: window.clip_view.stack.isVisible() and window.clip_view.clip.picture.complete)
    return window


@pytest.mark.parametrize("page", ["clips", "train", "models"])
def test_every_stop_says_what_it_is(qtbot, answered: Window, page: str) -> None:
    answered.show_page(page)
    first = {
        "clips": answered.queue_panel.table,
        "train": answered.train_panel.form.network,
        "models": answered.models_panel.table,
    }[page]
    stops = _stops(qtbot, first)
    assert len(stops) > 10 and all(answered.isAncestorOf(stop) for stop in stops)
    assert [stop for stop in stops if not _said(stop)] == []


def test_the_first_screen_is_reached_and_read(qtbot, settings: Settings, tmp_path: Path) -> None:
    settings.use_models(tmp_path)
    window = open_window(qtbot, settings)
    try:
        stops = _stops(qtbot, window.welcome.demo)
        assert {window.welcome.own, window.welcome.folder, window.welcome.copy} <= set(stops)
        assert [stop for stop in stops if not _said(stop)] == []
    finally:
        window.close_surely()


def test_stops_are_in_the_order_in_which_they_are_seen(qtbot, answered: Window) -> None:
    view, clips = answered.clip_view, answered.clips
    lane = heat(labels=2)
    view.set_lanes([lane])
    # Another choice of models makes new columns; they must not come last.
    models = list(clips.models)
    clips.view.set_models([])
    clips.view.set_models(models)
    QApplication.processEvents()
    stops = _stops(qtbot, answered.queue_panel.table)
    wanted = [
        *(answered.queue_panel.table, view.stack.waveform, view.stack.spectrogram, lane, view.transport.play_button),
        *(clips.chooser.list, clips.view.columns[0].bars, clips.view.files.export_button),
    ]
    assert [stop for stop in stops if stop in wanted] == wanted
    view.set_lanes([])

    answered.show_page("models")
    panel = answered.models_panel
    stops = _stops(qtbot, panel.findChild(QWidget, "where"))
    wanted = [panel.findChild(QWidget, "where"), panel.table, panel.card]
    assert [stop for stop in stops if stop in wanted] == wanted


def test_the_card_shows_where_the_keyboard_is(qtbot, answered: Window) -> None:
    answered.show_page("models")
    card = answered.models_panel.card
    answered.models_panel.table.setFocus()
    away = card.grab().toImage()
    card.setFocus(Qt.FocusReason.TabFocusReason)
    assert card.grab().toImage() != away
    qtbot.keyClick(card, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(card, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert "Task" in QApplication.clipboard().text()


def test_what_is_shown_is_what_is_read_out(qtbot, answered: Window) -> None:
    view = answered.clip_view
    view.axis.select(0.5, 1.25)
    view.axis.seek(0.75)
    position = view.transport.position
    assert _said(position) == position.text() == "0:00.750 / 0:03.000"
    assert _said(position, QAccessible.Text.Description) == "Position"
    assert _said(view.transport.end, QAccessible.Text.Value) == "1.250"
    view.compare(view.clip)
    assert _said(view.badge).endswith(Path(view.clip.path).name)
    table = QAccessible.queryAccessibleInterface(answered.queue_panel.table)
    cells = [table.child(place).text(QAccessible.Text.Name) for place in range(table.childCount())]
    assert {"low.wav", "Done", "Low 0.90"} <= set(cells)
    bars = QAccessible.queryAccessibleInterface(answered.clips.view.columns[0].bars)
    assert "Low 0.900" in [bars.child(place).text(QAccessible.Text.Name) for place in range(bars.childCount())]
    assert _said(answered.train_panel.form.data.kind)


def test_choices_are_labelled(window: Window) -> None:
    """On Linux Qt names a choice by its label alone."""
    window.show_page("train")
    form = window.train_panel.form
    for choice, label in ((form.network, "Network"), (form.data.kind, "Learn from")):
        relations = QAccessible.queryAccessibleInterface(choice).relations()
        assert label in [one.text(QAccessible.Text.Name) for one, kind in relations]
