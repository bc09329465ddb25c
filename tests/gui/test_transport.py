"""The transport: all of it is seen, however wide the window is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from gui.axis import Axis
from gui.views.transport import Transport
from gui.window import Window
from tests.gui.window_fixtures import window

__all__ = ["window"]


class _Place(QWidget):
    """A transport below something, as in the window."""

    def __init__(self) -> None:
        super().__init__()
        self.axis = Axis()
        self.transport = Transport(self.axis)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(QWidget(), 1)
        column.addWidget(self.transport)


@pytest.fixture
def place(qtbot) -> Iterator[_Place]:
    made = _Place()
    qtbot.addWidget(made)
    made.axis.reset(29.977)
    made.axis.select(5.0, 12.3)
    made.transport.pointed.setText("13.028 s · 2,732 Hz · -51.8 dB")
    made.show()
    yield made


@pytest.mark.parametrize("letters", [60, 75, 110, 180, 300])
def test_nothing_is_cut_off_however_narrow_it_is(place: _Place, qtbot, letters: int) -> None:
    place.resize(letters * place.fontMetrics().averageCharWidth(), 600)
    transport = place.transport
    qtbot.waitUntil(lambda: transport.width() == place.width())
    transport.set_compared("A")
    qtbot.waitUntil(transport.compare_button.isVisible)
    place.grab()
    seen = [widget for widget in transport.findChildren(QWidget) if widget.isVisible() and widget.window() is place]
    for widget in seen:
        assert transport.rect().contains(widget.rect().translated(widget.mapTo(transport, widget.rect().topLeft())))
        assert isinstance(widget, QLineEdit) or widget.height() >= widget.minimumSizeHint().height()
    for field in (transport.start, transport.end, transport.position):
        assert field.width() >= field.sizeHint().width()
    for label in (transport.pointed, transport.readout):
        assert "…" not in QLabel.text(label) and QLabel.text(label)


def test_wider_needs_fewer_lines_of_much_the_same_length(place: _Place) -> None:
    layout, letter = place.transport.layout(), place.fontMetrics().averageCharWidth()
    heights = [layout.heightForWidth(letters * letter) for letters in (60, 75, 110, 300)]
    assert heights == sorted(heights, reverse=True) and heights[-1] < heights[1] < heights[0]
    assert layout.minimumSize().width() < 60 * letter
    place.resize(110 * letter, 600)
    place.grab()
    assert len({layout.itemAt(place).geometry().bottom() for place in range(layout.count())}) == 2


def test_right_to_left_it_begins_at_the_right(place: _Place, qtbot) -> None:
    place.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    place.resize(900, 600)
    button = place.transport.play_button
    qtbot.waitUntil(lambda: button.mapTo(place, button.rect().center()).x() > 800)


def test_space_plays_from_a_field_of_numbers(qtbot, window: Window, tones: Path) -> None:
    window.take([str(tones / "low.wav")])
    player, start = window.context.player, window.clip_view.transport.start
    qtbot.waitUntil(lambda: player.duration > 2.9 and window.context.actions["play_pause"].isEnabled())
    start.setFocus()
    start.selectAll()
    qtbot.keyClicks(start, "1.5")
    assert window.clip_view.axis.selection is None
    qtbot.keyClick(start, Qt.Key.Key_Space)
    assert player.playing and player.position >= 1.5
    assert window.clip_view.axis.selection == pytest.approx((1.5, 3.0), abs=0.01)
    qtbot.keyClick(start, Qt.Key.Key_Space)
    assert not player.playing and start.value() == 1.5
